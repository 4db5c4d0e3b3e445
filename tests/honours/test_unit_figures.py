"""A unit's figures, and what neither they nor any difference of them ever show."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from honours.unit_figures import LEAST_PEOPLE, Tree, WorkSum, figures_of, shown_units

PURE = True

MONTHS = ["2026-10", "2026-11"]
EMPTY = {"count": None, "seconds": None, "metres": None, "people": None, "hidden": True}
ONE = Tree({"street": None})
CITY = {
    "city": None,
    "east": "city",
    "west": "city",
    "east-1": "east",
    "east-2": "east",
    "west-1": "west",
}


def by(*people, unit="street", kind="patrol", month="2026-10"):
    return [WorkSum(unit, kind, month, one, 1, 3600, 1000.4) for one in people]


def below(unit):
    """The tree of a unit of CITY, as its own page is made from."""
    inside = [one for one in CITY if unit in _line(one)]
    return Tree({one: CITY[one] if one != unit else None for one in inside})


def _line(unit):
    line = [unit]
    while CITY[line[-1]] is not None:
        line.append(CITY[line[-1]])
    return line


def test_sums_of_the_total_the_kinds_and_the_months():
    work = by("a", "b", "c", "a") + by("a", "b", "d", kind="care_visit", month="2026-11")
    figures = figures_of(work, MONTHS, ONE)
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
    figures = figures_of(by("a", "b", "c", month=""), MONTHS, ONE)
    assert figures["total"]["count"] == 3
    assert [one["count"] for one in figures["months"]] == [0, 0]


def test_two_people_are_not_shown_at_all():
    figures = figures_of(by("a", "b", "a"), MONTHS, ONE)
    assert figures["total"] == EMPTY
    assert figures["kinds"] == [{"kind": "patrol"} | EMPTY]
    assert [one["hidden"] for one in figures["months"]] == [True, False]


def test_nothing_done_is_shown_as_nothing():
    figures = figures_of([], MONTHS, ONE)
    assert (figures["total"]["count"], figures["total"]["hidden"]) == (0, False)
    assert figures["kinds"] == []


def test_a_small_kind_takes_another_with_it_so_that_the_rest_tells_nothing():
    work = by("a", "b", "c", "d") + by("a", "b", "c", kind="drill") + by("a", kind="care_visit")
    shown = {one["kind"]: one["hidden"] for one in figures_of(work, MONTHS, ONE)["kinds"]}
    assert shown == {"patrol": False, "drill": True, "care_visit": True}


def test_one_who_is_alone_below_is_left_out_above_and_three_such_are_pooled():
    crowd = by("a", "b", "c", unit="east-1")
    alone = crowd + by("x", unit="east-2")
    assert figures_of(alone, MONTHS, below("east"))["total"]["people"] == 3
    pooled = alone + by("y", unit="west-1") + by("z", unit="city")
    assert figures_of(pooled, MONTHS, below("city"))["total"]["people"] == 6
    assert figures_of(pooled, MONTHS, below("east"))["total"]["people"] == 3


WORKERS = st.dictionaries(st.sampled_from(sorted(CITY)), st.sets(st.integers(0, 9)))


@given(WORKERS)
def test_no_page_less_pages_below_it_tells_of_fewer_than_three(people):
    shown = {unit: shown_units(people, below(unit)) for unit in CITY}
    for unit, units in shown.items():
        lower = [shown[one] for one in CITY if one != unit and unit in _line(one)]
        for count in range(len(lower) + 1):
            for taken in combinations(lower, count):
                assert set().union(*taken) <= units
                rest = units - set().union(*taken)
                told = set().union(*(people[one] for one in rest))
                assert not rest or len(told) >= LEAST_PEOPLE


SUMS = st.lists(
    st.builds(
        WorkSum,
        st.sampled_from(sorted(CITY)),
        st.sampled_from(["patrol", "drill", "care_visit"]),
        st.sampled_from([*MONTHS, ""]),
        st.sampled_from("abcdefg"),
        st.just(1),
        st.just(60),
        st.just(0.0),
    ),
    max_size=40,
)


@given(SUMS)
def test_a_total_less_its_kinds_is_nothing_or_what_three_did(sums):
    # One sum a person, unit and kind, each of another power of two: a difference names its parts.
    keyed = {(one.unit_id, one.kind, one.person_id): one for one in sums}
    parts = [one._replace(seconds=1 << place) for place, one in enumerate(keyed.values())]
    figures = figures_of(parts, MONTHS, below("city"))
    shown = [one["seconds"] for one in figures["kinds"] if not one["hidden"]]
    if figures["total"]["hidden"] or not shown:
        return
    apart = figures["total"]["seconds"] ^ sum(shown)
    told = {one.person_id for one in parts if one.seconds & apart}
    assert not told or len(told) >= LEAST_PEOPLE
