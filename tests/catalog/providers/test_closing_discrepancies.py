"""Discrepancies are closed with words, once; phones of long ended deliveries are forgotten."""

from datetime import timedelta

import pytest
from catalog_town import add_person, staff
from delivery_steps import change

from catalog.providers.attempting import deliver
from catalog.providers.closing_discrepancies import (
    DiscrepancyClosed,
    DiscrepancyNotFound,
    close_discrepancy,
)
from catalog.providers.delivery import TopUpDelivery
from catalog.providers.discrepancies import note_discrepancy
from catalog.providers.discrepancy import KIND_WORDS, Discrepancy, DiscrepancyKind
from catalog.providers.forgetting import KEPT_AFTER_END, forget_phones
from catalog.providers.listing import delivery_of, shown_recipient
from catalog.providers.settling_by_hand import OwnDelivery
from people import Actor, Held, Role
from shared.clock import real_now
from shared.errors import NotAllowed
from shared.ids import new_id


@pytest.fixture
def noted(provider, top_up):
    """Notes a discrepancy about a top-up; its id."""

    def note(by=None):
        key = top_up(by=by)
        note_discrepancy(provider, key, DiscrepancyKind.REFUSED_AFTER_DELIVERY, source="file")
        return Discrepancy.objects.get(key=key).id

    return note


def test_an_officer_closes_it_once_with_words(provider, noted, town):
    discrepancy_id, words = noted(), "the provider credits us in March"
    closed = close_discrepancy(provider.id, discrepancy_id, words=words, by=town.officer)
    assert (closed.closed_by, closed.closing_words) == (town.officer.person_id, words)
    again = close_discrepancy(provider.id, discrepancy_id, words=words, by=town.officer)
    assert again.cleared_at == closed.cleared_at
    other = staff(Role.CENTRE_OFFICER, town.district)
    with pytest.raises(DiscrepancyClosed):
        close_discrepancy(provider.id, discrepancy_id, words="else", by=other)
    assert Discrepancy.objects.get(id=discrepancy_id).closing_words == words


def test_neither_strangers_nor_its_own_person_close_it(provider, noted, town):
    buyer = add_person(1_000)
    discrepancy_id = noted(by=buyer)
    officer = Actor(buyer.person_id, "s", (Held(Role.CENTRE_OFFICER, town.district.id),))
    with pytest.raises(OwnDelivery):
        close_discrepancy(provider.id, discrepancy_id, words="fine", by=officer)
    with pytest.raises(NotAllowed):
        close_discrepancy(provider.id, discrepancy_id, words="fine", by=town.clerk)
    with pytest.raises(DiscrepancyNotFound):
        close_discrepancy(provider.id, new_id(), words="fine", by=town.officer)
    assert Discrepancy.objects.get(id=discrepancy_id).cleared_at is None


def test_every_kind_has_words_in_both_languages():
    assert set(KIND_WORDS) == set(DiscrepancyKind)
    assert all(any("\u4e00" <= each <= "\u9fff" for each in one.zh) for one in KIND_WORDS.values())


def test_who_it_is_for_sees_no_officer_and_officers_do(top_up, town):
    buyer = add_person(1_000)
    voucher_id = top_up("hang_lost", by=buyer)
    proposal = {"outcome": "refused", "reference": "r", "by": new_id(), "at": real_now()}
    change(voucher_id, proposal=proposal, settled_by=[new_id()])
    own = delivery_of(voucher_id, by=buyer)
    assert (own.proposal, list(own.settled_by)) == (None, [])
    seen = delivery_of(voucher_id, by=town.officer)
    assert seen.proposal is not None
    assert len(seen.settled_by) == 1


def test_the_phone_is_forgotten_90_days_after_the_end_and_not_before(top_up):
    old, young, unended = top_up(), top_up(), top_up("hang_lost")
    for one in (old, young, unended):
        deliver(one)
    change(old, ended_at=real_now() - KEPT_AFTER_END)
    change(young, ended_at=real_now() - KEPT_AFTER_END + timedelta(hours=1))
    assert (forget_phones(), forget_phones()) == (1, 0)
    shown = [shown_recipient(TopUpDelivery.objects.get(id=one)) for one in (old, young, unended)]
    assert shown == ["", "138****8000", "138****8000"]
