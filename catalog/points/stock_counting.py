"""Stock counting: a clerk counts a shelf, and where it differs another person decides.

Every write here writes the stock too, so counts, decisions and orders of one stock take turns.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError, PyMongoError

from catalog.offering import OFFICERS, redemption_point_of, reward_of
from catalog.points.stock_count import CountNote, StockCount, StockCountState
from catalog.reward import SCANNED
from catalog.stock import Stock
from catalog.stocking import StockBelowOrdered
from catalog.voucher import HANDED_OVER, Voucher
from notices import tell_officers
from people import Actor, Role, unit_of
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, DomainError, NotFound, Refused
from shared.i18n import Text
from shared.ids import new_id
from shared.sweeping import sweep_each

MOST_TOLD_PER_RUN = 200

log = structlog.get_logger()


class NothingToCount(Refused):
    """Raised when the point has no shelf of the reward, or what it sells lies on none."""

    message = Text(
        "This reward does not lie on a shelf of this point.", "该奖品在此兑换点没有实物库存。"
    )


class CountKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another count."""

    message = Text(
        "This Idempotency-Key was used for another count.", "该 Idempotency-Key 已用于其他盘点。"
    )


class StockCountNotFound(NotFound):
    """Raised when there is no such count, or none that the caller reaches."""

    message = Text("There is no such stock count.", "未找到该盘点记录。")


class OwnCount(Refused):
    """Raised when the person who counted would decide on the count."""

    message = Text("Somebody else decides on what you counted.", "盘点人不能审核自己的盘点。")


class CountDecided(Conflict):
    """Raised when the count was decided otherwise before, or a newer one took its place."""

    message = Text("This count is no longer open.", "该盘点已处理或已被新的盘点取代。")


def count_stock(
    point_id: str,
    reward_id: str,
    *,
    counted: int,
    key: str,
    by: Actor,
    note: CountNote = CountNote.UNKNOWN,
) -> StockCount:
    """Record how many of a reward lie at a point; officers are told where it differs.

    The same key answers the same count; a newer one takes the place of one still open. Raises
    UnitNotFound, NotARedemptionPoint, NotAllowed, RewardNotFound, NothingToCount, CountKeyUsed.
    """
    by.must_hold(Role.CLERK, *OFFICERS, at=redemption_point_of(point_id))
    if reward_of(reward_id).kind not in SCANNED:
        raise NothingToCount
    at = {"reward_id": reward_id, "point_id": point_id}
    said = {**at, "counted": counted, "note": note.value}
    by_whom = {"counted_by": by.person_id, "key": key, "counted_at": now()}
    row = {"_id": new_id(), **said, **by_whom, "told": False}
    with suppress(DuplicateKeyError):  # counted before, perhaps beside us
        in_transaction(lambda session: _count(row, at, session))
    found = StockCount.objects.get(counted_by=by.person_id, key=key)
    if any(getattr(found, name) != value for name, value in said.items()):
        raise CountKeyUsed
    _try_to_tell(found)
    return found


def _count(row: dict[str, Any], at: dict[str, str], session: ClientSession) -> None:
    """The count as of this transaction's moment, instead of whatever count is still open."""
    stock = collection(Stock).find_one_and_update(
        at, {"$set": {"counted_at": row["counted_at"]}, "$inc": {"version": 1}}, session=session
    )
    if stock is None:
        raise NothingToCount
    # What was brought back and put onto the shelf again lies there.
    handed_over = {
        **at,
        "state": {"$in": [state.value for state in HANDED_OVER]},
        "is_restocked": {"$ne": True},
    }
    gone = collection(Voucher).count_documents(handed_over, session=session)
    expected = stock["supplied"] - gone
    difference = row["counted"] - expected
    state = StockCountState.OPEN if difference else StockCountState.MATCHED
    figures = {"supplied": stock["supplied"], "expected": expected, "difference": difference}
    counts = collection(StockCount)
    counts.insert_one({**row, **figures, "state": state.value}, session=session)
    counts.update_many(
        {**at, "state": StockCountState.OPEN.value, "_id": {"$ne": row["_id"]}},
        {"$set": {"state": StockCountState.SUPERSEDED.value, "decided_at": row["counted_at"]}},
        session=session,
    )


def accept_count(count_id: str, *, by: Actor) -> StockCount:
    """Accept a count that differs: the supply, and what is available, move by the difference.

    Never by the person who counted. Raises StockCountNotFound, NotAllowed, OwnCount, CountDecided,
    StockBelowOrdered.
    """
    found = _decidable(count_id, by)
    decided_at = now()

    def decide(session: ClientSession) -> bool:
        at = {"reward_id": found.reward_id, "point_id": found.point_id}
        if not _decided(found, StockCountState.ACCEPTED, decided_at, by, "", session):
            return False
        change = found.difference
        adjusted = collection(Stock).update_one(
            {**at, "available": {"$gte": -change}},
            {"$inc": {"supplied": change, "available": change, "version": 1}},
            session=session,
        )
        if not adjusted.modified_count:
            stock = collection(Stock).find_one(at, session=session) or {}
            raise StockBelowOrdered(ordered=stock.get("supplied", 0) - stock.get("available", 0))
        return True

    in_transaction(decide)
    return _as_decided(count_id, StockCountState.ACCEPTED)


def dismiss_count(count_id: str, *, reason: str, by: Actor) -> StockCount:
    """Dismiss a count that differs, saying why: nothing is adjusted.

    Never by the person who counted. Raises StockCountNotFound, NotAllowed, OwnCount, CountDecided.
    """
    found = _decidable(count_id, by)
    decided_at = now()
    in_transaction(
        lambda session: _decided(
            found, StockCountState.DISMISSED, decided_at, by, reason.strip(), session
        )
    )
    return _as_decided(count_id, StockCountState.DISMISSED)


def _decidable(count_id: str, by: Actor) -> StockCount:
    found = StockCount.objects.with_id(count_id)
    if found is None:
        raise StockCountNotFound
    by.must_hold(*OFFICERS, at=unit_of(found.point_id))
    if found.counted_by == by.person_id:
        raise OwnCount
    return found


def _decided(
    found: StockCount,
    state: StockCountState,
    decided_at: datetime,
    by: Actor,
    reason: str,
    session: ClientSession,
) -> bool:
    """Whether the count was OPEN and is now decided."""
    decided = {"state": state.value, "decided_by": by.person_id, "decided_at": decided_at}
    moved = collection(StockCount).update_one(
        {"_id": found.id, "state": StockCountState.OPEN.value},
        {"$set": {**decided, "reason": reason}},
        session=session,
    )
    return bool(moved.modified_count)


def _as_decided(count_id: str, state: StockCountState) -> StockCount:
    """The count, where it was decided so, now or before."""
    found = StockCount.objects.get(id=count_id)
    if found.state != state:
        raise CountDecided
    return found


def tell_differences() -> int:
    """Tell the officers of counts that differ and were not told yet; how many."""
    untold = StockCount.objects(state=StockCountState.OPEN, told__ne=True)
    return sweep_each(untold.limit(MOST_TOLD_PER_RUN), _tell)


def _try_to_tell(found: StockCount) -> None:
    """At once where possible; the pass tells what fails here."""
    try:
        _tell(found)
    except (DomainError, PyMongoError) as error:
        log.warning("count_not_told", count=found.id, error=type(error).__name__)


def _tell(found: StockCount) -> bool:
    if found.told or found.state != StockCountState.OPEN:
        return False
    point, reward = unit_of(found.point_id), reward_of(found.reward_id)
    facts = {
        "title": {"zh-CN": reward.title, "en": reward.title_en or reward.title},
        "place": {"zh-CN": point.name, "en": point.name_en or point.name},
        "expected": found.expected,
        "counted": found.counted,
        "count_id": found.id,
    }
    tell_officers(point, "stock_differs", facts, key=f"stock_count:{found.id}")
    collection(StockCount).update_one({"_id": found.id}, {"$set": {"told": True}})
    return True
