"""What an action would be worth: by what is in force, by a draft, on another unit's ground."""

from datetime import UTC, datetime, timedelta

import pytest
from sample_cards import PATROL, a_card

from fixtures.factories import put_card
from people import UnitNotFound
from rates import (
    CardNotFound,
    CardOfOtherUnit,
    KindNotRated,
    NoRateInForce,
    Occasion,
    declare_weather,
    draft_card,
    end_weather,
    quote_action,
)
from shared.clock import pretending
from shared.ids import new_id

# A Tuesday afternoon in Fuzhou.
NOW = datetime(2026, 3, 3, 6, tzinfo=UTC)
SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def at_that_time():
    """It is that afternoon in these tests."""
    with pretending(NOW):
        yield


@pytest.fixture
def card(town):
    """The district's card: 50 coins an hour, half as much again in heat and on the grid."""
    more = [
        {"occasion": "heat", "percent": 150},
        {"occasion": "gap_area", "percent": 150, "unit_ids": [town.grid.id]},
    ]
    lines = [{**PATROL, "per_km": 10, "caps": {"per_day": 120}}]
    moment = NOW - timedelta(days=30)
    return put_card(
        town.district.id,
        moment,
        lines,
        fen_per_10000_coins=1,
        multipliers=more,
        by=town.rate_admin,
    )


def asked(town, unit=None, kind="patrol", by=None, **more):
    unit_id = (unit or town.street).id
    return quote_action(unit_id, kind, SOON, LATER, by=by or town.resident, **more)


def test_an_action_is_worth_what_the_terms_in_force_say(town, card):
    told = asked(town, distance_m=2_000)
    assert (told.coins, [line["part"] for line in told.breakdown]) == (120, ["time", "distance"])
    assert [cap.most for cap in told.caps] == [120]


def test_ground_and_weather_count(town, card):
    assert asked(town, where_id=town.grid.id).coins == 150
    assert asked(town, unit=town.grid).coins == 150
    told = {"why": "hot", "key": "heat-0001", "by": town.rate_admin}
    declare_weather(town.district.id, Occasion.HEAT, SOON, LATER - timedelta(hours=1), **told)
    assert asked(town).coins == 125
    assert asked(town, where_id=town.grid.id).coins == 175


def test_a_quote_for_another_moment_knows_the_weather_that_was_known_then(town, card):
    before = NOW - timedelta(hours=1)
    told = {"why": "hot", "key": "heat-0001", "by": town.rate_admin}
    warning = declare_weather(town.district.id, Occasion.HEAT, SOON, LATER, **told)
    assert [asked(town, at=at).coins for at in (before, NOW)] == [100, 150]
    with pretending(NOW + timedelta(minutes=30)):
        end_weather(warning.id, why="cool", by=town.rate_admin)
    assert [asked(town, at=at).coins for at in (NOW, SOON)] == [150, 100]


def test_a_draft_may_be_asked_by_who_sees_it(town, card):
    content = a_card(lines=[{**PATROL, "per_hour": 70}], in_force_from=LATER)
    draft = draft_card(town.district.id, content, why="x", key="k", by=town.rate_admin)
    assert asked(town, card_id=draft.id, by=town.rate_admin).coins == 140
    assert asked(town).coins == 100
    with pytest.raises(CardNotFound):
        asked(town, card_id=draft.id)
    with pytest.raises(CardOfOtherUnit) as refused:
        asked(town, unit=town.other, card_id=draft.id, by=town.rate_admin)
    assert refused.value.field == "card_id"


def test_another_moment_has_another_card(town, card):
    with pytest.raises(NoRateInForce):
        asked(town, at=NOW - timedelta(days=31))
    moment = NOW + timedelta(days=1)
    put_card(
        town.district.id,
        moment,
        [{**PATROL, "per_hour": 10}],
        fen_per_10000_coins=1,
        by=town.rate_admin,
    )
    assert [asked(town, at=at).coins for at in (NOW, moment)] == [100, 20]


def test_what_is_not_known_is_refused(town, card):
    with pytest.raises(KindNotRated):
        asked(town, kind="drill")
    with pytest.raises(UnitNotFound):
        asked(town, where_id=new_id())
    with pytest.raises(UnitNotFound):
        quote_action(new_id(), "patrol", SOON, LATER, by=town.resident)
