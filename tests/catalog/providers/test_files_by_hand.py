"""Files that officers bring: they propose, two agree, and the provider's own word stays due."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from catalog_town import add_person, coins_of, staff
from delivery_steps import change

from catalog.providers.attempting import deliver
from catalog.providers.delivery import TopUpDelivery
from catalog.providers.discrepancy import Discrepancy
from catalog.providers.fetching_files import fetch_due
from catalog.providers.provider import Provider
from catalog.providers.reconciling import reconcile
from ledger import balance_of, merchant
from people import Actor, Held, Role
from shared.clock import real_now

HEADER = "key,status,reference,delivered_at,product\r\n"
YESTERDAY = datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)


def line(key, status="delivered", reference="SP-1", product="data-5gb:hang_lost"):
    return f"{key},{status},{reference},2026-01-01T00:00:00Z,{product}\r\n"


@pytest.fixture
def bring(provider, town):
    """Brings a file of yesterday, as the town's officer or another."""

    def bring_it(*lines, by=None):
        content = (HEADER + "".join(lines)).encode()
        return reconcile(provider.id, YESTERDAY, content, by=by or town.officer)

    return bring_it


@pytest.fixture
def second(town):
    return staff(Role.CENTRE_OFFICER, town.district)


@pytest.fixture
def in_doubt(top_up):
    """A delivery of which nobody knows anything, for three days."""

    def send_it(days=3, **more):
        voucher_id = top_up("hang_lost", **more)
        deliver(voucher_id)
        change(voucher_id, sent_at=real_now() - timedelta(days=days))
        return voucher_id

    return send_it


def state_of(key):
    return TopUpDelivery.objects.get(id=key).state.value


@pytest.mark.parametrize(
    ("status", "ends_as"), [("delivered", "delivered"), ("refused", "refunded")]
)
def test_one_officer_proposes_and_a_second_one_with_the_same_file_ends_it(
    bring, in_doubt, second, status, ends_as
):
    key = in_doubt()
    assert bring(line(key, status)).counts == {"needs_second_officer": 1}
    assert bring(line(key, status)).counts == {"needs_second_officer": 1}
    assert state_of(key) == "sent"
    assert bring(line(key, status), by=second).counts == {"resolves": 1}
    assert state_of(key) == ends_as
    ended = TopUpDelivery.objects.get(id=key)
    assert (ended.ended_by.value, len(ended.settled_by)) == ("officers", 2)


def test_a_second_officer_who_says_else_ends_nothing(bring, in_doubt, second, town):
    key = in_doubt()
    bring(line(key))
    assert bring(line(key, "refused"), by=second).counts == {"other_proposal": 1}
    assert state_of(key) == "sent"
    assert balance_of(merchant(town.point.id)) == 0


def test_nobody_ends_their_own_delivery_by_a_file(bring, in_doubt, town):
    buyer = add_person(1_000)
    key = in_doubt(by=buyer)
    officer = Actor(buyer.person_id, "s", (Held(Role.CENTRE_OFFICER, town.district.id),))
    assert bring(line(key, "refused"), by=officer).counts == {"own_delivery": 1}
    assert (state_of(key), TopUpDelivery.objects.get(id=key).proposal) == ("sent", None)
    assert coins_of(buyer) == 1_000


def test_while_the_provider_is_still_asked_a_file_by_hand_proposes_nothing_yet(bring, in_doubt):
    key = in_doubt(days=1)
    early = bring(line(key))
    assert early.counts == {"still_asked": 1}
    change(key, sent_at=real_now() - timedelta(days=3))
    later = bring(line(key))
    assert (later.id, later.counts) == (early.id, {"needs_second_officer": 1})


def test_an_empty_file_by_hand_notes_nothing_and_the_true_one_is_still_fetched(
    bring, provider, top_up
):
    key = top_up()
    deliver(key)
    change(key, ended_at=real_now() - timedelta(days=1))
    assert bring().counts == {"missing_in_file": 1}
    assert Discrepancy.objects.count() == 0
    Provider.objects(id=provider.id).update(set__made_at=real_now() - timedelta(days=1, hours=2))
    assert fetch_due(provider.id)
