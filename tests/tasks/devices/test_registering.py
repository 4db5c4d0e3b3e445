"""Credentials of phone apps: told once, kept as a hash, one person's own, ended at once."""

import pytest

from shared.database import collection
from tasks import (
    PhoneApp,
    UnknownDevice,
    device_with,
    devices_of,
    register_device,
    renew_secret,
    revoke_device,
)
from tasks.devices.device import MAX_DEVICES, Device
from tasks.devices.registering import DeviceNameTaken, DeviceNotFound, TooManyDevices
from tests.racing import at_once


@pytest.fixture
def owner(volunteer):
    return volunteer()


def register(owner, name="phone"):
    return register_device(name, PhoneApp.OWNTRACKS, "wgs84", by=owner)


def test_the_device_is_known_by_its_secret_and_by_no_other(owner):
    made = register(owner)
    assert device_with(made.device.id, made.secret).person_id == owner.person_id
    for wrong in ("", made.secret[:-1], made.secret + "x", made.device.secret_hash):
        with pytest.raises(UnknownDevice):
            device_with(made.device.id, wrong)
    with pytest.raises(UnknownDevice):
        device_with("no-such", made.secret)


def test_the_secret_is_stored_nowhere(owner):
    made = register(owner)
    (row,) = collection(Device).find()
    assert made.secret not in str(row)
    assert len(made.secret) >= 32


def test_a_new_secret_ends_the_old_one(owner):
    made = register(owner)
    renewed = renew_secret(made.device.id, by=owner)
    assert device_with(made.device.id, renewed.secret)
    with pytest.raises(UnknownDevice):
        device_with(made.device.id, made.secret)


def test_a_revoked_device_is_known_no_more(owner):
    made = register(owner)
    revoke_device(made.device.id, by=owner)
    with pytest.raises(UnknownDevice):
        device_with(made.device.id, made.secret)
    with pytest.raises(DeviceNotFound):
        revoke_device(made.device.id, by=owner)
    assert devices_of(owner.person_id) == []


def test_nobody_reaches_somebody_elses_device(owner, volunteer):
    made, other = register(owner), volunteer()
    for act in (renew_secret, revoke_device):
        with pytest.raises(DeviceNotFound):
            act(made.device.id, by=other)
    assert device_with(made.device.id, made.secret)


def test_a_name_is_one_device_only(owner, volunteer):
    register(owner)
    with pytest.raises(DeviceNameTaken):
        register(owner)
    assert register(volunteer()).device.name == "phone"


def test_nobody_has_more_devices_than_they_may_even_in_a_race(owner):
    answers = at_once(MAX_DEVICES + 6, lambda number: register(owner, f"phone {number}"))
    assert sum(isinstance(answer, TooManyDevices) for answer in answers) == 6
    assert len(devices_of(owner.person_id)) == MAX_DEVICES
    revoke_device(devices_of(owner.person_id)[3].id, by=owner)
    assert register(owner, "in its place")
