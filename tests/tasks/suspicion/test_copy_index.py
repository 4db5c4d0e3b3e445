"""The index of stored tracks: what shares cells or pace is found, and only that."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from suspects import later, print_of, turned, walked

from tasks.suspicion import copy_index
from tasks.suspicion.copy_index import CopyIndex
from tasks.suspicion.fingerprint import Fingerprint

PURE = True


def with_cells(name, cells):
    none = np.zeros(0)
    return Fingerprint(
        participation_id=name,
        person_id=f"p-{name}",
        company=frozenset([name]),
        started_s=0.0,
        ended_s=1.0,
        t=none,
        lat=none,
        lon=none,
        cells=np.unique(np.array(sorted(cells), np.int64)),
        signature=np.zeros(64, np.float32),
    )


CELLS = st.sets(st.integers(0, 25), min_size=1, max_size=18)


def should_be_found(mine, other):
    shared, smaller = len(mine & other), min(len(mine), len(other))
    least = min(4, max(2, -(-smaller // 2)))
    return (shared >= least and shared >= 0.35 * smaller) or shared >= 8


@given(st.lists(CELLS, max_size=30), CELLS, st.integers(1, 40))
@settings(max_examples=150, deadline=None)
def test_found_is_what_shares_cells_enough_however_it_was_added(stored, mine, fresh):
    before, copy_index.MAX_FRESH = copy_index.MAX_FRESH, fresh
    try:
        index = CopyIndex()
        for number, cells in enumerate(stored):
            index.add([with_cells(f"t{number}", cells)])
    finally:
        copy_index.MAX_FRESH = before
    expected = {f"t{n}" for n, cells in enumerate(stored) if should_be_found(mine, cells)}
    assert set(index.candidates(with_cells("mine", mine))) == expected
    assert len(index) == len(stored)


def test_a_yard_of_three_cells_is_found_and_one_shared_cell_is_not():
    index = CopyIndex([with_cells("yard", {1, 2, 3}), with_cells("other", {3, 70, 71})])
    assert index.candidates(with_cells("mine", {1, 2, 3})) == ["yard"]


def test_the_track_itself_is_never_its_candidate_and_comes_once():
    mine = with_cells("mine", range(10))
    index = CopyIndex([mine, with_cells("other", range(10))])
    index.add([mine, mine])
    assert index.candidates(mine) == ["other"]
    assert len(index) == 2


def test_what_is_replaced_or_dropped_is_found_by_what_it_is_now():
    index = CopyIndex([with_cells("a", range(10)), with_cells("b", range(10))])
    index.add([with_cells("a", range(100, 110))])
    index.drop("b")
    index.drop("never-there")
    assert index.candidates(with_cells("mine", range(10))) == []
    assert index.candidates(with_cells("mine", range(100, 110))) == ["a"]
    assert "a" in index
    assert "b" not in index


def test_only_the_newest_are_held_and_still_found(monkeypatch):
    monkeypatch.setattr(copy_index, "MAX_FRESH", 50)
    index = CopyIndex(most=20)
    for number in range(200):
        index.add([with_cells(f"t{number}", range(5))])
    found = set(index.candidates(with_cells("mine", range(5))))
    assert {f"t{number}" for number in range(180, 200)} <= found
    assert len(index) == len(found) <= 20 + 50


def test_a_pace_alone_makes_a_candidate_forwards_and_backwards():
    source = print_of(walked(1), "source")
    moved = print_of(later(turned(walked(1))))
    backwards = replace(moved, signature=moved.signature[::-1].copy())
    index = CopyIndex([source, print_of(walked(7), "another")])
    for mine in (moved, backwards):
        assert not set(mine.cells) & set(source.cells)
        assert index.candidates(mine) == ["source"]


def test_of_many_on_one_beat_the_copied_one_comes_first_and_companions_before_the_rest():
    prints = [print_of(walked(seed, day=seed), f"w{seed}") for seed in range(1, 40)]
    copy = print_of(later(walked(17, day=17), 90 * 86_400.0), "copy")
    index = CopyIndex(prints)
    assert index.candidates(copy)[0] == "w17"
    beside = print_of(walked(99, day=23), "beside")
    assert "w23" in index.candidates(beside)[:3]


def test_an_empty_index_knows_nothing():
    assert CopyIndex().candidates(with_cells("mine", range(10))) == []
