"""Proving certificates: the live truth of each, tampering of any signed field, keys that rotate."""

import pytest
from certificate_world import NAME, a_volunteer, certified, march

from honours import (
    CertificateNotFound,
    CertificateStanding,
    ServiceCertificate,
    certificate_keys,
    is_name_of,
    own_certificate,
    proven_certificate,
    take_back_certificate,
)
from shared import signing_keys
from shared.database import collection
from shared.ids import random_id
from shared.sealing import Keyring, keyring
from tests.worked import withdraw, work

SIGNED = (
    "document",
    "number",
    "address",
    "issuer",
    "holder",
    "name_hash",
    "since",
    "until",
    "time_zone",
    "only_kinds",
    "participations",
    "seconds",
    "metres",
    "kinds",
    "work_hash",
    "issued_at",
    "key_id",
)


@pytest.fixture
def world():
    return a_volunteer()


@pytest.fixture
def made(world):
    return certified(world)


def change(made, **fields):
    collection(ServiceCertificate).update_one({"_id": made.id}, {"$set": fields})


def test_a_certificate_is_genuine_by_its_id_and_by_its_number_however_typed(made):
    said = proven_certificate(made.id)
    assert said.standing == CertificateStanding.GENUINE
    assert (said.facts, said.signature) == (made.facts, made.signature)
    typed = f" {said.number.lower().replace('-', ' ')} "
    assert proven_certificate(typed) == proven_certificate(said.number) == said
    assert said.total_now.seconds == 15_300


def test_more_work_later_takes_nothing_from_it(world, made):
    work(world.who, world.town.street, starts_at=march(9))
    said = proven_certificate(made.id)
    assert (said.standing, said.total_now.participations) == (CertificateStanding.GENUINE, 3)


def test_work_withdrawn_since_shows_at_once_with_what_stands(world, made):
    withdraw(world.done[0])
    said = proven_certificate(made.id)
    assert said.standing == CertificateStanding.NO_LONGER_AGREES
    assert said.facts["participations"] == 3
    assert said.stands_now["patrol"] == (1, 5_400, 2_900)
    assert said.total_now == (2, 8_100, 2_900)


def test_with_all_work_withdrawn_nothing_stands(world, made):
    for one in world.done:
        withdraw(one)
    said = proven_certificate(made.id)
    assert said.standing == CertificateStanding.NO_LONGER_AGREES
    assert (said.stands_now, said.total_now) == ({}, (0, 0, 0))


def test_taken_back_it_says_so_and_nothing_else(world, made):
    take_back_certificate(made.id, by=world.who)
    said = proven_certificate(made.id)
    assert (said.standing, said.facts, said.signature, said.stands_now) == (
        CertificateStanding.REVOKED,
        *[None] * 3,
    )
    assert said.revoked_at is not None


def test_the_whole_name_is_compared_by_the_name_key_of_the_paper(world, made):
    own = own_certificate(made.id, by=world.who)
    typed = f" {own.name_key.lower().replace('-', ' ')} "
    assert is_name_of(own.number, name=f" {NAME} ", name_key=typed)
    # 示例居民 and 示例老人 are 示*** both: what the mask shows fits each.
    for name, name_key in [("示例老人", typed), (NAME, own.number), (NAME, "x"), ("", "")]:
        assert not is_name_of(made.id, name=name, name_key=name_key)


def test_of_what_is_revoked_or_not_proven_no_name_is_told(world, made):
    typed = {"name": NAME, "name_key": own_certificate(made.id, by=world.who).name_key}
    change(made, **{"facts.extra": 1})
    with pytest.raises(CertificateNotFound):
        is_name_of(made.id, **typed)
    other = certified(world, key="certificate-0002")
    take_back_certificate(other.id, by=world.who)
    with pytest.raises(CertificateNotFound):
        is_name_of(other.id, **typed)


@pytest.mark.parametrize("field", SIGNED)
def test_whatever_signed_field_is_altered_or_lost_nothing_is_proven(made, field):
    assert set(made.facts) == set(SIGNED)
    was = made.facts[field]
    other = was + 1 if isinstance(was, int) else [*was, "x"] if isinstance(was, list) else "9"
    change(made, **{f"facts.{field}": other})
    assert (
        proven_certificate(made.id)
        == (made_number(made), CertificateStanding.UNPROVEN) + (None,) * 4
    )
    collection(ServiceCertificate).update_one({"_id": made.id}, {"$unset": {f"facts.{field}": ""}})
    assert proven_certificate(made.id).standing == CertificateStanding.UNPROVEN


def made_number(made):
    return made.facts["number"]


@pytest.mark.parametrize("figure", ["participations", "seconds", "metres", "kind", "name"])
def test_a_figure_of_one_kind_cannot_be_altered_either(made, figure):
    was = made.facts["kinds"][0][figure]
    change(made, **{f"facts.kinds.0.{figure}": was + 1 if isinstance(was, int) else "other"})
    assert proven_certificate(made.id).standing == CertificateStanding.UNPROVEN


def test_facts_beside_those_signed_are_not_let_through(made):
    change(made, **{"facts.extra": 1})
    assert proven_certificate(made.id).standing == CertificateStanding.UNPROVEN


def test_facts_and_signature_of_one_certificate_prove_no_other(world, made):
    other = certified(world, key="certificate-0002")
    change(made, facts=other.facts, signature=other.signature)
    assert proven_certificate(made.id).standing == CertificateStanding.UNPROVEN


def test_the_list_of_work_is_bound_to_the_signature(world, made):
    change(made, work_ids=world.done[:2])
    withdraw(world.done[2])
    assert proven_certificate(made.id).standing == CertificateStanding.UNPROVEN


@pytest.mark.parametrize("signature", ["", "no hex", "00" * 64])
def test_another_signature_proves_nothing(made, signature):
    change(made, signature=signature)
    assert proven_certificate(made.id).standing == CertificateStanding.UNPROVEN


def test_certificates_outlive_a_rotation_while_the_old_key_is_held(world, made, monkeypatch):
    ring = keyring("certificates")
    (before,) = certificate_keys()
    rotated = Keyring("k9", {**ring.keys, "k9": bytes(range(32))})
    monkeypatch.setattr(signing_keys, "keyring", lambda _: rotated)
    newer = certified(world, key="certificate-0002")
    assert [one.key_id for one in certificate_keys()] == [before.key_id, newer.key_id]
    assert {proven_certificate(one.id).standing for one in (made, newer)} == {
        CertificateStanding.GENUINE
    }
    monkeypatch.setattr(
        signing_keys, "keyring", lambda _: Keyring("k9", {"k9": rotated.keys["k9"]})
    )
    assert proven_certificate(made.id).standing == CertificateStanding.UNPROVEN
    assert proven_certificate(newer.id).standing == CertificateStanding.GENUINE


def test_another_key_under_the_same_name_proves_nothing(made, monkeypatch):
    name = keyring("certificates").current
    monkeypatch.setattr(signing_keys, "keyring", lambda _: Keyring(name, {name: bytes(32)}))
    assert proven_certificate(made.id).standing == CertificateStanding.UNPROVEN


@pytest.mark.parametrize("named", ["", "0", "ABC", "x" * 500, "000-000-000-000-000-001", "林"])
def test_what_names_no_certificate_is_not_found(made, named):
    for one in (named, random_id(), made.person_id):
        with pytest.raises(CertificateNotFound):
            proven_certificate(one)
