"""What a unit's volunteers did, by kind and month, with nothing in it that shows one of them; pure.

Figures of fewer than three people are left out, and further ones with them where the rest of a
table would give them away.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from honours.calendar_weeks import day_in
from honours.tally import OTHER_KIND

LEAST_PEOPLE = 3

# One cell of a table: what it is called, sums, and who is in it.
Figures = dict[str, Any]


class DoneWork(Protocol):
    """One verified participation, as the tasks room tells it."""

    @property
    def person_id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def worked_s(self) -> int: ...
    @property
    def worked_m(self) -> float: ...


class _Cell:
    """Sums that grow with each piece of work."""

    def __init__(self) -> None:
        self.count, self.seconds, self.metres = 0, 0, 0.0
        self.people: Counter[str] = Counter()

    def add(self, one: DoneWork) -> None:
        self.count += 1
        self.seconds += one.worked_s
        self.metres += one.worked_m
        self.people[one.person_id] += 1

    def shown(self, *, is_hidden: bool) -> Figures:
        """The sums: seconds, metres; None each where they are not shown."""
        sums = {
            "count": self.count,
            "seconds": self.seconds,
            "metres": round(self.metres),
            "people": len(self.people),
        }
        return dict.fromkeys(sums) | {"hidden": True} if is_hidden else sums | {"hidden": False}


def figures_of(work: Iterable[DoneWork], months: Sequence[str], zone: ZoneInfo) -> Figures:
    """{"total", "kinds": [{"kind", …}], "months": [{"month", …}]}, each with its sums.

    The total and the kinds are of all time, the months those asked for ("2026-11").
    """
    total = _Cell()
    by_kind: dict[str, _Cell] = defaultdict(_Cell)
    by_month = {month: _Cell() for month in months}
    for one in work:
        total.add(one)
        by_kind[one.kind or OTHER_KIND].add(one)
        month = f"{day_in(one.starts_at, zone):%Y-%m}"
        if month in by_month:
            by_month[month].add(one)
    is_small = 0 < len(total.people) < LEAST_PEOPLE
    return {
        "total": total.shown(is_hidden=is_small),
        "kinds": _table("kind", dict(sorted(by_kind.items())), is_small=is_small),
        "months": _table("month", by_month, is_small=is_small),
    }


def _table(word: str, cells: dict[str, _Cell], *, is_small: bool) -> list[Figures]:
    hidden = hidden_names({name: set(cell.people) for name, cell in cells.items()})
    return [
        {word: name} | cell.shown(is_hidden=is_small or name in hidden)
        for name, cell in cells.items()
    ]


def hidden_names(people: dict[str, set[str]]) -> set[str]:
    """Which cells of a table are not shown, from who is in each.

    Those of fewer than three people; and, while those left out together are fewer than three
    people (so that the total less the shown would tell of them), the smallest of the others.
    """
    filled = {name: who for name, who in people.items() if who}
    hidden = {name for name, who in filled.items() if len(who) < LEAST_PEOPLE}
    by_size = sorted(set(filled) - hidden, key=lambda name: (len(filled[name]), name))
    while hidden and by_size:
        if len(set().union(*(filled[name] for name in hidden))) >= LEAST_PEOPLE:
            break
        hidden.add(by_size.pop(0))
    return hidden
