"""A film ticket with a pool of codes at the town's first point."""

from collections.abc import Callable

import pytest
from catalog_town import add_person

from catalog import draft_reward, offer_reward
from catalog.pools.importing import import_codes
from catalog.reward import RewardKind
from people import Actor
from shared.ids import new_id


@pytest.fixture
def film(town) -> Callable[..., str]:
    """Puts a ticket on offer with `lines` of a code file at the first point; returns its id."""

    def put_on_offer(*lines: str, price: int = 100, **terms) -> str:
        terms = {"title": "电影票", "validity_days": 30, "kind": RewardKind.TICKET, **terms}
        reward = draft_reward(town.district.id, price=price, key=new_id(), by=town.officer, **terms)
        raw = "\n".join(["code,valid_until", *lines]).encode()
        import_codes(reward.id, town.point.id, raw, key=new_id(), by=town.officer)
        return offer_reward(reward.id, by=town.officer).id

    return put_on_offer


@pytest.fixture
def resident() -> Callable[..., Actor]:
    """Makes a resident with some coins."""
    return add_person
