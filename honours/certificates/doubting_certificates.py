"""Doubting certificates: those whose work was withdrawn are revoked by themselves, owners told.

Whose certificates to look at is noted on them before any is looked at, so nothing is lost by a
dead worker; what is decided is one guarded write, what is told follows it. Between the first look
that disagrees and the revocation lies a day, for a verdict can be put right on appeal.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from honours.certificates.certificate_facts import certified_kinds, still_stands
from honours.certificates.proving_certificates import work_standing
from honours.certificates.service_certificate import (
    CertificateState,
    RevokedBecause,
    ServiceCertificate,
)
from notices import tell
from shared.clock import real_now
from shared.codes import grouped
from shared.database import collection
from shared.sweeping import sweep_each

MOST_PER_RUN = 500
BATCH = 1_000
# So long a certificate may disagree before it is revoked for good.
WAIT = timedelta(days=1)
LOOK_AGAIN = timedelta(minutes=1)


def doubt_certificates(person_ids: Sequence[str]) -> int:
    """Note on these people's certificates that something of theirs was settled; how many."""
    noted = 0
    for start in range(0, len(person_ids), BATCH):
        noted += (
            collection(ServiceCertificate)
            .update_many(
                valid_of(person_ids[start : start + BATCH]),
                {"$set": {"doubted_at": real_now()}, "$unset": {"look_again_at": ""}},
            )
            .modified_count
        )
    return noted


def settle_doubts() -> int:
    """Look at the certificates that are doubted; how many were revoked."""
    return _sweep(doubted_now(), settle_doubt)


def tell_revoked() -> int:
    """Tell the owners of certificates that were revoked by themselves; how many."""
    return _sweep(untold_now(), tell_owner)


def valid_of(person_ids: Sequence[str]) -> dict[str, Any]:
    """What is asked for to doubt: the certificates of these people that are not revoked."""
    return {"person_id": {"$in": list(person_ids)}, "state": CertificateState.VALID.value}


def doubted_now() -> dict[str, Any]:
    """What the sweep asks for: doubted, and its turn has come."""
    return {"doubted_at": {"$type": "date"}, "look_again_at": {"$not": {"$gt": real_now()}}}


def untold_now() -> dict[str, Any]:
    """What the sweep asks for: revoked and untold, and its turn has come."""
    return {"untold": True, "look_again_at": {"$not": {"$gt": real_now()}}}


def _sweep(due: dict[str, Any], act: Callable[[str], bool]) -> int:
    """Those that failed before come last, so that they hold up nobody."""
    found = collection(ServiceCertificate).find(due, {"_id": 1}).sort("look_again_at", 1)

    def act_or_later(certificate_id: str) -> bool:
        try:
            return act(certificate_id)
        except Exception:
            again = {"look_again_at": real_now() + LOOK_AGAIN}
            collection(ServiceCertificate).update_one({"_id": certificate_id}, {"$set": again})
            raise

    return sweep_each([row["_id"] for row in found.limit(MOST_PER_RUN)], act_or_later)


def settle_doubt(certificate_id: str) -> bool:
    """Revoke the certificate where its work does not stand since a day; whether it was revoked.

    Safe to repeat and to race.
    """
    found = ServiceCertificate.objects(id=certificate_id).first()
    if found is None or found.doubted_at is None:
        return False
    moment = real_now()
    since = found.disagrees_since or moment
    if still_stands(certified_kinds(found.facts), work_standing(found)):
        _write(found, {"$unset": _NOTED})
    elif moment < since + WAIT:
        _write(found, {"$set": {"disagrees_since": since, "look_again_at": since + WAIT}})
    else:
        revoked = {
            "state": CertificateState.REVOKED.value,
            "revoked_at": moment,
            "revoked_because": RevokedBecause.WORK_WITHDRAWN.value,
            "untold": True,
        }
        return _write(found, {"$set": revoked, "$unset": _NOTED})
    return False


_NOTED = dict.fromkeys(("doubted_at", "disagrees_since", "look_again_at"), "")


def _write(seen: ServiceCertificate, change: dict[str, Any]) -> bool:
    """Write where nothing came between: doubted again, or taken back, it is looked at again."""
    guard = {"doubted_at": seen.doubted_at, "state": CertificateState.VALID.value}
    done = collection(ServiceCertificate).update_one({"_id": seen.id, **guard}, change)
    return bool(done.modified_count)


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
