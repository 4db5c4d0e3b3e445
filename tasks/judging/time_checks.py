"""The checks of when and how fast somebody walked: hours, a punctual start, gaps, speed."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from shared.i18n import Text
from tasks.judging.check_kind import (
    DAY_S,
    KMH,
    Case,
    CheckKind,
    CheckResult,
    cut,
    duration_text,
    percent,
    raised,
    share_result,
    spoken,
)
from tasks.judging.check_parameters import Number
from tasks.judging.track_rules import FAST_MPS

_LATE = Text(
    "You started {measured} after the task began; at most {needed} is allowed.",
    "您在任务开始 {measured} 后才出发，最多允许迟到 {needed}。",
)


def _window(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    hours = case.hours
    allowed_s, late_s = parameters["late_s"], hours.started_at - hours.starts_at
    if allowed_s is not None and late_s > allowed_s:
        told = spoken(_LATE, measured=duration_text(late_s), needed=duration_text(allowed_s))
        return CheckResult("window", False, cut(late_s), allowed_s, "s late", told)
    # The way to the post is part of it, so the minutes before the start do not count against it.
    begins_at = hours.starts_at - parameters["early_s"]
    measured = case.evidence.share_within(begins_at, hours.ends_at)
    said = Text(
        "{measured} of your walk was within the task's hours; {needed} is needed.",
        "您的行程有 {measured} 在任务时间段内，要求 {needed}。",
    )
    return share_result("window", measured, parameters["min_share"], said)


def _start_on_time(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    """Whoever starts before the hour is on time; late is later than `late_s` after it."""
    late_s = max(case.hours.started_at - case.hours.starts_at, 0.0)
    allowed_s = parameters["late_s"]
    passed = late_s <= allowed_s
    said = _LATE
    if passed:
        said = Text(
            "You started on time: {measured} after the task began, and {needed} is allowed.",
            "您按时出发：任务开始后 {measured}，最多允许迟到 {needed}。",
        )
    told = spoken(said, measured=duration_text(late_s), needed=duration_text(allowed_s))
    return CheckResult("start_on_time", passed, raised(late_s), allowed_s, "s late", told)


def _longest_gap(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = _longest_gap_s(case), parameters["max_s"]
    said = Text(
        "The longest time without a position was {measured}; at most {needed} is allowed.",
        "最长 {measured} 没有定位，最多允许 {needed}。",
    )
    told = spoken(said, measured=duration_text(math.ceil(measured)), needed=duration_text(needed))
    return CheckResult("longest_gap", measured <= needed, raised(measured), needed, "s", told)


def _longest_gap_s(case: Case) -> float:
    """The longest time between kept points, from the start and to the finish; pauses aside."""
    walk, hours = case.evidence.walk, case.hours
    edges = np.concatenate(([hours.started_at], walk.t, [hours.finished_at]))
    if not hours.pauses:
        return max(0.0, float(np.diff(edges).max()))
    return max(hours.counted_s(begin, end) for begin, end in pairwise(edges.tolist()))


def _plausible_speed(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = case.evidence.fast_share(), parameters["max_fast_share"]
    if measured is None:
        said = Text(
            "There are too few positions close together in time to tell how fast you moved.",
            "连续定位点太少，无法判断您的移动速度。",
        )
        return CheckResult("plausible_speed", False, 1.0, needed, "share", spoken(said))
    passed = measured <= needed
    said = Text(
        "{measured} of the time you moved faster than {speed} km/h; at most {needed} may be.",
        "您有 {measured} 的时间移动速度超过 {speed} 公里/小时，最多允许 {needed}。",
    )
    if not passed:
        said = Text(f"Too fast for this task: {said.en}", f"速度过快：{said.zh}")
    speed = f"{parameters['v_fast_mps'] * KMH:.3g}"
    told = spoken(said, measured=percent(measured, up=True), needed=percent(needed), speed=speed)
    shown = math.ceil(measured * 1e4 - 1e-6) / 1e4
    return CheckResult("plausible_speed", passed, shown, needed, "share", told)


TIME_CHECKS = (
    CheckKind(
        "window",
        {
            "early_s": Number(0.0, 3_600.0, default=900.0),
            "late_s": Number(0.0, DAY_S, optional=True),
            "min_share": Number(0.01, 1.0, default=0.9),
        },
        _window,
    ),
    CheckKind(
        "start_on_time",
        {"late_s": Number(0.0, DAY_S, default=300.0)},
        _start_on_time,
        of_track=False,
    ),
    # Never a default: an honest walk of several hours has gaps of more than ten minutes.
    CheckKind("longest_gap", {"max_s": Number(60.0, DAY_S)}, _longest_gap),
    CheckKind(
        "plausible_speed",
        {
            "max_fast_share": Number(0.0, 1.0, default=0.15),
            "v_fast_mps": Number(1.0, 20.0, default=FAST_MPS),
        },
        _plausible_speed,
    ),
)
