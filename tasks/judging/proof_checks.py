"""The checks of what somebody brought besides a track: photos, hand-outs, people, words, a test.

None of them needs a position of the track, so they are judged where a phone sent none.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import shapely

from shared.i18n import Text
from tasks.judging.areas import CompiledArea
from tasks.judging.check_kind import (
    DAY_S,
    Case,
    CheckKind,
    CheckResult,
    Judge,
    percent,
    share_result,
    spoken,
)
from tasks.judging.check_parameters import (
    CheckpointList,
    CountedNames,
    Name,
    NameList,
    Number,
    Parameter,
)
from tasks.judging.crew_words import crew_text
from tasks.judging.proof import HandedOut, ProofPhoto

# A phone's clock and ours may differ by so much.
CLOCK_SLACK_S = 60.0
MAX_HANDED_OUT = 1_000_000
CREW_ROLE_PATTERN = r"[a-z][a-z0-9_]{1,39}"


def _listed(names: list[str]) -> Text:
    return Text(", ".join(names), "、".join(names))


def _joined(sentences: list[dict[str, str]]) -> dict[str, str]:
    """Several sentences as one text; English ones with a blank between."""
    return {
        "zh-CN": "".join(one["zh-CN"] for one in sentences),
        "en": " ".join(one["en"] for one in sentences),
    }


# ---- photos

_WHY_NOT = {
    "seen": Text("{count} sent before", "{count} 张曾经提交过"),
    "time": Text("{count} not from your time on the task", "{count} 张不在执行任务期间拍摄"),
    "place": Text("{count} not from the place", "{count} 张不在任务地点拍摄"),
}


def _photos(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    faults = Counter(_fault_of(photo, case, parameters) for photo in case.proof.photos)
    measured, needed = faults.pop("", 0), parameters["count"]
    said = Text(
        "{measured} of your {given} photos count; {needed} are needed.",
        "您提交的 {given} 张照片中有 {measured} 张有效，要求 {needed} 张。",
    )
    told = [spoken(said, measured=measured, given=len(case.proof.photos), needed=needed)]
    if faults:
        each = [spoken(_WHY_NOT[fault], count=count) for fault, count in sorted(faults.items())]
        named = Text(", ".join(one["en"] for one in each), "、".join(one["zh-CN"] for one in each))
        told.append(spoken(Text("Not counted: {named}.", "未计入：{named}。"), named=named))
    return CheckResult("photos", measured >= needed, measured, needed, "photos", _joined(told))


def _fault_of(photo: ProofPhoto, case: Case, parameters: Mapping[str, Any]) -> str:
    """Why a photo does not count; empty where it does.

    Looking like an earlier one is no reason: that is for a person to see.
    """
    if photo.seen_before:
        return "seen"
    begin, end = case.hours.started_at - CLOCK_SLACK_S, case.hours.finished_at + CLOCK_SLACK_S
    if photo.at is None or not begin <= photo.at <= end:
        return "time"
    near = _is_near(photo, case.evidence.area, parameters["within_m"], parameters["places"])
    return "" if near else "place"


def _is_near(
    photo: ProofPhoto, area: CompiledArea, within_m: float, places: list[dict[str, Any]]
) -> bool:
    """Whether it was taken within some metres of one of the places, or of the area without any."""
    if photo.lat is None or photo.lon is None:
        return False
    x, y = (float(one) for one in area.frame.to_metres(photo.lat, photo.lon))
    here = shapely.Point(x, y)
    if not places:
        return bool(area.outline.distance(here) <= within_m)
    at = zip(
        *area.frame.to_metres([p["lat"] for p in places], [p["lon"] for p in places]), strict=True
    )
    return any((x - px) ** 2 + (y - py) ** 2 <= within_m**2 for px, py in at)


# ---- hand-outs


def _handed_out(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    items, places = set(parameters["items"]), parameters["places"]
    counted = [one for one in case.proof.handed_out if not items or one.item.strip() in items]
    total, least_total = sum(one.count for one in counted), parameters["least_total"]
    missed = [place["name"] for place in places if _brought_to(place, counted) < place["least"]]
    unseen = _without_photos(counted, places, parameters["photos_per_place"])
    said = Text(
        "You handed out {total}; {least} are needed.", "您共发放 {total} 份，要求 {least} 份。"
    )
    told = [spoken(said, total=total, least=least_total)]
    if missed:
        said = Text("Not reached, or with too few: {names}.", "未到达或数量不足：{names}。")
        told.append(spoken(said, names=_listed(missed)))
    if unseen:
        said = Text("Photos are missing of: {names}.", "缺少照片：{names}。")
        told.append(spoken(said, names=_listed(unseen)))
    passed = total >= least_total and not missed and not unseen
    if places:
        done = len(places) - len(set(missed) | set(unseen))
        return CheckResult("handed_out", passed, done, len(places), "places", _joined(told))
    return CheckResult("handed_out", passed, total, least_total, "items", _joined(told))


def _brought_to(place: Mapping[str, Any], counted: list[HandedOut]) -> int:
    return sum(one.count for one in counted if one.place.strip() == place["name"])


def _without_photos(
    counted: list[HandedOut], places: list[dict[str, Any]], needed: int
) -> list[str]:
    """The places with too few photos: those asked for, or where none are all that were named."""
    photos: Counter[str] = Counter()
    for one in counted:
        photos[one.place.strip()] += one.photos
    named = [place["name"] for place in places] or list(photos)
    return [name for name in named if photos[name] < needed]


# ---- people


def _head_count(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = case.proof.heads, parameters["least"]
    said = Text(
        "{measured} took part together; {needed} are needed.",
        "共有 {measured} 人一起参加，要求 {needed} 人。",
    )
    told = spoken(said, measured=measured, needed=needed)
    return CheckResult("head_count", measured >= needed, measured, needed, "people", told)


def _make_up(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    needs = parameters["crew"]
    present = [min(case.proof.crew.get(n["crew_role"], 0), n["at_least"]) for n in needs]
    measured, needed = sum(present), sum(need["at_least"] for need in needs)
    missing = [
        (crew_text(need["crew_role"]), need["at_least"] - have)
        for need, have in zip(needs, present, strict=True)
        if have < need["at_least"]
    ]
    told = spoken(Text("The crew was complete.", "人员组成符合要求。"))
    if missing:
        names = Text(
            ", ".join(f"{role.en} ({count})" for role, count in missing),
            "、".join(f"{role.zh}（{count} 人）" for role, count in missing),
        )
        said = Text("The crew is not complete; missing: {names}.", "人员不齐，缺少：{names}。")
        told = spoken(said, names=names)
    return CheckResult("make_up", not missing, measured, needed, "people", told)


# ---- what was learnt, attended, written, confirmed


def _test(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    measured, needed = case.proof.test_share, parameters["min_share"]
    if measured is None:
        said = Text(
            "You have not taken the test; {needed} right is needed.",
            "您尚未参加测试，要求正确率 {needed}。",
        )
        told = spoken(said, needed=percent(needed))
        return CheckResult("test", False, 0.0, needed, "share", told)
    said = Text(
        "You answered {measured} of the test rightly; {needed} is needed.",
        "您的测试正确率为 {measured}，要求 {needed}。",
    )
    return share_result("test", measured, needed, said)


def _attendance(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    begin, end = case.hours.starts_at - parameters["early_s"], case.hours.ends_at
    within = sorted(at for at in case.proof.attended_at if begin <= at <= end)
    measured, last = 0, float("-inf")
    for at in within:
        if at - last >= parameters["apart_s"]:
            measured, last = measured + 1, at
    needed = parameters["times"]
    said = Text(
        "Your attendance was recorded {measured} times within the hours; {needed} are needed.",
        "规定时间内共签到 {measured} 次，要求 {needed} 次。",
    )
    told = spoken(said, measured=measured, needed=needed)
    return CheckResult("attendance", measured >= needed, measured, needed, "times", told)


def _duty_log(case: Case, parameters: Mapping[str, Any]) -> CheckResult:
    at, until = case.proof.logged_at, case.hours.ends_at + parameters["until_s"]
    if at is None:
        told = spoken(Text("The duty log was not written.", "尚未填写值守日志。"))
    elif not case.hours.started_at - CLOCK_SLACK_S <= at <= until:
        said = Text(
            "The duty log was not written between your start and the time allowed after the end.",
            "值守日志未在开始之后、规定的截止时间之前填写。",
        )
        told = spoken(said)
    else:
        told = spoken(Text("The duty log is written.", "已填写值守日志。"))
        return CheckResult("duty_log", True, 1, 1, "logs", told)
    return CheckResult("duty_log", False, 0, 1, "logs", told)


def _confirmation(case: Case, _: Mapping[str, Any]) -> CheckResult:
    """A reviewer's word; without one it waits, and fails nobody."""
    confirmed = case.proof.confirmed
    said = Text("A reviewer will confirm this.", "将由审核人员确认。")
    if confirmed is not None:
        said = Text("A reviewer confirmed this.", "审核人员已确认。")
    if confirmed is False:
        said = Text("A reviewer did not confirm this.", "审核人员未予确认。")
    passed, waits = confirmed is True, confirmed is None
    return CheckResult(
        "confirmation", passed, int(passed), 1, "confirmations", spoken(said), awaits=waits
    )


_PROOFS: tuple[tuple[str, dict[str, Parameter], Judge], ...] = (
    (
        "photos",
        {
            "count": Number(1, 50, whole=True),
            "within_m": Number(10.0, 5_000.0, default=100.0),
            "places": CheckpointList(optional=True),
        },
        _photos,
    ),
    (
        "handed_out",
        {
            "items": NameList(most=20),
            "places": CountedNames("name", "least", most=100, most_each=MAX_HANDED_OUT),
            "least_total": Number(1, MAX_HANDED_OUT, default=1, whole=True),
            "photos_per_place": Number(0, 10, default=0, whole=True),
        },
        _handed_out,
    ),
    ("head_count", {"least": Number(1, 2_000, whole=True)}, _head_count),
    (
        "make_up",
        {
            "crew": CountedNames(
                "crew_role",
                "at_least",
                most=20,
                most_each=100,
                required=True,
                pattern=CREW_ROLE_PATTERN,
            )
        },
        _make_up,
    ),
    # The sheet is the newest one of the unit where none is named.
    ("test", {"min_share": Number(0.01, 1.0, default=0.8), "sheet_id": Name()}, _test),
    (
        "attendance",
        {
            "times": Number(1, 20, default=1, whole=True),
            "early_s": Number(0.0, 3_600.0, default=900.0),
            "apart_s": Number(0.0, DAY_S, default=300.0),
        },
        _attendance,
    ),
    ("duty_log", {"until_s": Number(0.0, DAY_S, default=7_200.0)}, _duty_log),
    ("confirmation", {}, _confirmation),
)
PROOF_CHECKS = tuple(CheckKind(*one, of_track=False) for one in _PROOFS)
