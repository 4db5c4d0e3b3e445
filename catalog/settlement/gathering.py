"""Gathering what a point handed over and no statement holds yet, as the lines that it becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from catalog.reward import Reward, RewardKind
from catalog.scanning.offline_hand_over import HandOverOutcome, OfflineHandOver
from catalog.settlement.gathering_words import (
    NO_COIN_VALUE,
    NO_COIN_VALUE_WORDS,
    UNKNOWN_TITLE,
)
from catalog.settlement.statement_line import Dispute, LineKind, LineState, StatementLine
from catalog.voucher import Voucher, VoucherState
from rates import CoinValues
from shared.database import Document, collection

_KINDS = {RewardKind.TOP_UP.value: LineKind.DELIVERY, RewardKind.TICKET.value: LineKind.OPENING}


@dataclass(frozen=True)
class HandedOver:
    """One hand-over as a statement sees it; `source_id` is of the document that it comes from.

    One that is disputed from the start says why in `reason`: {code, en, zh-CN}. `at` is what its
    day goes by; of an offline one when it was brought in, for its device may say (`said_at`) any.
    """

    source: type[Document]
    source_id: str
    kind: LineKind
    voucher_id: str | None
    reward_id: str | None
    at: datetime
    coins: int = 0
    in_kind_fen: int = 0
    is_returned: bool = False
    said_at: datetime | None = None
    price: int = 0
    cost_fen: int = 0
    title: str = ""
    title_en: str = ""
    reason: Mapping[str, str] = field(default_factory=dict)


def unstated_before(end: datetime) -> dict[str, Any]:
    """The vouchers handed over before a moment, posted, and in no statement; of any point."""
    return {
        "redeemed_point_id": {"$gt": ""},
        "statement_id": None,
        "redeemed_at": {"$lt": end},
        "settled_entry_id": {"$type": "string"},
    }


def disputed_before(end: datetime) -> dict[str, Any]:
    """The disputed lines brought in before a moment that are in no statement; of any point."""
    return {
        "outcome": HandOverOutcome.DISPUTED.value,
        "point_id": {"$gt": ""},
        "statement_id": None,
        "received_at": {"$lt": end},
    }


def points_with_unstated(end: datetime) -> list[str]:
    """The points that handed something over before a moment which no statement holds."""
    # The index jumps from point to point, past whatever is in a statement.
    points = set(collection(Voucher).distinct("redeemed_point_id", unstated_before(end)))
    points |= set(collection(OfflineHandOver).distinct("point_id", disputed_before(end)))
    return sorted(points)


def gathered(
    point_id: str, end: datetime, most: int, session: ClientSession | None = None
) -> list[HandedOver]:
    """Up to `most` hand-overs of a point before a moment that no statement holds, oldest first."""
    wanted = {**unstated_before(end), "redeemed_point_id": point_id}
    vouchers = collection(Voucher).find(wanted, session=session)
    disputed = {**disputed_before(end), "point_id": point_id}
    offline = collection(OfflineHandOver).find(disputed, session=session)
    found = [_of_voucher(row) for row in vouchers.sort("redeemed_at", 1).limit(most)]
    found += [_of_offline(row) for row in offline.sort("received_at", 1).limit(most)]
    return sorted(found, key=lambda one: (one.at, one.source_id))[:most]


def _of_voucher(row: Mapping[str, Any]) -> HandedOver:
    is_award = bool(row.get("fund"))
    kind = LineKind.AWARD if is_award else _KINDS.get(row["kind"], LineKind.HAND_OVER)
    return HandedOver(
        source=Voucher,
        source_id=row["_id"],
        kind=kind,
        voucher_id=row["_id"],
        reward_id=row["reward_id"],
        at=row["redeemed_at"],
        coins=int(row["price"]),
        in_kind_fen=int(row.get("cost_fen", 0)) if is_award else 0,
        is_returned=row["state"] == VoucherState.REFUNDED.value,
    )


def _of_offline(row: Mapping[str, Any]) -> HandedOver:
    return HandedOver(
        source=OfflineHandOver,
        source_id=row["_id"],
        kind=LineKind.OFFLINE,
        voucher_id=row.get("voucher_id"),
        reward_id=row.get("reward_id"),
        at=row["received_at"],
        said_at=row["handed_over_at"],
        price=int(row.get("price") or 0),
        cost_fen=int(row.get("cost_fen") or 0),
        title=row.get("title") or UNKNOWN_TITLE.zh,
        title_en=row.get("title_en", "") if row.get("title") else UNKNOWN_TITLE.en,
        reason=row["reason"],
    )


def assign(statement_id: str, taken: Sequence[HandedOver], session: ClientSession) -> None:
    """Put the hand-overs into the statement, inside the transaction that makes it and read them."""
    by_source: dict[type[Document], list[str]] = {}
    for one in taken:
        by_source.setdefault(one.source, []).append(one.source_id)
    for source, ids in by_source.items():
        free = {"_id": {"$in": ids}, "statement_id": None}
        into = {"$set": {"statement_id": statement_id}}
        collection(source).update_many(free, into, session=session)


def lines_of(
    statement_id: str,
    taken: Sequence[HandedOver],
    values: CoinValues,
    moment: datetime,
    session: ClientSession,
) -> list[StatementLine]:
    """The statement's lines, numbered from 1, each at the value in force when it was handed over.

    One whose coins no card gives a value is disputed from the start: nothing is guessed.
    """
    titles = _titles([one.reward_id for one in taken if not one.title], session)
    lines = []
    for number, one in enumerate(taken, 1):
        # What a device says of its clock chooses no later value than the day's own.
        line = _line(one, values.at(min(one.said_at or one.at, one.at)), moment)
        line.id, line.statement_id, line.number = f"{statement_id}:{number}", statement_id, number
        if not one.title:
            title = titles.get(one.reward_id, {})
            line.title = title.get("title") or UNKNOWN_TITLE.zh
            line.title_en = title.get("title_en", "")
        lines.append(line)
    return lines


def _titles(
    reward_ids: list[str | None], session: ClientSession
) -> dict[str | None, Mapping[str, Any]]:
    seen = {"title": 1, "title_en": 1}
    wanted = {"_id": {"$in": list(set(reward_ids))}}
    return {row["_id"]: row for row in collection(Reward).find(wanted, seen, session=session)}


def _line(one: HandedOver, value: int | None, moment: datetime) -> StatementLine:
    is_offline = one.kind == LineKind.OFFLINE
    reason = one.reason
    if one.coins and value is None:
        reason = {"code": NO_COIN_VALUE, **NO_COIN_VALUE_WORDS.both()}
    line = StatementLine(
        kind=one.kind,
        voucher_id=one.voucher_id,
        offline_id=one.source_id if is_offline else None,
        reward_id=one.reward_id,
        title=one.title,
        title_en=one.title_en,
        handed_over_at=one.said_at or one.at,
        coins=one.coins,
        fen_per_10000_coins=value,
        in_kind_fen=one.in_kind_fen,
        price=one.price,
        cost_fen=one.cost_fen,
        state=LineState.DISPUTED if reason else LineState.PLAIN,
    )
    if reason:
        words = {name: said for name, said in reason.items() if name != "code"}
        line.dispute = Dispute(at=moment, reason=reason["code"], words=words)
    if one.is_returned:
        line.state = LineState.REFUNDED
    return line
