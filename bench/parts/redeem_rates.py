"""Orders and scans a second: a thread for each desk, ours and bare in slots that take turns."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle, islice
from typing import Any

from bench.parts.redeem_sides import Bare, Ours, Side
from bench.parts.redeem_town import Desk, RedeemTown
from bench.parts.slots import Slot, compared, run_slot, turns
from catalog import live_qr
from people import Actor
from shared.database import database

SIDES = ("ours", "bare")
NAMES = ("order", "order_one_stock", "scan")
COPIED = ("entries", "balances", "vouchers", "stocks")

Act = Callable[[], object]
# Vouchers to be handed over, each with who shows it.
Held = list[tuple[str, Actor]]


class Here:
    """A client within this process: what it is asked is done at once."""

    def ask(self, act: Act) -> None:
        """Do it."""
        act()


def shown_for(voucher_id: str, owner: Actor) -> str:
    """What the owner's phone shows the clerk now: it serves for a minute at most."""
    return live_qr(voucher_id, by=owner).text


def rate_figures(
    town: RedeemTown, ours: Ours, bare: Bare, rounds: int, slot_s: float, vouchers: int
) -> dict[str, Any]:
    """`order`, `order_one_stock` and `scan`, each as `compared` gives it.

    `vouchers` are made for each desk and round, outside the slots; where they run out, a slot
    ends early and counts the time it took.
    """
    sides: dict[str, Side] = {"ours": ours, "bare": bare}
    measured: dict[tuple[str, str], list[Slot]] = {
        (name, side): [] for name in NAMES for side in SIDES
    }
    for number in range(-1, rounds):
        held = vouchers_for_a_round(town, ours, bare, vouchers)
        for name, side in turns(NAMES, SIDES, max(number, 0)):
            calls = calls_of(name, sides[side], town.desks, held)
            slot = run_slot([Here() for _ in town.desks], calls, slot_s if number >= 0 else 0.2)
            if number >= 0:  # the first round only warms up
                measured[name, side].append(slot)
    return {name: compared(measured[name, "ours"], measured[name, "bare"]) for name in NAMES}


def calls_of(
    name: str, side: Side, desks: Sequence[Desk], held: Sequence[Held]
) -> list[Iterator[Act]]:
    """What each client asks, one iterator a desk."""
    if name == "scan":
        return [_scans(side, desk, mine) for desk, mine in zip(desks, held, strict=True)]
    if name == "order":
        return [_orders(side, desk, desk.buyers) for desk in desks]
    return [_orders(side, desks[0], desk.buyers) for desk in desks]


def _orders(side: Side, at: Desk, buyers: list[Actor]) -> Iterator[Act]:
    for buyer in cycle(buyers):
        yield lambda buyer=buyer: side.order(at, buyer)


def _scans(side: Side, desk: Desk, held: Held) -> Iterator[Act]:
    # Bare reads no code, and what is handed over cannot be shown again.
    is_read = isinstance(side, Ours)
    shown = [(one, shown_for(one, owner) if is_read else "") for one, owner in held]
    return iter([partial(side.scan, desk, *one) for one in shown])


def vouchers_for_a_round(town: RedeemTown, ours: Ours, bare: Bare, number: int) -> list[Held]:
    """For each desk so many vouchers, ordered and paid for, the same in both databases."""

    def ordered(desk: Desk) -> Held:
        buyers = islice(cycle(desk.buyers), number)
        return [(ours.order(desk, buyer), buyer) for buyer in buyers]

    with ThreadPoolExecutor(len(town.desks)) as pool:
        held = list(pool.map(ordered, town.desks))
    ids = [voucher_id for mine in held for voucher_id, _ in mine]
    copy_to_bare(bare, "vouchers", ids)
    copy_to_bare(bare, "balances", [f"voucher:{one}|FUB" for one in ids])
    return held


def copy_to_bare(bare: Bare, name: str, ids: list[str] | None = None) -> None:
    """Give bare these documents of ours, or all; none of them may be there yet."""
    found = list(database()[name].find({} if ids is None else {"_id": {"$in": ids}}))
    if found:
        bare.db[name].insert_many(found)
