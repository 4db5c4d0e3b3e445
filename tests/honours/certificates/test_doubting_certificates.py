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
from honours.certificates import doubting_certificates
from honours.certificates.doubting_certificates import (
    WAIT,
    doubt_certificates,
    settle_doubt,
    settle_doubts,
    tell_revoked,
    valid_of,
)
from honours.certificates.held_certificates import own_certificates
from honours.jobs import PASSES
from notices.notice import Notice
from shared.clock import real_now
from shared.database import collection
from shared.ids import random_id
from tests.racing import at_once
from tests.worked import withdraw, work


@pytest.fixture
def world():
    return a_volunteer()


@pytest.fixture
def made(world):
    """A certificate that was looked at after its work was settled."""
    made = certified(world)
    doubt_certificates([world.who.person_id])
    assert settle_doubts() == 0
    return made


def doubt(world):
    return doubt_certificates([world.who.person_id])


def after_a_day(made):
    """Lets a day pass since the certificate was first seen to disagree."""
    found = ServiceCertificate.objects.get(id=made.id)
    if found.disagrees_since is not None:
        moments = {"disagrees_since": found.disagrees_since - WAIT, "look_again_at": real_now()}
        change(made, **moments)


def change(made, **fields):
    collection(ServiceCertificate).update_one({"_id": made.id}, {"$set": fields})


def sweep(world, made):
    """The first look, and the one of the day after."""
    doubt(world)
    assert settle_doubts() == 0
    after_a_day(made)
    revoked = settle_doubts()
    tell_revoked()
    return revoked


def told(who):
    found = Notice.objects(person_id=who.person_id).order_by("id")
    return [one.name for one in found if "certificate" in one.name]


def test_the_sweep_revokes_it_and_tells_its_owner_once(world, made):
    withdraw(world.done[1])
    assert sweep(world, made) == 1
    found = ServiceCertificate.objects.get(id=made.id)
    assert (found.state, found.revoked_because) == (
        CertificateState.REVOKED,
        RevokedBecause.WORK_WITHDRAWN,
    )
    assert (found.untold, found.doubted_at) == (None, None)
    assert sweep(world, made) == 0
    assert told(world.who) == ["service_certificate_revoked"]
    said = proven_certificate(made.id)
    assert (said.standing, said.facts, said.stands_now) == (CertificateStanding.REVOKED, None, None)


def test_put_right_within_a_day_it_is_never_revoked(world, made):
    withdraw(world.done[1])
    doubt(world)
    assert settle_doubts() == 0
    found = ServiceCertificate.objects.get(id=made.id)
    assert (found.state, found.disagrees_since is not None) == (CertificateState.VALID, True)
    assert proven_certificate(made.id).standing == CertificateStanding.NO_LONGER_AGREES
    assert settle_doubts() == 0  # not every ten seconds of the day
    assert ServiceCertificate.objects.get(id=made.id).look_again_at == found.look_again_at
    restore(world.done[1], {"state": "verified", "settled_at": real_now()})
    assert sweep(world, made) == 0
    assert proven_certificate(made.id).standing == CertificateStanding.GENUINE
    row = collection(ServiceCertificate).find_one({"_id": made.id})
    assert not {"doubted_at", "disagrees_since", "look_again_at"} & set(row)


def test_a_further_doubt_does_not_begin_the_day_anew(world, made):
    withdraw(world.done[1])
    doubt(world)
    settle_doubts()
    after_a_day(made)
    doubt(world)
    assert settle_doubts() == 1


def test_revoked_it_stays_so_though_the_work_is_verified_again(world, made):
    withdraw(world.done[1])
    sweep(world, made)
    from_appeal = {"state": "verified", "settled_at": real_now()}
    restore(world.done[1], from_appeal)
    assert sweep(world, made) == 0
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
    assert sweep(world, made) == 0
    assert proven_certificate(made.id).standing == CertificateStanding.GENUINE
    assert told(world.who) == []


def test_work_corrected_downwards_revokes_and_upwards_does_not(world, made):
    restore(world.done[0], {"worked_s": 9_000, "settled_at": real_now()})
    assert sweep(world, made) == 0
    restore(world.done[0], {"worked_s": 7_199, "settled_at": real_now()})
    assert sweep(world, made) == 1


def test_a_sweep_that_died_before_telling_tells_later(world, made):
    withdraw(world.done[0])
    doubt(world)
    settle_doubts()
    after_a_day(made)
    settle_doubts()
    assert told(world.who) == []
    assert tell_revoked() == 1
    assert tell_revoked() == 0
    assert told(world.who) == ["service_certificate_revoked"]


def test_sweeps_that_race_revoke_once_and_tell_once(world, made):
    withdraw(world.done[0])
    doubt(world)
    settle_doubts()
    after_a_day(made)
    done = at_once(6, lambda _: (settle_doubt(made.id), tell_revoked())[0])
    assert sorted(done) == [False] * 5 + [True]
    tell_revoked()
    assert told(world.who) == ["service_certificate_revoked"]


def test_its_owner_and_the_sweep_at_once_leave_one_reason(world, made):
    withdraw(world.done[0])
    doubt(world)
    settle_doubts()
    after_a_day(made)
    at_once(
        2,
        lambda n: settle_doubt(made.id) if n else take_back_certificate(made.id, by=world.who),
    )
    found = ServiceCertificate.objects.get(id=made.id)
    assert found.state == CertificateState.REVOKED
    assert found.doubted_at is None
    # Whoever came first, the owner's wish comes before.
    assert (found.revoked_because, found.untold) == (RevokedBecause.OWNER_WISH, None)
    (listed,) = own_certificates(by=world.who).items
    assert listed.revoked_because == found.revoked_because


def test_one_revoked_by_itself_is_taken_back_by_its_owner_all_the_same(world, made):
    withdraw(world.done[0])
    sweep(world, made)
    before = ServiceCertificate.objects.get(id=made.id)
    taken = take_back_certificate(made.id, by=world.who)
    assert (taken.revoked_because, taken.revoked_at) == (
        RevokedBecause.OWNER_WISH,
        before.revoked_at,
    )
    assert take_back_certificate(made.id, by=world.who) == taken


def test_the_passes_run_in_the_honours_sweep():
    names = [act.__name__ for _, act in PASSES]
    assert names.index("note_settled") < names.index("settle_doubts")
    assert names.index("settle_doubts") < names.index("tell_revoked")


def test_what_cannot_be_looked_at_holds_up_nobody(world, made, monkeypatch):
    other = certified(world, key="certificate-0002")
    broken = made.facts | {"kinds": "x"}
    change(made, facts=broken)
    monkeypatch.setattr(doubting_certificates, "MOST_PER_RUN", 1)
    doubt(world)
    for _ in range(2):  # one of them fails, in whichever order they come
        settle_doubts()
    assert ServiceCertificate.objects.get(id=other.id).doubted_at is None
    assert ServiceCertificate.objects.get(id=made.id).look_again_at > real_now()


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (doubting_certificates.doubted_now, "doubted"),
        (doubting_certificates.untold_now, "untold"),
        # Two indexes begin with the person, and either will do.
        (lambda: valid_of([random_id() for _ in range(3)]), ""),
    ],
)
def test_what_the_sweep_asks_for_is_found_by_an_index(world, made, asked, index):
    rows = collection(ServiceCertificate).find(asked(), {"_id": 1}).limit(5)
    plan = rows.explain()
    assert f"'indexName': '{index}" in str(plan["queryPlanner"]["winningPlan"])
    assert plan["executionStats"]["totalDocsExamined"] == 0
