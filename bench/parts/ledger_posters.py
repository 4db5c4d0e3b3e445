"""Sets the ledger benchmark up: its databases filled, its posting processes started."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import pymongo
from pymongo.uri_parser import parse_uri

from bench.parts.commanded import Commanded, commanded
from bench.parts.ledger_figures import Slot
from bench.parts.ledger_medici import POSTER, NoMedici, modules_folder
from bench.parts.ledger_moves import Sizes, grants
from bench.parts.ledger_sides import Unfaithful
from bench.parts.own_databases import environment
from ledger import Posted, post
from shared.database import connect, database, prepare

DATABASES = ("ours", "bare", "medici", "medici_history")
COPIED = ("entries", "balances")
COPY_TIMEOUT_S = 120
OURS_AND_BARE = ("ours", "bare")


@dataclass
class Posters:
    """The processes that post, two a side; no medici where it cannot be had."""

    sides: dict[str, list[Commanded]]
    history: Commanded | None

    @property
    def ours(self) -> Commanded:
        """The process that does what only one of ours does."""
        return self.sides["ours"][0]


def say(text: str) -> None:
    """How far it is, for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def fill(uris: dict[str, str], sizes: Sizes) -> None:
    """Prepare both of our databases, and give every account of ours its coins."""
    say(f"filling {sizes.tasks} escrows and {sizes.wallets} wallets ...")
    with environment(MONGODB_URI=uris["bare"]):
        connect()
        prepare()
    with environment(MONGODB_URI=uris["ours"]):
        connect()
        prepare()
        outcomes = post(list(grants(sizes)))
        if not all(isinstance(outcome, Posted) for outcome in outcomes):
            raise Unfaithful(f"the ledger answered {outcomes[0]}")


def copy_to_bare(uris: dict[str, str]) -> None:
    """Give bare the whole book of ours, so that both sides write to as much as there is."""
    bare = parse_uri(uris["bare"])["database"]
    for name in COPIED:
        with pymongo.timeout(COPY_TIMEOUT_S):
            database()[name].aggregate([{"$merge": {"into": {"db": bare, "coll": name}}}])


@contextmanager
def posters_for(uris: dict[str, str], sizes: Sizes) -> Iterator[tuple[Posters, str]]:
    """The posting processes, ready, and why there is none of medici's (empty: there is)."""
    with ExitStack() as running:

        def started(*words: str, **env: str) -> Commanded:
            return running.enter_context(commanded(words, {**os.environ, **env}))

        python = (sys.executable, "-m", "bench.parts.ledger_poster")
        sides = {
            side: [started(*python, side, MONGODB_URI=uris[side]) for _ in range(2)]
            for side in OURS_AND_BARE
        }
        missing, history = "", None
        try:
            path = str(modules_folder())
        except NoMedici as reason:
            missing = str(reason)
            say(f"medici is skipped: {missing}")
        else:
            node = ("node", str(POSTER))
            sides["medici"] = [started(*node, uris["medici"], NODE_PATH=path) for _ in range(2)]
            history = started(*node, uris["medici_history"], NODE_PATH=path)
        posters = Posters(sides, history)
        _ready(posters, sizes)
        copy_to_bare(uris)
        yield posters, missing


def _ready(posters: Posters, sizes: Sizes) -> None:
    everybody = [one for side in posters.sides.values() for one in side]
    for one in [*everybody, *filter(None, [posters.history])]:
        one.ask(do="open", sizes=asdict(sizes))
    say(f"posting {sizes.history} entries to one wallet ...")
    posters.ours.ask(do="history")
    if posters.history:
        posters.sides["medici"][0].ask(do="prepare")
        posters.history.ask(do="history")


def run_slot(posters: Sequence[Commanded], asked: Sequence[dict[str, Any]]) -> Slot:
    """All of them at the same time, one command each; their rates together."""
    told = list(zip(posters, asked, strict=False))
    for poster, command in told:
        poster.tell(**command)
    answers = [poster.hear() for poster, _ in told]
    rate_per_s = sum(answer["done"] / answer["spent_s"] for answer in answers)
    return Slot(rate_per_s, [one for answer in answers for one in answer["ms"]])
