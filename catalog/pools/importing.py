"""Importing codes: a file's lines into a pool, the stock moving with them, each code once.

Every batch is one transaction that writes the stock first: two imports into one stock take turns,
and what the second finds there of the first are duplicates. A repeat of a file, cut off or not,
adds what is missing and gives the same report.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from mongoengine.errors import NotUniqueError
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.offering import OFFICERS, RewardWithdrawn, redemption_point_of, reward_of
from catalog.points.pausing import open_stock
from catalog.pools.code_file import CodeLine, FlawedLine, LineFlaw, read_code_file
from catalog.pools.code_import import CodeImport
from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.pools.sealed_codes import code_hash, code_hashes, sealed_code
from catalog.reward import Reward, RewardKind, RewardState
from catalog.stock import Stock
from catalog.stocking import MOST_SUPPLIED, StockOutOfRange
from people import Actor, unit_of
from settings import settings
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Refused
from shared.i18n import Text
from shared.ids import new_id
from shared.sealing import keyed_hash, keyed_hashes

LINES_A_BATCH = 500
TRIES = 5
# Of so many lines that gave nothing the report says why; of all of them, how many.
MOST_TOLD = 1_000


class NoPool(Refused):
    """Raised when codes are brought to a reward that is no ticket."""

    message = Text("Only tickets come from a pool of codes.", "仅票券类奖品使用兑换码池。")


class ImportKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another file, or another pool."""

    message = Text(
        "This Idempotency-Key was used for another import.", "该 Idempotency-Key 已用于其他导入。"
    )


@dataclass(frozen=True)
class ImportReport:
    """What became of a file's lines: how many codes `added`, duplicates, bad ones.

    `flawed` says of the first 1,000 lines that gave nothing which they are and why; `available`
    is what the pool holds now.
    """

    import_id: str
    added: int
    duplicates: int
    bad: int
    flawed: list[FlawedLine]
    available: int


def import_codes(reward_id: str, point_id: str, raw: bytes, *, key: str, by: Actor) -> ImportReport:
    """Import a CSV file of codes (`code,valid_until`) into a ticket's pool at a point.

    A code that the reward has at whatever point, or the point for whatever reward, is told as a
    duplicate. The stock is supplied with what was added. The same key answers the same report; a
    file that is refused as a whole does not use it up. Raises RewardNotFound,
    UnitNotFound, NotARedemptionPoint, NotAllowed, NoPool, RewardWithdrawn, CodeFileNotText,
    CodeFileUnreadable, CodeFileTooLong, ImportKeyUsed, StockOutOfRange.
    """
    reward = _fillable(reward_id, point_id, by)
    zone = ZoneInfo(settings().business_time_zone)
    read_code_file(raw, moment=now(), zone=zone)
    one = _opened(reward_id, point_id, raw, key, by)
    # As of the first try, so that a repeat reads every line alike.
    read = read_code_file(raw, moment=one.imported_at, zone=zone)
    codes = [line for line in read if isinstance(line, CodeLine)]
    flawed = [line for line in read if isinstance(line, FlawedLine)]
    open_stock(reward.id, point_id)
    for start in range(0, len(codes), LINES_A_BATCH):
        flawed += _add(one, codes[start : start + LINES_A_BATCH])
    return _report(one, added=len(read) - len(flawed), flawed=flawed)


def _fillable(reward_id: str, point_id: str, by: Actor) -> Reward:
    reward, point = reward_of(reward_id), redemption_point_of(point_id)
    by.must_hold(*OFFICERS, at=unit_of(reward.unit_id))
    by.must_hold(*OFFICERS, at=point)
    if reward.kind != RewardKind.TICKET:
        raise NoPool
    if reward.state == RewardState.WITHDRAWN:
        raise RewardWithdrawn
    return reward


def _opened(reward_id: str, point_id: str, raw: bytes, key: str, by: Actor) -> CodeImport:
    """The import under this key, made now or by an earlier try. Raises ImportKeyUsed."""
    content = f"code_import:{raw.hex()}"
    fresh = CodeImport(
        id=new_id(),
        imported_by=by.person_id,
        key=key,
        reward_id=reward_id,
        point_id=point_id,
        content_hash=keyed_hash(content),
        imported_at=now(),
    )
    try:
        return fresh.save(force_insert=True)
    except NotUniqueError:
        earlier = CodeImport.objects.get(imported_by=by.person_id, key=key)
    same = (earlier.reward_id, earlier.point_id) == (reward_id, point_id)
    if not same or earlier.content_hash not in keyed_hashes(content):
        raise ImportKeyUsed
    return earlier


def _add(one: CodeImport, batch: list[CodeLine]) -> list[FlawedLine]:
    """Add what of the batch is new; the lines whose codes were there before."""
    rows = [_row(one, line) for line in batch]
    # Under every key that is held: a code imported before a rotation is still known.
    hashes = {
        each: row["_id"]
        for row, line in zip(rows, batch, strict=True)
        for each in code_hashes(line.code)
    }

    by_line = {row["line"]: row["_id"] for row in rows}

    def decide(session: ClientSession) -> list[FlawedLine]:
        at = _touched(one, session)
        found = _there(one, list(hashes), list(by_line), session)
        mine = {row["line"] for row in found if row["import_id"] == one.id}
        # One of ours that was voided meanwhile has let go of its hash.
        there = {hashes[row["code_hash"]] for row in found if row["code_hash"] in hashes}
        there |= {by_line[line] for line in mine}
        new = [row for row in rows if row["_id"] not in there]
        if new:
            _supply(at, len(new), session)
            collection(PoolCode).insert_many(new, session=session)
        return [
            FlawedLine(row["line"], LineFlaw.DUPLICATE)
            for row in rows
            if row["_id"] in there and row["line"] not in mine
        ]

    for _ in range(TRIES - 1):
        # The same codes may arrive at another point this moment: next time they are seen.
        with suppress(DuplicateKeyError):
            return in_transaction(decide)
    return in_transaction(decide)


def _there(
    one: CodeImport, hashes: list[str], lines: list[int], session: ClientSession
) -> list[dict[str, Any]]:
    """Which of these codes are known to the reward or the point, or came with this very file."""
    either = [
        {"reward_id": one.reward_id, "code_hash": {"$in": hashes}},
        {"point_id": one.point_id, "code_hash": {"$in": hashes}},
        {"import_id": one.id, "line": {"$in": lines}},
    ]
    shown = {"code_hash": 1, "import_id": 1, "line": 1}
    return list(collection(PoolCode).find({"$or": either}, shown, session=session))


def _row(one: CodeImport, line: CodeLine) -> dict[str, Any]:
    code_id = new_id()
    return {
        "_id": code_id,
        "reward_id": one.reward_id,
        "point_id": one.point_id,
        "sealed": sealed_code(code_id, line.code),
        "code_hash": code_hash(line.code),
        "valid_until": line.valid_until,
        "state": PoolCodeState.FREE.value,
        "import_id": one.id,
        "line": line.line,
    }


def _touched(one: CodeImport, session: ClientSession) -> dict[str, Any]:
    """The stock's filter, the stock written: whoever else writes it now has to start anew.

    Raises RewardWithdrawn.
    """
    at = {"reward_id": one.reward_id, "point_id": one.point_id, "withdrawn": {"$ne": True}}
    touched = collection(Stock).update_one(at, {"$inc": {"version": 1}}, session=session)
    if not touched.matched_count:
        raise RewardWithdrawn
    return at


def _supply(at: dict[str, Any], added: int, session: ClientSession) -> None:
    within = {**at, "supplied": {"$lte": MOST_SUPPLIED - added}}
    supplied = collection(Stock).update_one(
        within, {"$inc": {"supplied": added, "available": added}}, session=session
    )
    if not supplied.modified_count:
        raise StockOutOfRange("supplied", most=MOST_SUPPLIED)


def _report(one: CodeImport, *, added: int, flawed: list[FlawedLine]) -> ImportReport:
    flawed = sorted(flawed, key=lambda line: line.line)
    duplicates = sum(line.flaw == LineFlaw.DUPLICATE for line in flawed)
    stock = Stock.objects(reward_id=one.reward_id, point_id=one.point_id).first()
    return ImportReport(
        import_id=one.id,
        added=added,
        duplicates=duplicates,
        bad=len(flawed) - duplicates,
        flawed=flawed[:MOST_TOLD],
        available=stock.available if stock else 0,
    )
