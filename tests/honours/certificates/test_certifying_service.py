"""Certifying service: verified work alone, once for each key, to people with a known name."""

from datetime import UTC, date, datetime, timedelta

import pytest
from certificate_world import NAME, SINCE, UNTIL, a_volunteer, certified, march

from fixtures.factories import a_resident
from honours import ServiceCertificate, own_certificate
from honours.certificates.certificate_facts import name_hash, signed_bytes, work_hash
from honours.certificates.certifying_service import (
    CertificateKeyUsed,
    KindsInvalid,
    NothingToCertify,
    SpanInvalid,
)
from people import RealNameMissing
from shared.clock import now
from shared.codes import grouped, parse
from shared.errors import TooMany
from shared.signing_keys import current_signing_key, is_signed
from tests.racing import at_once
from tests.worked import withdraw, work


@pytest.fixture
def world():
    return a_volunteer()


def test_a_certificate_states_the_verified_work_of_its_days_kind_by_kind(world):
    facts = certified(world).facts
    assert (facts["participations"], facts["seconds"], facts["metres"]) == (3, 15_300, 6_100)
    assert [one["kind"] for one in facts["kinds"]] == ["care_visit", "patrol"]
    patrol = facts["kinds"][1]
    assert (patrol["participations"], patrol["seconds"], patrol["metres"]) == (2, 12_600, 6_100)
    assert (facts["since"], facts["until"]) == ("2026-01-01", "2026-06-30")
    assert facts["issuer"] == {"en": "Fuzhou", "zh-CN": "福州市"}


def test_what_is_not_verified_or_another_s_or_on_duty_or_outside_is_not_counted(world):
    work(world.who, world.town.street, starts_at=march(5), state="refused")
    work(world.who, world.town.street, starts_at=march(6), on_duty=True)
    work(a_resident(), world.town.street, starts_at=march(7))
    work(world.who, world.town.street, starts_at=datetime(2026, 7, 1, 0, tzinfo=UTC))
    withdraw(world.done[2])
    assert certified(world).facts["participations"] == 2


def test_days_are_those_of_the_business_time_zone_both_included(world):
    street = world.town.street
    # In Shanghai the first of January begins at 16:00 UTC of the day before.
    inside = work(world.who, street, starts_at=datetime(2025, 12, 31, 16, tzinfo=UTC))
    work(world.who, street, starts_at=datetime(2025, 12, 31, 15, 59, tzinfo=UTC))
    last = work(world.who, street, starts_at=datetime(2026, 6, 30, 15, 59, tzinfo=UTC))
    work(world.who, street, starts_at=datetime(2026, 6, 30, 16, tzinfo=UTC))
    assert set(certified(world).work_ids) == {*world.done, inside, last}


def test_only_the_kinds_that_were_asked_for_are_certified(world):
    facts = certified(world, kinds=["care_visit", "care_visit"]).facts
    assert (facts["only_kinds"], facts["participations"]) == (["care_visit"], 1)


def test_the_signature_is_over_the_facts_and_they_are_bound_to_work_and_name(world):
    made = certified(world)
    stored = ServiceCertificate.objects.get(id=made.id)
    public = current_signing_key("certificates").public
    assert is_signed(signed_bytes(stored.facts), stored.signature, public)
    assert stored.facts["work_hash"] == work_hash(sorted(world.done))
    own = own_certificate(made.id, by=world.who)
    assert own.real_name == NAME
    assert stored.facts["name_hash"] == name_hash(NAME, own.name_key)
    assert stored.facts["holder"] == "示***"
    assert parse(own.number) == stored.number
    assert grouped(stored.number) == stored.facts["number"]


def test_the_name_lies_sealed_in_the_database(world):
    made = certified(world)
    row = ServiceCertificate._get_collection().find_one({"_id": made.id})
    assert NAME not in repr(row)
    assert world.who.person_id not in repr(row["facts"])


def test_the_same_key_answers_the_same_certificate_and_another_wish_is_refused(world):
    first = certified(world)
    withdraw(world.done[0])
    assert certified(world).id == first.id
    with pytest.raises(CertificateKeyUsed):
        certified(world, kinds=["patrol"])
    assert ServiceCertificate.objects.count() == 1
    assert certified(world, key="certificate-0002").number != first.number


def test_wishes_under_one_key_that_race_make_one_certificate(world):
    made = at_once(8, lambda _: certified(world))
    assert {getattr(one, "id", one) for one in made} == {ServiceCertificate.objects.get().id}


@pytest.mark.parametrize(
    "days",
    [
        (UNTIL, SINCE),
        (date(1969, 12, 31), UNTIL),
        (date(1970, 1, 1), date(2021, 1, 1)),
        (date(9999, 12, 31), date(9999, 12, 31)),
    ],
)
def test_odd_days_are_refused(world, days):
    with pytest.raises(SpanInvalid):
        certified(world, since=days[0], until=days[1])


def test_tomorrow_cannot_be_certified_and_today_can(world):
    work(world.who, world.town.street, starts_at=now() - timedelta(minutes=1))
    there = (now() + timedelta(hours=8)).date()
    with pytest.raises(SpanInvalid):
        certified(world, until=there + timedelta(days=1))
    assert certified(world, until=there).facts["participations"] == 4


def test_no_work_no_name_no_certificate(world):
    with pytest.raises(NothingToCertify):
        certified(world, kinds=["drill"])
    with pytest.raises(KindsInvalid):
        certified(world, kinds=[f"kind_{number}" for number in range(51)])
    world.who = a_resident(real_name=False)
    with pytest.raises(RealNameMissing):
        certified(world)
    assert ServiceCertificate.objects.count() == 0


def test_twenty_a_day_are_enough(world):
    for number in range(20):
        certified(world, key=f"certificate-{number:04}")
    with pytest.raises(TooMany):
        certified(world, key="certificate-0020")
    assert certified(world, key="certificate-0019").id  # a repeat is no further one
