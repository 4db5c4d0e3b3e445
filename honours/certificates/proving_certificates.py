"""Proving certificates of service: what anybody is told of one, and the public keys."""

from enum import StrEnum
from hmac import compare_digest
from typing import Any, NamedTuple

from honours.certificates.certificate_facts import (
    Figures,
    certified_kinds,
    figures_by_kind,
    name_hash,
    signed_bytes,
    still_stands,
    total_of,
    work_hash,
)
from honours.certificates.certifying_service import PURPOSE, key_id_of
from honours.certificates.service_certificate import CertificateState, ServiceCertificate
from shared.codes import CodeMistyped, grouped, parse
from shared.errors import NotFound
from shared.i18n import Text
from shared.ids import ID_PATTERN
from shared.signing_keys import is_signed, signing_keys
from tasks import verified_work


class CertificateNotFound(NotFound):
    """Raised when there is no such certificate, or none that the caller may see."""

    message = Text("There is no such certificate.", "未找到该证明，请核对编号。")


class CertificateStanding(StrEnum):
    """What is true of a certificate at this moment.

    UNPROVEN where what is kept is not what was signed, or the signing key is held no more.
    """

    GENUINE = "genuine"
    NO_LONGER_AGREES = "no_longer_agrees"
    REVOKED = "revoked"
    UNPROVEN = "unproven"


class CertificateKey(NamedTuple):
    """A public key by which certificates are checked, 64 hex digits."""

    key_id: str
    public_key: str
    algorithm: str = "Ed25519"


class ProvenCertificate(NamedTuple):
    """What anybody may know of a certificate: the name masked, never whose account it is.

    Revoked, for whatever reason, it says that and when, no more. `facts` and `signature` are as
    signed; `stands_now` is what of the certified work is verified at this moment, by kind.
    """

    number: str
    standing: CertificateStanding
    facts: dict[str, Any] | None = None
    signature: str | None = None
    stands_now: dict[str, Figures] | None = None
    revoked_at: Any = None

    @property
    def total_now(self) -> Figures | None:
        """What stands now of all kinds together."""
        return None if self.stands_now is None else total_of(self.stands_now)


def proven_certificate(named: str) -> ProvenCertificate:
    """What anybody is told of the certificate with this id or number. Raises CertificateNotFound.

    Read at this moment: work that was withdrawn a second ago no longer stands.
    """
    found = certificate_named(named)
    number = grouped(found.number)
    if found.state == CertificateState.REVOKED:
        return ProvenCertificate(number, CertificateStanding.REVOKED, revoked_at=found.revoked_at)
    if not is_as_signed(found):
        return ProvenCertificate(number, CertificateStanding.UNPROVEN)
    now = work_standing(found)
    agrees = still_stands(certified_kinds(found.facts), now)
    standing = CertificateStanding.GENUINE if agrees else CertificateStanding.NO_LONGER_AGREES
    return ProvenCertificate(number, standing, found.facts, found.signature, now)


def is_name_of(named: str, *, name: str, name_key: str) -> bool:
    """Whether this is the whole name on the certificate, by the name key that stands on the paper.

    Raises CertificateNotFound, also where the certificate is revoked or not proven.
    """
    found = certificate_named(named)
    if found.state == CertificateState.REVOKED or not is_as_signed(found):
        raise CertificateNotFound
    try:
        letters = parse(name_key)
    except CodeMistyped:
        return False
    return compare_digest(name_hash(name.strip(), letters), found.facts["name_hash"])


def certificate_named(named: str) -> ServiceCertificate:
    """The certificate with this id, or this number however it is typed.

    Raises CertificateNotFound.
    """
    wanted = {"id": named} if ID_PATTERN.fullmatch(named) else {"number": _number(named)}
    found: ServiceCertificate | None = ServiceCertificate.objects(**wanted).first()
    if found is None:
        raise CertificateNotFound
    return found


def _number(typed: str) -> str:
    try:
        return parse(typed)
    except CodeMistyped:
        raise CertificateNotFound from None


def is_as_signed(found: ServiceCertificate) -> bool:
    """Whether facts and list of work are those that were signed, by a key that is still held."""
    facts = found.facts
    public = {one.key_id: bytes.fromhex(one.public_key) for one in certificate_keys()}
    return (
        facts.get("key_id") in public
        and is_signed(signed_bytes(facts), found.signature, public[facts["key_id"]])
        and facts["number"] == grouped(found.number)
        and facts["work_hash"] == work_hash(found.work_ids)
    )


def work_standing(found: ServiceCertificate) -> dict[str, Figures]:
    """What of the certified participations is verified now, by kind."""
    certified = frozenset(found.work_ids)
    work = verified_work(since=found.since, until=found.until, person_id=found.person_id)
    return figures_by_kind(one for one in work if one.participation_id in certified)


def certificate_keys() -> list[CertificateKey]:
    """The public half of every key still held, for certificates signed before a rotation too."""
    held = signing_keys(PURPOSE).values()
    return [CertificateKey(key_id_of(key), key.public.hex()) for key in held]
