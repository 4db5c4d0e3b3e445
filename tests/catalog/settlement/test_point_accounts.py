"""Accounts of points: what the book says is what hand-overs and statements make up, always."""

import pytest
from catalog_town import earn, staff
from statement_world import a_fund, an_award, closed, hand_over, value_of_coins

from catalog import confirm_statement, pay_statement, point_accounts, settle_statement, stock_point
from catalog.settlement.point_accounts import point_account
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.restating import StatementNotFound
from ledger import EntryKind, Leg, NewEntry, exchange, merchant, post_one, wallet
from people import Role


def account(town):
    return point_account(town.point.id, by=town.clerk)


def figures(town):
    """(unstated coins, stated coins, settled fen, fen of awards, paid fen), which agree."""
    found = account(town)
    assert (found.differing_coins, found.differing_fen) == (0, 0)
    assert found.merchant_coins == found.unstated_coins + found.stated_coins
    assert found.payable_fen == found.settled_fen + found.in_kind_fen
    coins = (found.unstated_coins, found.stated_coins)
    return (*coins, found.settled_fen, found.in_kind_fen, found.paid_fen)


def test_from_the_hand_over_to_the_payment_book_and_lines_agree(town, reward_id):
    assert figures(town) == (0, 0, 0, 0, 0)
    value_of_coins(town.district, 20_000)
    hand_over(reward_id, town.point, "2026-03-01 10:00")
    an_award(reward_id, town.point, "2026-03-01 11:00", 1_250)
    assert figures(town) == (100, 0, 0, 1_250, 0)
    closed("2026-03-02 00:10")
    assert figures(town) == (0, 100, 0, 1_250, 0)
    made = PointStatement.objects.get()
    confirm_statement(made.id, by=town.clerk)
    settle_statement(made.id, by=town.officer)
    assert figures(town) == (0, 0, 1_450, 0, 0)
    pay_statement(made.id, fund=a_fund(town.district, 500), reference="1", by=town.officer)
    assert figures(town) == (0, 0, 0, 0, 1_450)


def test_coins_that_left_beside_the_statements_show_as_a_difference(town, reward_id):
    handed = hand_over(reward_id, town.point, "2026-03-01 10:00")
    taken = [Leg(merchant(town.point.id), -30), Leg(exchange("FUB"), 30)]
    post_one(NewEntry("settlement:by-hand", EntryKind.SETTLEMENT, taken, ("statement", "x")))
    assert account(town).differing_coins == -30
    # Put right again, for the proof of the catalogue sees it too.
    earn(handed.person_id, 30, key="2")
    given = [Leg(wallet(handed.person_id), -30), Leg(merchant(town.point.id), 30)]
    post_one(NewEntry("delivery:by-hand", EntryKind.DELIVERY, given, ("voucher", "x")))
    assert account(town).differing_coins == 0


def test_accounts_are_listed_for_who_may_look_at_them_page_by_page(town, reward_id):
    stock_point(reward_id, town.far_point.id, supplied=10, by=town.officer)
    both = sorted([town.point.id, town.far_point.id])
    page = point_accounts(by=town.officer, limit=1)
    rest = point_accounts(by=town.officer, limit=1, cursor=page.next_cursor)
    assert [one.point.id for one in page.accounts + rest.accounts] == both
    assert rest.next_cursor is None
    assert [one.point.id for one in point_accounts(by=town.clerk).accounts] == [town.point.id]
    assert point_accounts(by=town.officer, unit_id=town.other_district.id).accounts == []
    with pytest.raises(StatementNotFound):
        point_account(town.point.id, by=staff(Role.CENTRE_OFFICER, town.other_district))
