"""Looks: one row a minute however often a screen asks, in order of time, and not for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from people import Actor
from shared.database import collection
from tasks.reviews import looks
from tasks.reviews.looks import log_look, log_looks, looks_at
from tasks.reviews.track_look import Seen, TrackLook
from tests.racing import at_once

OFFICER, OTHER = Actor("officer"), Actor("other")
MOMENT = datetime(2026, 5, 4, 11, 0, tzinfo=UTC)


@pytest.fixture
def clock(prepared, monkeypatch):
    """The true time as these tests set it: seconds after MOMENT."""

    def at(seconds):
        moment = MOMENT + timedelta(seconds=seconds)
        monkeypatch.setattr(looks, "real_now", lambda: moment)

    at(0)
    return at


def test_a_polling_screen_is_one_look_a_minute(clock):
    for second in (0, 5, 59, 60, 61):
        clock(second)
        log_look("walker", "p1", Seen.LIVE_TRACK, by=OFFICER)
    seen = looks_at("walker")
    assert [(one.at - MOMENT).total_seconds() for one in seen] == [60, 0]


def test_another_looker_walk_or_thing_seen_is_another_look(clock):
    for by, walk, what in (
        (OFFICER, "p1", Seen.TRACK),
        (OTHER, "p1", Seen.TRACK),
        (OFFICER, "p2", Seen.TRACK),
        (OFFICER, "p1", Seen.PHOTO),
    ):
        log_look("walker", walk, what, by=by)
        log_look("walker", walk, what, by=by)
    assert len(looks_at("walker")) == 4


def test_many_at_once_are_one_look_each_and_nobody_fails(clock):
    seen = [("walker", f"p{n}") for n in range(5)] + [("officer", "own")]
    at_once(12, lambda _: log_looks(seen, Seen.ON_DUTY, by=OFFICER))
    assert collection(TrackLook).count_documents({}) == 5


def test_pages_follow_each_other_newest_first(clock):
    for minute in range(5):
        clock(minute * 60)
        log_look("walker", "p1", Seen.TRACK, by=OFFICER)
    first = looks_at("walker", limit=3)
    rest = looks_at("walker", before_id=first[-1].id, limit=3)
    assert [(one.at - MOMENT).seconds // 60 for one in first + rest] == [4, 3, 2, 1, 0]


def test_looks_go_after_four_hundred_days(clock):
    index = collection(TrackLook).index_information()["old"]
    assert index["key"] == [("at", 1)]
    assert index["expireAfterSeconds"] == 400 * 86_400
