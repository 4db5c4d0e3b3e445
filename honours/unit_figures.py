"""What a unit's volunteers did, by kind and month, with nothing in it that shows one of them; pure.

Shown is only what three people or more did together: at one unit, or at several that are pooled
at the unit above them. So the page of a unit less those of the units below it tells of three too,
and where a table's cells less its total would tell of fewer, further cells are left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from honours.tally import OTHER_KIND

LEAST_PEOPLE = 3
# The cell of the months that are not asked for: never shown.
EARLIER = ""

Figures = dict[str, Any]


class WorkSum(NamedTuple):
    """What one person did of a kind at a unit in a month ("2026-11", or EARLIER): sums."""

    unit_id: str
    kind: str
    month: str
    person_id: str
    times: int
    seconds: int
    metres: float


class _Cell:
    """Sums that grow with each piece of work, and who did it."""

    def __init__(self) -> None:
        self.count, self.seconds, self.metres = 0, 0, 0.0
        self.people: set[str] = set()

    def add(self, one: WorkSum) -> None:
        self.count += one.times
        self.seconds += one.seconds
        self.metres += one.metres
        self.people.add(one.person_id)


# A cell of a table, taken apart by the units where the work was done.
_ByUnit = dict[str, _Cell]


class Tree:
    """A unit and those below it: by id the unit above each, or none for the first."""

    def __init__(self, above: Mapping[str, str | None]) -> None:
        self.above = above
        self._depth: dict[str, int] = {}
        for unit_id in above:
            self._depth[unit_id] = self._depth_of(unit_id)
        self.deepest_first = sorted(above, key=lambda one: (-self._depth[one], one))

    def _depth_of(self, unit_id: str) -> int:
        depth, above = 0, self.above[unit_id]
        while above is not None:
            depth, above = depth + 1, self.above[above]
        return depth


def figures_of(sums: Iterable[WorkSum], months: Sequence[str], tree: Tree) -> Figures:
    """{"total", "kinds": [{"kind", …}], "months": [{"month", …}]}, each with its sums.

    The total and the kinds are of all time, the months those asked for ("2026-11"). Sums:
    "count", "seconds", "metres", "people"; None each where "hidden".
    """
    total: _ByUnit = defaultdict(_Cell)
    kinds: dict[str, _ByUnit] = defaultdict(lambda: defaultdict(_Cell))
    by_month: dict[str, _ByUnit] = {month: defaultdict(_Cell) for month in (*months, EARLIER)}
    for one in sums:
        total[one.unit_id].add(one)
        kinds[one.kind or OTHER_KIND][one.unit_id].add(one)
        by_month[one.month if one.month in by_month else EARLIER][one.unit_id].add(one)
    shown = shown_units(_people(total), tree)
    return {
        "total": _sums(total, shown),
        "kinds": _table("kind", dict(sorted(kinds.items())), shown, tree),
        "months": _table("month", by_month, shown, tree),
    }


def shown_units(people: Mapping[str, set[str]], tree: Tree) -> set[str]:
    """The units whose own work is part of what the first unit shows, from who worked at each.

    Fewer than three of one unit wait for those of the units beside and above, until they are
    three together. Who never are is not shown.
    """
    shown: set[str] = set()
    waiting: dict[str, set[str]] = defaultdict(set)
    for unit_id in tree.deepest_first:
        pool = waiting.pop(unit_id, set()) | ({unit_id} if people.get(unit_id) else set())
        if len(set().union(*(people[one] for one in pool))) >= LEAST_PEOPLE:
            shown |= pool
            continue
        above = tree.above[unit_id]
        if above is not None:
            waiting[above] |= pool
    return shown


def hidden_cells(
    cells: Mapping[str, Mapping[str, set[str]]], shown: Mapping[str, set[str]], total: set[str]
) -> set[str]:
    """Which cells of a table are left out, from who worked where and which units are shown.

    Those of whom nothing is shown; and, while the total and the shown cells differ by the work of
    fewer than three people, the smallest of the others.
    """
    filled = {name for name, people in cells.items() if people}
    hidden = {name for name in filled if not shown[name]} | ({EARLIER} & filled)
    by_size = sorted(filled - hidden, key=lambda name: (len(_together(cells[name])), name))
    while by_size and 0 < len(_told_apart(cells, shown, total, hidden)) < LEAST_PEOPLE:
        hidden.add(by_size.pop(0))
    return hidden


def _told_apart(
    cells: Mapping[str, Mapping[str, set[str]]],
    shown: Mapping[str, set[str]],
    total: set[str],
    hidden: set[str],
) -> set[str]:
    """Whose work is in the total and in no cell that is shown, or the other way round."""
    found: set[str] = set()
    for name, people in cells.items():
        seen = set() if name in hidden else shown[name]
        found |= _together({unit_id: people[unit_id] for unit_id in set(people) & (seen ^ total)})
    return found


def _table(word: str, cells: Mapping[str, _ByUnit], total: set[str], tree: Tree) -> list[Figures]:
    people = {name: _people(by_unit) for name, by_unit in cells.items()}
    shown = {name: shown_units(people[name], tree) if total else set() for name in cells}
    hidden = hidden_cells(people, shown, total)
    return [
        {word: name} | _sums(by_unit, set() if name in hidden else shown[name])
        for name, by_unit in cells.items()
        if name != EARLIER
    ]


def _sums(by_unit: Mapping[str, _Cell], shown: set[str]) -> Figures:
    if by_unit and not shown:
        return dict.fromkeys(("count", "seconds", "metres", "people")) | {"hidden": True}
    cells = [by_unit[unit_id] for unit_id in sorted(shown)]
    return {
        "count": sum(cell.count for cell in cells),
        "seconds": sum(cell.seconds for cell in cells),
        "metres": round(sum(cell.metres for cell in cells)),
        "people": len(set().union(*(cell.people for cell in cells))),
        "hidden": False,
    }


def _people(by_unit: Mapping[str, _Cell]) -> dict[str, set[str]]:
    return {unit_id: cell.people for unit_id, cell in by_unit.items()}


def _together(people: Mapping[str, set[str]]) -> set[str]:
    return set().union(*people.values())
