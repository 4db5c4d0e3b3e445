"""The open tasks in memory answer as a plain loop over a dict does, whatever came before."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from near_world import FUZHOU, TOWNS, place_at, plain, plain_near, walked

from tasks.nearby import open_tasks
from tasks.nearby.open_tasks import OpenTask, OpenTasks, covers
from tasks.nearby.question import MAX_RADIUS_M, Nearby

PURE = True

KINDS = ("patrol", "care_visit", "publicity")
T0 = datetime(2026, 5, 1, 12, tzinfo=UTC)
T0_MS = int(T0.timestamp() * 1000)
HOUR_MS = 3_600_000
TAILS = [1, 3, 16, 4_096]


def task_at(task_id, place, *, kind="patrol", starts_ms=T0_MS, hours=2, card=b"{}"):
    return OpenTask(task_id, *place, starts_ms, starts_ms + int(hours * HOUR_MS), kind, card)


def asked_at(place, **changes):
    return Nearby(**({"lat": place[0], "lon": place[1], "radius_m": 3_000, "limit": 20} | changes))


def assert_same(index, rows, asked, moment_ms=T0_MS):
    """Set, order, distances and cards of one page, and of all pages joined."""
    assert plain(index.near(asked, moment_ms)) == plain_near(rows.values(), asked, moment_ms)
    joined = walked(lambda page: index.near(page, moment_ms), asked)
    everything = replace(asked, limit=len(rows) + 1)
    assert plain(joined) == plain_near(rows.values(), everything, moment_ms)


@pytest.fixture(params=TAILS)
def tail(request, monkeypatch):
    """How many rows may wait before they are sorted in."""
    monkeypatch.setattr(open_tasks, "TAIL", request.param)
    return request.param


@pytest.fixture
def easily_dense(monkeypatch):
    """Smaller circles are tried first wherever there is anything."""
    monkeypatch.setattr(open_tasks, "DENSE", 3)
    monkeypatch.setattr(open_tasks, "LEAST_RADIUS_M", 5)


# ---- whatever is put and dropped

towns = st.sampled_from(sorted(TOWNS.values()))
# Whole hundredths of a degree are the corners where cells meet.
corners = st.tuples(st.integers(-12, 12), st.integers(-12, 12)).map(
    lambda steps: ("corner", steps[0] / 100, steps[1] / 100)
)
anywhere = st.tuples(st.just("polar"), st.floats(0, 24_000), st.floats(0, 360))
ids = st.sampled_from([f"{number:024x}" for number in range(10)])
windows = st.tuples(st.integers(-3, 3), st.sampled_from([0.5, 1, 4]))
puts = st.tuples(st.just("put"), ids, st.one_of(anywhere, corners), st.sampled_from(KINDS), windows)
drops = st.tuples(st.just("drop"), ids)
steps = st.lists(st.one_of(puts, puts, puts, drops), max_size=40)
moments = st.one_of(st.none(), st.integers(-240, 240).map(lambda m: T0 + timedelta(minutes=m)))
questions = st.fixed_dictionaries(
    {
        "radius_m": st.one_of(st.floats(1, MAX_RADIUS_M), st.sampled_from([1.0, MAX_RADIUS_M])),
        "limit": st.sampled_from([1, 2, 20, 100]),
        "kinds": st.lists(st.sampled_from(KINDS), max_size=2, unique=True).map(tuple),
        "starts_before": moments,
        "ends_after": moments,
    }
)


def resolved(town, where):
    """A place as drawn, on the ground around the town."""
    if where[0] == "corner":
        return round(town[0], 2) + where[1], round(town[1], 2) + where[2]
    return place_at(town, where[1], where[2])


@settings(max_examples=120, deadline=None)
@given(
    town=towns,
    tail=st.sampled_from(TAILS[:3]),
    dense=st.sampled_from([0, 5, open_tasks.DENSE]),
    steps=steps,
    asked=st.lists(st.tuples(st.one_of(anywhere, corners), questions), min_size=1, max_size=3),
    later=st.integers(0, 4 * 60),
)
def test_after_any_changes_it_answers_as_a_plain_loop(town, tail, dense, steps, asked, later):
    index, rows = OpenTasks(), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(open_tasks, "TAIL", tail)
        patch.setattr(open_tasks, "DENSE", dense)
        for number, step in enumerate(steps):
            changed(index, rows, town, step, number)
            assert len(index) == len(rows)
        for where, question in asked:
            place = resolved(town, where)
            assert_same(index, rows, asked_at(place, **question), T0_MS + later * 60_000)


def changed(index, rows, town, step, number):
    """One step taken by the index and by the dict."""
    if step[0] == "drop":
        index.drop(step[1])
        rows.pop(step[1], None)
        return
    _, task_id, where, kind, (starts, hours) = step
    card = b'{"n":%d}' % number
    put = task_at(
        task_id,
        resolved(town, where),
        kind=kind,
        starts_ms=T0_MS + starts * HOUR_MS,
        hours=hours,
        card=card,
    )
    index.put(put)
    rows[task_id] = put


@pytest.mark.parametrize("name", sorted(TOWNS))
def test_a_busy_town_answers_as_a_plain_loop(name, tail):
    rng, town = random.Random(f"{name}{tail}"), TOWNS[name]
    rows = {f"{number:024x}": random_task(rng, town, number) for number in range(150)}
    index = OpenTasks(rows.values())
    for number in range(300):
        task_id = f"{rng.randrange(220):024x}"
        if rng.random() < 0.3:
            index.drop(task_id)
            rows.pop(task_id, None)
        else:
            rows[task_id] = random_task(rng, town, int(task_id, 16), card=b"%d" % number)
            index.put(rows[task_id])
    assert len(index) == len(rows)
    for radius_m in (1, 150, 700, 3_000, 20_000):
        here = place_at(town, rng.uniform(0, 2_000), rng.uniform(0, 360))
        kinds = tuple(rng.sample(KINDS, rng.randrange(3)))
        limit = rng.choice([1, 20, 100])
        assert_same(index, rows, asked_at(here, radius_m=radius_m, kinds=kinds, limit=limit))


def random_task(rng, town, number, card=b"{}"):
    metres = rng.choice([50, 800, 5_000, 22_000]) * rng.random()
    return task_at(
        f"{number:024x}",
        place_at(town, metres, rng.uniform(0, 360)),
        kind=rng.choice(KINDS),
        starts_ms=T0_MS + rng.randrange(-3 * HOUR_MS, 3 * HOUR_MS),
        hours=rng.choice([0.5, 2, 6]),
        card=card,
    )


# ---- crowds, edges and nothing at all


@pytest.mark.parametrize(
    "place",
    [FUZHOU, (26.095_123, 119.294_321), (0.0, 0.0), (-0.01, -0.01), (0.29, 0.57), (-33.87, 151.21)],
)
@pytest.mark.parametrize("limit", [20, 100])
def test_a_crowd_at_one_point_is_paged_without_loss_or_repeat(place, limit):
    ids = [f"{number:024x}" for number in range(1_500)]
    shuffled = random.Random(3).sample(ids, len(ids))
    index = OpenTasks(task_at(task_id, place) for task_id in shuffled)
    asked = asked_at(place, radius_m=1, limit=limit)
    assert [one.id for one in walked(lambda page: index.near(page, T0_MS), asked)] == ids


def test_a_crowd_that_came_one_by_one_is_paged_like_one_that_was_loaded(tail):
    rows = {f"{number:024x}": task_at(f"{number:024x}", FUZHOU) for number in range(200)}
    index = OpenTasks()
    for task_id in random.Random(tail).sample(sorted(rows), len(rows)):
        index.put(rows[task_id])
    assert_same(index, rows, asked_at(FUZHOU, limit=20))


def test_a_dense_middle_does_not_hide_what_lies_around_it(easily_dense):
    rows = {}
    for number in range(300):
        metres = 40 if number < 260 else 2_990
        place = place_at(FUZHOU, metres, number * 1.2)
        rows[f"{number:024x}"] = task_at(f"{number:024x}", place)
    index = OpenTasks(rows.values())
    for limit in (1, 20, 100, 259, 260, 261, 300):
        assert_same(index, rows, asked_at(FUZHOU, radius_m=3_000, limit=limit))


@pytest.mark.parametrize("radius_m", [5, 300, 20_000])
def test_a_cell_fuller_than_any_other_is_searched_like_any_other(radius_m):
    # In one cell, none of them near to who asks: no smaller circle finds a page of them.
    rng = random.Random(radius_m)
    places = [(26.095 + rng.uniform(-0.004, 0.004), 119.2995) for _ in range(2_600)]
    rows = {f"{n:024x}": task_at(f"{n:024x}", place) for n, place in enumerate(places)}
    index, asked = OpenTasks(rows.values()), asked_at((26.095, 119.2905), radius_m=radius_m)
    assert plain(index.near(asked, T0_MS)) == plain_near(rows.values(), asked, T0_MS)


@pytest.mark.parametrize("name", sorted(TOWNS))
@pytest.mark.parametrize("radius_m", [1, 20, 1_000, 20_000])
def test_every_direction_just_inside_is_shown_and_just_outside_is_not(name, radius_m):
    town, inside, outside = TOWNS[name], [], []
    for azimuth in range(0, 360, 15):
        inside.append(place_at(town, radius_m - 0.002, azimuth))
        outside.append(place_at(town, radius_m + 0.002, azimuth))
    tasks = [task_at(f"{n:024x}", place) for n, place in enumerate(inside + outside)]
    found = OpenTasks(tasks).near(asked_at(town, radius_m=radius_m, limit=100), T0_MS)
    assert {one.id for one in found} == {task.id for task in tasks[: len(inside)]}


def test_an_empty_index_answers_nothing():
    index = OpenTasks()
    index.drop("nobody")
    assert len(index) == 0
    for radius_m in (1, 20_000):
        assert index.near(asked_at(FUZHOU, radius_m=radius_m), T0_MS) == []


def test_what_was_emptied_answers_nothing_and_can_be_filled_again(tail):
    tasks = [task_at(f"{number:024x}", FUZHOU) for number in range(20)]
    index = OpenTasks(tasks)
    for task in tasks:
        index.drop(task.id)
        index.drop(task.id)
    assert (len(index), index.near(asked_at(FUZHOU), T0_MS)) == (0, [])
    for task in tasks:
        index.put(task)
    assert_same(index, {task.id: task for task in tasks}, asked_at(FUZHOU, limit=7))


def test_one_that_came_twice_while_it_was_loaded_is_there_once():
    first = task_at("a" * 24, FUZHOU, card=b"1")
    for metres in (0, 50, 4_000):
        second = task_at("a" * 24, place_at(FUZHOU, metres, 200), card=b"2")
        index = OpenTasks([first, second])
        assert len(index) == 1
        assert len(index.near(asked_at(FUZHOU, radius_m=5_000), T0_MS)) == 1
        index.put(second)
        assert_same(index, {second.id: second}, asked_at(FUZHOU, radius_m=5_000))


def test_what_is_found_says_where_it_is_and_what_its_card_says():
    place = place_at(FUZHOU, 321.5, 77)
    index = OpenTasks([task_at("a" * 24, place, card=b'{"title":"x"}')])
    (found,) = index.near(asked_at(FUZHOU), T0_MS)
    assert (found.lat, found.lon) == pytest.approx(place, abs=1e-12)
    assert (found.distance_mm, found.id, found.card) == (321_500, "a" * 24, b'{"title":"x"}')
    assert type(found.distance_mm) is int


class TestFilters:
    @pytest.mark.parametrize(("late_ms", "shown"), [(-1, True), (0, False), (1, False)])
    def test_a_task_is_over_at_its_end(self, late_ms, shown):
        task = task_at("a" * 24, FUZHOU, hours=1)
        found = OpenTasks([task]).near(asked_at(FUZHOU), task.ends_ms + late_ms)
        assert bool(found) == shown

    @pytest.mark.parametrize(("by_ms", "shown"), [(-1, False), (0, False), (1, True)])
    def test_starts_before_leaves_out_what_starts_then(self, by_ms, shown):
        index = OpenTasks([task_at("a" * 24, FUZHOU)])
        before = T0 + timedelta(milliseconds=by_ms)
        assert bool(index.near(asked_at(FUZHOU, starts_before=before), T0_MS)) == shown

    @pytest.mark.parametrize(("by_ms", "shown"), [(-1, True), (0, False), (1, False)])
    def test_ends_after_leaves_out_what_ends_then(self, by_ms, shown):
        index = OpenTasks([task_at("a" * 24, FUZHOU, hours=1)])
        after = T0 + timedelta(hours=1, milliseconds=by_ms)
        assert bool(index.near(asked_at(FUZHOU, ends_after=after), T0_MS)) == shown

    def test_less_than_a_millisecond_is_cut_off_as_mongodb_does(self):
        index = OpenTasks([task_at("a" * 24, FUZHOU, hours=1)])
        a_bit = timedelta(microseconds=900)
        assert index.near(asked_at(FUZHOU, starts_before=T0 + a_bit), T0_MS) == []
        end = T0 + timedelta(hours=1)
        assert index.near(asked_at(FUZHOU, ends_after=end - timedelta(milliseconds=1)), T0_MS)
        assert index.near(asked_at(FUZHOU, ends_after=end - a_bit / 9), T0_MS)

    def test_a_question_for_the_past_shows_nothing_that_is_over_now(self):
        index = OpenTasks([task_at("a" * 24, FUZHOU, hours=1)])
        asked = asked_at(FUZHOU, ends_after=T0 - timedelta(days=1))
        assert index.near(asked, T0_MS + 2 * HOUR_MS) == []

    def test_a_kind_nobody_has_finds_nothing_and_does_no_harm(self):
        tasks = [task_at(f"{n:024x}", FUZHOU, kind=kind) for n, kind in enumerate(KINDS)]
        index = OpenTasks(tasks)
        assert index.near(asked_at(FUZHOU, kinds=("river_watch",)), T0_MS) == []
        some = index.near(asked_at(FUZHOU, kinds=("river_watch", "patrol")), T0_MS)
        assert [one.id for one in some] == [tasks[0].id]

    def test_many_kinds_are_told_apart(self, tail):
        # More than the bits of a whole number, as a city may have.
        kinds = [f"kind_{number}" for number in range(150)]
        rows = {}
        index = OpenTasks()
        for number, kind in enumerate(kinds):
            rows[kind] = task_at(f"{number:024x}", FUZHOU, kind=kind)
            index.put(rows[kind])
        for chosen in (kinds[:1], kinds[63:66], kinds[-20:]):
            asked = asked_at(FUZHOU, kinds=tuple(chosen), limit=100)
            assert_same(index, rows, asked)

    def test_the_kind_of_a_task_that_is_put_again_is_the_new_one(self, tail):
        index = OpenTasks([task_at("a" * 24, FUZHOU)])
        index.put(task_at("a" * 24, FUZHOU, kind="care_visit"))
        assert index.near(asked_at(FUZHOU, kinds=("patrol",)), T0_MS) == []
        assert len(index.near(asked_at(FUZHOU, kinds=("care_visit",)), T0_MS)) == 1


@pytest.mark.parametrize(
    ("place", "covered"),
    [
        *[(place, True) for place in TOWNS.values()],
        ((89.9, 0.0), False),
        ((-89.9, 0.0), False),
        ((90.0, 0.0), False),
        ((0.0, 179.99), False),
        ((0.0, -179.99), False),
        ((-18.0, 180.0), False),
        ((-18.0, -180.0), False),
    ],
)
def test_it_knows_where_it_cannot_answer(place, covered):
    assert covers(asked_at(place, radius_m=20_000)) == covered


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(1, MAX_RADIUS_M),
    st.lists(st.tuples(st.floats(0.9, 1.1), st.floats(0, 360)), min_size=1, max_size=6),
)
@settings(deadline=None)
def test_wherever_it_says_that_it_can_it_does(lat, lon, radius_m, around):
    asked = asked_at((lat, lon), radius_m=radius_m)
    rows = {}
    for number, (share, azimuth) in enumerate(around):
        place = place_at((lat, lon), radius_m * share, azimuth)
        rows[f"{number:024x}"] = task_at(f"{number:024x}", place)
    index = OpenTasks(rows.values())
    if covers(asked):
        assert_same(index, rows, asked)
