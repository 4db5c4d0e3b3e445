"""What a poster may do, told as plain values: chosen by the seed, and built the same again later.

A deed that a kill interrupted is repeated by the poster's next generation from its journal, so
everything that its keys and its content are made of stands in it.
"""

import random
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ledger import EntryKind, Leg, NewEntry, accounts
from shared.clock import business_month, month_later, real_now

DISTRICT, YEAR = "torture", 2026
UNIT = "u-torture"
SLICES, TASKS, WALLETS, MERCHANTS = 3, 4, 40, 3
# Every other coin goes to or from one of these, so that posters are in each other's way.
BUSY_WALLETS = 4
GRANT = 1_000_000
# Small enough that a budget runs dry now and then and refuses.
ALLOTMENT = 3_000
MASS = (10, 60)
LASTS_MONTHS = (None, None, 1, 6, 12)
# Some holds are overdue before anybody ends them.
HOLD_LASTS_S = (2, 20)
BACK_DATED_DAYS = (20, 45, 75)
CLOSED_MONTHS_AGO = (1, 2, 3)

WEIGHTS = {
    "reward": 28,
    "order": 18,
    "order_with_note": 6,
    "cancel": 7,
    "redeem": 7,
    "mass": 5,
    "hold": 9,
    "settle": 6,
    "release": 4,
    "reverse": 5,
    "back_dated": 3,
    "allot": 4,
    "fund_task": 3,
    "rebalance": 2,
    "sweep": 1,
    "seal": 0.5,
    "close": 0.1,
}


@dataclass(frozen=True)
class Deed:
    """One thing done: its name, which is in its keys, what it is, and what it was chosen with."""

    name: str
    does: str
    terms: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of its entry or hold."""
        return f"torture:{self.name}:{self.does}"

    def told(self) -> dict[str, Any]:
        """As it stands in a journal."""
        return asdict(self)


@dataclass
class Past:
    """What one thread did and may come back to: deeds that were acknowledged, by what they are."""

    rewards: list[tuple[Deed, str]] = field(default_factory=list)
    orders: list[tuple[Deed, str]] = field(default_factory=list)
    holds: list[tuple[Deed, str]] = field(default_factory=list)

    def remember(self, deed: Deed, made_id: str) -> None:
        """Keep an acknowledged deed that a later one may undo or end, a few of each."""
        kept = {"reward": self.rewards, "order": self.orders, "hold": self.holds}.get(deed.does)
        if kept is not None:
            kept.append((deed, made_id))
            del kept[:-30]


def choose(rng: random.Random, name: str, past: Past) -> Deed:
    """The next deed; where the one drawn has nothing to come back to, a reward instead."""
    does = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    terms = _terms(rng, does, past)
    return Deed(name, does, terms) if terms is not None else choose_reward(rng, name)


def choose_reward(rng: random.Random, name: str) -> Deed:
    """A reward to somebody."""
    return Deed(name, "reward", _reward(rng))


def _terms(rng: random.Random, does: str, past: Past) -> dict[str, Any] | None:
    """What the deed is done with; None where there is nothing to do it to."""
    if does in ("cancel", "redeem"):
        return _taken(rng, past.orders, point=rng.randrange(MERCHANTS))
    if does in ("settle", "release"):
        return _taken(rng, past.holds, point=rng.randrange(MERCHANTS), part=rng.random() < 0.5)
    if does == "reverse":
        return _taken(rng, past.rewards, at=_in_s(0))
    if does == "mass":
        return {"rewards": [_reward(rng) for _ in range(rng.randint(*MASS))]}
    if does in ("order", "order_with_note", "hold"):
        seconds = rng.randint(*HOLD_LASTS_S)
        return {"wallet": _wallet(rng), "amount": rng.randint(1, 40), "until": _in_s(seconds)}
    if does == "rebalance":
        return {"slices": rng.sample(range(SLICES), 2), "amount": rng.randint(1, 500)}
    if does == "fund_task":
        return {"slice": rng.randrange(SLICES), "task": rng.randrange(TASKS)}
    if does == "close":
        ago = rng.choice(CLOSED_MONTHS_AGO)
        return {"month": month_later(business_month(real_now()), -ago)}
    return {**_reward(rng), "at": _in_s(-rng.choice(BACK_DATED_DAYS) * 86_400)}


def _reward(rng: random.Random) -> dict[str, Any]:
    return {
        "wallet": _wallet(rng),
        "amount": rng.randint(1, 60),
        "task": rng.choice((None, *range(TASKS))),
        "slice": rng.randrange(SLICES),
        "months": rng.choice(LASTS_MONTHS),
    }


def _wallet(rng: random.Random) -> int:
    return rng.randrange(BUSY_WALLETS) if rng.random() < 0.5 else rng.randrange(WALLETS)


def _taken(rng: random.Random, made: list[tuple[Deed, str]], **more: Any) -> dict[str, Any] | None:
    if not made:
        return None
    deed, made_id = made.pop(rng.randrange(len(made)))
    return {"of": deed.told(), "made_id": made_id, **more}


def _in_s(seconds: float) -> str:
    return (real_now() + timedelta(seconds=seconds)).isoformat()


def entries_of(deed: Deed) -> list[NewEntry]:
    """The entries of a deed that posts what it says; the same each time it is asked."""
    if deed.does == "mass":
        rewards = deed.terms["rewards"]
        entries = [_as_reward(f"{deed.key}:{at}", one) for at, one in enumerate(rewards)]
        # The same key twice in one list: the second must be answered from the first.
        return [*entries, entries[0]]
    return [_BUILT[deed.does](deed)]


def _as_reward(key: str, terms: dict[str, Any], at: str | None = None) -> NewEntry:
    source = _budget(terms["slice"])
    if terms["task"] is not None:
        source = accounts.task(f"t-{terms['task']}")
    return NewEntry(
        key,
        EntryKind.REWARD,
        _move(source, _wallet_of(terms), terms["amount"]),
        ("task", f"t-{terms['task'] or 0}"),
        effective_at=datetime.fromisoformat(at) if at else None,
        unit=UNIT,
        lasts_months=terms["months"],
    )


def _order(deed: Deed) -> NewEntry:
    terms = deed.terms
    legs = _move(_wallet_of(terms), accounts.voucher(deed.name), terms["amount"])
    return NewEntry(deed.key, EntryKind.ORDER, legs, ("voucher", deed.name))


def _cancel(deed: Deed) -> NewEntry:
    order = Deed(**deed.terms["of"])
    voucher, wallet = accounts.voucher(order.name), _wallet_of(order.terms)
    return NewEntry(
        deed.key,
        EntryKind.CANCELLATION,
        _move(voucher, wallet, order.terms["amount"]),
        ("voucher", order.name),
        returns=order.key,
    )


def _redeem(deed: Deed) -> NewEntry:
    order = Deed(**deed.terms["of"])
    point = accounts.merchant(f"m-{deed.terms['point']}")
    legs = _move(accounts.voucher(order.name), point, order.terms["amount"])
    return NewEntry(deed.key, EntryKind.REDEMPTION, legs, ("voucher", order.name))


def _allot(deed: Deed) -> NewEntry:
    legs = _move(accounts.issued(DISTRICT, YEAR), _budget(deed.terms["slice"]), ALLOTMENT)
    return NewEntry(deed.key, EntryKind.BUDGET_GRANT, legs, ("budget_grant", deed.name))


def _fund_task(deed: Deed) -> NewEntry:
    task = f"t-{deed.terms['task']}"
    legs = _move(_budget(deed.terms["slice"]), accounts.task(task), ALLOTMENT // 3)
    return NewEntry(deed.key, EntryKind.PUBLICATION, legs, ("task", task), unit=UNIT)


def _rebalance(deed: Deed) -> NewEntry:
    source, target = map(_budget, deed.terms["slices"])
    legs = _move(source, target, deed.terms["amount"])
    return NewEntry(deed.key, EntryKind.REBALANCING, legs, ("unit", UNIT))


_BUILT = {
    "reward": lambda deed: _as_reward(deed.key, deed.terms),
    "back_dated": lambda deed: _as_reward(deed.key, deed.terms, deed.terms["at"]),
    "order": _order,
    "order_with_note": _order,
    "cancel": _cancel,
    "redeem": _redeem,
    "allot": _allot,
    "fund_task": _fund_task,
    "rebalance": _rebalance,
}


def first_entries() -> list[NewEntry]:
    """The grants that everything else is paid from; safe to repeat."""
    return [
        NewEntry(
            f"torture:first:{number}",
            EntryKind.BUDGET_GRANT,
            _move(accounts.issued(DISTRICT, YEAR), _budget(number), GRANT if not number else 5_000),
            ("budget_grant", f"first-{number}"),
        )
        for number in range(SLICES)
    ]


def wallet_named(number: int) -> str:
    """The account of that wallet."""
    return accounts.wallet(f"p-{number}")


def _wallet_of(terms: dict[str, Any]) -> str:
    return wallet_named(terms["wallet"])


def _budget(slice_number: int) -> str:
    return accounts.budget(UNIT, YEAR, slice_number)


def _move(source: str, target: str, amount: int) -> list[Leg]:
    return [Leg(source, -amount), Leg(target, amount)]
