"""Doubting certificates: those whose work was withdrawn are revoked by themselves, owners told.

Whose certificates to look at is noted on them before any is looked at, so nothing is lost by a
dead worker; what is decided is one guarded write, what is told follows it.
"""

from datetime import datetime, timedelta

from honours.certificates.certificate_facts import certified_kinds, still_stands
from honours.certificates.proving_certificates import work_standing
from honours.certificates.service_certificate import (
    CertificateState,
    RevokedBecause,
    ServiceCertificate,
)
from honours.count_mark import CountMark
from honours.recounting import LATE, WINDOW
from notices import tell
from shared.clock import real_now
from shared.codes import grouped
from shared.database import collection
from shared.sweeping import sweep_each
from tasks import people_settled_between

LOOKS = (("certificates", timedelta(0)), ("certificates_late", LATE))
MOST_PER_RUN = 500
BATCH = 1_000


def doubt_certificates() -> int:
    """Note on their certificates whose work had something settled since; how many people."""
    return sum(_look(name, real_now() - lag) for name, lag in LOOKS)


def _look(name: str, until: datetime) -> int:
    mark = collection(CountMark).find_one({"_id": name})
    after = mark["until"] if mark else until - WINDOW
    until = min(until, after + WINDOW)
    if until <= after:
        return 0
    person_ids = people_settled_between(after, until)
    for start in range(0, len(person_ids), BATCH):
        whose = {"person_id": {"$in": person_ids[start : start + BATCH]}}
        collection(ServiceCertificate).update_many(
            whose | {"state": CertificateState.VALID.value}, {"$set": {"doubted_at": real_now()}}
        )
    collection(CountMark).update_one({"_id": name}, {"$max": {"until": until}}, upsert=True)
    return len(person_ids)


def settle_doubts() -> int:
    """Look at the certificates that are doubted; how many were revoked."""
    doubted = {"doubted_at": {"$type": "date"}}
    found = collection(ServiceCertificate).find(doubted, {"_id": 1}).sort("doubted_at", 1)
    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], settle_doubt)


def settle_doubt(certificate_id: str) -> bool:
    """Revoke the certificate where its work does not stand any more; whether it was revoked now.

    Safe to repeat and to race.
    """
    found = ServiceCertificate.objects(id=certificate_id).first()
    if found is None or found.doubted_at is None:
        return False
    if still_stands(certified_kinds(found.facts), work_standing(found)):
        # Doubted again meanwhile, the doubt stays.
        collection(ServiceCertificate).update_one(
            {"_id": found.id, "doubted_at": found.doubted_at}, {"$unset": {"doubted_at": ""}}
        )
        return False
    revoked = {
        "state": CertificateState.REVOKED.value,
        "revoked_at": real_now(),
        "revoked_because": RevokedBecause.WORK_WITHDRAWN.value,
        "untold": True,
    }
    written = collection(ServiceCertificate).update_one(
        {"_id": found.id, "state": CertificateState.VALID.value},
        {"$set": revoked, "$unset": {"doubted_at": ""}},
    )
    if not written.modified_count:  # taken back by its owner meanwhile
        collection(ServiceCertificate).update_one({"_id": found.id}, {"$unset": {"doubted_at": ""}})
    return bool(written.modified_count)


def tell_revoked() -> int:
    """Tell the owners of certificates that were revoked by themselves; how many."""
    found = collection(ServiceCertificate).find({"untold": True}, {"_id": 1})
    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], tell_owner)


def tell_owner(certificate_id: str) -> bool:
    """Tell the owner that a certificate was revoked; False where that is done. Safe to repeat."""
    found = ServiceCertificate.objects(id=certificate_id).exclude("work_ids").first()
    if found is None or not found.untold:
        return False
    facts = {
        "number": grouped(found.number),
        "since": found.facts["since"],
        "until": found.facts["until"],
        "certificate_id": found.id,
    }
    tell(found.person_id, "service_certificate_revoked", facts, key=f"revoked:{found.id}")
    collection(ServiceCertificate).update_one({"_id": found.id}, {"$unset": {"untold": ""}})
    return True
