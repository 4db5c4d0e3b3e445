"""The judge waits for a phone that sent by itself, for as long as its queue takes to drain."""

from datetime import timedelta

import pytest
from phones import send, walker

from shared.clock import real_now
from tasks import (
    Participation,
    finish_participation,
    register_device,
    revoke_device,
    store_positions,
)
from tasks.devices.device import PhoneApp
from tasks.devices.packing import pack_inbox_of
from tasks.devices.waiting import waits_for_phone


@pytest.fixture
def walking(published, volunteer):
    return walker(published(), volunteer())


def finished(who):
    finish_participation(who.walk.id, by=who.actor)
    return Participation.objects(id=who.walk.id).get()


def test_it_waits_ninety_seconds_for_a_phone_that_sent(walking):
    send(walking, 0)
    found = finished(walking)
    wanted = found.finish_received_at + timedelta(seconds=90)
    assert waits_for_phone(found) == wanted
    pack_inbox_of(walking.actor.person_id)
    assert waits_for_phone(found) == wanted


def test_it_waits_no_longer_than_that(walking):
    send(walking, 0)
    found = finished(walking)
    found.finish_received_at = real_now() - timedelta(seconds=90)
    assert waits_for_phone(found) is None


def test_it_waits_for_nobody_else(walking, published, volunteer):
    assert waits_for_phone(walking.walk) is None  # not finished
    assert waits_for_phone(finished(walking)) is None  # the phone sent nothing of this walk
    other = walker(published(), volunteer())
    send(other, 0)
    revoke_device(other.device.id, by=other.actor)
    assert waits_for_phone(finished(other)) is None


def test_an_upload_by_the_app_of_the_walk_is_no_phone_that_sends_by_itself(walking):
    register_device("second", PhoneApp.OTHER, "wgs84", by=walking.actor)
    batch = [{"at": walking.walk.started_at.isoformat(), "lat": 26.09, "lon": 119.29}]
    store_positions(
        walking.walk.id, "u1", "wgs84", batch, by=walking.actor, device="an installation"
    )
    assert waits_for_phone(finished(walking)) is None
