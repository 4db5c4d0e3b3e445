"""Certificates whose work was withdrawn are revoked by the sweep, once, and their owners told."""

from datetime import timedelta

import pytest
from certificate_world import a_volunteer, certified, march

from honours import (
    CertificateStanding,
    CertificateState,
    RevokedBecause,
    ServiceCertificate,
    proven_certificate,
    take_back_certificate,
)
from honours.certificates.doubting_certificates import (
    doubt_certificates,
    settle_doubt,
    settle_doubts,
    tell_revoked,
)
from honours.certificates.held_certificates import own_certificates
from honours.jobs import PASSES
from notices.notice import Notice
from shared.clock import real_now
from tests.racing import at_once
from tests.worked import withdraw, work


@pytest.fixture
def world():
    return a_volunteer()


@pytest.fixture
def made(world):
    """A certificate that was looked at after its work was settled."""
    made = certified(world)
    doubt_certificates()
    assert settle_doubts() == 0
    return made


def sweep():
    doubt_certificates()
    revoked = settle_doubts()
    tell_revoked()
    return revoked


def told(who):
    found = Notice.objects(person_id=who.person_id).order_by("id")
    return [one.name for one in found if "certificate" in one.name]


def test_the_sweep_revokes_it_and_tells_its_owner_once(world, made):
    withdraw(world.done[1])
    assert sweep() == 1
    found = ServiceCertificate.objects.get(id=made.id)
    assert (found.state, found.revoked_because) == (
        CertificateState.REVOKED,
        RevokedBecause.WORK_WITHDRAWN,
    )
    assert (found.untold, found.doubted_at) == (None, None)
    assert sweep() == 0
    assert told(world.who) == ["service_certificate_revoked"]
    said = proven_certificate(made.id)
    assert (said.standing, said.total_now.participations) == (CertificateStanding.REVOKED, 2)
    assert said.facts["participations"] == 3


def test_revoked_it_stays_so_though_the_work_is_verified_again(world, made):
    withdraw(world.done[1])
    sweep()
    from_appeal = {"state": "verified", "settled_at": real_now()}
    restore(world.done[1], from_appeal)
    assert sweep() == 0
    assert proven_certificate(made.id).standing == CertificateStanding.REVOKED
    assert certified(world, key="certificate-0002").facts["participations"] == 3


def restore(participation_id, fields):
    from_database().update_one({"_id": participation_id}, {"$set": fields})


def from_database():
    from_room = ServiceCertificate._get_collection().database
    return from_room["participations"]


def test_what_does_not_touch_its_work_leaves_it_valid(world, made):
    outside = work(world.who, world.town.street, starts_at=march(20) - timedelta(days=365))
    work(world.who, world.town.street, starts_at=march(20))
    withdraw(outside)
    assert sweep() == 0
    assert proven_certificate(made.id).standing == CertificateStanding.GENUINE
    assert told(world.who) == []


def test_work_corrected_downwards_revokes_and_upwards_does_not(world, made):
    restore(world.done[0], {"worked_s": 9_000, "settled_at": real_now()})
    assert sweep() == 0
    restore(world.done[0], {"worked_s": 7_199, "settled_at": real_now()})
    assert sweep() == 1


def test_a_sweep_that_died_before_telling_tells_later(world, made):
    withdraw(world.done[0])
    doubt_certificates()
    settle_doubts()
    assert told(world.who) == []
    assert tell_revoked() == 1
    assert tell_revoked() == 0
    assert told(world.who) == ["service_certificate_revoked"]


def test_sweeps_that_race_revoke_once_and_tell_once(world, made):
    withdraw(world.done[0])
    doubt_certificates()
    done = at_once(6, lambda _: (settle_doubt(made.id), tell_revoked())[0])
    assert sorted(done) == [False] * 5 + [True]
    tell_revoked()
    assert told(world.who) == ["service_certificate_revoked"]


def test_its_owner_and_the_sweep_at_once_leave_one_reason(world, made):
    withdraw(world.done[0])
    doubt_certificates()
    at_once(
        2,
        lambda n: settle_doubt(made.id) if n else take_back_certificate(made.id, by=world.who),
    )
    found = ServiceCertificate.objects.get(id=made.id)
    assert found.state == CertificateState.REVOKED
    assert found.doubted_at is None
    is_told = found.revoked_because == RevokedBecause.WORK_WITHDRAWN
    assert bool(found.untold) == is_told
    (listed,) = own_certificates(by=world.who).items
    assert listed.revoked_because == found.revoked_because


def test_the_passes_run_in_the_honours_sweep():
    names = [act.__name__ for _, act in PASSES]
    assert names.index("doubt_certificates") < names.index("settle_doubts")
    assert names.index("settle_doubts") < names.index("tell_revoked")
