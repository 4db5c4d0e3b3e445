"""Copies and companions: each way of copying is named, people on one beat are left in peace."""

from dataclasses import replace

import numpy as np
import pytest
import suspects
from hypothesis import given, settings
from hypothesis import strategies as st
from suspects import DAY_S, backwards, blurred, later, print_of, resampled, turned, walked

from tasks.suspicion.copy_index import CopyIndex
from tasks.suspicion.copy_signals import companions_of, compared_with, copy_signals
from tasks.suspicion.replays import compare
from tasks.suspicion.suspicion import compare_stored
from tasks.tracks.track_packing import TrackPoints

PURE = True

SOURCE = walked(1)


def signals(points, *others, moves="walks", **mine):
    """The copy signals of a track beside stored ones."""
    own = print_of(points, **mine)
    return {one.signal: one for one in copy_signals(own, compared_with(own, others), moves)}


def stored(points, name="source", **more):
    return print_of(points, name, **more)


@pytest.mark.parametrize(
    "copy",
    [
        SOURCE,
        blurred(SOURCE, 0.5),
        blurred(SOURCE, 2.0),
        blurred(SOURCE, 5.0),
        blurred(SOURCE, 10.0),
        resampled(SOURCE),
        backwards(SOURCE),
        blurred(backwards(SOURCE), 1.0),
        TrackPoints(*(column[40:-20] for column in vars(SOURCE).values())),
    ],
    ids=["exact", "half_m", "2_m", "5_m", "10_m", "resampled", "reversed", "reversed_1_m", "cut"],
)
def test_a_copy_on_another_day_is_named(copy):
    found = signals(later(copy), stored(SOURCE))
    assert found["copied"].weight >= 50
    assert dict(found["copied"].about) == {
        "participation_id": "source",
        "person_id": "walker-of-source",
    }
    assert CopyIndex([stored(SOURCE)]).candidates(print_of(later(copy))) == ["source"]


def test_a_copy_of_rounds_is_named_though_each_place_is_passed_often():
    square = [(0, 0), (0, 120), (120, 120), (120, 0), (0, 0)]
    route = [tuple(float(v) for v in suspects.FRAME.to_degrees(x, y)) for x, y in square]
    rounds = walked(4, route=route, duration_s=2_400)
    for blur_m in (0.5, 2.0, 5.0):
        assert signals(later(blurred(rounds, blur_m)), stored(rounds))["copied"].weight == 70
    cut = TrackPoints(*(column[50:-30] for column in vars(blurred(rounds, 1.0)).values()))
    assert signals(later(cut), stored(rounds))["copied"].weight == 70


@pytest.mark.parametrize("duration_s", [None, 2_400])
def test_people_who_walk_one_beat_on_different_days_are_no_copyists(duration_s):
    prints = [
        print_of(walked(seed, day=seed, duration_s=duration_s), f"w{seed}") for seed in range(8)
    ]
    for mine in prints:
        others = [one for one in prints if one is not mine]
        found = copy_signals(mine, compared_with(mine, others))
        assert found == []


def test_the_only_earlier_walk_of_a_way_is_shown_and_no_more():
    others = [walked(seed, day=seed) for seed in range(12)]
    weights = {
        one.weight
        for points in others
        for one in signals(points, stored(walked(20, day=30))).values()
    }
    assert weights <= {30}


def test_pieces_of_a_walk_put_together_with_another_are_stitched():
    piece = TrackPoints(*(column[: len(SOURCE) // 2] for column in vars(SOURCE).values()))
    x, y = suspects.FRAME.to_metres(piece.lat, piece.lon)
    street = [
        tuple(float(v) for v in suspects.FRAME.to_degrees(float(x[-1]) + along, float(y[-1]) + 60))
        for along in (0, 1_500)
    ]
    rest = walked(9, route=street)
    gap_ms = piece.t_ms[-1] - rest.t_ms[0] + 30_000
    columns = zip(
        vars(piece).values(), vars(replace(rest, t_ms=rest.t_ms + gap_ms)).values(), strict=True
    )
    whole = TrackPoints(*(np.concatenate(pair) for pair in columns))
    found = signals(later(whole), stored(SOURCE))
    assert set(found) == {"stitched"}
    assert found["stitched"].weight == 70
    assert found["stitched"].measured >= 500


def test_a_walk_moved_turned_mirrored_and_scaled_is_a_copied_shape():
    found = signals(later(turned(SOURCE)), stored(SOURCE))
    assert found["copied_shape"].weight == 60
    index = CopyIndex([stored(SOURCE)])
    assert index.candidates(print_of(later(turned(SOURCE)))) == ["source"]


def test_without_positions_an_equal_pace_is_shown():
    erased = replace(
        stored(SOURCE),
        t=np.zeros(0),
        lat=np.zeros(0),
        lon=np.zeros(0),
        cells=np.zeros(0, np.int64),
    )
    found = signals(later(SOURCE), erased)
    assert {name: one.weight for name, one in found.items()} == {"copied_shape": 30}
    assert signals(walked(5, day=2), erased) == {}


class TestOwnTracks:
    def test_an_own_walk_replayed_to_the_second_goes_to_a_person(self):
        mine = stored(SOURCE, person="me")
        assert signals(later(SOURCE), mine, person="me")["copied"].weight == 50
        assert "your own" in signals(later(SOURCE), mine, person="me")["copied"].reason["en"]

    def test_an_own_walk_much_alike_is_only_shown(self):
        mine = stored(SOURCE, person="me")
        found = signals(later(blurred(SOURCE, 10.0)), mine, person="me")
        assert {one.weight for one in found.values()} <= {30}

    @given(st.integers(0, 500), st.integers(501, 1_000))
    @settings(max_examples=20, deadline=None)
    def test_the_same_beat_each_day_is_no_replay(self, one, other):
        before = stored(walked(one, day=1), person="me")
        assert signals(walked(other, day=2), before, person="me") == {}


def test_whoever_was_known_first_is_not_accused_by_a_later_copy():
    first = print_of(SOURCE, "first", known_s=1_000.0)
    copy = print_of(later(SOURCE), "copy", known_s=2_000.0)
    assert copy_signals(first, compared_with(first, [copy])) == []
    assert copy_signals(copy, compared_with(copy, [first]))[0].signal == "copied"


class TestTogether:
    def test_two_phones_on_one_walker_are_seen_as_such(self):
        found = signals(blurred(SOURCE, 2.0), stored(SOURCE))
        assert {name: one.weight for name, one in found.items()} == {"one_walker": 50}

    def test_two_who_walk_side_by_side_are_companions(self):
        x, y = suspects.FRAME.to_metres(SOURCE.lat, SOURCE.lon)
        beside = blurred(suspects.placed(SOURCE, x + 6, y + 6), 1.0)
        found = signals(beside, stored(SOURCE))
        assert {name: one.weight for name, one in found.items()} == {"companions": 30}
        assert "team" in found["companions"].reason["en"]

    @pytest.mark.parametrize(
        ("mine", "other", "moves"),
        [
            ({"company": ["leader"]}, {"company": ["leader"]}, "walks"),
            ({"company": ["source"]}, {}, "walks"),
            ({"person": "me"}, {"person": "me"}, "walks"),
            ({}, {}, "stays"),
        ],
        ids=["one team", "its leader", "the same account", "a post"],
    )
    def test_being_together_for_a_reason_means_nothing(self, mine, other, moves):
        own, source = print_of(blurred(SOURCE, 2.0), **mine), stored(SOURCE, **other)
        compared = compared_with(own, [source])
        assert copy_signals(own, compared, moves) == []
        assert companions_of(own, compared, moves) == []

    def test_together_is_measured_alike_from_both_sides(self):
        a, b = print_of(SOURCE), print_of(blurred(SOURCE, 4.0), "b")
        assert compare(a, b).together_m == pytest.approx(compare(b, a).together_m, abs=1.0)


def test_at_most_twenty_are_compared_and_what_is_gone_does_not_count():
    prints = {f"c{n}": print_of(later(SOURCE, n * DAY_S), f"c{n}") for n in range(60)}
    index = CopyIndex(prints.values())
    mine = print_of(SOURCE)
    gone = set(index.candidates(mine)[:35])
    compared = compare_stored(
        mine, index, lambda ids: [prints[one] for one in ids if one not in gone]
    )
    assert len(compared) == 20
    assert not gone & {pair.other.participation_id for pair in compared}
