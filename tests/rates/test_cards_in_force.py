"""The cards that speak for a unit at a moment, line by line from the nearest up; their lists."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_cards import PATROL, START, TITLE, a_card, day

from fixtures.factories import put_card
from people import Actor, Held, Role, Unit, UnitNotFound
from rates import (
    CardNotFound,
    NoRateInForce,
    Phase,
    RateCard,
    approve_card,
    card_of,
    cards_along,
    cards_page,
    draft_card,
    seen_card,
    terms_in_force,
    withdraw_card,
)
from shared.clock import pretending
from shared.cursors import BadCursor
from shared.database import collection
from shared.errors import NotAllowed
from shared.ids import new_id, random_id

LINEAGE = ["city", "district", "street", "grid"]
KINDS = ["patrol", "drill", "training"]


@pytest.fixture(autouse=True)
def at_the_start():
    """It is the start of 2026 in these tests."""
    with pretending(START):
        yield


@pytest.fixture
def put(town, staff_at):
    """Puts a card in force `days` on; `unit` is the district where none is named."""

    def put(unit=None, days=1, fen=20_000, lines=(PATROL,), **more):
        return put_card(
            (unit or town.district).id,
            day(days),
            list(lines),
            fen_per_10000_coins=fen,
            by=staff_at("rate_admin", town.city),
            **more,
        )

    return put


class TestCardsAlong:
    def test_are_the_latest_of_each_unit_that_came_into_force(self, town, put):
        first, second = put(days=1), put(days=10, fen=1)
        for days, card in {1: first, 9: first, 10: second, 99: second}.items():
            assert cards_along(town.district, day(days)) == [card]
        assert cards_along(town.district, day(1) - timedelta(milliseconds=1)) == []

    def test_run_from_the_nearest_unit_up_however_old(self, town, put):
        of_street, of_district = put(unit=town.street, days=1), put(days=10)
        assert cards_along(town.grid, day(20)) == [of_street, of_district]
        assert cards_along(town.grid, day(9)) == [of_street]
        assert cards_along(town.other, day(20)) == []

    def test_end_with_one_that_inherits_nothing(self, town, put):
        of_street, of_district = put(unit=town.street, inherits=False), put()
        assert cards_along(town.grid, day(5)) == [of_street]
        assert cards_along(town.district, day(5)) == [of_district]

    def test_leave_out_drafts_and_withdrawn_cards(self, town, put, staff_at):
        second = staff_at("rate_admin", town.district)
        standing = put(days=1)
        drafted = draft_card(
            town.district.id,
            a_card(in_force_from=day(2)),
            why="x",
            key="card-0001",
            by=town.rate_admin,
        )
        assert cards_along(town.grid, day(5)) == [standing]
        approve_card(drafted.id, version=1, why="x", by=second)
        assert cards_along(town.grid, day(5)) == [drafted]
        withdraw_card(drafted.id, version=2, why="x", by=second)
        assert cards_along(town.grid, day(5)) == [standing]

    def test_a_draft_stands_in_for_its_units_card(self, town, put):
        of_street, of_district = put(unit=town.street), put()
        for unit, expected in (
            (town.street, lambda draft: [draft, of_district]),
            (town.district, lambda draft: [of_street, draft]),
            (town.grid, lambda draft: [draft, of_street, of_district]),
            (town.other, lambda _: [of_street, of_district]),
        ):
            draft = RateCard(id=new_id(), unit_id=unit.id, inherits=True, in_force_from=day(90))
            assert cards_along(town.grid, day(5), draft=draft) == expected(draft)
        alone = RateCard(id=new_id(), unit_id=town.street.id, inherits=False)
        assert cards_along(town.grid, day(-9), draft=alone) == [alone]

    def test_are_read_past_what_a_newer_version_wrote_into_a_line(self, town, put):
        card = put()
        collection(RateCard).update_one({"_id": card.id}, {"$set": {"lines.0.per_litre": 3}})
        (found,) = cards_along(town.district, day(2))
        assert found.lines[0].per_hour == 50


class TestTermsInForce:
    def test_take_what_a_card_leaves_out_from_above(self, town, put):
        drill = {"kind": "drill", "base": 30, "per_hour": 0}
        of_district = put(lines=[PATROL, drill], coins_last_months=12)
        of_street = put(unit=town.street, days=2, fen=None, lines=[{**PATROL, "per_hour": 60}])
        terms = terms_in_force(town.grid, day(3))
        assert terms.card_ids == (of_street.id, of_district.id)
        assert (terms.lines["patrol"].per_hour, terms.lines["drill"].base) == (60, 30)
        assert (terms.fen_per_10000_coins, terms.coins_last_months) == (20_000, 12)

    def test_are_missing_before_the_first_card_and_beside_it(self, town, put):
        put(days=1)
        with pytest.raises(NoRateInForce):
            terms_in_force(town.district, START)
        with pytest.raises(NoRateInForce) as refused:
            terms_in_force(town.other, day(5))
        assert refused.value.facts["unit"] == town.other.name
        assert town.other.name in refused.value.say("zh-CN")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(LINEAGE),
            st.integers(0, 9),
            st.booleans(),
            st.dictionaries(st.sampled_from(KINDS), st.integers(1, 9), max_size=3),
        ),
        max_size=8,
        unique_by=lambda one: one[:2],
    ),
    st.integers(-1, 10),
)
def test_each_line_is_that_of_the_nearest_card_which_has_it(made, at):
    collection(RateCard).delete_many({})
    ids = {name: new_id() for name in LINEAGE}
    for unit_id, begins, inherits, rates in made:
        lines = [{"kind": kind, "base": base, "per_hour": 0} for kind, base in rates.items()]
        by = Actor(random_id(), roles=(Held(Role.RATE_ADMIN, ids[unit_id]),))
        _insert(ids[unit_id], day(begins), inherits, lines, by)
    unit = Unit(id=ids["grid"], name="格", lineage=[ids[name] for name in LINEAGE])
    expected = _by_definition(made, at)
    cards = cards_along(unit, day(at))
    if not cards:
        assert expected == {}
        return
    assert {kind: line.base for kind, line in terms_in_force(unit, day(at)).lines.items()} == (
        expected
    )


def _by_definition(made, at):
    """Kind by kind, what the nearest unit's latest card says, up to one that stands alone."""
    found = {}
    for unit_id in reversed(LINEAGE):
        own = [one for one in made if one[0] == unit_id and one[1] <= at]
        if own:
            _, _, inherits, rates = max(own, key=lambda one: one[1])
            found = {**rates, **found}
            if not inherits:
                break
    return found


def _insert(unit_id, moment, inherits, lines, by):
    """An approved card, written down directly: its unit is not in the database."""
    written = {"written_by": [by.person_id], "draft_key": new_id(), "draft_hash": "h"}
    RateCard(
        id=new_id(),
        unit_id=unit_id,
        state="approved",
        title=TITLE,
        in_force_from=moment,
        inherits=inherits,
        lines=[line | {"minimum": 1} for line in lines],
        drafted_at=START,
        **written,
    ).save(force_insert=True)


class TestSeeing:
    def test_says_where_a_card_stands_now(self, town, put):
        first, second = put(days=1), put(days=10)
        for days, phases in {
            0: [Phase.SCHEDULED, Phase.SCHEDULED],
            1: [Phase.IN_FORCE, Phase.SCHEDULED],
            10: [Phase.SUPERSEDED, Phase.IN_FORCE],
        }.items():
            with pretending(day(days)):
                seen = [seen_card(card.id, by=town.resident).phase for card in (first, second)]
            assert seen == phases

    def test_a_draft_is_for_who_has_to_do_with_rates(self, town, staff_at):
        draft = draft_card(town.district.id, a_card(), why="x", key="k", by=town.rate_admin)
        for role in ("rate_admin", "centre_officer", "auditor", "admin"):
            assert seen_card(draft.id, by=staff_at(role, town.city)).phase == Phase.DRAFT
        for stranger in (town.resident, town.other_rate_admin, town.officer):
            with pytest.raises(CardNotFound):
                seen_card(draft.id, by=stranger)
        assert card_of(draft.id) == draft
        with pytest.raises(CardNotFound):
            card_of(new_id())

    def test_the_list_is_the_units_own_newest_first_page_by_page(self, town, put):
        made = [put(days=number) for number in (3, 1, 2)]
        put(unit=town.street)
        first = cards_page(town.district.id, limit=2, by=town.rate_admin)
        assert [one.card for one in first.items] == [made[2], made[1]]
        with pretending(day(2)):
            rest = cards_page(
                town.district.id, cursor=first.next_cursor, limit=2, by=town.rate_admin
            )
            assert [one.phase for one in rest.items] == [Phase.SCHEDULED]
        assert ([one.card for one in rest.items], rest.next_cursor) == ([made[0]], None)

    def test_the_list_is_for_who_has_to_do_with_rates(self, town):
        for stranger in (town.resident, town.other_rate_admin, town.officer):
            with pytest.raises(NotAllowed):
                cards_page(town.district.id, by=stranger)
        with pytest.raises(UnitNotFound):
            cards_page(new_id(), by=town.rate_admin)
        with pytest.raises(BadCursor):
            cards_page(town.district.id, cursor="x", by=town.rate_admin)
