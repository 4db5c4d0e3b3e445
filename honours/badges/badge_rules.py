"""The rules of badges as data: what they ask, whether somebody has it, how far they are. Pure.

A rule asks only for what there can be more of, so that more verified work never loses a badge.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from shared.errors import Invalid
from shared.i18n import Text

# What a rule's names look like: kinds of task and badges are slugs, units have ids.
SLUG_PATTERN = r"[a-z][a-z_]{1,39}"
_UNIT_PATTERN = r"[0-9a-f]{24}"
MEASURES = ("count", "hours", "kilometres", "days", "streak_weeks")
# What is added up for each kind by itself.
MEASURES_OF_KIND = ("count", "hours", "kilometres")
SETS = ("kinds", "units", "badges")
MAX_AT_LEAST = 100_000
MAX_SET = 50
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "threshold": ("measure", "kind", "at_least"),
    "set": ("of", "names"),
    "first_of_kind": ("kind",),
    "first_in_unit": ("unit_ids",),
    "quest": (),
    "by_hand": (),
}
RULES = tuple(_FIELDS)
# Added up in whole seconds and metres; shown in tenths of an hour or kilometre, rounded down.
_TENTH_OF_HOUR_S = 360
_TENTH_OF_KM_M = 100


class BadgeRuleUnknown(Invalid):
    """Raised when a rule is none of those there are."""

    message = Text("A badge's rule is one of: {known}.", "徽章规则须为以下之一：{known}。")


class BadgeRuleChoice(Invalid):
    """Raised when a rule's value is none of those it can have."""

    message = Text(
        "This part of the rule must be one of: {known}.", "规则中的该项须为以下之一：{known}。"
    )


class BadgeRuleNumber(Invalid):
    """Raised when a threshold is no whole number in its bounds."""

    message = Text(
        "A threshold is a whole number from 1 to {most}.", "门槛须为 1 至 {most} 的整数。"
    )


class BadgeRuleNames(Invalid):
    """Raised when a rule's names are no short list of different ones."""

    message = Text(
        "This must be {least} to {most} different names.",
        "须为 {least} 至 {most} 个互不相同的名称。",
    )


class BadgeRuleOdd(Invalid):
    """Raised when a rule holds what rules of its sort do not have."""

    message = Text("A rule of this sort does not have it.", "该类规则没有此项。")


class Sums(NamedTuple):
    """How much verified work: how often, how long, how far."""

    times: int = 0
    seconds: int = 0
    metres: float = 0.0


class Deeds(NamedTuple):
    """What of a person rules look at; all of it only verified work, none of it coins.

    `unit_ids` are where they worked, with all units above; `first_in` where nobody was before
    them; `quest_badges` what quests they completed give; `badges` what else they hold.
    """

    total: Sums = Sums()
    days: int = 0
    streak_weeks: int = 0
    kinds: Mapping[str, Sums] = {}
    unit_ids: frozenset[str] = frozenset()
    first_in: frozenset[str] = frozenset()
    quest_badges: frozenset[str] = frozenset()
    badges: frozenset[str] = frozenset()


# ---- whether they hold


def earned(rule: Mapping[str, Any], deeds: Deeds, *, badge_id: str = "") -> bool:
    """Whether the rule of that badge holds; one given by hand never does by itself."""
    have, need = progress(rule, deeds, badge_id=badge_id)
    return have >= need


def progress(
    rule: Mapping[str, Any], deeds: Deeds, *, badge_id: str = ""
) -> tuple[int | float, int]:
    """(what they have, what the rule needs), in the rule's own unit; hours and km in tenths."""
    match rule["rule"]:
        case "threshold":
            return _measured(rule["measure"], rule.get("kind", ""), deeds), rule["at_least"]
        case "set":
            there = _those_there(rule["of"], deeds)
            return sum(name in there for name in rule["names"]), len(rule["names"])
        case "first_of_kind":
            return min(1, deeds.kinds.get(rule["kind"], Sums()).times), 1
        case "first_in_unit":
            wanted = rule.get("unit_ids") or deeds.first_in
            return int(not deeds.first_in.isdisjoint(wanted)), 1
        case "quest":
            return int(badge_id in deeds.quest_badges), 1
        case _:
            return 0, 1


def _measured(measure: str, kind: str, deeds: Deeds) -> int | float:
    sums = deeds.kinds.get(kind, Sums()) if kind else deeds.total
    match measure:
        case "hours":
            return int(sums.seconds // _TENTH_OF_HOUR_S) / 10
        case "kilometres":
            return int(sums.metres // _TENTH_OF_KM_M) / 10
        case "days":
            return deeds.days
        case "streak_weeks":
            return deeds.streak_weeks
        case _:
            return sums.times


def _those_there(of: str, deeds: Deeds) -> Iterable[str]:
    return {"kinds": deeds.kinds, "units": deeds.unit_ids, "badges": deeds.badges}[of]


def earned_badges(rules: Mapping[str, Sequence[Mapping[str, Any]]], deeds: Deeds) -> frozenset[str]:
    """The badges of which one rule holds, where badges may count on one another.

    `deeds.badges` are those that no rule decides: given by hand. What is not among `rules` and
    not among them counts for nobody.
    """
    found = deeds.badges
    while True:
        now_held = deeds._replace(badges=found)
        more = {
            badge_id
            for badge_id, ways in rules.items()
            if badge_id not in found
            and any(earned(one, now_held, badge_id=badge_id) for one in ways)
        }
        if not more:
            return found
        found |= more


# ---- whether they are sound


def sound_rule(rule: Any, field: str = "rule") -> dict[str, Any]:
    """The rule in plain values, with nothing in it that it does not need.

    Raises BadgeRuleUnknown, BadgeRuleChoice, BadgeRuleNumber, BadgeRuleNames, BadgeRuleOdd, each
    with its field.
    """
    sort = rule.get("rule") if isinstance(rule, Mapping) else None
    if not isinstance(sort, str) or sort not in _FIELDS:
        raise BadgeRuleUnknown(f"{field}.rule", known=", ".join(RULES))
    given = {name: value for name, value in rule.items() if value is not None and name != "rule"}
    for name in given:
        if name not in _FIELDS[sort]:
            raise BadgeRuleOdd(f"{field}.{name}")
    read = {
        "threshold": _sound_threshold,
        "set": _sound_set,
        "first_of_kind": _sound_first_of_kind,
        "first_in_unit": _sound_first_in_unit,
    }.get(sort)
    return {"rule": sort, **(read(given, field) if read else {})}


def _sound_threshold(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    measure = _chosen(given.get("measure"), MEASURES, f"{field}.measure")
    at_least = given.get("at_least")
    if not is_whole(at_least, MAX_AT_LEAST):
        raise BadgeRuleNumber(f"{field}.at_least", most=MAX_AT_LEAST)
    if "kind" not in given:
        return {"measure": measure, "at_least": at_least}
    _chosen(measure, MEASURES_OF_KIND, f"{field}.measure")
    kind = _names([given["kind"]], SLUG_PATTERN, f"{field}.kind", most=1)[0]
    return {"measure": measure, "kind": kind, "at_least": at_least}


def _sound_set(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    of = _chosen(given.get("of"), SETS, f"{field}.of")
    pattern = _UNIT_PATTERN if of == "units" else SLUG_PATTERN
    return {"of": of, "names": _names(given.get("names"), pattern, f"{field}.names")}


def _sound_first_of_kind(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    return {"kind": _names([given.get("kind")], SLUG_PATTERN, f"{field}.kind", most=1)[0]}


def _sound_first_in_unit(given: Mapping[str, Any], field: str) -> dict[str, Any]:
    if "unit_ids" not in given:
        return {}
    return {"unit_ids": _names(given["unit_ids"], _UNIT_PATTERN, f"{field}.unit_ids")}


def is_whole(value: Any, most: int) -> bool:
    """Whether it is a whole number from 1 to `most`; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _chosen(value: Any, known: Sequence[str], field: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise BadgeRuleChoice(field, known=", ".join(known))
    return value


def _names(value: Any, pattern: str, field: str, *, most: int = MAX_SET) -> list[str]:
    given = list(value) if isinstance(value, list | tuple) else []
    sound = [one for one in given if isinstance(one, str) and re.fullmatch(pattern, one)]
    if not 1 <= len(given) <= most or not len(set(sound)) == len(sound) == len(given):
        raise BadgeRuleNames(field, least=1, most=most)
    return sound


# ---- what they speak of


def kinds_in(rule: Mapping[str, Any]) -> dict[str, str]:
    """The kinds of task that a rule names, each with its field below the rule."""
    if rule["rule"] == "set":
        return _listed(rule, "kinds")
    return {rule["kind"]: "kind"} if rule.get("kind") else {}


def units_in(rule: Mapping[str, Any]) -> dict[str, str]:
    """The units that a rule names, each with its field below the rule."""
    listed = enumerate(rule.get("unit_ids") or [])
    return {unit_id: f"unit_ids.{index}" for index, unit_id in listed} | _listed(rule, "units")


def badges_in(rule: Mapping[str, Any]) -> dict[str, str]:
    """The other badges that a rule counts on, each with its field below the rule."""
    return _listed(rule, "badges")


def _listed(rule: Mapping[str, Any], of: str) -> dict[str, str]:
    if rule["rule"] != "set" or rule["of"] != of:
        return {}
    return {name: f"names.{index}" for index, name in enumerate(rule["names"])}


def counts_on_itself(badge_id: str, rules: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a badge would need itself, straight or by way of others: nobody could earn it."""
    seen: set[str] = set()
    ahead = list(badges_in(rules[badge_id]))
    while ahead:
        name = ahead.pop()
        if name == badge_id:
            return True
        if name not in seen:
            seen.add(name)
            ahead += badges_in(rules[name]) if name in rules else []
    return False
