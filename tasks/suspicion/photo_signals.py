"""The signal of photos: a picture, or one that looks the same, was sent with earlier work. Pure."""

from collections.abc import Sequence

from shared.i18n import Text
from tasks.judging.proof import ProofPhoto
from tasks.suspicion.signal import SENDS_PLAINLY, Signal, seen

_SEEN_BEFORE = Text(
    "{measured} of the photos were sent with other work before, or look the same as one that was "
    "({needed} is enough to look).",
    "有 {measured} 张照片此前已用于其他任务，或与其外观相同（达到 {needed} 张即须核查）。",
)


def photo_signals(photos: Sequence[ProofPhoto]) -> list[Signal]:
    """One signal where any of the photos was seen before; none where all are new."""
    before = sum(photo.seen_before for photo in photos)
    if not before:
        return []
    return [seen("photo_seen_before", SENDS_PLAINLY, before, 1, _SEEN_BEFORE)]
