"""Point keys: from the first one on a point scans with one, and a revoked one serves nobody."""

from datetime import timedelta

import pytest
from counter_world import a_holder, ordered, qr_of, scan

from catalog import (
    PointKey,
    Voucher,
    VoucherState,
    look_at_voucher,
    make_point_key,
    point_keys_of,
    revoke_point_key,
)
from catalog.scanning.point_keys import (
    PointKeyInvalid,
    PointKeyMade,
    PointKeyNeeded,
    PointKeyNotFound,
    PointKeyRevoked,
    PointKeyUnknown,
)
from catalog.scanning.scan_desk import ScanDesk
from people import UnitNotFound
from shared.database import collection
from shared.errors import NotAllowed
from tests.racing import at_once


@pytest.fixture
def holder():
    return a_holder(300)


@pytest.fixture
def shown(town, offer, holder):
    return qr_of(ordered(town, offer(price=100), holder), holder)


def make(town, *, key="key-0001", label="柜台平板", point=None, by=None):
    point_id = (point or town.point).id
    return make_point_key(point_id, label=label, key=key, by=by or town.officer)


def test_without_keys_a_point_scans_without_one(town, shown):
    assert scan(town, shown).state == VoucherState.REDEEMED


def test_from_the_first_key_on_a_scan_needs_one(town, shown):
    made = make(town)
    with pytest.raises(PointKeyNeeded):
        scan(town, shown)
    with pytest.raises(PointKeyNeeded):
        look_at_voucher(shown, point_id=town.point.id, by=town.clerk)
    redeemed = scan(town, shown, point_key=made.secret)
    assert redeemed.point_key_id == made.key.id
    assert PointKey.objects.get().last_used_at


def test_a_key_of_elsewhere_or_made_up_opens_nothing(town, shown):
    secret = make(town).secret
    elsewhere = make(town, key="key-0002", point=town.far_point).secret
    key_id = secret.partition(".")[0]
    for wrong in (
        elsewhere,
        secret[:-1] + ("0" if secret[-1] != "0" else "1"),
        key_id,
        "x.y",
        f"{key_id}.",
        "é" * 24 + "." + "0" * 40,
        "0" * 24 + "." + "0" * 40,
    ):
        with pytest.raises(PointKeyUnknown):
            scan(town, shown, point_key=wrong)
    assert Voucher.objects.get().state == VoucherState.ISSUED


def test_a_revoked_key_serves_nobody_from_that_moment(town, shown):
    stolen, kept = make(town), make(town, key="key-0002")
    revoked = revoke_point_key(stolen.key.id, reason="丢失", by=town.clerk)
    assert revoked.revoked_by == town.clerk.person_id
    with pytest.raises(PointKeyRevoked):
        scan(town, shown, point_key=stolen.secret)
    again = revoke_point_key(stolen.key.id, reason="又一次", by=town.officer)
    assert (again.revoked_at, again.revoked_reason) == (revoked.revoked_at, "丢失")
    assert scan(town, shown, point_key=kept.secret).state == VoucherState.REDEEMED


def test_with_its_last_key_revoked_a_point_scans_no_more(town, shown):
    made = make(town)
    revoke_point_key(made.key.id, reason="丢失", by=town.officer)
    with pytest.raises(PointKeyNeeded):
        scan(town, shown)


def test_the_secret_is_stored_nowhere_and_answered_again_for_ten_minutes(town):
    made = make(town)
    assert make(town) == made
    secret = made.secret.partition(".")[2]
    assert secret not in str(collection(PointKey).find_one())
    with pytest.raises(PointKeyMade):
        make(town, label="另一台")
    early = made.key.made_at - timedelta(minutes=11)
    PointKey.objects.update(made_at=early)
    with pytest.raises(PointKeyMade):
        make(town)
    assert PointKey.objects.count() == 1


def test_the_same_wish_ten_times_at_once_makes_one_key(town):
    made = at_once(10, lambda _: make(town).secret)
    assert len(set(made)) == 1
    assert PointKey.objects.count() == 1
    assert ScanDesk.objects.get().needs_key


def test_only_officers_make_keys_and_strangers_revoke_none(town):
    for by in (town.clerk, a_holder(phone=None)):
        with pytest.raises(NotAllowed):
            make(town, by=by)
    made = make(town).key
    for by in (town.far_clerk, a_holder(phone=None)):
        with pytest.raises(NotAllowed):
            revoke_point_key(made.id, reason="x", by=by)
        with pytest.raises(NotAllowed):
            point_keys_of(town.point.id, by=by)
    assert [one.id for one in point_keys_of(town.point.id, by=town.clerk)] == [made.id]


def test_what_cannot_be_meant_is_refused(town):
    with pytest.raises(PointKeyInvalid):
        make(town, label=" ")
    with pytest.raises(UnitNotFound):
        make_point_key("0" * 24, label="x", key="key-0001", by=town.officer)
    with pytest.raises(PointKeyNotFound):
        revoke_point_key("0" * 24, reason="x", by=town.officer)
    with pytest.raises(PointKeyInvalid):
        revoke_point_key(make(town).key.id, reason=" ", by=town.officer)
