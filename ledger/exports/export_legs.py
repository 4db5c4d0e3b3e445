"""An entry as an accountant's table shows it: one row a leg, the columns in one order. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ledger.entry import Currency
from ledger.entry_kinds import EntryKind

FEN_PER_YUAN = 100

KINDS_ZH: dict[EntryKind, str] = {
    EntryKind.BUDGET_GRANT: "预算下达",
    EntryKind.REBALANCING: "预算调剂",
    EntryKind.PUBLICATION: "任务发布",
    EntryKind.REWARD: "奖励",
    EntryKind.CASH_REWARD: "现金奖励",
    EntryKind.AWARD: "实物奖励",
    EntryKind.TASK_RETURN: "任务余额退回",
    EntryKind.ORDER: "下单",
    EntryKind.DELIVERY: "外部交付",
    EntryKind.REDEMPTION: "兑换",
    EntryKind.CANCELLATION: "取消退回",
    EntryKind.EXPIRY: "兑换券过期",
    EntryKind.REFUND: "退货退回",
    EntryKind.LOT_EXPIRY: "福币过期",
    EntryKind.DEBT_PAYMENT: "偿还欠款",
    EntryKind.SETTLEMENT: "结算",
    EntryKind.PAYMENT: "付款",
    EntryKind.REVERSAL: "冲正",
}


# The columns in their order, with what they are called in Chinese: first the entry's facts, which
# each of its rows repeats, then the leg's own.
ENTRY_COLUMNS: dict[str, str] = {
    "entry_id": "分录编号",
    "key": "业务键",
    "kind": "种类代码",
    "kind_zh": "种类",
    "about_kind": "事项类别",
    "about_id": "事项编号",
    "effective_at": "生效时间",
    "posted_at": "记账时间",
    "unit": "单位",
    "reverses": "冲正的分录",
    "returns": "退回的分录",
    "reason": "原因",
}
LEG_COLUMNS: dict[str, str] = {
    "leg": "序号",
    "account_kind": "账户类别",
    "account": "账户",
    "currency": "币种",
    "amount": "金额（最小单位）",
    "yuan": "元",
    "lots": "批次",
}
COLUMNS = ENTRY_COLUMNS | LEG_COLUMNS


class EntryCells(NamedTuple):
    """An entry's facts under ENTRY_COLUMNS; times in the business time zone, "" where none."""

    entry_id: str
    key: str
    kind: str
    kind_zh: str
    about_kind: str
    about_id: str
    effective_at: datetime
    posted_at: datetime
    unit: str
    reverses: str
    returns: str
    reason: str


class LegCells(NamedTuple):
    """A leg's facts under LEG_COLUMNS; `amount` in minor units, `yuan` in fen, None for coins."""

    leg: int
    account_kind: str
    account: str
    currency: str
    amount: int
    yuan: int | None
    lots: str


def entry_cells(entry: Mapping[str, Any], zone: ZoneInfo) -> EntryCells:
    """What every row of a stored entry repeats."""
    kind: str = entry["kind"]
    return EntryCells(
        entry["_id"],
        entry["key"],
        kind,
        KINDS_ZH[EntryKind(kind)],
        entry["about"]["kind"],
        entry["about"]["id"],
        entry["effective_at"].astimezone(zone),
        entry["posted_at"].astimezone(zone),
        entry.get("unit", ""),
        entry.get("reverses", ""),
        entry.get("returns", ""),
        entry.get("reason", ""),
    )


def legs_cells(entry: Mapping[str, Any]) -> Iterator[LegCells]:
    """What is each row's own, in the order of the legs."""
    for number, leg in enumerate(entry["legs"], 1):
        account, currency, amount = leg["account"], leg["currency"], int(leg["amount"])
        yield LegCells(
            number,
            account.partition(":")[0],
            account,
            currency,
            amount,
            amount if currency == Currency.CNY else None,
            lots_text(leg.get("lots")),
        )


def lots_text(lots: Mapping[str, int] | None) -> str:
    """Which of a leg's coins expire after which month: "2027-03=50 2027-04=20"."""
    return " ".join(f"{month}={int(coins)}" for month, coins in sorted((lots or {}).items()))


def yuan_text(fen: int) -> str:
    """Fen as yuan with two decimals, exactly: -5 is "-0.05"."""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"
