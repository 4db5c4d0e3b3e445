"""The proof of the catalogue: stocks, vouchers, codes, deliveries and statements against the book.

Each check is one aggregation on the server, all of them as of one moment, so that traffic goes on
beside it; nothing is loaded but what is found wrong.
"""

from collections.abc import Callable, Iterator
from time import sleep

import pymongo
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from catalog.proof.proof_steps import Flaw
from catalog.proof.proving_escrow import (
    deliveries_that_differ,
    escrow_that_differs,
    holds_that_differ,
    tails_that_differ,
)
from catalog.proof.proving_hand_overs import (
    debts_that_differ,
    points_that_differ,
    refunds_that_differ,
    settlements_that_differ,
    unsettled_for_good,
)
from catalog.proof.proving_statements import (
    lines_that_differ,
    offline_that_differ,
    statements_that_differ,
)
from catalog.proof.proving_stocks import codes_given_wrongly, pools_that_differ, stocks_that_differ
from shared.database import database
from shared.errors import Unavailable

# As long as the proof of the book may take: a snapshot is gone on the server soon after.
PROOF_TIMEOUT_S = 240
LOOK_AGAIN_S = 0.2

CHECKS: tuple[Callable[[ClientSession], Iterator[Flaw]], ...] = (
    stocks_that_differ,
    pools_that_differ,
    codes_given_wrongly,
    escrow_that_differs,
    tails_that_differ,
    holds_that_differ,
    deliveries_that_differ,
    points_that_differ,
    debts_that_differ,
    settlements_that_differ,
    unsettled_for_good,
    refunds_that_differ,
    lines_that_differ,
    statements_that_differ,
    offline_that_differ,
)


def prove_catalogue() -> list[str]:
    """What is wrong between the catalogue and the book, a sentence each; empty where they agree.

    What is found is looked at again a moment later: what has healed by itself is no finding.
    Names at most 100 of each kind. Raises Unavailable where it takes more than 240 s.
    """
    try:
        with pymongo.timeout(PROOF_TIMEOUT_S):
            first = {flaw.place for flaw in _at_one_moment()}
            if not first:
                return []
            sleep(LOOK_AGAIN_S)
            return [str(flaw) for flaw in _at_one_moment() if flaw.place in first]
    except PyMongoError as error:
        if error.timeout:
            raise Unavailable from error
        raise


def _at_one_moment() -> list[Flaw]:
    """What every check finds, all of them reading the catalogue as it was at one moment."""
    with database().client.start_session(snapshot=True) as session:
        return [flaw for check in CHECKS for flaw in check(session)]
