"""One's own certificates of service: the list, the full one to print, taking one back."""

from datetime import datetime
from typing import Any, NamedTuple

from honours.certificates.proving_certificates import (
    CertificateNotFound,
    CertificateStanding,
    proven_certificate,
)
from honours.certificates.service_certificate import (
    CertificateState,
    RevokedBecause,
    ServiceCertificate,
)
from people import Actor
from shared.clock import real_now
from shared.codes import grouped
from shared.cursors import from_cursor, moment_of_cursor, to_cursor
from shared.database import collection
from shared.sealing import unseal

MOST_ON_A_PAGE = 100


class OwnCertificate(NamedTuple):
    """A certificate as its owner sees it: the name in full, with the key that proves it."""

    id: str
    number: str
    state: CertificateState
    facts: dict[str, Any]
    signature: str
    real_name: str
    name_key: str
    issued_at: datetime
    revoked_at: datetime | None
    revoked_because: RevokedBecause | None


class OwnCertificatePage(NamedTuple):
    """One's certificates, newest first; where the list goes on."""

    items: list[OwnCertificate]
    next_cursor: str | None


def own_certificate(certificate_id: str, *, by: Actor) -> OwnCertificate:
    """The caller's own certificate. Raises CertificateNotFound."""
    return _shown(_own(certificate_id, by))


def certificate_to_print(
    certificate_id: str, *, by: Actor
) -> tuple[OwnCertificate, CertificateStanding]:
    """The caller's own certificate, and how it stands at this moment.

    Raises CertificateNotFound.
    """
    found = _own(certificate_id, by)
    return _shown(found), proven_certificate(found.id).standing


def own_certificates(
    *, by: Actor, limit: int = 20, cursor: str | None = None
) -> OwnCertificatePage:
    """The caller's certificates, newest first, revoked ones too. Raises BadCursor."""
    wanted: dict[str, Any] = {"person_id": by.person_id}
    if cursor:
        at_ms, last_id = from_cursor(cursor, int, str)
        at = moment_of_cursor(at_ms)
        wanted["$or"] = [{"issued_at": {"$lt": at}}, {"issued_at": at, "_id": {"$lt": last_id}}]
    most = max(1, min(limit, MOST_ON_A_PAGE))
    found = ServiceCertificate.objects(__raw__=wanted).exclude("work_ids")
    rows = list(found.order_by("-issued_at", "-id").limit(most + 1))
    shown = [_shown(one) for one in rows[:most]]
    more = len(rows) > most
    last = rows[most - 1] if more else None
    return OwnCertificatePage(shown, to_cursor(_ms(last.issued_at), last.id) if last else None)


def take_back_certificate(certificate_id: str, *, by: Actor) -> OwnCertificate:
    """Revoke one's own certificate: from then on strangers are told that alone.

    The owner's wish comes before any other reason; one revoked otherwise keeps the time of that.
    Repeating it changes nothing. Raises CertificateNotFound.
    """
    _own(certificate_id, by)
    wish = RevokedBecause.OWNER_WISH.value
    revoked = {
        "state": CertificateState.REVOKED.value,
        "revoked_at": {"$ifNull": ["$revoked_at", real_now()]},
        "revoked_because": wish,
    }
    collection(ServiceCertificate).update_one(
        {"_id": certificate_id, "revoked_because": {"$ne": wish}},
        [{"$set": revoked}, {"$unset": ["doubted_at", "disagrees_since", "untold"]}],
    )
    return _shown(_own(certificate_id, by))


def _own(certificate_id: str, by: Actor) -> ServiceCertificate:
    found: ServiceCertificate | None = ServiceCertificate.objects(
        id=certificate_id, person_id=by.person_id
    ).first()
    if found is None:
        raise CertificateNotFound
    return found


def _shown(found: ServiceCertificate) -> OwnCertificate:
    return OwnCertificate(
        found.id,
        grouped(found.number),
        found.state,
        found.facts,
        found.signature,
        unseal(found.name_sealed, bound_to=found.seal_place("name")),
        grouped(unseal(found.name_key_sealed, bound_to=found.seal_place("name_key"))),
        found.issued_at,
        found.revoked_at,
        found.revoked_because,
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
