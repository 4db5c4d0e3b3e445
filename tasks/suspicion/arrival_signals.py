"""Signals in how the positions arrived: called made up, sent long after, by a clock that is wrong.

Pure. No recorded walk says when its positions were received, so these thresholds are careful
choices without a measured margin.
"""

from collections.abc import Sequence

from shared.i18n import Text
from tasks.suspicion.signal import SENDS, SENDS_PLAINLY, VISIBLE, Arrival, Signal, seen

MOCKED, MOCKED_SHARE = 3, 0.02
LATE_S, LATE_SHARE = 1_800.0, 0.5
# A clock may be this far behind or ahead.
BEHIND_S, AHEAD_S = 300.0, 60.0
# A phone without a network sends everything at once, late: only uploads spread over a good part
# of the walk tell a wrong clock from that.
SPREAD_ARRIVALS, SPREAD_SHARE = 3, 0.3

_MOCK = Text(
    "The phone itself says of {measured} positions that an app made them up ({needed} are enough "
    "to look).",
    "手机自身标明有 {measured} 个定位点由应用虚构（达到 {needed} 个即须核查）。",
)
_LATE = Text(
    "{measured} % of the positions came more than half an hour after the finish ({needed} % are "
    "enough to show).",
    "{measured}% 的定位点在任务结束半小时之后才送达（超过 {needed}% 即予提示）。",
)
_CLOCK_BEHIND = Text(
    "The phone's clock seems to be {measured} s behind ({needed} s are enough to look).",
    "手机时钟似乎慢了 {measured} 秒（达到 {needed} 秒即须核查）。",
)
_CLOCK_AHEAD = Text(
    "The phone's clock seems to be {measured} s ahead ({needed} s are enough to look).",
    "手机时钟似乎快了 {measured} 秒（达到 {needed} 秒即须核查）。",
)


def mock(arrivals: Sequence[Arrival]) -> Signal | None:
    """Positions that the phone's own system calls made up."""
    mocked = sum(one.mocked for one in arrivals)
    total = sum(one.points for one in arrivals)
    if mocked < MOCKED or mocked < MOCKED_SHARE * total:
        return None
    return seen("mock", SENDS_PLAINLY, mocked, MOCKED, _MOCK)


def late_batch(arrivals: Sequence[Arrival], finish_s: float) -> Signal | None:
    """Most points came half an hour and more after the finish was received.

    A phone that could send its finish could have sent its positions.
    """
    total = sum(one.points for one in arrivals)
    late = sum(one.points for one in arrivals if one.received_at_s > finish_s + LATE_S)
    if total == 0 or late <= LATE_SHARE * total:
        return None
    return seen("late_batch", VISIBLE, 100 * late / total, 100 * LATE_SHARE, _LATE)


def clock_skew(arrivals: Sequence[Arrival]) -> Signal | None:
    """A clock that is wrong: the least delay of all uploads is too long, or less than nothing.

    Delays only add, so the least one is the nearest to the clock's own error.
    """
    filled = [one for one in arrivals if one.points]
    if not filled:
        return None
    least_s = min(one.received_at_s - one.newest_fix_s for one in filled)
    if least_s < -AHEAD_S:
        return seen("clock_skew", SENDS, -least_s, AHEAD_S, _CLOCK_AHEAD)
    if least_s > BEHIND_S and _is_spread(filled):
        return seen("clock_skew", SENDS, least_s, BEHIND_S, _CLOCK_BEHIND)
    return None


def _is_spread(arrivals: Sequence[Arrival]) -> bool:
    """Whether the uploads came while the walk went on, rather than all at once after it."""
    received = [one.received_at_s for one in arrivals]
    newest = [one.newest_fix_s for one in arrivals]
    walked_s = max(newest) - min(newest)
    spread_s = max(received) - min(received)
    return len(arrivals) >= SPREAD_ARRIVALS and spread_s >= SPREAD_SHARE * walked_s > 0
