"""What the tests of statements are set in: hand-overs at moments long gone, cards, a fund."""

from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from catalog_town import add_person, staff

from catalog import Stock, Voucher, order_reward
from catalog.escrow import pay_point
from catalog.settlement.closing import close_days
from fixtures.factories import put_card
from ledger import Currency, EntryKind, Leg, NewEntry, accounts, merchant, payable, post_one
from ledger import balance_of as held_by
from people import Role
from rates import grant_fund, open_fund
from shared.clock import pretending
from shared.database import collection
from shared.ids import new_id

ZONE = ZoneInfo("Asia/Shanghai")
LINES = [{"kind": "patrol", "base": 0, "per_hour": 50}]
_numbers = count()


def at(text: str) -> datetime:
    """A moment on the clock of the street: "2026-02-16 23:59"."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def value_of_coins(unit, fen, since: str = "2026-01-01 00:00") -> None:
    """Put a rate card in force by which 10,000 coins are worth `fen`."""
    with pretending(at("2025-12-01 00:00")):
        put_card(
            unit.id,
            at(since),
            LINES,
            fen_per_10000_coins=fen,
            by=staff(Role.RATE_ADMIN, unit),
        )


def hand_over(reward_id, point, when: str, *, price: int = 100) -> Voucher:
    """A voucher handed over at a moment, its coins posted to the point."""
    resident, number = add_person(price), next(_numbers)
    with pretending(at(when)):
        issued = order_reward(reward_id, point.id, key=f"order-{number:04}", by=resident)
    return redeem(issued, point, when, number)


def redeem(issued: Voucher, point, when: str, number: int | None = None) -> Voucher:
    """The voucher handed over by the write that a scan makes, and its tail."""
    change = {
        "state": "redeemed",
        "redeemed_at": at(when),
        "redeemed_by": "0" * 24,
        "redeemed_point_id": point.id,
        "scan_key": f"scan-{next(_numbers) if number is None else number:04}",
    }
    collection(Voucher).update_one({"_id": issued.id}, {"$set": change})
    entry_id = pay_point(Voucher.objects.get(id=issued.id))
    collection(Voucher).update_one({"_id": issued.id}, {"$set": {"settled_entry_id": entry_id}})
    return Voucher.objects.get(id=issued.id)


def an_award(reward_id, point, when: str, fen: int) -> Voucher:
    """An award in kind handed over at a moment: paid by a fund when it was awarded."""
    voucher_id = new_id()
    account = accounts.fund(f"kind-{voucher_id}", 2026)
    granted = [Leg(accounts.issued("cny", 2026), -fen, "CNY"), Leg(account, fen, "CNY")]
    awarded = [Leg(account, -fen, "CNY"), Leg(accounts.voucher(voucher_id), fen, "CNY")]
    about = ("voucher", voucher_id)
    post_one(NewEntry(f"g:{voucher_id}", EntryKind.BUDGET_GRANT, granted, about))
    post_one(NewEntry(f"award:{voucher_id}", EntryKind.AWARD, awarded, about))
    issued = Voucher(
        id=voucher_id,
        person_id="1" * 24,
        ordered_by="2" * 24,
        idempotency_key=voucher_id,
        reward_id=reward_id,
        point_id=point.id,
        price=0,
        cost_fen=fen,
        fund=account,
        code_hash=voucher_id,
        state="issued",
        issued_at=at(when),
        expires_at=at("2026-12-31 00:00"),
    ).save(force_insert=True)
    stock = {"reward_id": reward_id, "point_id": point.id}
    collection(Stock).update_one(stock, {"$inc": {"available": -1}})
    return redeem(issued, point, when)


def closed(when: str) -> int:
    """How many points got statements by a run of the job at a moment."""
    with pretending(at(when)):
        return close_days()


def a_fund(unit, fen: int, name: str = "shops") -> str:
    """A fund of the unit with so many fen for this year."""
    admin = staff(Role.RATE_ADMIN, unit)
    open_fund(name, unit.id, "兑换专项", by=admin)
    if fen:
        grant_fund(name, 2026, fen, "会议纪要 1 号", key="grant-0001", by=admin)
    return name


def coins_at(point) -> int:
    """What the point holds in coins."""
    return held_by(merchant(point.id))


def owed_to(point) -> int:
    """What the point is owed in fen, by the book."""
    return held_by(payable(point.id), Currency.CNY)
