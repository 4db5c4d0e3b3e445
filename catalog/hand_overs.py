"""What a point handed over on a day, for its officers: to find what is brought back.

Whose it was is not said: who brings something back shows the goods, or the code.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from catalog.code_keys import hashes_of
from catalog.in_hand import settled_statements
from catalog.offering import OFFICERS, redemption_point_of
from catalog.refunding import refund_until
from catalog.reward import Reward
from catalog.settlement.days import day_begins, day_ends, day_of
from catalog.settlement.point_statement import PointStatement
from catalog.voucher import HANDED_OVER, Voucher
from people import Actor, Unit
from settings import settings
from shared.clock import now
from shared.codes import parse
from shared.cursors import from_cursor, to_cursor
from shared.database import collection

MOST_ON_A_PAGE = 100
# A statement holds what was handed over on its day, and what came to light later; the point's
# next so many statements are looked through for that.
MOST_STATEMENTS = 60


@dataclass(frozen=True)
class HandOver:
    """A voucher that was handed over, without its holder; `refund_until` None: no more, or never.

    `refund_until` lies in the past where the time is over.
    """

    voucher: Voucher
    reward: Reward
    refund_until: datetime | None


@dataclass(frozen=True)
class HandedOverPage:
    """Hand-overs of a day, the latest first; `next_cursor` is None on the last page."""

    hand_overs: list[HandOver]
    next_cursor: str | None


def handed_over_at(
    point_id: str,
    *,
    by: Actor,
    day: date | None = None,
    code: str | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> HandedOverPage:
    """What the point handed over on a day of the business time zone (None: today), or by a code.

    For officers reaching the point. Raises UnitNotFound, NotARedemptionPoint, NotAllowed,
    CodeMistyped, BadCursor.
    """
    point = redemption_point_of(point_id)
    by.must_hold(*OFFICERS, at=point)
    if code is not None:
        return HandedOverPage(_seen(_with_code(point, code)), None)
    zone = ZoneInfo(settings().business_time_zone)
    wanted = [_of_day(point, day or day_of(now(), zone), zone)]
    if cursor:
        at_ms, last_id = from_cursor(cursor, int, str)
        at = datetime.fromtimestamp(at_ms / 1000, tz=zone)
        older = [{"redeemed_at": {"$lt": at}}, {"redeemed_at": at, "_id": {"$lt": last_id}}]
        wanted.append({"$or": older})
    most = max(1, min(limit, MOST_ON_A_PAGE))
    latest = [("redeemed_at", -1), ("_id", -1)]
    found = collection(Voucher).find({"$and": wanted}).sort(latest).limit(most + 1)
    rows = [Voucher._from_son(row) for row in found]
    last = rows[most - 1] if len(rows) > most else None
    after = to_cursor(_in_ms(last.redeemed_at), last.id) if last else None
    return HandedOverPage(_seen(rows[:most]), after)


def _in_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _of_day(point: Unit, day: date, zone: ZoneInfo) -> dict[str, Any]:
    """Statement by statement, for that is how hand-overs of a point are kept in order."""
    later = {"point_id": point.id, "day": {"$gte": day.isoformat()}}
    found = collection(PointStatement).find(later, {"_id": 1}).sort("day", 1)
    statements = [row["_id"] for row in found.limit(MOST_STATEMENTS)]
    return {
        "redeemed_point_id": point.id,
        "statement_id": {"$in": [None, *statements]},
        "redeemed_at": {"$gte": day_begins(day, zone), "$lt": day_ends(day, zone)},
    }


def _with_code(point: Unit, code: str) -> list[Voucher]:
    """The voucher of this code, where this point handed it over: of others nothing is said."""
    of_code = {"code_hash__in": hashes_of(parse(code)), "redeemed_point_id": point.id}
    return list(Voucher.objects(state__in=HANDED_OVER, **of_code))


def _seen(vouchers: Iterable[Voucher]) -> list[HandOver]:
    vouchers = list(vouchers)
    rewards = Reward.objects.in_bulk([one.reward_id for one in vouchers])
    settled = settled_statements([one.statement_id for one in vouchers if one.statement_id])
    return [
        HandOver(
            one,
            rewards[one.reward_id],
            None if one.ended_at or one.statement_id in settled else refund_until(one),
        )
        for one in vouchers
    ]
