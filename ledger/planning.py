"""What a batch of entries does to the balances it touches, decided in order before it is written.

Pure: it is given what was read inside the transaction, and answers with the documents and
changes to write there. An entry that does not fit is refused and leaves no trace in the plan.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bson import Int64

from ledger.accounts import GUARDED, AccountKind, owed_beside
from ledger.balance import balance_id
from ledger.entry_kinds import REVERSIBLE, EntryKind
from ledger.hold import HoldState
from ledger.lots import Lots, earliest, in_time, is_over, last_month, latest, less, together
from ledger.new_entry import Leg, NewEntry
from ledger.outcomes import DatedAhead, InClosedMonth, Outcome, Overdrawn, Rejected
from ledger.reversal_entry import by_owner
from ledger.standing import Standing
from shared.clock import business_month, stored
from shared.ids import new_id

# An officer's date may come from a host whose clock is a little ahead of this one's.
CLOCK_SKEW = timedelta(minutes=1)

_WALLET = f"{AccountKind.WALLET}:"
_OWED = f"{AccountKind.OWED}:"
_KEPT = GUARDED | {AccountKind.OWED}


@dataclass(frozen=True)
class Asked:
    """An entry to post, and the moment that its request takes for now (None: the true one)."""

    entry: NewEntry
    pretended_at: datetime | None = None


class NotPostable(Exception):
    """Raised where an entry does not fit; carries the outcome to answer."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome)


@dataclass
class Plan:
    """What one transaction will write; `take` adds an entry to it.

    `read` holds the balances read in the transaction by their ids, None for one that does not
    exist; `originals` the entries it refers to, by id and by key.
    """

    posted_at: datetime
    read: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    originals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    closed_through: str | None = None
    documents: list[dict[str, Any]] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    back_dated: list[str] = field(default_factory=list)
    ended_holds: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._posted_month = business_month(self.posted_at)
        self._touched: dict[str, Standing] = {}

    def take(self, asked: Asked, *, drawn: Lots | None = None) -> str:
        """Add an entry; its id. `drawn` are the lots it draws where a hold has chosen them.

        Raises NotPostable; the plan is then as before where anything was read, else useless.
        """
        entry = asked.entry
        effective_at, month = self._effective_at(asked)
        original = self._original(entry)
        before = self._before(entry)
        self._touched = {}
        try:
            legs = [
                stored_leg
                for leg in _debits_first(entry)
                for stored_leg in self._move(entry, leg, original, effective_at, drawn)
            ]
        except NotPostable:
            for standing, was in before:
                vars(standing).update(was)
            raise
        for standing in self._touched.values():
            standing.entries += 1
        self.documents.append(self._document(entry, legs, effective_at, original))
        if month < self._posted_month:
            self.back_dated.append(month)
        return str(self.documents[-1]["_id"])

    def _before(self, entry: NewEntry) -> list[tuple[Standing, dict[str, Any]]]:
        """What a refusal must put back; nothing where nothing was read: such a plan is dropped."""
        if not self.read:
            return []
        kept = [leg for leg in entry.legs if is_kept(leg.account)]
        touched = [self.standing(leg.account, leg.currency) for leg in kept]
        return [(standing, dict(vars(standing))) for standing in touched]

    def standing(self, account: str, currency: str) -> Standing:
        """How the account's balance stands at this point of the batch."""
        name = balance_id(account, currency)
        standing = self.standings.get(name)
        if standing is None:
            standing = Standing.of(name, name in self.read, self.read.get(name))
            self.standings[name] = standing
        self._touched[name] = standing
        return standing

    def hold(self, account: str, currency: str, amount: int) -> Lots:
        """Set coins aside; the lots they are of. Raises NotPostable."""
        standing = self.standing(account, currency)
        usable = self._usable_lots(standing)
        available = standing.free - sum(standing.lots.values()) + sum(usable.values())
        if available < amount:
            raise NotPostable(Overdrawn(account, currency, max(0, available), amount))
        lots = earliest(usable, amount)
        standing.hold(amount, lots)
        return lots

    def end_hold(
        self, hold: Mapping[str, Any], *, pays: NewEntry | None = None, settled: int = 0
    ) -> dict[str, Any]:
        """Free what was held, after `pays`, which takes `settled` of it; the rest pays debts first.

        The hold as it is then. Raises NotPostable.
        """
        standing = self.standing(hold["account"], hold["currency"])
        held = {month: int(coins) for month, coins in hold.get("lots", {}).items()}
        drawn = earliest(held, settled)
        back = in_time(less(held, drawn), self.posted_at)
        standing.free_hold(int(hold["amount"]), together(drawn, back))
        change: dict[str, Any] = {"state": HoldState.RELEASED.value, "ended_at": self.posted_at}
        if pays is not None:
            entry_id = self.take(Asked(pays), drawn=drawn)
            change |= {"state": HoldState.SETTLED.value, "settled": Int64(settled)}
            change["entry_id"] = entry_id
        if back:
            change["lots_back"] = {month: Int64(coins) for month, coins in back.items()}
        active = {"_id": hold["_id"], "state": HoldState.ACTIVE.value}
        self.ended_holds.append({"q": active, "u": {"$set": change}})
        self._pay_debt(hold, standing)
        return {**hold, **change}

    def _pay_debt(self, hold: Mapping[str, Any], standing: Standing) -> None:
        """Let what a hold freed pay first what the wallet's owner owes, as an entry of its own."""
        coins = min(standing.owes, standing.free)
        if coins:
            account, currency = hold["account"], hold["currency"]
            legs = [Leg(account, -coins, currency), Leg(owed_beside(account), coins, currency)]
            key, about = f"debt-payment:{hold['_id']}", ("hold", hold["_id"])
            self.take(Asked(NewEntry(key, EntryKind.DEBT_PAYMENT, legs, about)))

    def _effective_at(self, asked: Asked) -> tuple[datetime, str]:
        """When the entry counts from, and the month that is."""
        wanted = asked.entry.effective_at
        if wanted is not None and wanted > self.posted_at + CLOCK_SKEW:
            raise NotPostable(DatedAhead(wanted))
        effective_at, month = self.posted_at, self._posted_month
        earlier = wanted or asked.pretended_at
        if earlier is not None and earlier < self.posted_at:
            effective_at = stored(earlier)
            month = business_month(effective_at)
        if self.closed_through is not None and month <= self.closed_through:
            raise NotPostable(InClosedMonth(month))
        return effective_at, month

    def _original(self, entry: NewEntry) -> Mapping[str, Any] | None:
        named = entry.reverses or entry.returns
        if named is not None and named not in self.originals:
            raise NotPostable(Rejected(f"there is no entry {named}"))
        original = self.originals[named] if named else None
        if entry.reverses and not (original and _undoes(entry, original)):
            raise NotPostable(Rejected(f"{entry.key} does not undo the entry {entry.reverses}"))
        return original

    def _move(
        self,
        entry: NewEntry,
        leg: Leg,
        original: Mapping[str, Any] | None,
        effective_at: datetime,
        drawn: Lots | None,
    ) -> list[dict[str, Any]]:
        """Move one leg's coins; the legs it is stored as."""
        if leg.account.startswith(_WALLET):
            if leg.amount > 0:
                return self._into_wallet(entry, leg, original, effective_at)
            if entry.kind == EntryKind.REVERSAL:
                return self._take_back(leg, original)
            return self._out_of_wallet(entry, leg, drawn)
        if leg.account.startswith(_OWED):
            standing = self.standing(leg.account, leg.currency)
            if standing.read and standing.owes < leg.amount:
                raise NotPostable(Overdrawn(leg.account, leg.currency, standing.owes, leg.amount))
            standing.owe(-leg.amount)
        elif is_kept(leg.account):
            standing = self.standing(leg.account, leg.currency)
            if standing.read and standing.free + leg.amount < 0:
                raise _overdrawn(leg, standing.free)
            standing.move(leg.amount)
        return [_stored(leg)]

    def _into_wallet(
        self,
        entry: NewEntry,
        leg: Leg,
        original: Mapping[str, Any] | None,
        effective_at: datetime,
    ) -> list[dict[str, Any]]:
        """What comes in pays first what its owner owes."""
        standing = self.standing(leg.account, leg.currency)
        paid = min(standing.owes, leg.amount)
        rest = leg.amount - paid
        legs = []
        if paid:
            standing.owe(-paid)
            legs.append(_stored(Leg(owed_beside(leg.account), paid, leg.currency)))
        if rest:
            lots: Lots = {}
            if original is not None:
                lots = in_time(_returned_lots(original, leg, rest), self.posted_at)
            elif entry.lasts_months:
                lots = {last_month(effective_at, entry.lasts_months): rest}
                lots = in_time(lots, self.posted_at)
            standing.move(rest, lots)
            legs.append(_stored(Leg(leg.account, rest, leg.currency), lots))
        return legs

    def _out_of_wallet(self, entry: NewEntry, leg: Leg, drawn: Lots | None) -> list[dict[str, Any]]:
        standing, needed = self.standing(leg.account, leg.currency), -leg.amount
        lots, available = drawn, standing.free
        if entry.kind == EntryKind.LOT_EXPIRY:
            month = entry.about[1]
            if not is_over(month, self.posted_at):
                raise NotPostable(Rejected(f"the lot {month} is not over"))
            lots, available = {month: needed}, standing.lots.get(month, 0)
        elif entry.kind == EntryKind.DEBT_PAYMENT:
            lots = earliest(standing.lots, needed)
        elif drawn is None:
            usable = self._usable_lots(standing)
            available -= sum(standing.lots.values()) - sum(usable.values())
            lots = earliest(usable, needed)
        if available < needed:
            raise _overdrawn(leg, available)
        standing.move(leg.amount, lots)
        return [_stored(leg, lots)]

    def _take_back(self, leg: Leg, original: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """What is free goes back, the original's own coins first; the rest is owed."""
        standing = self.standing(leg.account, leg.currency)
        taken = min(standing.free, -leg.amount)
        legs = []
        if taken:
            given = _lots_of(original, leg)
            own = {month: min(given[month], standing.lots.get(month, 0)) for month in given}
            lots = earliest(own, taken)
            undated = min(
                _amount_of(original, leg) - sum(given.values()),
                standing.free - sum(standing.lots.values()),
            )
            others = taken - sum(lots.values()) - max(0, undated)
            lots = together(lots, earliest(less(standing.lots, lots), max(0, others)))
            standing.move(-taken, lots)
            legs.append(_stored(Leg(leg.account, -taken, leg.currency), lots))
        rest = leg.amount + taken
        if rest:
            standing.owe(-rest)
            legs.append(_stored(Leg(owed_beside(leg.account), rest, leg.currency)))
        return legs

    def _usable_lots(self, standing: Standing) -> Lots:
        return {
            month: coins
            for month, coins in standing.lots.items()
            if not is_over(month, self.posted_at)
        }

    def _document(
        self,
        entry: NewEntry,
        legs: list[dict[str, Any]],
        effective_at: datetime,
        original: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        document = {
            "_id": new_id(),
            "key": entry.key,
            "request_hash": entry.request_hash,
            "kind": entry.kind.value,
            "legs": legs,
            "about": {"kind": entry.about[0], "id": entry.about[1]},
            "effective_at": effective_at,
            "posted_at": self.posted_at,
        }
        if entry.unit is not None:
            document["unit"] = entry.unit
        if entry.returns is not None and original is not None:
            document["returns"] = original["_id"]
        if entry.reverses is not None and entry.reason is not None:
            document |= {"reverses": entry.reverses, "reason": entry.reason.value}
        return document


def is_kept(account: str) -> bool:
    """Whether a stored balance changes with the account: its own, or the wallet's beside it."""
    return account.partition(":")[0] in _KEPT


def _debits_first(entry: NewEntry) -> list[Leg]:
    """The legs, what leaves before what comes; a reversal's by person, wallet and debt as one."""
    legs: Iterable[Leg] = entry.legs
    if entry.kind == EntryKind.REVERSAL:
        sums = by_owner((leg.account, leg.currency, leg.amount) for leg in entry.legs)
        legs = [Leg(account, net, currency) for (account, currency), net in sums.items()]
    return sorted(legs, key=lambda leg: leg.amount > 0)


def _undoes(entry: NewEntry, original: Mapping[str, Any]) -> bool:
    """Whether a reversal's legs are the original's turned round, and that may be reversed."""
    wanted = by_owner((leg["account"], leg["currency"], -leg["amount"]) for leg in original["legs"])
    asked = by_owner((leg.account, leg.currency, leg.amount) for leg in entry.legs)
    return original["kind"] in REVERSIBLE and asked == wanted


def _overdrawn(leg: Leg, available: int) -> NotPostable:
    return NotPostable(Overdrawn(leg.account, leg.currency, max(0, available), -leg.amount))


def _leg_in(original: Mapping[str, Any] | None, leg: Leg) -> Mapping[str, Any]:
    for found in (original or {}).get("legs", ()):
        if (found["account"], found["currency"]) == (leg.account, leg.currency):
            return dict(found)
    return {}


def _lots_of(original: Mapping[str, Any] | None, leg: Leg) -> Lots:
    lots = _leg_in(original, leg).get("lots", {})
    return {month: int(coins) for month, coins in lots.items()}


def _amount_of(original: Mapping[str, Any] | None, leg: Leg) -> int:
    return abs(int(_leg_in(original, leg).get("amount", 0)))


def _returned_lots(original: Mapping[str, Any], leg: Leg, coins: int) -> Lots:
    """The lots among `coins` that come back to the wallet the original drew them from.

    Where less comes back than went, what never expires comes first, then the latest months.
    """
    drawn = _lots_of(original, leg)
    undated = _amount_of(original, leg) - sum(drawn.values())
    return latest(drawn, max(0, coins - undated))


def _stored(leg: Leg, lots: Lots | None = None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "account": leg.account,
        "currency": str(leg.currency),
        "amount": Int64(leg.amount),
    }
    if lots:
        document["lots"] = {month: Int64(coins) for month, coins in lots.items()}
    return document
