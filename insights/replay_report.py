"""What a replay found, in plain values: cost, who gains and loses, what caps cut, who gets most.

Pure. All amounts are Fu coins; `paid` is what was paid, `drafted` what the card would pay.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Any

from insights.replaying_rates import Replayed, Sum

MOST_UNITS = 200
FIRST_PEOPLE = 20
QUANTILES = (5, 25, 50, 75, 95)
TOP_PERCENT = (1, 10)


def report_of(sums: Replayed, budget: Mapping[str, Any]) -> dict[str, Any]:
    """The whole report; people stand in it by their ids alone.

    `budget` is what is left beside it; its `of_units` stands with each unit.
    """
    beside = dict(budget)
    left = beside.pop("of_units")
    return {
        "work": {
            "participations": sums.total.count,
            "tasks": len(sums.task_ids),
            "people": len(sums.people),
            "unpaid_duty": sums.on_duty,
        },
        "paid": sums.total.paid,
        "drafted": sums.total.drafted,
        "budget": beside,
        **_units(sums.units, left),
        "kinds": _rows(sums.kinds, "kind"),
        "parts": [{"part": part, "coins": coins} for part, coins in sorted(sums.parts.items())],
        "people": people_report(sums.people),
        "caps": _caps(sums),
        "top": _top(sums.people),
        "unpriced": [
            {"kind": kind, "refusal": refusal, "count": one.count, "paid": one.paid}
            for (kind, refusal), one in sorted(sums.unpriced.items())
        ],
    }


def _units(units: Mapping[str, Sum], left: Mapping[str, int]) -> dict[str, Any]:
    """Those that change most, with what is left to each, and how many others there are."""
    rows = [{**row, "left": left[row["unit_id"]]} for row in _rows(units, "unit_id")]
    return {"units": rows[:MOST_UNITS], "units_left_out": max(0, len(rows) - MOST_UNITS)}


def _rows(sums: Mapping[str, Sum], name: str) -> list[dict[str, Any]]:
    """A row each, the largest change first."""
    rows = [
        {name: key, "count": one.count, "paid": one.paid, "drafted": one.drafted}
        for key, one in sums.items()
    ]
    return sorted(rows, key=lambda row: (-abs(row["drafted"] - row["paid"]), row[name]))


def people_report(people: Mapping[str, Sum]) -> dict[str, Any]:
    """How many gain, lose and stay, by how much in quantiles, and the largest gains and losses."""
    changes = sorted((one.drafted - one.paid, person_id) for person_id, one in people.items())
    plain = [change for change, _ in changes]
    return {
        "gain": sum(change > 0 for change in plain),
        "lose": sum(change < 0 for change in plain),
        "same": sum(change == 0 for change in plain),
        "change_quantiles": [
            {"percent": percent, "coins": quantile(plain, percent)} for percent in QUANTILES
        ],
        "largest_gains": _changed(people, (each for each in reversed(changes) if each[0] > 0)),
        "largest_losses": _changed(people, (each for each in changes if each[0] < 0)),
    }


def quantile(ordered: Sequence[int], percent: int) -> int:
    """The smallest value that `percent` per cent of the ordered values do not exceed; 0 of none.

    The nearest-rank method, so that it is always a value that somebody has.
    """
    if not ordered:
        return 0
    return ordered[max(1, ceil(len(ordered) * percent / 100)) - 1]


def _changed(people: Mapping[str, Sum], changes: Iterable[tuple[int, str]]) -> list[dict[str, Any]]:
    firsts = [person_id for _, (_, person_id) in zip(range(FIRST_PEOPLE), changes, strict=False)]
    return [_person(person_id, people[person_id]) for person_id in firsts]


def _person(person_id: str, one: Sum) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "count": one.count,
        "paid": one.paid,
        "drafted": one.drafted,
    }


def _caps(sums: Replayed) -> dict[str, Any]:
    cut_people = {person_id for cut in sums.cuts.values() for person_id in cut.people}
    return {
        "coins": sum(cut.coins for cut in sums.cuts.values()),
        "people": len(cut_people),
        "each": [
            {
                "scope": scope,
                "span": span,
                "coins": cut.coins,
                "count": cut.count,
                "people": len(cut.people),
            }
            for (scope, span), cut in sorted(sums.cuts.items())
        ],
    }


def _top(people: Mapping[str, Sum]) -> dict[str, Any]:
    """How much goes to the few who get most: their shares, and the first of them."""
    first = sorted(people.items(), key=lambda item: (-item[1].drafted, item[0]))[:FIRST_PEOPLE]
    paid = sorted((one.paid for one in people.values()), reverse=True)
    drafted = sorted((one.drafted for one in people.values()), reverse=True)
    return {
        "shares": [
            {
                "percent": percent,
                "paid_share": top_share(paid, percent),
                "drafted_share": top_share(drafted, percent),
            }
            for percent in TOP_PERCENT
        ],
        "people": [_person(person_id, one) for person_id, one in first],
    }


def top_share(falling: Sequence[int], percent: int) -> float:
    """The share, 0 to 1, that the first `percent` per cent (one at least) have of the whole."""
    whole = sum(falling)
    if whole <= 0:
        return 0.0
    return round(sum(falling[: ceil(len(falling) * percent / 100)]) / whole, 6)
