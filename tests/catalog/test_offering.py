"""Offering: rewards are drafted, changed, offered and withdrawn by officers who reach them."""

from datetime import timedelta

import pytest
from catalog_town import add_person, staff

from catalog import (
    RewardKind,
    RewardState,
    change_draft,
    draft_reward,
    offer_reward,
    order_reward,
    stock_point,
    withdraw_reward,
)
from catalog.buying_rules import NotYetOnSale
from catalog.offering import (
    DraftKeyUsed,
    NothingToHandOver,
    ProviderNotReady,
    RewardChanged,
    RewardNotFound,
    RewardOffered,
    RewardWithdrawn,
)
from catalog.reward_terms import RewardInvalid, SaleWindowEmpty
from people import Role
from shared.clock import now, pretending, stored
from shared.errors import Conflict, NotAllowed
from tests.racing import at_once

TERMS = {"title": "洗衣液", "price": 100, "validity_days": 30}
DAY = timedelta(days=1)


@pytest.fixture
def draft(town):
    """Drafts a reward, stocked at the first point."""

    def make(*, key="draft-001", stocked=True, **terms):
        reward = draft_reward(town.district.id, key=key, by=town.officer, **{**TERMS, **terms})
        if stocked:
            stock_point(reward.id, town.point.id, supplied=5, by=town.officer)
        return reward

    return make


def test_a_draft_is_offered_and_withdrawn_and_each_step_is_safe_to_repeat(town, draft):
    reward = draft()
    assert reward.state == RewardState.DRAFT
    for _ in range(2):
        assert offer_reward(reward.id, by=town.officer).version == 2
    for _ in range(2):
        withdrawn = withdraw_reward(reward.id, by=town.officer)
        assert (withdrawn.state, withdrawn.version) == (RewardState.WITHDRAWN, 3)


def test_a_withdrawn_reward_is_not_offered_or_changed_again(town, draft):
    reward = draft()
    withdraw_reward(reward.id, by=town.officer)
    with pytest.raises(RewardWithdrawn):
        offer_reward(reward.id, by=town.officer)
    with pytest.raises(RewardWithdrawn):
        change_draft(reward.id, {"price": 1}, version=2, by=town.officer)


def test_the_same_key_is_the_same_draft_and_never_another(town, draft):
    first, again = draft(), draft()
    assert again.id == first.id
    with pytest.raises(DraftKeyUsed):
        draft(price=7)


def test_the_same_key_answers_the_draft_as_it_was_changed_since(town, draft):
    first = draft()
    change_draft(first.id, {"price": 7}, version=1, by=town.officer)
    assert draft().price == 7


def test_ten_drafts_under_one_key_are_one(town):
    drafted = at_once(
        10, lambda _: draft_reward(town.district.id, key="draft-001", by=town.officer, **TERMS).id
    )
    assert len(set(drafted)) == 1


def test_officers_elsewhere_and_clerks_may_do_nothing(town, draft):
    reward = draft()
    for by in (
        staff(Role.CENTRE_OFFICER, town.other_district),
        staff(Role.CLERK, town.district),
        staff(Role.RATE_ADMIN, town.city),
    ):
        for act in (
            lambda by: draft_reward(town.district.id, key="draft-002", by=by, **TERMS),
            lambda by: change_draft(reward.id, {"price": 1}, version=1, by=by),
            lambda by: offer_reward(reward.id, by=by),
            lambda by: stock_point(reward.id, town.point.id, supplied=1, by=by),
            lambda by: withdraw_reward(reward.id, by=by),
        ):
            with pytest.raises(NotAllowed):
                act(by)


def test_an_admin_of_the_city_reaches_every_district(town):
    admin = staff(Role.ADMIN, town.city)
    reward = draft_reward(town.district.id, key="draft-001", by=admin, **TERMS)
    assert stock_point(reward.id, town.point.id, supplied=3, by=admin).available == 3


def test_no_such_reward(town):
    with pytest.raises(RewardNotFound):
        offer_reward("0" * 24, by=town.officer)


# ---- changing a draft


def test_a_draft_takes_changes_over_and_keeps_what_they_leave_out(town, draft):
    reward = draft(description="500 克", per_person_limit=2, buyers={"least_level": 2})
    changes = {"price": 80, "per_person_limit": None, "buyers": None, "refund_days": 3}
    changed = change_draft(reward.id, changes, version=1, by=town.officer)
    assert (changed.version, changed.price, changed.refund_days) == (2, 80, 3)
    assert (changed.title, changed.description) == ("洗衣液", "500 克")
    assert (changed.per_person_limit, changed.buyers) == (None, None)
    assert "buyers" not in changed.to_mongo()


def test_of_two_who_change_the_same_version_one_does(town, draft):
    reward = draft()

    def change(number):
        try:
            return change_draft(reward.id, {"price": number + 1}, version=1, by=town.officer)
        except RewardChanged:
            return None

    won = [changed for changed in at_once(8, change) if changed]
    assert len(won) == 1
    with pytest.raises(RewardChanged) as refusal:
        change_draft(reward.id, {"price": 1}, version=1, by=town.officer)
    assert refusal.value.facts == {"version": 2}


def test_what_is_offered_is_not_changed(town, draft):
    reward = offer_reward(draft().id, by=town.officer)
    with pytest.raises(RewardOffered):
        change_draft(reward.id, {"price": 1}, version=reward.version, by=town.officer)


def test_a_change_that_cannot_be_meant_changes_nothing(town, draft):
    reward = draft()
    with pytest.raises(RewardInvalid):
        change_draft(reward.id, {"price": 50, "validity_days": 0}, version=1, by=town.officer)
    assert offer_reward(reward.id, by=town.officer).price == 100


def test_a_draft_stays_of_its_kind_for_its_stock_came_in_by_it(town, draft):
    reward = draft()
    with pytest.raises(RewardInvalid) as refusal:
        change_draft(reward.id, {"kind": RewardKind.TICKET}, version=1, by=town.officer)
    assert refusal.value.field == "kind"


def test_a_change_and_an_offer_at_once_never_offer_what_nobody_offered(town, draft):
    """The offer's checks hold for what is offered: it names the version that it checked."""
    for turn in range(10):
        reward = draft(key=f"draft-{turn}")

        def act(number, reward=reward):
            try:
                if number:
                    return offer_reward(reward.id, by=town.officer)
                return change_draft(reward.id, {"price": 1}, version=1, by=town.officer)
            except Conflict as refusal:
                return refusal

        changed, offered = at_once(2, act)
        if isinstance(offered, RewardChanged):
            assert changed.state == RewardState.DRAFT
        else:
            assert offered.state == RewardState.OFFERED
            # Changed before the offer read it, or refused after.
            assert offered.price == (100 if isinstance(changed, Conflict) else 1)


# ---- offering what can be delivered, from when on


def test_what_lies_nowhere_is_not_offered(town, draft):
    reward = draft(stocked=False)
    with pytest.raises(NothingToHandOver):
        offer_reward(reward.id, by=town.officer)
    stock_point(reward.id, town.point.id, supplied=0, by=town.officer)
    with pytest.raises(NothingToHandOver):
        offer_reward(reward.id, by=town.officer)
    stock_point(reward.id, town.point.id, supplied=1, by=town.officer)
    assert offer_reward(reward.id, by=town.officer).is_offered()


def test_a_ticket_without_codes_is_not_offered(town, draft):
    with pytest.raises(NothingToHandOver):
        offer_reward(draft(stocked=False, kind=RewardKind.TICKET).id, by=town.officer)


def test_a_top_up_needs_a_provider_that_takes_orders_and_is_paid_for(town, draft, pack_provider):
    terms = {"kind": RewardKind.TOP_UP, "provider_id": "sample", "product": "100M"}
    reward = draft(stocked=False, **terms)
    with pytest.raises(ProviderNotReady) as refusal:
        offer_reward(reward.id, by=town.officer)
    assert refusal.value.facts == {"provider_id": "sample"}
    pack_provider(active=False)
    with pytest.raises(ProviderNotReady):
        offer_reward(reward.id, by=town.officer)
    pack_provider(version=1)
    with pytest.raises(NothingToHandOver):
        offer_reward(reward.id, by=town.officer)
    stock_point(reward.id, town.point.id, supplied=9, by=town.officer)
    assert offer_reward(reward.id, by=town.officer).is_offered()


def test_a_launch_is_announced_and_orders_before_it_are_refused(town, draft):
    opens_at = stored(now() + DAY)
    reward = draft()
    for _ in range(2):
        offered = offer_reward(reward.id, by=town.officer, on_sale_from=opens_at)
        assert (offered.state, offered.on_sale_from) == (RewardState.OFFERED, opens_at)
    resident = add_person(100)
    with pytest.raises(NotYetOnSale):
        order_reward(reward.id, town.point.id, key="order-001", by=resident)
    with pretending(opens_at):
        assert order_reward(reward.id, town.point.id, key="order-001", by=resident).id


def test_what_was_offered_for_one_time_is_not_offered_for_another(town, draft):
    reward = draft()
    offer_reward(reward.id, by=town.officer)
    with pytest.raises(RewardOffered):
        offer_reward(reward.id, by=town.officer, on_sale_from=now() + DAY)


def test_a_sale_that_is_over_is_not_offered(town, draft):
    reward = draft(on_sale_until=now() + DAY)
    with pretending(now() + 2 * DAY), pytest.raises(SaleWindowEmpty):
        offer_reward(reward.id, by=town.officer)
    with pytest.raises(SaleWindowEmpty):
        offer_reward(reward.id, by=town.officer, on_sale_from=now() + 2 * DAY)
    assert offer_reward(reward.id, by=town.officer, on_sale_until=now() + 3 * DAY).is_offered()
