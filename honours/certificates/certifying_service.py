"""Certifying service: an immutable, signed certificate of one's own verified work in a span."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from honours.certificates.certificate_facts import (
    DOCUMENT,
    Figures,
    figures_by_kind,
    name_hash,
    signed_bytes,
    total_of,
    work_hash,
)
from honours.certificates.service_certificate import ServiceCertificate
from people import Actor, count_attempt, masked_name, own_name_of, root_unit_id, unit_of
from settings import settings
from shared.canonical import moment_text, plain_text
from shared.clock import now, real_now
from shared.codes import SECRET_BYTES, code_from, grouped
from shared.database import collection, confirmed
from shared.errors import Conflict, Invalid, Refused
from shared.i18n import Text
from shared.ids import random_id
from shared.sealing import seal
from shared.signing_keys import SigningKey, current_signing_key
from tasks import PastWork, kind_name, verified_work

PURPOSE = "certificates"
ISSUED_PER_DAY = "20 per day"
LONGEST_YEARS = 50
# A volunteer's life of work in one span; the ids are kept in the certificate.
MOST_WORK = 20_000
MOST_KINDS = 50


class SpanInvalid(Invalid):
    """Raised when a certificate's days are in the wrong order, lie ahead, or are too many."""

    message = Text(
        "The last day must not lie before the first one or ahead of today, nor more than {years} "
        "years after the first.",
        "结束日期不得早于开始日期、不得晚于今天，且跨度不超过 {years} 年。",
    )


class KindsInvalid(Invalid):
    """Raised when the kinds of a certificate are too many."""

    message = Text("At most {most} kinds.", "任务类型最多 {most} 项。")


class NothingToCertify(Refused):
    """Raised when there is no verified work of these kinds in the span."""

    message = Text(
        "There is no verified work of this kind in these days.", "该时段内没有已核验的服务记录。"
    )


class TooMuchToCertify(Refused):
    """Raised when a span holds more work than one certificate lists."""

    message = Text(
        "One certificate holds at most {most} participations; choose fewer days.",
        "一份证明最多包含 {most} 次服务，请缩短时段。",
    )


class CertificateKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another certificate."""

    message = Text(
        "This Idempotency-Key was used for another certificate.",
        "该 Idempotency-Key 已用于其他证明。",
    )


class _Wish(NamedTuple):
    """What somebody wants certified: their own work of these days, of these kinds or of all."""

    since: date
    until: date
    kinds: tuple[str, ...]

    def hash(self) -> str:
        said = {"since": str(self.since), "until": str(self.until), "kinds": ",".join(self.kinds)}
        return hashlib.sha256(plain_text(said).encode()).hexdigest()

    def moments(self) -> tuple[datetime, datetime]:
        """When the first day begins and the last one ends, in business time."""
        zone = ZoneInfo(settings().business_time_zone)
        days = (self.since, self.until + timedelta(days=1))
        begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in days)
        return begins, ends


def certify_service(
    *, since: date, until: date, kinds: Iterable[str] = (), key: str, by: Actor
) -> ServiceCertificate:
    """Certify the caller's own verified work that began from `since` to `until`, both included.

    Hours on duty of a paid post are not counted: they are no voluntary service. The same key
    answers the same certificate. Raises RealNameMissing, SpanInvalid, KindsInvalid,
    NothingToCertify, TooMuchToCertify, CertificateKeyUsed, TooMany.
    """
    wish = _Wish(since, until, tuple(sorted(set(kinds))))
    _refuse_odd(wish)
    earlier = _wished_before(wish, key, by)
    if earlier is not None:
        return earlier
    name = own_name_of(by)
    count_attempt(f"service-certificate:{by.person_id}", ISSUED_PER_DAY)
    made = _signed(wish, _work_of(wish, by), name, key, by)
    try:
        collection(ServiceCertificate).insert_one(made.to_mongo().to_dict())
    except DuplicateKeyError:
        confirmed(ServiceCertificate).find_one({"person_id": by.person_id, "key": key})
        earlier = _wished_before(wish, key, by)
        if earlier is None:
            raise
        return earlier
    return made


def _refuse_odd(wish: _Wish) -> None:
    today = now().astimezone(ZoneInfo(settings().business_time_zone)).date()
    too_long = wish.until.year - wish.since.year > LONGEST_YEARS
    if wish.until < wish.since or wish.until > today or too_long or wish.since.year < 1970:
        raise SpanInvalid("until", years=LONGEST_YEARS)
    if len(wish.kinds) > MOST_KINDS:
        raise KindsInvalid("kinds", most=MOST_KINDS)


def _wished_before(wish: _Wish, key: str, by: Actor) -> ServiceCertificate | None:
    """The certificate that this very wish made before. Raises CertificateKeyUsed."""
    earlier: ServiceCertificate | None = ServiceCertificate.objects(
        person_id=by.person_id, key=key
    ).first()
    if earlier is not None and earlier.wish != wish.hash():
        raise CertificateKeyUsed
    return earlier


def _work_of(wish: _Wish, by: Actor) -> list[PastWork]:
    begins, ends = wish.moments()
    found = (
        one
        for one in verified_work(since=begins, until=ends, person_id=by.person_id)
        if not one.on_duty and (not wish.kinds or one.kind in wish.kinds)
    )
    work = list(islice(found, MOST_WORK + 1))
    if not work:
        raise NothingToCertify
    if len(work) > MOST_WORK:
        raise TooMuchToCertify(most=MOST_WORK)
    return work


def _signed(
    wish: _Wish, work: Sequence[PastWork], name: str, key: str, by: Actor
) -> ServiceCertificate:
    signing = current_signing_key(PURPOSE)
    number, name_key = (code_from(secrets.token_bytes(SECRET_BYTES)) for _ in range(2))
    begins, ends = wish.moments()
    made = ServiceCertificate(
        id=random_id(),
        number=number,
        person_id=by.person_id,
        key=key,
        wish=wish.hash(),
        since=begins,
        until=ends,
        work_ids=[one.participation_id for one in work],
        issued_at=real_now(),
    )
    made.name_sealed = seal(name, bound_to=made.seal_place("name"))
    made.name_key_sealed = seal(name_key, bound_to=made.seal_place("name_key"))
    made.key_id = key_id_of(signing)
    made.facts = _facts(made, wish, figures_by_kind(work), name, name_key)
    made.signature = signing.sign(signed_bytes(made.facts))
    return made


def _facts(
    made: ServiceCertificate, wish: _Wish, kinds: Mapping[str, Figures], name: str, name_key: str
) -> dict[str, Any]:
    issuer = unit_of(root_unit_id())
    return {
        "document": DOCUMENT,
        "number": grouped(made.number),
        # Signed as well, so that a paper whose QR leads elsewhere can be told.
        "address": settings().public_url,
        "issuer": {"en": issuer.name_en or issuer.name, "zh-CN": issuer.name},
        "holder": masked_name(name),
        "name_hash": name_hash(name, name_key),
        "since": str(wish.since),
        "until": str(wish.until),
        "time_zone": settings().business_time_zone,
        "only_kinds": list(wish.kinds),
        **total_of(kinds)._asdict(),
        "kinds": [
            {"kind": kind, "name": _name_of(kind), **figures._asdict()}
            for kind, figures in kinds.items()
        ],
        "work_hash": work_hash(made.work_ids),
        "issued_at": moment_text(made.issued_at),
        "key_id": made.key_id,
    }


def _name_of(kind: str) -> dict[str, str]:
    """What a kind is called on this day; its id where nobody ever described it."""
    named = kind_name(kind)
    return named.both() if named else {"en": kind, "zh-CN": kind}


def key_id_of(key: SigningKey) -> str:
    """The short name of a public key, 16 hex digits: the same wherever the key is held."""
    return hashlib.sha256(b"fuxun certificate key\x00" + key.public).hexdigest()[:16]
