"""Bringing in: the queue of a device that was without network, each line resolved once, in order.

The voucher's guarded move decides, as at a scan; a line is noted afterwards, under the device's
own key, so that a queue sent again, or cut off on the way, changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS, redemption_point_of
from catalog.reward import Reward
from catalog.scanning.counter import Counter
from catalog.scanning.doubting import (
    HandOverKeyUsed,
    StaffVoucher,
    refuse_looked_at,
    refuse_moment,
    refuse_revoked,
)
from catalog.scanning.guessing import TooManyDigitTries, refuse_paused
from catalog.scanning.offline_hand_over import HandOverOutcome, OfflineHandOver
from catalog.scanning.pacing import TooManyHandOvers, refuse_haste_then
from catalog.scanning.point_keys import PURPOSE, ShownKey, key_shown
from catalog.scanning.reading import Row, is_repeat, turn_of, voucher_shown
from catalog.scanning.redeeming import (
    ScanKeyUsed,
    redeem,
    refusal_of,
    refuse_own,
    try_to_settle,
)
from catalog.scanning.scan_desk import ScanDesk
from catalog.voucher import HANDED_OVER, Voucher, VoucherState
from people import Actor, Role, holders_of
from shared.clock import in_business_time, now, stored
from shared.cursors import from_cursor, to_cursor
from shared.database import collection
from shared.errors import DomainError, Refused, TooMany, Unavailable
from shared.i18n import Text
from shared.ids import new_id
from shared.sealing import keyed_hash, keyed_hashes

MOST_AT_ONCE = 200
MOST_ON_A_PAGE = 100


class BeforeIssue(Refused):
    """Raised when a hand-over is said to have happened before its voucher was issued."""

    message = Text("The voucher was issued only afterwards.", "兑换时该兑换券尚未发放。")


class EndedMeanwhile(Refused):
    """Raised when the voucher was good at the hand-over, and ended before it was brought in."""

    message = Text(
        "The voucher's worth went back at {ended_local}, before this was brought in.",
        "该兑换券已于 {ended_local} 退回，早于本次离线记录上传。",
    )


@dataclass(frozen=True)
class NewHandOver:
    """A line of a device's queue: the QR or code, when it was handed over, the device's own key."""

    code: str
    handed_over_at: datetime
    key: str
    phone_last4: str = ""


@dataclass(frozen=True)
class BroughtIn:
    """What became of a queue, line by line, in its order."""

    items: list[OfflineHandOver]


@dataclass(frozen=True)
class HandOverPage:
    """Offline hand-overs at a point, newest first; `next_cursor` is None on the last page."""

    items: list[OfflineHandOver]
    next_cursor: str | None


def bring_in_hand_overs(
    point_id: str, items: Sequence[NewHandOver], *, point_key: str, by: Actor
) -> BroughtIn:
    """Resolve a device's queue, at most 200 lines, in order: each accepted, or disputed for good.

    A key revoked since still brings in, for a day, QRs handed over before. A line under a key that
    another line had is answered as a conflict and not noted. Lines before a refusal stand, so
    sending the queue again goes on. Raises UnitNotFound, NotARedemptionPoint, NotAllowed,
    PointKeyNeeded, PointKeyUnknown, TooManyGuesses, Unavailable.
    """
    point = redemption_point_of(point_id)
    by.must_hold(Role.CLERK, at=point)
    shown = key_shown(point_id, point_key)
    refuse_paused(collection(ScanDesk).find_one({"_id": point_id}) or {}, by)
    clerks = frozenset(holders_of(Role.CLERK, at=point))
    queue = _Queue(Counter(point, by, shown.id), shown, clerks)
    return BroughtIn([_resolved(item, queue) for item in items[:MOST_AT_ONCE]])


def hand_overs_at(
    point_id: str, *, by: Actor, limit: int = 20, cursor: str | None = None
) -> HandOverPage:
    """What was brought in at a point, newest first, to its clerks and the officers above it.

    Raises UnitNotFound, NotARedemptionPoint, NotAllowed, BadCursor.
    """
    by.must_hold(Role.CLERK, *OFFICERS, at=redemption_point_of(point_id))
    found = OfflineHandOver.objects(point_id=point_id)
    if cursor:
        found = found.filter(id__lt=from_cursor(cursor, str)[0])
    most = max(1, min(limit, MOST_ON_A_PAGE))
    items = list(found.order_by("-id").limit(most + 1))
    more = len(items) > most
    return HandOverPage(items[:most], to_cursor(items[most - 1].id) if more else None)


@dataclass(frozen=True)
class _Queue:
    """Whose queue is brought in, where; `clerks` are the point's, by id."""

    at: Counter
    shown: ShownKey
    clerks: frozenset[str]


def _resolved(item: NewHandOver, queue: _Queue) -> OfflineHandOver:
    earlier = _earlier(item, queue)
    if earlier is not None:
        return earlier
    received_at = now()
    row: Row | None = None
    reason: DomainError | None = None
    try:
        refuse_moment(stored(item.handed_over_at), received_at, queue.shown)
        happened_at = min(stored(item.handed_over_at), received_at)
        at = queue.at
        row = voucher_shown(item.code, item.phone_last4, at, moment=happened_at, key=item.key)
        refuse_revoked(item.code, received_at, queue.shown)
        _hand_over(row, item, queue, happened_at)
    except ScanKeyUsed:
        return _conflict(item, queue)
    except (TooManyDigitTries, TooManyHandOvers) as of_the_voucher:
        reason = of_the_voucher  # the others behind it are not held up
    except (TooMany, Unavailable):
        raise  # ours to mend, or the clerk's guessing: nothing is noted, and it is sent again
    except DomainError as refusal:
        reason = refusal
    return _noted(item, queue, row, reason, received_at)


def _earlier(item: NewHandOver, queue: _Queue) -> OfflineHandOver | None:
    """What the line was resolved to before, or the conflict with another one of its key."""
    found = OfflineHandOver.objects(point_key_id=queue.shown.id, key=item.key).first()
    if found is None or not found.content_hash:
        return found
    return found if found.content_hash in _content_hashes(item) else _conflict(item, queue)


def _content(item: NewHandOver) -> str:
    return f"offline:{stored(item.handed_over_at).isoformat()}:{item.code.strip()}"


def _content_hashes(item: NewHandOver) -> list[str]:
    return keyed_hashes(_content(item), purpose=PURPOSE)


def _conflict(item: NewHandOver, queue: _Queue) -> OfflineHandOver:
    """The answer to a line whose key is another one's; nothing is noted of it."""
    return OfflineHandOver(
        id=new_id(),
        point_id=queue.at.point.id,
        key=item.key,
        handed_over_at=item.handed_over_at,
        received_at=now(),
        outcome=HandOverOutcome.CONFLICT,
        reason=_said(HandOverKeyUsed(key=item.key)),
    )


def _hand_over(row: Row, item: NewHandOver, queue: _Queue, happened_at: datetime) -> None:
    """Redeem the voucher as of then; raises why it cannot be."""
    at = queue.at
    key = f"offline:{queue.shown.id}:{item.key}"
    if row["state"] == VoucherState.ISSUED:
        _doubt(row, item, queue, happened_at)
    redeemed = redeem(row, at, key, happened_at, is_offline=True)
    if redeemed is None:
        found = collection(Voucher).find_one({"_id": row["_id"]}) or row
        if not _is_this(found, item, at, key):
            raise _why_disputed(found, at, row, happened_at)
        redeemed = Voucher._from_son(found)
    try_to_settle(redeemed)


def _doubt(row: Row, item: NewHandOver, queue: _Queue, happened_at: datetime) -> None:
    refuse_own(row, queue.at)
    if row["person_id"] in queue.clerks:
        raise StaffVoucher
    if row["issued_at"] > happened_at:
        raise BeforeIssue
    refuse_looked_at(row, item.code, queue.at.point.id)
    refuse_haste_then(row["person_id"], happened_at)


def _is_this(found: Row, item: NewHandOver, at: Counter, key: str) -> bool:
    """Whether this very line redeemed the voucher: its note is missing yet, or a scan's answer was.

    A device whose scan was cut off queues it under the scan's own key.
    """
    if found["state"] not in HANDED_OVER or found.get("redeemed_point_id") != at.point.id:
        return False
    return found.get("scan_key") == key or is_repeat(found, at, item.key)


def _why_disputed(found: Row, at: Counter, shown: Row, happened_at: datetime) -> DomainError:
    """Why a voucher that was believed at the counter cannot be paid for."""
    ended_at = found.get("ended_at")
    if ended_at is not None and ended_at > happened_at and found.get("redeemed_at") is None:
        return EndedMeanwhile(ended_local=in_business_time(ended_at))
    # Nothing speaks against it by now: the next try finds out.
    return refusal_of(found, at, turn_of(shown), happened_at) or Unavailable()


def _noted(
    item: NewHandOver,
    queue: _Queue,
    row: Row | None,
    refusal: DomainError | None,
    received_at: datetime,
) -> OfflineHandOver:
    """Write the line down; of two that race under one key, the first stands."""
    disputed = refusal is not None
    noted = OfflineHandOver(
        id=new_id(),
        point_id=queue.at.point.id,
        key=item.key,
        point_key_id=queue.shown.id,
        content_hash=keyed_hash(_content(item), purpose=PURPOSE),
        brought_by=queue.at.by.person_id,
        handed_over_at=item.handed_over_at,
        received_at=received_at,
        outcome=HandOverOutcome.DISPUTED if disputed else HandOverOutcome.ACCEPTED,
        reason=_said(refusal) if refusal is not None else {},
        **_snapshot(row),
    )
    try:
        collection(OfflineHandOver).insert_one(noted.to_mongo())
    except DuplicateKeyError:
        noted = _earlier(item, queue) or noted
    return noted


def _said(refusal: DomainError) -> dict[str, Any]:
    return {"code": type(refusal).__name__, **refusal.message.both(**refusal.facts)}


def _snapshot(row: Row | None) -> dict[str, Any]:
    """What the voucher was for, as it was then."""
    if row is None:
        return {}
    reward = Reward.objects(id=row["reward_id"]).only("title", "title_en").first()
    return {
        "voucher_id": row["_id"],
        "reward_id": row["reward_id"],
        "title": reward.title if reward else "",
        "title_en": reward.title_en if reward else "",
        "price": row["price"],
        "cost_fen": row.get("cost_fen") or 0,
    }
