"""Whether a person may order now, with where their homes lie looked up."""

from datetime import timedelta

import pytest
from catalog_town import add_unit

from catalog.buying_rules import BuyerFromElsewhere, NotYetOnSale
from catalog.reward import Buyers, Reward
from catalog.selling import refusals_for, refuse_sale
from people import Membership, Person, Role, UnitKind
from shared.clock import now, pretending
from shared.ids import new_id, random_id


def a_reward(**terms):
    return Reward(id=new_id(), price=100, **terms)


def living_at(unit, *, is_home=True):
    held = Membership(role=Role.RESIDENT, unit_id=unit.id, since=now(), is_home=is_home)
    return Person(id=random_id(), memberships=[held])


def test_a_home_below_the_unit_counts_and_one_beside_it_does_not(town):
    street = add_unit("鼓西街道", UnitKind.CIVIL, town.district)
    reward = a_reward(buyers=Buyers(unit_id=town.district.id))
    refuse_sale(reward, living_at(street))
    with pytest.raises(BuyerFromElsewhere) as refusal:
        refuse_sale(reward, living_at(town.other_district))
    assert refusal.value.facts["place"] == "鼓楼区"


def test_a_role_that_was_granted_is_no_home(town):
    reward = a_reward(buyers=Buyers(unit_id=town.district.id))
    with pytest.raises(BuyerFromElsewhere):
        refuse_sale(reward, living_at(town.district, is_home=False))


def test_each_reward_is_answered_for_itself(town):
    sold, soon = a_reward(), a_reward(on_sale_from=now() + timedelta(days=1))
    far = a_reward(buyers=Buyers(unit_id=town.other_district.id))
    found = refusals_for([sold, soon, far], living_at(town.district))
    assert {reward_id: type(refusal) for reward_id, refusal in found.items()} == {
        soon.id: NotYetOnSale,
        far.id: BuyerFromElsewhere,
    }


def test_the_moment_is_that_of_the_request(town):
    soon = a_reward(on_sale_from=now() + timedelta(days=1))
    with pretending(now() + timedelta(days=2)):
        refuse_sale(soon, living_at(town.district))
