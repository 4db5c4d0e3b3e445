"""Signals in how somebody moved: jumps, speed, steps too even, lines too straight, noise too white.

The figures come from 41 recorded honest walks held against made-up cheats; "honest" beside a
threshold is the nearest that any of those walks came. Pure.
"""

import numpy as np

from shared.datums import Floats
from shared.i18n import Text
from tasks.judging.track_rules import FAST_MPS, Walk
from tasks.suspicion.signal import SENDS, SENDS_PLAINLY, Signal, seen

KMH = 3.6
# Honest share at most 0.030 (0.051 with a wild spike); e-bikes from 0.154, cars from 0.31.
TOO_FAST_S, TOO_FAST_SHARE = 90.0, 0.10
# A bicycle patrol rides up to this; a guess, no ridden patrol was recorded.
FAST_RIDING_MPS = 8.0
# Steps: honest variation at least 0.31 (a hike 0.26), generated ones 0.014 to 0.16. What is a bit
# more even must also be slow (a vehicle that cruises is `too_fast`), or even over half minutes.
STEP_LEGS, STEP_MOVING_MPS = 30, 0.3
STEP_EVEN, STEP_EVEN_SLOW, STEP_SLOW_MPS = 0.10, 0.18, 1.9
STEP_EVEN_PACE, PACE_EVEN, PACE_S = 0.25, 0.05, 30.0
# Of the turns on the thinned line, honest walks have at most 9 % under one degree.
TURNS, TURN_DEGREES, STRAIGHT_SHARE = 20, 1.0, 0.25
# Of the fixes between two steps of 3 m and more, honest walks have at most 17 % within 0.12 m of
# the line through their neighbours, drawn ones 37 % and more, also where a yard leaves few turns.
RULED, RULED_STEP_M, RULED_M, RULED_SHARE = 60, 3.0, 0.12, 0.30
# Independent noise has a lag-1 autocorrelation of second differences of -2/3; honest from -0.43.
NOISE_PAIRS, NOISE_CORRELATION, NOISE_CAP = 60, -0.60, 4.0
NOISE_INTERVAL_S, NOISE_MOVING_MPS, SAME_INTERVAL = 6.0, 0.5, 0.1

_TELEPORT = Text(
    "The positions jump {measured} times over a distance nobody can cover in that time "
    "({needed} is enough to look).",
    "定位出现 {measured} 次无法在该时间内到达的跳跃（达到 {needed} 次即须核查）。",
)
_TOO_FAST = Text(
    "{measured} % of the time was faster than {kmh} km/h ({needed} % is enough to look).",
    "有 {measured}% 的时间速度超过 {kmh} 公里/小时（达到 {needed}% 即须核查）。",
)
_CONSTANT_STEP = Text(
    "Every step is almost equally long: they vary by {measured} %, a real walk by {needed} % "
    "or more.",
    "每一步的长度几乎相同：变化仅 {measured}%，真实行走至少 {needed}%。",
)
_STRAIGHT = Text(
    "{measured} % of the turns are as straight as a ruler (real walks stay below {needed} %).",
    "{measured}% 的转折如同直尺画线（真实行走低于 {needed}%）。",
)
_RULED = Text(
    "{measured} % of the positions lie exactly on the line between their neighbours (real walks "
    "stay below {needed} %).",
    "{measured}% 的定位点恰好落在前后两点的连线上（真实行走低于 {needed}%）。",
)
_WHITE_NOISE = Text(
    "The small errors of the positions are independent of each other, as drawn ones are: "
    "{measured}, where real phones stay above {needed}.",
    "定位的细小误差彼此毫无关联，像是人工生成：数值为 {measured}，真实手机高于 {needed}。",
)


def teleport(walk: Walk) -> Signal | None:
    """Jumps that nothing around them explains."""
    jumps = int(walk.teleport.sum())
    return seen("teleport", SENDS, jumps, 1, _TELEPORT) if jumps else None


def too_fast(walk: Walk, fast_mps: float = FAST_MPS) -> Signal | None:
    """At least 90 s, and a tenth of the judged time, faster than `fast_mps`."""
    judged_s = np.where(walk.broken, 0.0, walk.leg_s)
    total_s, fast_s = float(judged_s.sum()), float(judged_s[walk.fast(fast_mps)].sum())
    if fast_s < TOO_FAST_S or fast_s < TOO_FAST_SHARE * total_s:
        return None
    share, kmh = 100 * fast_s / total_s, f"{fast_mps * KMH:.0f}"
    return seen("too_fast", SENDS_PLAINLY, share, 100 * TOO_FAST_SHARE, _TOO_FAST, kmh=kmh)


def constant_step(walk: Walk) -> Signal | None:
    """Steps, or the speeds of the legs, that vary less than any walker's."""
    speeds = walk.leg_m / walk.leg_s
    moving = ~walk.broken & (speeds > STEP_MOVING_MPS)
    if moving.sum() < STEP_LEGS:
        return None
    steps, speeds = walk.leg_m[moving], speeds[moving]
    variation = min(_variation(steps), _variation(speeds))
    slow = float(np.median(speeds)) < STEP_SLOW_MPS
    if variation < STEP_EVEN:
        limit = STEP_EVEN
    elif variation < STEP_EVEN_SLOW and slow:
        limit = STEP_EVEN_SLOW
    elif variation < STEP_EVEN_PACE and _pace_variation(walk) < PACE_EVEN:
        limit = STEP_EVEN_PACE
    else:
        return None
    return seen("constant_step", SENDS_PLAINLY, 100 * variation, 100 * limit, _CONSTANT_STEP)


def _variation(values: Floats) -> float:
    mean = float(values.mean())
    return float(values.std()) / mean if mean > 0 else np.inf


def _pace_variation(walk: Walk) -> float:
    """How much the speeds over half minutes vary, robustly: 1.48 median deviations by median."""
    whole = np.concatenate(([0], np.cumsum(walk.broken)))
    moments = np.arange(walk.t[0], walk.t[-1], PACE_S)
    if len(moments) < 3:
        return float(np.inf)
    x, y = np.interp(moments, walk.t, walk.x), np.interp(moments, walk.t, walk.y)
    at = whole[np.searchsorted(walk.t, moments, side="right") - 1]
    metres = np.hypot(np.diff(x), np.diff(y))[np.diff(at) == 0]
    if not len(metres):
        return float(np.inf)
    middle = float(np.median(metres))
    return 1.4826 * float(np.median(np.abs(metres - middle))) / middle if middle > 0 else np.inf


def straight_lines(walk: Walk) -> Signal | None:
    """Points set along a drawn line: hardly a turn on the thinned line, or fixes in a row."""
    share = _share_unturned(walk)
    if share is not None and share > STRAIGHT_SHARE:
        needed = 100 * STRAIGHT_SHARE
        return seen("straight_lines", SENDS_PLAINLY, 100 * share, needed, _STRAIGHT)
    share = _share_ruled(walk)
    if share is not None and share > RULED_SHARE:
        return seen("straight_lines", SENDS_PLAINLY, 100 * share, 100 * RULED_SHARE, _RULED)
    return None


def _share_unturned(walk: Walk) -> float | None:
    """The share of thinned turns under a degree; None where there are too few turns."""
    x, y = np.diff(walk.x[walk.thin]), np.diff(walk.y[walk.thin])
    turns = np.arctan2(x[:-1] * y[1:] - y[:-1] * x[1:], x[:-1] * x[1:] + y[:-1] * y[1:])
    turns = turns[walk.thin_whole[:-1] & walk.thin_whole[1:]]
    return float((np.abs(turns) < np.radians(TURN_DEGREES)).mean()) if len(turns) >= TURNS else None


def _share_ruled(walk: Walk) -> float | None:
    """The share of fixes on the line between their neighbours; None where too few moved."""
    x, y = np.diff(walk.x), np.diff(walk.y)
    moved = ~walk.broken & (walk.leg_m >= RULED_STEP_M)
    between = moved[:-1] & moved[1:]
    if between.sum() < RULED:
        return None
    across = np.abs(x[:-1] * y[1:] - y[:-1] * x[1:])
    length = np.hypot(x[:-1] + x[1:], y[:-1] + y[1:])
    return float((across[between] < RULED_M * length[between]).mean())


def white_noise(walk: Walk) -> Signal | None:
    """Errors that do not last from one fix to the next, in somebody who moves.

    A phone that stands still has such errors too, so only walks with way in them are looked at.
    """
    walked_s = float(walk.leg_s[~walk.broken].sum())
    frequent = len(walk) > NOISE_PAIRS and np.median(walk.leg_s) <= NOISE_INTERVAL_S
    if not frequent or walk.distance_m <= NOISE_MOVING_MPS * walked_s:
        return None
    correlation = _lag_one(walk)
    if correlation is None or correlation >= NOISE_CORRELATION:
        return None
    return seen("white_noise", SENDS, correlation, NOISE_CORRELATION, _WHITE_NOISE)


def _lag_one(walk: Walk) -> float | None:
    """The lag-1 autocorrelation of second differences over legs of equal time."""
    same = np.abs(np.diff(walk.leg_s)) <= SAME_INTERVAL * walk.leg_s[1:]
    same &= ~(walk.broken[1:] | walk.broken[:-1])
    bends = np.diff(walk.x, 2) + 1j * np.diff(walk.y, 2)
    size = np.abs(bends)
    pairs = same[1:] & same[:-1]
    if pairs.sum() < NOISE_PAIRS:
        return None
    most = NOISE_CAP * float(np.median(size[same]))
    bends = bends * np.minimum(1.0, most / np.maximum(size, 1e-9))
    before, after = bends[:-1][pairs], bends[1:][pairs]
    power = float((np.abs(before) ** 2 + np.abs(after) ** 2).sum()) / 2
    return float((before * after.conj()).real.sum()) / power if power > 0 else None
