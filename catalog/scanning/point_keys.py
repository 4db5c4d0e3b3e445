"""Point keys: made for a device, shown with each scan, revoked at once when the device is gone."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from mongoengine.errors import ValidationError
from pymongo import WriteConcern
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS, redemption_point_of
from catalog.scanning.pacing import open_desk
from catalog.scanning.point_key import PointKey
from catalog.scanning.scan_desk import ScanDesk
from notices import tell_officers
from people import Actor, Role, count_attempt, unit_of
from shared.clock import real_now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from shared.i18n import Text
from shared.ids import ID_PATTERN, random_id
from shared.sealing import keyed_hash

PURPOSE = "vouchers"
SECRET_LETTERS = 40  # 160 bits in hex
# A lost answer can be asked for again under the same Idempotency-Key, for so long.
SHOWN_FOR = timedelta(minutes=10)
# `last_used_at` tells a device in use from one in a drawer: it need not be finer than this.
USED_STEP = timedelta(minutes=1)
MOST_LISTED = 200
# Officers hear once in an hour that a revoked key was shown.
TOLD = "1 per hour"


class PointKeyNeeded(NotAllowed):
    """Raised when a redemption point scans with keys and the request shows none."""

    message = Text("This point needs its Point-Key.", "该兑换点须使用兑换点密钥。")


class PointKeyUnknown(NotAllowed):
    """Raised when the Point-Key shown is none of this point's."""

    message = Text("This Point-Key is not one of this point.", "该密钥不属于此兑换点。")


class PointKeyRevoked(NotAllowed):
    """Raised when the Point-Key shown was revoked."""

    message = Text("This Point-Key has been revoked.", "该兑换点密钥已被吊销。")


class PointKeyNotFound(NotFound):
    """Raised when there is no such point key."""

    message = Text("There is no such point key.", "未找到该兑换点密钥。")


class PointKeyInvalid(Invalid):
    """Raised when a point key's label or the reason of its end cannot be used."""

    message = Text("This value cannot be used here.", "该内容不可用。")


class PointKeyMade(Conflict):
    """Raised when the Idempotency-Key made another point key, or one whose secret was shown."""

    message = Text(
        "This Idempotency-Key made a point key before; its secret is not shown again.",
        "该 Idempotency-Key 已用于创建密钥，密钥内容不再显示。",
    )


class MadePointKey(NamedTuple):
    """A fresh point key and what the device shows as `Point-Key`, which is told this once."""

    key: PointKey
    secret: str


def make_point_key(point_id: str, *, label: str, key: str, by: Actor) -> MadePointKey:
    """Make a key for a device; from the first one on, the point is scanned at only with one.

    Within ten minutes the same Idempotency-Key answers the same key and secret. Raises NotAllowed
    unless the caller is an officer reaching the point; UnitNotFound, NotARedemptionPoint,
    PointKeyInvalid, PointKeyMade.
    """
    by.must_hold(*OFFICERS, at=redemption_point_of(point_id))
    made = _fresh(point_id, label.strip(), key, by)
    open_desk(point_id)

    def decide(session: ClientSession) -> None:
        collection(PointKey).insert_one(made.to_mongo(), session=session)
        collection(ScanDesk).update_one(
            {"_id": point_id}, {"$set": {"needs_key": True}}, session=session
        )

    try:
        in_transaction(decide)
    except DuplicateKeyError:
        made = _made_before(point_id, label.strip(), key, by)
    return MadePointKey(made, f"{made.id}.{_secret(made.id, made.secret_hash.partition('.')[0])}")


def _fresh(point_id: str, label: str, key: str, by: Actor) -> PointKey:
    key_id = random_id()
    secret_key_id = keyed_hash("", purpose=PURPOSE).partition(".")[0]
    secret = _secret(key_id, secret_key_id)
    made = PointKey(
        id=key_id,
        point_id=point_id,
        label=label,
        secret_hash=_hashed(secret, secret_key_id),
        made_by=by.person_id,
        made_at=real_now(),
        idempotency_key=key,
    )
    try:
        made.validate()
    except ValidationError as error:
        raise PointKeyInvalid(next(iter(error.to_dict()))) from error
    return made


def _made_before(point_id: str, label: str, key: str, by: Actor) -> PointKey:
    made = PointKey.objects.get(made_by=by.person_id, idempotency_key=key)
    is_same = (made.point_id, made.label) == (point_id, label)
    if not is_same or made.made_at + SHOWN_FOR < real_now():
        raise PointKeyMade
    return made


def point_keys_of(point_id: str, *, by: Actor) -> list[PointKey]:
    """A point's keys, revoked ones too, newest first, at most 200; no secrets.

    Raises NotAllowed unless the caller is an officer reaching the point or its clerk; UnitNotFound,
    NotARedemptionPoint.
    """
    by.must_hold(*OFFICERS, Role.CLERK, at=redemption_point_of(point_id))
    return list(PointKey.objects(point_id=point_id).order_by("-made_at").limit(MOST_LISTED))


def revoke_point_key(key_id: str, *, reason: str, by: Actor) -> PointKey:
    """Revoke a key for good, at once: a clerk of the point may, for a lost device cannot wait.

    Repeating answers the first revocation. Raises PointKeyNotFound, NotAllowed, PointKeyInvalid.
    """
    found = PointKey.objects.with_id(key_id)
    if found is None:
        raise PointKeyNotFound
    by.must_hold(*OFFICERS, Role.CLERK, at=unit_of(found.point_id))
    if not 1 <= len(reason.strip()) <= PointKey.revoked_reason.max_length:
        raise PointKeyInvalid("reason")
    collection(PointKey).update_one(
        {"_id": key_id, "revoked_at": None},
        {
            "$set": {
                "revoked_at": real_now(),
                "revoked_by": by.person_id,
                "revoked_reason": reason.strip(),
            }
        },
    )
    revoked: PointKey = PointKey.objects.get(id=key_id)
    return revoked


class ShownKey(NamedTuple):
    """The point key that a request showed; `revoked_at` where it is worth nothing any more."""

    id: str
    made_at: datetime
    revoked_at: datetime | None


def live_key(desk: Mapping[str, Any], shown: str) -> str:
    """The id of the key shown, where its point (`desk` as stored) needs one; else "".

    Raises PointKeyNeeded, PointKeyUnknown, PointKeyRevoked.
    """
    if not desk.get("needs_key"):
        return ""
    found = key_shown(desk["_id"], shown)
    if found.revoked_at is not None:
        raise PointKeyRevoked
    return found.id


def key_shown(point_id: str, shown: str) -> ShownKey:
    """The point's key that `shown` (`id.secret`) is; officers hear of one that was revoked.

    Raises PointKeyNeeded where nothing was shown, PointKeyUnknown.
    """
    if not shown:
        raise PointKeyNeeded
    key_id, _, secret = shown.partition(".")
    if not ID_PATTERN.match(key_id) or len(secret) != SECRET_LETTERS:
        raise PointKeyUnknown
    found = collection(PointKey).find_one({"_id": key_id, "point_id": point_id})
    if found is None:
        raise PointKeyUnknown
    expected = found["secret_hash"]
    given = _hashed(secret, expected.partition(".")[0])
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise PointKeyUnknown
    _note_use(found)
    if found.get("revoked_at") is not None:
        _tell_shown_again(found)
    return ShownKey(key_id, found["made_at"], found.get("revoked_at"))


def _tell_shown_again(found: Mapping[str, Any]) -> None:
    """A device that was given up for lost is back: the officers above its point hear, hourly."""
    try:
        told_at = count_attempt(f"revoked-key:told:{found['_id']}", TOLD)
    except TooMany:
        return
    point = unit_of(found["point_id"])
    facts = {
        "point": {"zh-CN": point.name, "en": point.name_en or point.name},
        "label": found["label"],
        "point_id": point.id,
        "key_id": found["_id"],
    }
    key = f"revoked-key:{found['_id']}:{told_at.isoformat()}"
    tell_officers(point, "revoked_point_key_shown", facts, key=key)


def _note_use(found: dict[str, Any]) -> None:
    moment, last = real_now(), found.get("last_used_at")
    if last is None or last < moment - USED_STEP:
        keys = collection(PointKey).with_options(write_concern=WriteConcern(w=1, j=False))
        keys.update_one({"_id": found["_id"]}, {"$set": {"last_used_at": moment}})


def _secret(key_id: str, secret_key_id: str) -> str:
    digest = keyed_hash(f"point-key:{key_id}", purpose=PURPOSE, key_id=secret_key_id)
    return digest.partition(".")[2][:SECRET_LETTERS]


def _hashed(secret: str, secret_key_id: str) -> str:
    return keyed_hash(f"stored-point-key:{secret}", purpose=PURPOSE, key_id=secret_key_id)
