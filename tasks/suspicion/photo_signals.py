"""The signal of photos: a picture, or one that looks the same, was sent with earlier work. Pure."""

from collections.abc import Sequence

from shared.i18n import Text
from tasks.judging.proof import ProofPhoto
from tasks.suspicion.signal import SENDS, SENDS_PLAINLY, Signal, seen

_SEEN_BEFORE = Text(
    "{measured} of the photos were sent with other work before ({needed} is enough to look).",
    "有 {measured} 张照片此前已用于其他任务（达到 {needed} 张即须核查）。",
)
_LOOKS_ALIKE = Text(
    "{measured} of the photos look the same as one sent earlier ({needed} is enough to look).",
    "有 {measured} 张照片与此前的照片外观相同（达到 {needed} 张即须核查）。",
)


def photo_signals(photos: Sequence[ProofPhoto]) -> list[Signal]:
    """A signal where a photo's very bytes were seen before, a lighter one where it looks alike.

    Two people at one notice board take nearly the same picture, and neither cheats.
    """
    signals = []
    before = sum(photo.seen_before for photo in photos)
    if before:
        signals.append(seen("photo_seen_before", SENDS_PLAINLY, before, 1, _SEEN_BEFORE))
    alike = sum(photo.looks_like_earlier and not photo.seen_before for photo in photos)
    if alike:
        signals.append(seen("photo_looks_alike", SENDS, alike, 1, _LOOKS_ALIKE))
    return signals
