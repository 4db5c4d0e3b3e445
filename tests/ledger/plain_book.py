"""The ledger as one would explain it: a few dictionaries, one thing at a time, no database."""

from dataclasses import dataclass, field
from datetime import timedelta

from shared.clock import business_month, month_later


class Refused(Exception):
    """Raised where the plain book says no; it has changed nothing then."""


@dataclass
class Wallet:
    """Free coins by month (None: for ever), what is held, and what the owner owes."""

    free: dict = field(default_factory=dict)
    held: int = 0
    owes: int = 0

    def draw(self, coins, moment, first=(), with_over=False):
        """Take coins: those named first, then the earliest month, then those for ever."""
        usable = {
            month: held
            for month, held in self.free.items()
            if with_over or month is None or month >= business_month(moment)
        }
        if sum(usable.values()) < coins:
            raise Refused
        drawn = {}
        order = [*first, *((month, usable[month]) for month in sorted(usable, key=_for_ever_last))]
        for month, most in order:
            part = min(most, coins, usable.get(month, 0) - drawn.get(month, 0))
            if part > 0:
                drawn[month] = drawn.get(month, 0) + part
                coins -= part
        for month, part in drawn.items():
            self.free[month] -= part
        return drawn

    def put(self, lots, moment):
        """Give coins; what is owed is paid first, with those that would have expired first."""
        paid = min(self.owes, sum(lots.values()))
        self.owes -= paid
        for month in sorted(lots, key=_for_ever_last):
            part = min(paid, lots[month])
            paid -= part
            name = in_time(month, moment)
            self.free[name] = self.free.get(name, 0) + lots[month] - part

    def as_stored(self):
        """(posted, held, owes, lots) as the balance keeps them."""
        lots = {month: coins for month, coins in self.free.items() if month and coins}
        return sum(self.free.values()) + self.held, self.held, self.owes, lots


def in_time(month, moment):
    """The month a lot is given with: 30 days more where its own is over."""
    if month is not None and month < business_month(moment):
        return business_month(moment + timedelta(days=30))
    return month


def together(lots, moment):
    """The lots with the months they are given with."""
    given = {}
    for month, coins in lots.items():
        given[in_time(month, moment)] = given.get(in_time(month, moment), 0) + coins
    return given


def _for_ever_last(month):
    return (month is None, month or "")


@dataclass
class Done:
    """An entry of the plain book: what it moved, for its reversal or return."""

    kind: str
    person: str
    coins: int
    lots: dict
    other: str


class PlainBook:
    """People with wallets, one escrow they are paid from, vouchers, a provider."""

    def __init__(self, people, escrow):
        self.wallets = {person: Wallet() for person in people}
        self.escrow = escrow
        self.vouchers = {}
        self.expired = self.provider = 0
        self.holds = {}
        self.done = {}
        self.reversed = set()
        self.closed_through = None

    def must_be_open(self, effective_at):
        if self.closed_through and business_month(effective_at) <= self.closed_through:
            raise Refused

    def reward(self, key, person, coins, lasts, effective_at, now):
        self.must_be_open(effective_at)
        wallet = self.wallets[person]
        month = month_later(business_month(effective_at), lasts) if lasts else None
        given = {in_time(month, now): coins - min(wallet.owes, coins)}
        self.escrow -= coins
        wallet.put({month: coins}, now)
        self.done[key] = Done("reward", person, coins, given, "escrow")

    def order(self, key, person, coins, voucher, now):
        wallet = self.wallets[person]
        try:
            drawn = wallet.draw(coins, now)
        except Refused:
            self.release_overdue(now, person)
            drawn = wallet.draw(coins, now)
        self.vouchers[voucher] = coins
        self.done[key] = Done("order", person, coins, drawn, voucher)

    def cancel(self, key, order_key, now):
        order = self.done[order_key]
        if self.vouchers[order.other] < order.coins:
            raise Refused
        self.vouchers[order.other] = 0
        self.wallets[order.person].put(order.lots, now)
        self.done[key] = Done("cancellation", order.person, order.coins, {}, order.other)

    def reverse(self, key, effective_at, now):
        entry = self.done[key]
        self.must_be_open(effective_at)
        wallet = self.wallets[entry.person]
        self.release_overdue(now, entry.person)
        if entry.kind == "reward":
            taken = min(sum(wallet.free.values()), entry.coins)
            own = [(month, entry.lots[month]) for month in sorted(entry.lots, key=_for_ever_last)]
            wallet.draw(taken, now, first=own, with_over=True)
            wallet.owes += entry.coins - taken
            self.escrow += entry.coins
        else:
            self.provider -= entry.coins
            wallet.put(entry.lots, now)
        self.reversed.add(key)

    def hold(self, key, person, coins, expires_at, now):
        wallet = self.wallets[person]
        self.release_overdue(now, person)
        drawn = wallet.draw(coins, now)
        wallet.held += coins
        self.holds[key] = [person, coins, drawn, expires_at]

    def end_hold(self, key, now, settled=0, entry_key=None):
        person, coins, drawn, expires_at = self.holds[key]
        if settled and expires_at <= now:
            raise Refused
        wallet = self.wallets[person]
        wallet.held -= coins
        del self.holds[key]
        rest, left, paid = dict(drawn), settled, {}
        for month in sorted(rest, key=_for_ever_last):
            paid[month] = min(left, rest[month])
            rest[month] -= paid[month]
            left -= paid[month]
        self.provider += settled
        if settled:
            self.done[entry_key] = Done("delivery", person, settled, paid, "provider")
        wallet.put(together(rest, now), now)

    def release_overdue(self, now, person=None):
        for key, (who, _, _, expires_at) in list(self.holds.items()):
            if expires_at <= now and person in (None, who):
                self.end_hold(key, now)

    def expire(self, month):
        """Let every lot of a month before `month` go."""
        for wallet in self.wallets.values():
            for lot in list(wallet.free):
                if lot is not None and lot < month:
                    self.expired += wallet.free.pop(lot)
