"""Paying: a fund pays what a settled statement owes, once, and never what it has not."""

import pytest
from catalog_town import staff
from inboxes import notices_to
from statement_world import a_fund, an_award, closed, owed_to, value_of_coins

from catalog import StatementState, confirm_statement, pay_statement, settle_statement
from catalog.settlement.paying import FundShort, PaidOtherwise
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.restating import OwnStatement, StatementMoved
from ledger import Currency, balance_of, entry_of, exchange, paid
from people import Actor, Held, Person, Role
from people.person import Membership
from rates import FundNotFound, fund_left
from shared.clock import now
from shared.errors import NotAllowed
from tests.racing import at_once


@pytest.fixture
def settled(town, statement):
    confirm_statement(statement.id, by=town.clerk)
    return settle_statement(statement.id, by=town.officer)


def pay(town, statement, fund="shops", reference="ICBC 0001", by=None):
    return pay_statement(statement.id, fund=fund, reference=reference, by=by or town.officer)


def test_the_fund_pays_and_the_point_is_owed_nothing_more(town, settled):
    a_fund(town.district, 10_000)
    done = pay(town, settled)
    assert (done.state, done.payment.reference) == (StatementState.PAID, "ICBC 0001")
    assert done.payment.paid_by == town.officer.person_id
    assert (owed_to(town.point), balance_of(paid(town.point.id), Currency.CNY)) == (0, 600)
    assert fund_left("shops", 2026) == 9_400
    assert balance_of(exchange("CNY"), Currency.CNY) == 0
    assert entry_of(done.payment_entry_id).key == f"payment:{done.id}"


def test_awards_are_paid_with_the_rest_and_by_their_own_fund(town, reward_id):
    value_of_coins(town.district, 20_000)
    an_award(reward_id, town.point, "2026-03-01 10:00", 1_250)
    closed("2026-03-02 00:10")
    made = PointStatement.objects.get()
    confirm_statement(made.id, by=town.clerk)
    settle_statement(made.id, by=town.officer)
    a_fund(town.district, 0)
    pay(town, made)
    assert (owed_to(town.point), balance_of(paid(town.point.id), Currency.CNY)) == (0, 1_250)


def test_repeating_pays_once_and_another_transfer_is_refused(town, settled):
    a_fund(town.district, 10_000)
    first = pay(town, settled)
    assert pay(town, settled).version == first.version
    for other in ({"reference": "ICBC 0002"}, {"fund": "others"}):
        with pytest.raises(PaidOtherwise):
            pay(town, settled, **other)
    assert fund_left("shops", 2026) == 9_400


def test_eight_payments_at_once_are_one(town, settled):
    a_fund(town.district, 10_000)
    answers = at_once(8, lambda number: pay(town, settled, reference=f"ICBC {number % 2}"))
    done = [one for one in answers if isinstance(one, PointStatement)]
    assert len({one.payment.reference for one in done}) == 1
    assert {type(one) for one in answers} <= {PointStatement, PaidOtherwise}
    assert fund_left("shops", 2026) == 9_400


def test_a_fund_that_is_short_pays_nothing_and_says_by_how_much(town, settled):
    a_fund(town.district, 599)
    with pytest.raises(FundShort) as refusal:
        pay(town, settled)
    assert refusal.value.facts == {"fund": "shops", "available": 599, "needed": 600}
    assert PointStatement.objects.get().state == StatementState.SETTLED
    assert (owed_to(town.point), fund_left("shops", 2026)) == (600, 599)
    with pytest.raises(FundNotFound):
        pay(town, settled, fund="nobodys")


def test_what_is_not_settled_is_not_paid(town, statement):
    a_fund(town.district, 10_000)
    with pytest.raises(StatementMoved):
        pay(town, statement)
    confirm_statement(statement.id, by=town.clerk)
    with pytest.raises(StatementMoved):
        pay(town, statement)


def test_a_clerk_of_the_point_pays_nothing(town, settled):
    a_fund(town.district, 10_000)
    both = (Held(Role.CENTRE_OFFICER, town.district.id), Held(Role.CLERK, town.point.id))
    with pytest.raises(OwnStatement):
        pay(town, settled, by=Actor("7" * 24, "s", both))
    for by in (town.clerk, staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(NotAllowed):
            pay(town, settled, by=by)


def test_the_clerks_are_told_of_the_transfer_once(town, settled):
    clerk = Person(memberships=[Membership(role=Role.CLERK, unit_id=town.point.id, since=now())])
    clerk.save()
    a_fund(town.district, 10_000)
    pay(town, settled)
    pay(town, settled)
    (notice,) = notices_to(Actor(clerk.id))
    assert (notice.name, notice.facts["reference"]) == ("point_statement_paid", "ICBC 0001")
