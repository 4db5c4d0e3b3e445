"""Suspecting against the real database: copies of other accounts, races, repeats, erasing."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from suspects import (
    DAY_S,
    FRAME,
    STREETS,
    backwards,
    blurred,
    later,
    placed,
    print_of,
    resampled,
    span,
    turned,
    walk_of,
    walked,
)

from shared.clock import real_now
from shared.database import collection
from shared.ids import new_id, random_id
from tasks.participation import Participation
from tasks.suspicion.acquaintance import note_companions, note_devices
from tasks.suspicion.companionship import Companionship
from tasks.suspicion.copy_signals import compared_with
from tasks.suspicion.device_use import DeviceUse
from tasks.suspicion.known_tracks import KnownTracks, store_fingerprint
from tasks.suspicion.suspecting import forget_positions, suspect
from tasks.suspicion.track_fingerprint import TrackFingerprint
from tasks.task import Task
from tasks.tracks.track_packing import TrackPoints
from tasks.tracks.tracking import Chunk, Track
from tests.racing import at_once

SOURCE = walked(1)
TASK = Task(id=new_id(), checks=[], kind_rules={"moves": "walks"}, is_team=False)


def taken(points, person_id=None, **more):
    """A finished participation with that track."""
    started_s, finished_s = span(points)
    finished_at = datetime.fromtimestamp(finished_s, UTC)
    return Participation(
        id=new_id(),
        task_id=TASK.id,
        person_id=person_id or random_id(),
        started_at=datetime.fromtimestamp(started_s, UTC),
        finished_at=finished_at,
        finish_received_at=finished_at + timedelta(seconds=1),
        **more,
    )


def suspected(points, participation=None, task=TASK, device=None, **more):
    found = participation or taken(points, **more)
    newest_at = datetime.fromtimestamp(points.t_ms.max() / 1000, UTC)
    chunk = Chunk(len(points), newest_at + timedelta(seconds=3), newest_at, 0, device)
    track = Track(points, "wgs84", np.zeros(len(points), np.bool_), (chunk,))
    return suspect(found, task, walk_of(points), track)


def named(suspicion):
    return {signal["signal"]: signal["weight"] for signal in suspicion.signals}


class TestCopies:
    @pytest.mark.parametrize(
        "cheat",
        [blurred(SOURCE, 2.0), backwards(SOURCE), resampled(SOURCE)],
        ids=["copied", "reversed", "resampled"],
    )
    def test_another_accounts_track_sent_in_again_is_named(self, cheat):
        source = taken(SOURCE)
        assert named(suspected(SOURCE, source)) == {}
        found = suspected(later(cheat))
        assert named(found)["copied"] >= 50
        assert found.wants_review
        assert found.signals[0]["about"] == {
            "participation_id": source.id,
            "person_id": source.person_id,
        }

    def test_a_walk_put_together_from_two_others_is_stitched(self):
        x, y = FRAME.to_metres(walked(8).lat, walked(8).lon)
        other = placed(walked(8), x + 700, y)
        suspected(SOURCE)
        suspected(later(other, DAY_S))
        half, rest = len(SOURCE) // 2, len(other) // 2
        shift_ms = SOURCE.t_ms[half - 1] + 60_000 - other.t_ms[rest]
        columns = zip(
            vars(SOURCE).values(), vars(later(other, shift_ms / 1000)).values(), strict=True
        )
        whole = TrackPoints(*(np.concatenate((a[:half], b[rest:])) for a, b in columns))
        assert named(suspected(later(whole, 5 * DAY_S)))["stitched"] == 70

    def test_a_walk_moved_and_turned_is_named(self):
        suspected(SOURCE)
        assert named(suspected(later(turned(SOURCE))))["copied_shape"] == 60

    def test_two_accounts_on_one_walker_are_seen_from_the_second_on(self):
        assert named(suspected(SOURCE)) == {}
        assert named(suspected(blurred(SOURCE, 2.0))) == {"one_walker": 50}

    def test_teams_crews_and_members_vouched_for_are_together_for_a_reason(self):
        leader = taken(SOURCE)
        suspected(SOURCE, leader)
        assert named(suspected(blurred(SOURCE, 2.0), team_of=leader.id)) == {}
        assert named(suspected(SOURCE, vouched_by=leader.id)) == {}
        suspected(later(SOURCE), order_id="o1")
        again = suspected(blurred(later(SOURCE), 2.0), order_id="o1")
        assert "one_walker" not in named(again)

    def test_an_own_walk_repeated_to_the_second_weighs_less_but_goes_to_a_person(self):
        me = random_id()
        suspected(SOURCE, person_id=me)
        assert named(suspected(later(SOURCE), person_id=me)) == {"copied": 50}

    def test_different_people_on_one_beat_are_left_in_peace(self):
        for seed in range(6):
            found = suspected(walked(seed, day=seed, route=STREETS))
            assert not found.wants_review


class TestRepeats:
    def test_judging_again_gives_the_same_answer_and_stores_one_document(self):
        source, copy = taken(SOURCE), taken(later(SOURCE))
        first = suspected(SOURCE, source)
        answers = [suspected(later(SOURCE), copy) for _ in range(3)]
        assert named(answers[0]) == {"copied": 70}
        assert answers[0] == answers[1] == answers[2]
        assert suspected(SOURCE, source) == first, "the source is not accused by its copy"
        assert TrackFingerprint.objects.count() == 2

    def test_of_two_judged_at_the_same_moment_at_least_one_sees_the_other(self):
        for attempt in range(4):
            day = attempt * 10 * DAY_S
            both = [later(SOURCE, day), blurred(later(SOURCE, day), 2.0, seed=attempt)]
            answers = at_once(2, lambda n, both=both: suspected(both[n]))
            assert any("one_walker" in named(one) for one in answers), answers

    def test_what_another_process_stored_a_moment_ago_is_seen(self):
        mine, theirs = KnownTracks(), KnownTracks()
        ahead = print_of(SOURCE, "ahead")
        assert mine.candidates(ahead) == theirs.candidates(ahead) == []
        for number in range(3):
            name = f"track-{number}"
            store_fingerprint(stored_print(SOURCE, name), task_id="t", is_team=False)
            assert name in mine.candidates(ahead)
            assert name in theirs.candidates(ahead)
        assert len(KnownTracks(most=2).candidates(ahead)) == 2

    def test_a_stored_fingerprint_comes_back_as_it_was(self):
        one = stored_print(SOURCE, "one", company=["leader"])
        store_fingerprint(one, task_id="t", is_team=True)
        back = KnownTracks().tracks_of(["gone", "one"])[0]
        assert (back.participation_id, back.person_id, back.company) == (
            "one",
            "walker-of-one",
            frozenset(["one", "leader"]),
        )
        assert back.cells.tolist() == one.cells.tolist()
        assert (back.signature == one.signature).all()
        assert back.lat == pytest.approx(one.lat, abs=1e-6)
        assert back.t == pytest.approx(one.t, abs=0.001)
        assert compared_with(one, [back])[0].found.nearest_m < 0.2


def stored_print(points, name, **more):
    return print_of(points, name, known_s=real_now().timestamp(), **more)


class TestErasing:
    def test_erased_positions_are_gone_and_an_equal_pace_is_still_shown(self):
        source = taken(SOURCE)
        suspected(SOURCE, source)
        for _ in range(2):
            forget_positions(source.id)
        kept = collection(TrackFingerprint).find_one({"_id": source.id})
        assert (kept["packed"], kept["cells"], kept["n"]) == (None, None, 0)
        assert len(kept["signature"]) == 256
        assert named(suspected(later(SOURCE))) == {"copied_shape": 30}

    def test_a_late_judge_does_not_bring_them_back(self):
        source = taken(SOURCE)
        suspected(SOURCE, source)
        forget_positions(source.id)
        suspected(SOURCE, source)
        assert collection(TrackFingerprint).find_one({"_id": source.id})["packed"] is None

    def test_nothing_stored_is_nothing_to_forget(self):
        forget_positions(new_id())
        assert TrackFingerprint.objects.count() == 0


class TestAccounts:
    def test_the_third_time_side_by_side_goes_to_a_person(self):
        one, other = random_id(), random_id()
        answers = []
        for week in range(3):
            days = 7 * (week + 1) * DAY_S
            suspected(later(walked(week + 2), days), person_id=one)
            u, v = FRAME.to_metres(walked(week + 2).lat, walked(week + 2).lon)
            along = later(blurred(placed(walked(week + 2), u + 6, v + 6), 1.0), days)
            mine = taken(along, other)
            answers.append(suspected(along, mine))
            assert suspected(along, mine) == answers[-1], "counted once"
        assert [named(one) for one in answers] == [
            {"companions": 30},
            {"companions": 30},
            {"repeated_companions": 60},
        ]
        assert Companionship.objects.count() == 1

    def test_a_team_task_does_not_count_companions(self):
        team = Task(id=new_id(), checks=[], kind_rules={"moves": "walks"}, is_team=True)
        suspected(SOURCE, task=team)
        suspected(blurred(SOURCE, 3.0), task=team)
        assert Companionship.objects.count() == 0

    def test_the_same_walk_noted_by_many_at_once_counts_once(self):
        mine, other = stored_print(SOURCE, "a"), stored_print(SOURCE, "b")
        at_once(8, lambda _: note_companions(mine, [other]))
        at_once(8, lambda _: note_companions(other, [mine]))
        assert [len(pair.walks) for pair in Companionship.objects] == [1]

    def test_one_phone_for_three_accounts_is_shown_and_for_five_goes_to_a_person(self):
        answers = [
            named(suspected(walked(n, day=n), device="phone")).get("shared_device")
            for n in range(5)
        ]
        assert answers == [None, None, 30, 30, 60]
        assert DeviceUse.objects.count() == 5

    def test_the_same_account_again_and_an_old_one_do_not_count(self):
        moment = real_now()
        for _ in range(2):
            for person in ("a", "b"):
                assert note_devices(person, ["phone"], moment) is None
        assert note_devices("c", ["phone"], moment + timedelta(days=31)) is None
        assert note_devices("d", ["phone", "other"], moment + timedelta(days=1)).measured == 3


def test_a_walk_with_nothing_left_of_it_is_looked_at_and_not_stored():
    none = TrackPoints.of([], [], [])
    track = Track(none, "wgs84", np.zeros(0, np.bool_), ())
    found = suspect(taken(SOURCE), TASK, walk_of(none), track)
    assert (found.score, found.signals) == (0, [])
    assert TrackFingerprint.objects.count() == 0


def test_the_tasks_own_speed_decides_what_is_too_fast():
    fast = placed(SOURCE, *(4 * v for v in FRAME.to_metres(SOURCE.lat, SOURCE.lon)))
    speed = {"check": "plausible_speed", "parameters": {"v_fast_mps": 12.0}}
    cycling = Task(id=new_id(), checks=[speed], kind_rules={"moves": "rides"}, is_team=False)
    assert "too_fast" in named(suspected(fast))
    assert "too_fast" not in named(suspected(fast, task=cycling))
