"""A change of the rules in words, in both languages: what was done, from which value to which."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from shared.clock import in_business_time
from shared.i18n import Text

# More than this nobody reads in a notice; the log of changes has them all.
MOST = 8
MOST_SIGNS = 60

# (subject, verb) → what somebody did. What is not here is said by its names.
DONE: dict[tuple[str, str], Text] = {
    ("rate_card", "drafted"): Text("drafted a rate card", "起草了积分标准"),
    ("rate_card", "edited"): Text("edited the draft of a rate card", "修改了积分标准草案"),
    ("rate_card", "approved"): Text("approved a rate card", "批准了积分标准"),
    ("rate_card", "withdrawn"): Text("withdrew a rate card", "撤回了积分标准"),
    ("budget_rule", "put_budget_rule"): Text("set a budget's thresholds", "设定了预算阈值"),
    ("budget_envelope", "put_envelope"): Text(
        "set coins aside for a quarter", "为季度划拨了预算额度"
    ),
    ("budget_transfer", "ask_budget_transfer"): Text(
        "asked for a transfer of budget", "申请了预算调剂"
    ),
    ("budget_transfer", "approve_budget_transfer"): Text(
        "approved a transfer of budget", "批准了预算调剂"
    ),
    ("budget_transfer", "refuse_budget_transfer"): Text(
        "refused a transfer of budget", "未批准预算调剂"
    ),
    ("budget_grant", "granted"): Text("granted coins to a budget", "拨付了预算福币"),
    ("fund_grant", "granted"): Text("granted money to a fund", "拨付了专项经费"),
    ("fund", "opened"): Text("opened a fund", "设立了专项经费"),
    ("weather_warning", "declared"): Text("declared a weather warning", "发布了天气预警"),
    ("weather_warning", "ended"): Text("ended a weather warning", "提前解除了天气预警"),
}
OTHERWISE = Text("changed {subject}: {verb}", "变更了 {subject}（{verb}）")
_ARROW = Text("{path}: {before} → {after}", "{path}：{before} → {after}")
_NEW = Text("{path}: {after}", "{path}：{after}")
_GONE = Text("{path}: no longer", "{path}：取消")
_MORE = Text("and {number} more in the log of changes", "另有 {number} 项，见变更记录")
# Names of fields as people say them.
NAMES: dict[str, Text] = {
    name: Text(name.replace("_", " "), chinese)
    for name, chinese in (
        ("lines", "项目"),
        ("multipliers", "加成"),
        ("extras", "专项加分"),
        ("award_grades", "奖励等级"),
        ("caps", "上限"),
        ("base", "基础"),
        ("per_hour", "每小时"),
        ("per_km", "每公里"),
        ("minimum", "最低"),
        ("maximum", "最高"),
        ("percent", "比例"),
        ("per_day", "每日"),
        ("per_week", "每周"),
        ("per_month", "每月"),
        ("coins", "福币"),
        ("fen", "金额（分）"),
        ("title", "名称"),
        ("state", "状态"),
        ("inherits", "沿用上级"),
        ("in_force_from", "生效时间"),
        ("fen_per_10000_coins", "一万福币价值（分）"),
        ("coins_last_months", "福币有效月数"),
        ("by_hand_above_fen", "线下发放起点（分）"),
        ("paid_roles", "带薪岗位"),
        ("duty_hours", "值班时间"),
        ("paid_on_duty", "值班计分"),
        ("least_coins", "最少福币"),
        ("most_coins", "最多福币"),
        ("least_fen", "最低金额（分）"),
        ("most_fen", "最高金额（分）"),
        ("occasion", "类型"),
        ("starts_at", "开始"),
        ("ends_at", "结束"),
        ("warn_percent", "预警线（%）"),
        ("stop_percent", "停止线（%）"),
        ("fund", "经费"),
        ("year", "年度"),
        ("quarter", "季度"),
        ("from_minute", "每日开始"),
        ("until_minute", "每日结束"),
        ("kinds", "适用类型"),
        ("name", "名称"),
        ("night", "夜间"),
        ("weekend", "周末"),
        ("holiday", "法定节假日"),
        ("heat", "高温"),
        ("storm", "恶劣天气"),
        ("gap_area", "薄弱区域"),
        ("patrol", "治安巡逻"),
        ("publicity", "安全宣传"),
        ("traffic_direction", "交通劝导"),
        ("care_visit", "入户关爱"),
        ("on_duty_post", "定点值守"),
        ("school_guard", "护学岗"),
        ("training", "培训"),
        ("drill", "演练"),
        ("general", "通用经费"),
    )
}
YES, NO = Text("yes", "是"), Text("no", "否")
# What the act itself says, and what tells the parts of a list apart.
_LEFT_OUT = {"state", "kind", "grade", "occasion"}
_CLOCK = {"from_minute", "until_minute"}


def done_words(subject: str, verb: str) -> dict[str, str]:
    """What somebody did, in both languages."""
    known = DONE.get((subject, verb))
    if known is not None:
        return known.both()
    return OTHERWISE.both(subject=subject.replace("_", " "), verb=verb.replace("_", " "))


def changed_words(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """The values that differ, the first eight of them, in both languages; empty where none do."""
    was, now_is = dict(_flat(before, ())), dict(_flat(after, ()))
    paths = [path for path in {**was, **now_is} if was.get(path) != now_is.get(path)]
    said = {"en": "; ", "zh-CN": "；"}
    return {
        language: joint.join(_each(paths, was, now_is, language))
        for language, joint in said.items()
    }


def _each(
    paths: list[tuple[str, ...]],
    was: Mapping[tuple[str, ...], Any],
    now_is: Mapping[tuple[str, ...], Any],
    language: str,
) -> Iterator[str]:
    for path in paths[:MOST]:
        words = _ARROW if path in was and path in now_is else _NEW if path in now_is else _GONE
        facts = {
            "before": _value_words(path, was.get(path, ""), language),
            "after": _value_words(path, now_is.get(path, ""), language),
        }
        yield words.say(language, path=_path_words(path, language), **facts)
    if len(paths) > MOST:
        yield _MORE.say(language, number=len(paths) - MOST)


def _path_words(path: tuple[str, ...], language: str) -> str:
    return " · ".join(
        NAMES[part].say(language) if part in NAMES else part.replace("_", " ") for part in path
    )


def _value_words(path: tuple[str, ...], value: Any, language: str) -> str:
    """A single value as people say it: times of the street, yes and no, names of what is known."""
    if isinstance(value, Mapping):
        value = value["en"] if language == "en" and value.get("en") else value["zh"]
    if isinstance(value, bool):
        return (YES if value else NO).say(language)
    if isinstance(value, datetime):
        return in_business_time(value)
    if path[-1] in _CLOCK and isinstance(value, int):
        return f"{value // 60:02d}:{value % 60:02d}"
    if isinstance(value, list | tuple):
        return ", ".join(_value_words(path, one, language) for one in value)
    text = NAMES[value].say(language) if value in NAMES else str(value)
    return text if len(text) <= MOST_SIGNS else f"{text[: MOST_SIGNS - 1]}…"


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(path, value) of every single value in nested ones; what is empty has none."""
    if path and (path[-1] in _LEFT_OUT or path[-1].endswith(("_id", "_ids"))):
        return
    if isinstance(value, Mapping) and "zh" in value:
        yield path, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, (*path, str(name)))
    elif isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        for name, inner in _named(value).items():
            yield from _flat(inner, (*path, name))
    elif isinstance(value, list | tuple):
        if value:
            yield path, value
    elif value is not None:
        yield path, value


def _named(parts: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    """The parts of a list by what tells them apart: kind, grade or occasion, else a number."""
    found: dict[str, Any] = {}
    for number, part in enumerate(parts, 1):
        names = (part.get(key) for key in ("kind", "grade", "occasion")) if part else ()
        name = next((str(one) for one in names if one), str(number))
        found[name if name not in found else f"{name} {number}"] = part
    return found
