"""Bringing in: the queue of a device that was without network, each line resolved once, in order.

The voucher's guarded move decides, as at a scan; a line is noted afterwards, under the device's
own key, so that a queue sent again, or cut off on the way, changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS, redemption_point_of
from catalog.reward import Reward
from catalog.scanning.counter import Counter
from catalog.scanning.guessing import TooManyGuesses
from catalog.scanning.offline_hand_over import HandOverOutcome, OfflineHandOver
from catalog.scanning.point_keys import ShownKey, key_shown
from catalog.scanning.reading import Row, turn_of, voucher_shown
from catalog.scanning.redeeming import redeem, refusal_of, refuse_own, try_to_settle
from catalog.voucher import Voucher
from people import Actor, Role
from shared.clock import in_business_time, now, stored
from shared.cursors import from_cursor, to_cursor
from shared.database import collection
from shared.errors import Conflict, DomainError, Refused
from shared.i18n import Text
from shared.ids import new_id

MOST_AT_ONCE = 200
MOST_ON_A_PAGE = 100
# A weekend without network and a few days to notice it; a statement waits no longer for stragglers.
OLDEST = timedelta(days=7)
# How far a device's clock may be ahead: what it says is then taken as now.
CLOCKS_APART = timedelta(minutes=2)


class FromTheFuture(Refused):
    """Raised when a hand-over is said to lie ahead of the server's clock."""

    message = Text(
        "The device's clock is ahead: {handed_over_local} is still to come.",
        "设备时钟有误：{handed_over_local} 尚未到来。",
    )


class BroughtTooLate(Refused):
    """Raised when a hand-over is brought in more than seven days after it happened."""

    message = Text(
        "It was brought in more than {days} days after it happened.",
        "离线兑换超过 {days} 天才上传。",
    )


class BeforeIssue(Refused):
    """Raised when a hand-over is said to have happened before its voucher was issued."""

    message = Text("The voucher was issued only afterwards.", "兑换时该兑换券尚未发放。")


class KeyRevokedBefore(Refused):
    """Raised when the device's key had been revoked when it handed over."""

    message = Text(
        "The device's key was revoked at {revoked_local}, before this hand-over.",
        "设备密钥已于 {revoked_local} 被吊销，早于本次兑换。",
    )


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

    A key revoked since still brings in what was handed over before. Lines before a refusal stand,
    so sending the queue again goes on. Raises UnitNotFound, NotARedemptionPoint, NotAllowed,
    PointKeyNeeded, PointKeyUnknown, TooManyGuesses.
    """
    point = redemption_point_of(point_id)
    by.must_hold(Role.CLERK, at=point)
    shown = key_shown(point_id, point_key)
    at = Counter(point, by, shown.id)
    return BroughtIn([_resolved(item, at, shown) for item in items[:MOST_AT_ONCE]])


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


def _resolved(item: NewHandOver, at: Counter, shown: ShownKey) -> OfflineHandOver:
    earlier = OfflineHandOver.objects(point_id=at.point.id, key=item.key).first()
    if earlier is not None:
        return earlier
    received_at = now()
    happened_at = min(stored(item.handed_over_at), received_at)
    row: Row | None = None
    try:
        _refuse_moment(stored(item.handed_over_at), received_at, shown)
        row = voucher_shown(item.code, item.phone_last4, at, moment=happened_at)
        _hand_over(row, item, at, happened_at)
        reason = None
    except TooManyGuesses:
        raise  # who guesses is stopped here as well; nothing is noted of the line
    except DomainError as refusal:
        reason = refusal
    return _noted(item, at, row, reason, received_at)


def _refuse_moment(handed_over_at: datetime, received_at: datetime, shown: ShownKey) -> None:
    """Raises FromTheFuture, BroughtTooLate, KeyRevokedBefore."""
    if handed_over_at > received_at + CLOCKS_APART:
        raise FromTheFuture(handed_over_local=in_business_time(handed_over_at))
    if handed_over_at < received_at - OLDEST:
        raise BroughtTooLate(days=OLDEST.days)
    if shown.revoked_at is not None and shown.revoked_at <= handed_over_at:
        raise KeyRevokedBefore(revoked_local=in_business_time(shown.revoked_at))


def _hand_over(row: Row, item: NewHandOver, at: Counter, happened_at: datetime) -> None:
    """Redeem the voucher as of then; raises why it cannot be."""
    refuse_own(row, at)
    if row["issued_at"] > happened_at:
        raise BeforeIssue
    key = f"offline:{at.point.id}:{item.key}"
    redeemed = redeem(row, at, key, happened_at, is_offline=True)
    if redeemed is None:
        found = collection(Voucher).find_one({"_id": row["_id"]}) or row
        if (found.get("redeemed_point_id"), found.get("scan_key")) != (at.point.id, key):
            raise _why_disputed(found, at, row, happened_at)
        redeemed = Voucher._from_son(found)  # by this very line, whose note is missing yet
    try_to_settle(redeemed)


def _why_disputed(found: Row, at: Counter, shown: Row, happened_at: datetime) -> DomainError:
    """Why a voucher that was believed at the counter cannot be paid for."""
    ended_at = found.get("ended_at")
    if ended_at is not None and ended_at > happened_at and found.get("redeemed_at") is None:
        return EndedMeanwhile(ended_local=in_business_time(ended_at))
    return refusal_of(found, at, turn_of(shown), happened_at) or Conflict()


def _noted(
    item: NewHandOver,
    at: Counter,
    row: Row | None,
    refusal: DomainError | None,
    received_at: datetime,
) -> OfflineHandOver:
    """Write the line down; of two that race under one key, the first stands."""
    disputed = refusal is not None
    noted = OfflineHandOver(
        id=new_id(),
        point_id=at.point.id,
        key=item.key,
        point_key_id=at.point_key_id,
        brought_by=at.by.person_id,
        handed_over_at=item.handed_over_at,
        received_at=received_at,
        outcome=HandOverOutcome.DISPUTED if disputed else HandOverOutcome.ACCEPTED,
        reason=_said(refusal) if refusal is not None else {},
        **_snapshot(row),
    )
    try:
        collection(OfflineHandOver).insert_one(noted.to_mongo())
    except DuplicateKeyError:
        noted = OfflineHandOver.objects.get(point_id=at.point.id, key=item.key)
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
