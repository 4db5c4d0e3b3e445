"""What the tests of awards share: who asks, out of which fund, and what is left of it."""

from catalog import MatterKind, Stock, award_in_kind
from ledger import Currency, balance_of, voucher
from people import Actor, Held, Membership, Person, Role
from rates import budget_year_of, fund_left
from shared.clock import now
from shared.ids import random_id

FUND = "station"


def left():
    return fund_left(FUND, budget_year_of(now()))


def held_fen(award):
    return balance_of(voucher(award.voucher_id), Currency.CNY)


def available(reward_id):
    return Stock.objects.get(reward_id=reward_id).available


def give(town, reward_id, person, *, matter="2026-001", key="award-0001", **more):
    terms = {"fund": FUND, "matter_kind": MatterKind.REGISTER, "by": town.officer, **more}
    return award_in_kind(
        reward_id, person.person_id, town.point.id, matter_id=matter, key=key, **terms
    )


def second_officer(town):
    """Another officer of the district who has an inbox."""
    person = Person(id=random_id(), real_name_at=now())
    person.memberships = [
        Membership(role=Role.CENTRE_OFFICER, unit_id=town.district.id, since=now())
    ]
    person.save()
    return Actor(person.id, "s", (Held(Role.CENTRE_OFFICER, town.district.id),))
