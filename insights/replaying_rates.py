"""Past work under other terms: what each task would be worth, and what caps would leave of it.

Pure. A task is priced once, as its publication would, and pays that to each who did it; then the
caps cut, person by person in order of time. What is not said otherwise is in whole Fu coins.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from rates.capping import Cap, Scope, Span, span_around, within_caps
from rates.duty import duty_of
from rates.pricing import Action, quote
from rates.terms import Terms
from shared.errors import DomainError

Begins = Mapping[Span, datetime]


class Paid(NamedTuple):
    """What is paid of a price, and each cap that cuts, with how much."""

    coins: int
    cuts: list[tuple[Cap, int]]


class Work(Protocol):
    """One verified participation, and what it was paid."""

    @property
    def task_id(self) -> str:
        """The task it was for."""

    @property
    def person_id(self) -> str:
        """Who did it."""

    @property
    def unit_id(self) -> str:
        """Whose task it was."""

    @property
    def kind(self) -> str:
        """Which kind of action."""

    @property
    def starts_at(self) -> datetime:
        """When it began: its day, week and month are counted by it."""

    @property
    def coins(self) -> int:
        """What was paid."""

    @property
    def on_duty(self) -> bool:
        """Whether it was a paid member's hour of duty."""


class Priced(NamedTuple):
    """A task under the terms: what it pays each, which caps cut that, and of what parts it is.

    `pays_duty`: whether hours of duty earn it too. `refusal` names why it has no price; it pays
    nothing then.
    """

    coins: int
    caps: tuple[Cap, ...] = ()
    parts: Mapping[str, int] = {}
    pays_duty: bool = False
    refusal: str = ""


def price(terms: Terms, action: Action) -> Priced:
    """The action under these terms, as publishing it would quote it; a refusal is an answer too."""
    try:
        quoted = quote(terms, action)
    except DomainError as refusal:
        return Priced(0, refusal=type(refusal).__name__)
    parts: Counter[str] = Counter()
    for line in quoted.breakdown:
        parts[line["part"]] += line["coins"]
    return Priced(quoted.coins, quoted.caps, parts, not duty_of(terms, action.kind))


@dataclass(slots=True)
class Sum:
    """How often something was done, what it was paid and what it would be paid."""

    count: int = 0
    paid: int = 0
    drafted: int = 0

    def add(self, paid: int, drafted: int) -> None:
        """One more."""
        self.count += 1
        self.paid += paid
        self.drafted += drafted


class Earnings:
    """What everybody earned in each day, week and month: of each kind of action and of all."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._begins: dict[date, Begins] = {}
        self._earned: defaultdict[tuple[str, str, Span, datetime], int] = defaultdict(int)

    def begins_of(self, moment: datetime) -> Begins:
        """When the day, the week and the month of a moment began."""
        day = moment.astimezone(self._zone).date()
        known = self._begins.get(day)
        if known is None:
            known = {span: span_around(span, moment, self._zone)[0] for span in Span}
            self._begins[day] = known
        return known

    def pay(
        self, person_id: str, kind: str, moment: datetime, coins: int, caps: tuple[Cap, ...] = ()
    ) -> Paid:
        """Pay what the caps leave of the coins: that, and what each cap cuts that does."""
        begins = self.begins_of(moment)
        cuts = []
        for cap in caps:
            whose = kind if cap.scope is Scope.KIND else ""
            earned = self._earned.get((person_id, whose, cap.span, begins[cap.span]), 0)
            if coins and earned + coins > cap.most:
                left = within_caps(coins, (cap,), {cap: earned}).coins
                cuts.append((cap, coins - left))
                coins = left
        if coins:
            for span, began_at in begins.items():
                self._earned[person_id, kind, span, began_at] += coins
                self._earned[person_id, "", span, began_at] += coins
        return Paid(coins, cuts)


@dataclass
class CutSum:
    """What one kind of cap cut: how many coins, how often, of whom."""

    coins: int = 0
    count: int = 0
    people: set[str] = field(default_factory=set)

    def add(self, person_id: str, coins: int) -> None:
        """One more cut."""
        self.coins += coins
        self.count += 1
        self.people.add(person_id)


@dataclass
class Replayed:
    """The sums of a replay, before they are told: in all, by unit, kind, person, part and cap.

    `unpriced` is by (kind, refusal). `parts` say what makes the price up, before caps.
    """

    total: Sum = field(default_factory=Sum)
    units: defaultdict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    kinds: defaultdict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    people: defaultdict[str, Sum] = field(default_factory=lambda: defaultdict(Sum))
    unpriced: defaultdict[tuple[str, str], Sum] = field(default_factory=lambda: defaultdict(Sum))
    parts: Counter[str] = field(default_factory=Counter)
    cuts: defaultdict[tuple[str, str], CutSum] = field(default_factory=lambda: defaultdict(CutSum))
    on_duty: int = 0
    task_ids: set[str] = field(default_factory=set)


class Replay:
    """Replays work, given in the order it began, and adds it up.

    `price_of(task id)` prices a task. What began before `since` counts towards the caps and in no
    sum: of the week and month in which the span begins, caps have seen the first days too. Work
    for other units than those `among` which the terms hold earned what it was paid.
    """

    def __init__(
        self,
        price_of: Callable[[str], Priced],
        *,
        since: datetime,
        zone: ZoneInfo,
        among: Container[str],
    ) -> None:
        self.sums = Replayed()
        self._price_of = price_of
        self._since = since
        self._among = among
        self._earnings = Earnings(zone)

    def counts(self, one: Work) -> bool:
        """Whether the terms hold for it, so that its task must have a price."""
        return one.unit_id in self._among

    def add_all(self, work: Iterable[Work]) -> None:
        """Replay some more work."""
        for one in work:
            if self.counts(one):
                self._add(one)
            else:
                self._pay(one, one.coins)

    def _add(self, one: Work) -> None:
        priced = self._price_of(one.task_id)
        unpaid_duty = one.on_duty and not priced.pays_duty
        if unpaid_duty:
            drafted, cuts = Paid(0, [])
        else:
            drafted, cuts = self._pay(one, priced.coins, priced.caps)
        if one.starts_at < self._since:
            return
        sums, paid = self.sums, one.coins
        sums.total.add(paid, drafted)
        sums.units[one.unit_id].add(paid, drafted)
        sums.kinds[one.kind].add(paid, drafted)
        sums.people[one.person_id].add(paid, drafted)
        sums.task_ids.add(one.task_id)
        if priced.refusal:
            sums.unpriced[one.kind, priced.refusal].add(paid, 0)
        if unpaid_duty:
            sums.on_duty += 1
            return
        for part, coins in priced.parts.items():
            sums.parts[part] += coins
        for cap, cut in cuts:
            sums.cuts[cap.scope.value, cap.span.value].add(one.person_id, cut)

    def _pay(self, one: Work, coins: int, caps: tuple[Cap, ...] = ()) -> Paid:
        return self._earnings.pay(one.person_id, one.kind, one.starts_at, coins, caps)
