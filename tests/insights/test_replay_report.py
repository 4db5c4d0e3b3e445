"""The report of a replay: winners and losers, quantiles, what goes to whom on top."""

from hypothesis import given
from hypothesis import strategies as st
from replayed_work import Did, replayed

from insights.replay_report import (
    FIRST_PEOPLE,
    MOST_UNITS,
    people_report,
    quantile,
    report_of,
    top_share,
)
from insights.replaying_rates import Priced, Sum
from rates.capping import Cap, Scope, Span

PURE = True


class AnyUnit(dict):
    def __missing__(self, unit_id):
        return 7


def told(work, prices, **more):
    return report_of(replayed(work, prices, **more), {"left": 7, "of_units": AnyUnit()})


def test_people_are_counted_by_whether_they_gain_lose_or_stay():
    people = {"a": Sum(1, 10, 30), "b": Sum(1, 10, 10), "c": Sum(1, 10, 5), "d": Sum(1, 0, 1)}
    report = people_report(people)
    assert (report["gain"], report["lose"], report["same"]) == (2, 1, 1)
    assert [one["person_id"] for one in report["largest_gains"]] == ["a", "d"]
    assert [one["person_id"] for one in report["largest_losses"]] == ["c"]


def test_only_the_first_people_are_named():
    people = {f"p{number:03}": Sum(1, 0, number + 1) for number in range(50)}
    report = people_report(people)
    assert len(report["largest_gains"]) == FIRST_PEOPLE
    assert report["largest_gains"][0]["person_id"] == "p049"


@given(st.lists(st.integers(-500, 500), min_size=1), st.integers(1, 100))
def test_a_quantile_is_a_value_that_so_many_do_not_exceed(values, percent):
    found = quantile(sorted(values), percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)


def test_the_share_of_the_first_is_of_one_at_least():
    assert top_share([50, 30, 20], 1) == 0.5
    assert top_share([1] * 100, 10) == 0.1
    assert top_share([0, 0], 10) == 0.0
    assert quantile([], 50) == 0


def test_the_whole_report_adds_up():
    daily = (Cap(Scope.ALL, Span.DAY, 60),)
    work = [
        Did("ann", "t", coins=100),
        Did("ann", "u", unit_id="grid", kind="drill", coins=10),
        Did("bob", "w", kind="publicity", coins=40),
        Did("cid", "t", coins=0, on_duty=True),
    ]
    prices = {
        "t": Priced(50, daily, {"base": 50}),
        "u": Priced(30, daily, {"time": 30}),
        "w": Priced(0, refusal="KindNotRated"),
    }
    report = told(work, prices, among=("street", "grid"))
    assert report["work"] == {"participations": 4, "tasks": 3, "people": 3, "unpaid_duty": 1}
    assert (report["paid"], report["drafted"]) == (150, 60)
    assert report["budget"] == {"left": 7}
    for part in ("units", "kinds"):
        assert sum(row["paid"] for row in report[part]) == 150
        assert sum(row["drafted"] for row in report[part]) == 60
    assert report["caps"]["coins"] == 20
    assert report["caps"]["people"] == 1
    assert sum(one["coins"] for one in report["parts"]) - report["caps"]["coins"] == 60
    assert report["unpriced"] == [
        {"kind": "publicity", "refusal": "KindNotRated", "count": 1, "paid": 40}
    ]
    assert report["top"]["people"][0]["person_id"] == "ann"
    assert report["top"]["shares"][0]["drafted_share"] == 1.0


def test_of_many_units_those_that_change_most_are_told():
    work = [Did(unit_id=f"u{n:03}", task_id=f"t{n}", coins=0) for n in range(MOST_UNITS + 5)]
    prices = {f"t{n}": Priced(n) for n in range(MOST_UNITS + 5)}
    report = told(work, prices, among={one.unit_id for one in work})
    assert len(report["units"]) == MOST_UNITS
    assert report["units_left_out"] == 5
    assert report["units"][0] == {
        "unit_id": f"u{MOST_UNITS + 4}",
        "count": 1,
        "paid": 0,
        "drafted": MOST_UNITS + 4,
        "left": 7,
    }
