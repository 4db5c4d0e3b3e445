"""What comparisons with stored tracks say: copied, stitched, copied elsewhere, walked by one.

Pure. Each signal is raised once, for the track that shows it best. Own tracks weigh less: of
somebody who walks the same beat each day there is no recording yet, and the margins rest on
strangers. An own track replayed to the second still goes to a person.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from shared.i18n import Text
from tasks.suspicion.copy_index import SAME_PACE
from tasks.suspicion.fingerprint import Fingerprint
from tasks.suspicion.replays import EXACT_M, TOGETHER_S, Comparison, compare
from tasks.suspicion.signal import (
    SENDS,
    SENDS_PLAINLY,
    SENDS_SURELY,
    VISIBLE,
    Signal,
    seen,
)

# Full comparisons of one track, which cost milliseconds each.
MAX_COMPARED = 20
# So much of a track replayed is a copy, less is a piece of one.
COPIED_SHARE = 0.70
# With the pace of the whole in common as well, less is enough.
COPIED_PART = 0.40
# Honest walks of different ways come no nearer than 15 m, copies with 10 m of noise are within
# 5 m. But people who walk one beat are 2 to 5 m apart too (simulated), so the pace must agree:
# theirs does at most to 0.4, that of copies from 0.6.
COPIED_M, COPIED_PACE, COPIED_SURE_PACE = 5.5, 0.60, 0.75
# Nearer than two phones can agree, whatever the pace.
TRACED_M = 1.0
# A way that only one other person has walked may be shown; one that two have is a beat.
SAME_LINE_M, BEAT_PERSONS, BEAT_M = 5.0, 2, 12.0
# An own walk repeated this closely was not walked again.
OWN_RESIDUAL_S = 1.0
# Honest pairs that agree in pace do not fit; copies 0.008 to 0.05.
SAME_SHAPE = 0.06
# Without positions only the pace is left, so it must agree more closely and weighs less.
PACE_ALONE = 0.95
ELSEWHERE_M = 50.0
# The only real pair was 5.3 m apart, two phones on one walker 1.5 to 6.5.
ONE_WALKER_M, COMPANIONS_M = 4.0, 20.0

_REPLAYED = Text(
    "{measured} % of this walk repeats an earlier one{own}, place by place and second by second "
    "({needed} % is enough to look).",
    "本次行走有 {measured}% 与此前一次行走{own}在地点和时间节奏上完全重合"
    "（达到 {needed}% 即须核查）。",
)
_TRACED = Text(
    "The whole way lies {measured} m beside an earlier walk{own} (less than {needed} m is enough "
    "to look).",
    "全程与此前一次行走{own}平均仅相距 {measured} 米（小于 {needed} 米即须核查）。",
)
_SAME_LINE = Text(
    "The whole way lies {measured} m beside one earlier walk (shown below {needed} m; people who "
    "keep to one pavement can be that near).",
    "全程与此前一次行走平均相距 {measured} 米"
    "（小于 {needed} 米时提示；沿同一人行道行走也可能如此）。",
)
_STITCHED = Text(
    "{measured} m of this walk repeat a piece of an earlier one{own}, second by second "
    "({needed} m are enough to look).",
    "本次行走有 {measured} 米与此前一次行走{own}的一段逐秒重合（达到 {needed} 米即须核查）。",
)
_SHAPE = Text(
    "This walk is an earlier one{own} moved, turned, mirrored or scaled: it fits to {measured} % "
    "(less than {needed} % is enough to look).",
    "本次行走与此前一次行走{own}经平移、旋转、镜像或缩放后吻合，偏差 {measured}%"
    "（小于 {needed}% 即须核查）。",
)
_PACE = Text(
    "The pace of this walk is that of an earlier one whose positions are erased: they agree to "
    "{measured} % ({needed} % are enough to show).",
    "本次行走的节奏与一次位置已删除的行走一致，吻合度 {measured}%（达到 {needed}% 即予提示）。",
)
_ONE_WALKER = Text(
    "Another account was {measured} m away all the time, as if one person carried both phones "
    "(less than {needed} m is enough to look).",
    "另一账号全程与您平均仅相距 {measured} 米，如同一人携带两部手机（小于 {needed} 米即须核查）。",
)
_COMPANIONS = Text(
    "Another account walked along, {measured} m away (shown below {needed} m). Walking together? "
    "Join as a team.",
    "另一账号与您同行，平均相距 {measured} 米（小于 {needed} 米时提示）。"
    "结伴同行？请以小队方式参加。",
)
_OWN = Text(" of your own", "（您本人的）")
_NOT_OWN = Text("", "")


class Compared(NamedTuple):
    """Another track, and what it has in common with the one in question."""

    other: Fingerprint
    found: Comparison


def compared_with(mine: Fingerprint, others: Sequence[Fingerprint]) -> list[Compared]:
    """My track held against each of the others."""
    return [Compared(other, compare(mine, other)) for other in others]


def copy_signals(
    mine: Fingerprint, compared: Sequence[Compared], moves: str = "walks"
) -> list[Signal]:
    """At most one signal of each name, from all the comparisons of my track."""
    best: dict[str, Signal] = {}
    line = _same_line(mine, compared)
    for signal in [*line, *(one for pair in compared for one in _of_pair(mine, pair, moves))]:
        known = best.get(signal.signal)
        if known is None or signal.weight > known.weight:
            best[signal.signal] = signal
    if "copied" in best and best["copied"].weight > VISIBLE:
        # A copy is one finding, not three.
        best.pop("stitched", None)
        best.pop("copied_shape", None)
    if "one_walker" in best:
        best.pop("companions", None)
    return list(best.values())


def companions_of(
    mine: Fingerprint, compared: Sequence[Compared], moves: str = "walks"
) -> list[Fingerprint]:
    """Tracks of other accounts that went along without being of one team."""
    return [
        pair.other
        for pair in compared
        if _may_be_companions(mine, pair.other, moves) and pair.found.together_m <= COMPANIONS_M
    ]


def _may_be_companions(mine: Fingerprint, other: Fingerprint, moves: str) -> bool:
    """Whether being together means anything: at a post, or in a team, people are together."""
    return (
        moves in ("walks", "rides")
        and mine.person_id != other.person_id
        and not mine.company & other.company
        and mine.has_pace
        and other.has_pace
    )


def _of_pair(mine: Fingerprint, pair: Compared, moves: str) -> list[Signal]:
    rules: tuple[Callable[[Fingerprint, Compared], Signal | None], ...] = (
        _copied,
        _stitched,
        _shape,
    )
    # A copy is known later than its source: whoever was first is not accused when judged again.
    found = [rule(mine, pair) for rule in rules if pair.other.known_s <= mine.known_s]
    if _may_be_companions(mine, pair.other, moves):
        found.append(_together(mine, pair))
    return [signal for signal in found if signal is not None]


def _copied(mine: Fingerprint, pair: Compared) -> Signal | None:
    found, own = pair.found, mine.person_id == pair.other.person_id
    needed = COPIED_PART if found.pace >= COPIED_SURE_PACE else COPIED_SHARE
    if found.replayed_share >= needed:
        weight = SENDS_SURELY
        if own:
            weight = SENDS if found.residual_s <= OWN_RESIDUAL_S else VISIBLE
        share = 100 * found.replayed_share
        return _about(pair, own, "copied", weight, share, 100 * needed, _REPLAYED)
    if found.overlap_s >= TOGETHER_S:
        return None
    if found.nearest_m <= TRACED_M:
        weight = SENDS if own else SENDS_SURELY
        return _about(pair, own, "copied", weight, found.nearest_m, TRACED_M, _TRACED)
    if found.nearest_m <= COPIED_M and found.pace >= COPIED_PACE:
        weight = SENDS_SURELY if found.pace >= COPIED_SURE_PACE else SENDS
        weight = VISIBLE if own else weight
        return _about(pair, own, "copied", weight, found.nearest_m, COPIED_M, _TRACED)
    return None


def _same_line(mine: Fingerprint, compared: Sequence[Compared]) -> list[Signal]:
    """The one walk by somebody else that mine lies upon; none where the way is a beat."""
    near = [
        pair
        for pair in compared
        if pair.found.overlap_s < TOGETHER_S
        and pair.found.nearest_m <= BEAT_M
        and pair.other.person_id != mine.person_id
        and pair.other.known_s <= mine.known_s
        and mine.has_pace
    ]
    if not near or len({pair.other.person_id for pair in near}) >= BEAT_PERSONS:
        return []
    nearest = min(near, key=lambda pair: pair.found.nearest_m)
    away_m = nearest.found.nearest_m
    if away_m > SAME_LINE_M:
        return []
    return [_about(nearest, False, "copied", VISIBLE, away_m, SAME_LINE_M, _SAME_LINE)]


def _stitched(mine: Fingerprint, pair: Compared) -> Signal | None:
    found, own = pair.found, mine.person_id == pair.other.person_id
    if found.exact_m < EXACT_M or found.replayed_share >= COPIED_SHARE:
        return None
    weight = VISIBLE if own else SENDS_SURELY
    return _about(pair, own, "stitched", weight, found.exact_m, EXACT_M, _STITCHED)


def _shape(mine: Fingerprint, pair: Compared) -> Signal | None:
    found, own = pair.found, mine.person_id == pair.other.person_id
    if not len(pair.other):
        if found.pace < PACE_ALONE:
            return None
        pace = 100 * found.pace
        return _about(pair, own, "copied_shape", VISIBLE, pace, 100 * PACE_ALONE, _PACE)
    if found.pace < SAME_PACE or found.shape >= SAME_SHAPE:
        return None
    # One's own beat walked again has the same shape in the same place.
    weight = VISIBLE if own and found.nearest_m <= ELSEWHERE_M else SENDS_PLAINLY
    misfit = 100 * found.shape
    return _about(pair, own, "copied_shape", weight, misfit, 100 * SAME_SHAPE, _SHAPE)


def _together(mine: Fingerprint, pair: Compared) -> Signal | None:
    away_m = pair.found.together_m
    if away_m <= ONE_WALKER_M:
        return _about(pair, False, "one_walker", SENDS, away_m, ONE_WALKER_M, _ONE_WALKER)
    if away_m <= COMPANIONS_M:
        return _about(pair, False, "companions", VISIBLE, away_m, COMPANIONS_M, _COMPANIONS)
    return None


def _about(
    pair: Compared, own: bool, name: str, weight: int, measured: float, needed: float, text: Text
) -> Signal:
    ids = {"participation_id": pair.other.participation_id, "person_id": pair.other.person_id}
    whose = (_OWN if own else _NOT_OWN).both()
    # Each language has its own word for whose walk it was, so the sentences are filled one by one.
    text = Text(text.en.replace("{own}", whose["en"]), text.zh.replace("{own}", whose["zh-CN"]))
    return seen(name, weight, measured, needed, text, about=ids)
