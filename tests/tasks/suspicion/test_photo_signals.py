"""A photo that was sent before sends the walk to a person."""

from tasks.judging.checks import REVIEW_SCORE
from tasks.judging.proof import ProofPhoto
from tasks.suspicion.photo_signals import photo_signals
from tasks.suspicion.signal import score_of

PURE = True

NEW = ProofPhoto(at=1.0, lat=26.09, lon=119.29)
OLD = ProofPhoto(at=1.0, lat=26.09, lon=119.29, seen_before=True)


def test_new_photos_are_nothing():
    assert photo_signals([]) == photo_signals([NEW, NEW]) == []


def test_one_seen_before_is_enough_and_said_in_both_languages():
    (signal,) = photo_signals([NEW, OLD])
    assert (signal.signal, signal.measured) == ("photo_seen_before", 1)
    assert score_of([signal]) >= REVIEW_SCORE
    assert set(signal.reason) == {"en", "zh-CN"}


def test_one_that_only_looks_alike_is_looked_at_under_its_own_name():
    alike = ProofPhoto(at=1.0, lat=26.09, lon=119.29, looks_like_earlier=True)
    (signal,) = photo_signals([NEW, alike])
    assert (signal.signal, score_of([signal]) >= REVIEW_SCORE) == ("photo_looks_alike", True)
