"""Closing: a day becomes one statement, by the street's clock, at the value in force by then."""

import pytest
from pymongo.errors import DuplicateKeyError
from statement_world import (
    an_award,
    at,
    closed,
    coins_at,
    hand_over,
    value_of_coins,
)

from catalog import LineKind, LineState, StatementState, Voucher
from catalog.settlement import closing
from catalog.settlement.gathering import points_with_unstated, unstated_before
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.statement_line import StatementLine
from catalog.settlement.telling import tell_untold
from notices import inbox_of
from people import Person, Role
from people.person import Membership
from shared.clock import now, pretending
from shared.database import collection
from tests.racing import at_once


@pytest.fixture
def valued(town):
    value_of_coins(town.district, 20_000)


def days():
    return [statement.day for statement in PointStatement.objects.order_by("day", "number")]


def test_a_day_closes_ten_minutes_after_its_end_and_not_before(town, reward_id, valued):
    handed = hand_over(reward_id, town.point, "2026-03-01 10:00")
    assert closed("2026-03-01 23:59") == 0
    assert closed("2026-03-02 00:09") == 0
    assert closed("2026-03-02 00:10") == 1
    statement = PointStatement.objects.get()
    assert statement.id == f"{town.point.id}:2026-03-01"
    assert (statement.state, statement.version) == (StatementState.CLOSED, 1)
    line = StatementLine.objects.get()
    assert (line.voucher_id, line.number, line.title) == (handed.id, 1, "洗衣液")
    assert (line.coins, line.fen_per_10000_coins, line.state) == (100, 20_000, LineState.PLAIN)
    assert (statement.sums.coin_fen, statement.sums.total_fen) == (200, 200)
    assert Voucher.objects.get().statement_id == statement.id


def test_closing_again_makes_nothing_and_days_without_hand_overs_make_no_statement(
    town, reward_id, valued
):
    hand_over(reward_id, town.point, "2026-03-01 10:00")
    hand_over(reward_id, town.point, "2026-03-04 10:00")
    assert [closed("2026-03-09 08:00") for _ in range(3)] == [1, 0, 0]
    assert days() == ["2026-03-01", "2026-03-04"]


def test_new_years_eve_is_parted_at_midnight_of_the_street_and_not_of_greenwich(
    town, reward_id, valued
):
    hand_over(reward_id, town.point, "2026-02-16 23:59")
    hand_over(reward_id, town.point, "2026-02-17 00:00")
    # 07:30 in Fuzhou is the evening before at Greenwich.
    hand_over(reward_id, town.point, "2026-02-17 07:30")
    closed("2026-02-18 00:10")
    found = PointStatement.objects.order_by("day")
    assert [(one.day, one.sums.lines) for one in found] == [("2026-02-16", 1), ("2026-02-17", 2)]


def test_a_hand_over_just_before_midnight_that_is_posted_later_waits_for_the_next_statement(
    town, reward_id, valued
):
    hand_over(reward_id, town.point, "2026-02-16 22:00")
    closed("2026-02-17 00:10")
    hand_over(reward_id, town.point, "2026-02-16 23:58")  # brought in by a point without network
    assert closed("2026-02-17 00:11") == 0
    hand_over(reward_id, town.point, "2026-02-17 09:00")
    assert closed("2026-02-18 00:10") == 1
    late = PointStatement.objects.get(day="2026-02-17")
    times = [line.handed_over_at for line in StatementLine.objects(statement_id=late.id)]
    assert times == [at("2026-02-16 23:58"), at("2026-02-17 09:00")]


def test_a_straggler_alone_makes_the_next_days_statement(town, reward_id, valued):
    hand_over(reward_id, town.point, "2026-02-16 22:00")
    closed("2026-02-17 00:10")
    hand_over(reward_id, town.point, "2026-02-16 23:58")
    closed("2026-02-18 00:10")
    assert days() == ["2026-02-16", "2026-02-17"]


def test_the_value_is_that_of_the_card_in_force_when_it_was_handed_over(town, reward_id):
    value_of_coins(town.city, 10_000)
    value_of_coins(town.district, 20_000, "2026-03-01 12:00")
    value_of_coins(town.city, 50_000, "2026-03-01 13:00")  # no longer the district's concern
    for when in ("11:59", "12:00", "14:00"):
        hand_over(reward_id, town.point, f"2026-03-01 {when}")
    closed("2026-03-02 00:10")
    values = StatementLine.objects.order_by("number").scalar("fen_per_10000_coins")
    assert list(values) == [10_000, 20_000, 20_000]
    assert PointStatement.objects.get().sums.coin_fen == 100 + 200 + 200


def test_without_a_value_a_line_is_disputed_from_the_start_and_nothing_is_guessed(town, reward_id):
    value_of_coins(town.district, 20_000, "2026-03-01 12:00")
    hand_over(reward_id, town.point, "2026-03-01 11:00")
    hand_over(reward_id, town.point, "2026-03-01 13:00")
    closed("2026-03-02 00:10")
    unvalued, plain = StatementLine.objects.order_by("number")
    assert (unvalued.state, unvalued.dispute.reason) == (LineState.DISPUTED, "no_coin_value")
    assert (unvalued.fen_per_10000_coins, plain.state) == (None, LineState.PLAIN)
    sums = PointStatement.objects.get().sums
    assert (sums.coins, sums.coin_fen, sums.open_disputes) == (200, 200, 1)


def test_an_award_counts_what_its_fund_was_charged_and_no_coins(town, reward_id, valued):
    an_award(reward_id, town.point, "2026-03-01 10:00", 1_250)
    closed("2026-03-02 00:10")
    line, sums = StatementLine.objects.get(), PointStatement.objects.get().sums
    assert (line.kind, line.coins, line.in_kind_fen) == (LineKind.AWARD, 0, 1_250)
    assert (sums.coin_fen, sums.in_kind_fen, sums.total_fen) == (0, 1_250, 1_250)


def test_what_is_not_posted_yet_is_in_no_statement(town, reward_id, valued):
    handed = hand_over(reward_id, town.point, "2026-03-01 10:00")
    collection(Voucher).update_one({"_id": handed.id}, {"$unset": {"settled_entry_id": ""}})
    assert closed("2026-03-02 00:10") == 0


def test_a_full_statement_is_followed_by_a_second_of_the_day(town, reward_id, valued, monkeypatch):
    monkeypatch.setattr(closing, "MOST_LINES", 2)
    for minute in range(5):
        hand_over(reward_id, town.point, f"2026-03-01 10:0{minute}")
    closed("2026-03-02 00:10")
    ids = [f"{town.point.id}:2026-03-01{more}" for more in ("", ":2", ":3")]
    assert sorted(PointStatement.objects.scalar("id")) == ids
    assert [PointStatement.objects.get(id=one).sums.lines for one in ids] == [2, 2, 1]
    # The day is whole now: what comes to light later goes to the next one.
    hand_over(reward_id, town.point, "2026-03-01 11:00")
    assert closed("2026-03-02 00:11") == 0


def test_ten_workers_at_once_make_one_statement(town, reward_id, valued):
    for minute in range(4):
        hand_over(reward_id, town.point, f"2026-03-01 10:0{minute}")
    at_once(10, lambda _: closed("2026-03-02 00:10"))
    assert PointStatement.objects.get().sums.lines == StatementLine.objects.count() == 4
    assert coins_at(town.point) == 400


def test_each_point_gets_its_own_and_finding_them_reads_no_old_voucher(town, reward_id, valued):
    for number in range(30):
        hand_over(reward_id, town.point, f"2026-03-01 10:{number:02}")
    closed("2026-03-02 00:10")
    hand_over(reward_id, town.point, "2026-03-02 10:00")
    end = at("2026-03-03 00:00")
    assert points_with_unstated(end) == [town.point.id]
    plan = collection(Voucher).find(unstated_before(end)).explain()["executionStats"]
    assert plan["totalDocsExamined"] <= 2
    assert plan["totalKeysExamined"] < 10


def test_the_clerks_are_told_once_and_a_lost_notice_is_told_by_the_next_run(
    town, reward_id, valued, monkeypatch
):
    clerk = Person(memberships=[Membership(role=Role.CLERK, unit_id=town.point.id, since=now())])
    clerk.save()
    hand_over(reward_id, town.point, "2026-03-01 10:00")
    with monkeypatch.context() as patched:
        patched.setattr(closing, "tell_statement", lambda _statement_id: None)
        closed("2026-03-02 00:10")
    assert inbox_of(clerk.id).items == []
    with pretending(at("2026-03-02 00:11")):
        assert [tell_untold(), tell_untold()] == [1, 0]
    (notice,) = inbox_of(clerk.id).items
    assert notice.name == "point_statement_ready"
    assert (notice.facts["yuan"], notice.facts["lines"]) == ("2.00", 1)


def test_the_server_itself_refuses_a_voucher_in_two_statements(statement):
    row = collection(StatementLine).find_one({"number": 1})
    other = row | {"_id": "x:1", "statement_id": "x"}
    with pytest.raises(DuplicateKeyError):
        collection(StatementLine).insert_one(other)
