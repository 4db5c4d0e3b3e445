"""A unit's figures, and what they never show."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from honours.unit_figures import LEAST_PEOPLE, figures_of, hidden_names

PURE = True

ZONE = ZoneInfo("Asia/Shanghai")
MONTHS = ["2026-10", "2026-11"]
OCTOBER = datetime(2026, 10, 5, tzinfo=UTC)
EMPTY = {"count": None, "seconds": None, "metres": None, "people": None, "hidden": True}


class Done(NamedTuple):
    person_id: str
    kind: str = "patrol"
    starts_at: datetime = OCTOBER
    worked_s: int = 3600
    worked_m: float = 1000.4


def by(*people, **more):
    return [Done(one, **more) for one in people]


def test_sums_of_the_total_the_kinds_and_the_months():
    november = OCTOBER + timedelta(days=30)
    work = by("a", "b", "c", "a") + by("a", "b", "d", kind="care_visit", starts_at=november)
    figures = figures_of(work, MONTHS, ZONE)
    assert figures["total"] == {
        "count": 7,
        "seconds": 7 * 3600,
        "metres": 7003,
        "people": 4,
        "hidden": False,
    }
    assert [(one["kind"], one["count"], one["people"]) for one in figures["kinds"]] == [
        ("care_visit", 3, 3),
        ("patrol", 4, 3),
    ]
    assert [(one["month"], one["count"]) for one in figures["months"]] == [
        ("2026-10", 4),
        ("2026-11", 3),
    ]


def test_what_is_older_counts_in_the_total_alone():
    work = by("a", "b", "c", starts_at=datetime(2020, 1, 1, tzinfo=UTC))
    figures = figures_of(work, MONTHS, ZONE)
    assert figures["total"]["count"] == 3
    assert [one["count"] for one in figures["months"]] == [0, 0]


def test_two_people_are_not_shown_at_all():
    figures = figures_of(by("a", "b", "a"), MONTHS, ZONE)
    assert figures["total"] == EMPTY
    assert figures["kinds"] == [{"kind": "patrol"} | EMPTY]
    assert all(one["hidden"] for one in figures["months"])


def test_nothing_done_is_shown_as_nothing():
    figures = figures_of([], MONTHS, ZONE)
    assert (figures["total"]["count"], figures["total"]["hidden"]) == (0, False)
    assert figures["kinds"] == []


def test_a_small_kind_takes_another_with_it_so_that_the_rest_tells_nothing():
    work = by("a", "b", "c", "d") + by("a", "b", "c", kind="drill") + by("a", kind="care_visit")
    shown = {one["kind"]: one["hidden"] for one in figures_of(work, MONTHS, ZONE)["kinds"]}
    assert shown == {"patrol": False, "drill": True, "care_visit": True}


TABLES = st.dictionaries(st.sampled_from("abcdef"), st.sets(st.integers(0, 9)))


@given(TABLES)
def test_what_is_left_out_is_nobody_or_at_least_three(people):
    hidden = hidden_names(people)
    shown = [who for name, who in people.items() if name not in hidden]
    assert all(not who or len(who) >= LEAST_PEOPLE for who in shown)
    together = set().union(*(people[name] for name in hidden))
    assert not hidden or len(together) >= LEAST_PEOPLE or not any(shown)
    assert all(people[name] for name in hidden)
