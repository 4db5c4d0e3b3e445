"""What a rate card may say: every field, and what of them cannot stand side by side. Pure.

Content is plain values by the names of the card's fields; `sound_content` answers all of them.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from itertools import combinations
from typing import Any

from people import Role
from rates.card_values import (
    BadRateCard,
    SaidTwice,
    choice,
    default,
    distinct,
    flag,
    maybe,
    moment,
    name,
    several,
    shaped,
    slug,
    unit_id,
    whole,
)
from rates.rate_card import MAX_MONTHS, CardPart, Occasion, RateCard
from shared.i18n import Text

MAX_LINES = 50
MAX_MULTIPLIERS = 30
MAX_EXTRAS = 50
MAX_GRADES = 20
MAX_DUTY_HOURS = 14
MAX_UNITS = 500
MAX_NAME_LENGTH = 60
# Far above any real rate, far below what the ledger can carry for the largest task.
MAX_COINS = 1_000_000
MAX_FEN = 100_000_000
MAX_PERCENT = 1_000
DAY_MINUTES = 1_440


class BadCardSpan(BadRateCard):
    """Raised when what a rate card says of a span or bounds ends before it begins."""

    message = Text(
        "This must not be less than, nor end before, {begin}.", "不得小于或早于 {begin}。"
    )


class NotForOccasion(BadRateCard):
    """Raised when a multiplier says what its occasion has no use for, or leaves out what it needs.

    A night needs its minutes of the day, a gap area its units; nothing else has any.
    """

    message = Text(
        "A night says from_minute and until_minute (not the same), a gap area unit_ids, other "
        "occasions neither.",
        "夜间须填 from_minute 与 until_minute（不得相同），盲区须填 unit_ids，其他情形均不填。",
    )


class GradeWithoutBounds(BadRateCard):
    """Raised when a grade of awards bounds neither coins nor money, or only at one end."""

    message = Text(
        "A grade has a least and a most, in coins, in fen, or in both.",
        "每个等级须同时填写最低与最高，以福币、以分，或两者兼有。",
    )


class CoinsWithoutValue(BadRateCard):
    """Raised when coins could be earned by a card and nothing says what they are worth."""

    message = Text(
        "Coins can be earned by this card, and neither it nor a card above that it inherits from "
        "says what 10,000 of them are worth in fen.",
        "按此标准可获得福币，但本标准及其所继承的上级标准均未写明一万福币折合多少分。",
    )


_coins = whole(0, MAX_COINS)
_some_coins = whole(1, MAX_COINS)
_some_fen = whole(1, MAX_FEN)
_name = name(MAX_NAME_LENGTH)
_kinds = default(distinct(slug, MAX_LINES), ())
_units = default(distinct(unit_id, MAX_UNITS), ())
_minute = whole(0, DAY_MINUTES - 1)

_caps = maybe(
    shaped(per_day=maybe(_some_coins), per_week=maybe(_some_coins), per_month=maybe(_some_coins))
)
_line = shaped(
    kind=slug,
    base=_coins,
    per_hour=_coins,
    per_km=default(_coins, 0),
    minimum=default(_some_coins, 1),
    maximum=maybe(_some_coins),
    caps=_caps,
    paid_on_duty=default(flag, False),
)
_multiplier = shaped(
    occasion=choice(Occasion),
    percent=whole(101, MAX_PERCENT),
    kinds=_kinds,
    from_minute=maybe(_minute),
    until_minute=maybe(_minute),
    unit_ids=_units,
)
_extra = shaped(
    name=_name, coins=_some_coins, starts_at=moment, ends_at=moment, kinds=_kinds, unit_ids=_units
)
_grade = shaped(
    grade=slug,
    name=_name,
    least_coins=maybe(_some_coins),
    most_coins=maybe(_some_coins),
    least_fen=maybe(_some_fen),
    most_fen=maybe(_some_fen),
)
_hours = shaped(
    weekdays=distinct(whole(1, 7), 7, least=1),
    from_minute=_minute,
    until_minute=whole(1, DAY_MINUTES),
)
_card = shaped(
    title=_name,
    in_force_from=moment,
    inherits=default(flag, True),
    lines=default(several(_line, MAX_LINES), ()),
    multipliers=default(several(_multiplier, MAX_MULTIPLIERS), ()),
    extras=default(several(_extra, MAX_EXTRAS), ()),
    award_grades=default(several(_grade, MAX_GRADES), ()),
    caps=_caps,
    paid_roles=maybe(distinct(choice(Role), len(Role))),
    duty_hours=maybe(several(_hours, MAX_DUTY_HOURS)),
    fen_per_10000_coins=maybe(whole(0, MAX_FEN)),
    coins_last_months=maybe(whole(1, MAX_MONTHS)),
    by_hand_above_fen=maybe(whole(0, MAX_FEN)),
)
CONTENT = (
    "title",
    "in_force_from",
    "inherits",
    "lines",
    "multipliers",
    "extras",
    "award_grades",
    "caps",
    "paid_roles",
    "duty_hours",
    "fen_per_10000_coins",
    "coins_last_months",
    "by_hand_above_fen",
)


def sound_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """All that a card says, from what was sent: every field there, as it is kept.

    Raises BadRateCard, its `field` the dotted path.
    """
    sound: dict[str, Any] = _card(content, "")
    _once(sound["lines"], "lines", "kind")
    _once(sound["award_grades"], "award_grades", "grade")
    _rising_caps(sound["caps"], "caps")
    for number, line in enumerate(sound["lines"]):
        _sound_line(line, f"lines.{number}")
    for number, multiplier in enumerate(sound["multipliers"]):
        _sound_multiplier(multiplier, f"multipliers.{number}")
    _one_percent_each(sound["multipliers"])
    for number, extra in enumerate(sound["extras"]):
        _after(extra, "starts_at", "ends_at", f"extras.{number}")
    for number, grade in enumerate(sound["award_grades"]):
        _sound_grade(grade, f"award_grades.{number}")
    for number, hours in enumerate(sound["duty_hours"] or ()):
        _after(hours, "from_minute", "until_minute", f"duty_hours.{number}")
    if not sound["inherits"] and sound["fen_per_10000_coins"] is None and earns_coins(sound):
        raise CoinsWithoutValue("fen_per_10000_coins")
    return sound


def earns_coins(content: Mapping[str, Any]) -> bool:
    """Whether by this content somebody can earn coins: for an action or as an award."""
    graded = any(grade.get("most_coins") for grade in content["award_grades"])
    return bool(content["lines"] or graded)


def content_of(card: RateCard) -> dict[str, Any]:
    """What a card says, in the one shape of `sound_content`: every field there, None included."""
    return {field: _plain(card[field]) for field in CONTENT}


def _plain(value: Any) -> Any:
    """A value of a card without documents in it."""
    if isinstance(value, CardPart):
        return {name: _plain(value[name]) for name in value._fields}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def logged(content: Mapping[str, Any]) -> dict[str, Any]:
    """Content for the log of changes: what is left out is not there."""
    said = {field: _without_unsaid(value) for field, value in content.items()}
    return {field: value for field, value in said.items() if value not in (None, [])}


def _without_unsaid(value: Any) -> Any:
    """The same without what parts of it leave out."""
    if isinstance(value, Mapping):
        said = {name: _without_unsaid(one) for name, one in value.items()}
        return {name: one for name, one in said.items() if one is not None}
    return [_without_unsaid(one) for one in value] if isinstance(value, list) else value


def _once(parts: Sequence[Mapping[str, Any]], path: str, field: str) -> None:
    seen = set()
    for number, part in enumerate(parts):
        if part[field] in seen:
            raise SaidTwice(f"{path}.{number}.{field}")
        seen.add(part[field])


def _sound_line(line: Mapping[str, Any], path: str) -> None:
    if line["maximum"] is not None and line["maximum"] < line["minimum"]:
        raise BadCardSpan(f"{path}.maximum", begin="minimum")
    _rising_caps(line["caps"], f"{path}.caps")


def _rising_caps(caps: Mapping[str, Any] | None, path: str) -> None:
    said = [(field, most) for field, most in (caps or {}).items() if most is not None]
    for (shorter, less), (longer, more) in combinations(said, 2):
        if more < less:
            raise BadCardSpan(f"{path}.{longer}", begin=shorter)


def _sound_multiplier(multiplier: Mapping[str, Any], path: str) -> None:
    occasion = multiplier["occasion"]
    begin, end = multiplier["from_minute"], multiplier["until_minute"]
    is_night = occasion == Occasion.NIGHT
    if (begin is not None) != is_night or (is_night and begin == end):
        raise NotForOccasion(f"{path}.from_minute")
    if (end is not None) != is_night:
        raise NotForOccasion(f"{path}.until_minute")
    if bool(multiplier["unit_ids"]) != (occasion == Occasion.GAP_AREA):
        raise NotForOccasion(f"{path}.unit_ids")


def _one_percent_each(multipliers: Sequence[Mapping[str, Any]]) -> None:
    """No moment has two percentages of one occasion: nobody could say which is meant.

    Of gap areas, which may lie in one another, the highest counts: see `pricing.py`.
    """
    for (_, first), (number, second) in combinations(enumerate(multipliers), 2):
        if first["occasion"] == second["occasion"] and _meet(first, second):
            raise SaidTwice(f"multipliers.{number}.occasion")


def _meet(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether two multipliers of one occasion can count for the same moment of an action."""
    kinds, others = set(first["kinds"]), set(second["kinds"])
    if kinds and others and not kinds & others:
        return False
    if first["occasion"] == Occasion.GAP_AREA:
        return bool(set(first["unit_ids"]) & set(second["unit_ids"]))
    if first["occasion"] == Occasion.NIGHT:
        return bool(_minutes(first) & _minutes(second))
    return True


def _minutes(night: Mapping[str, Any]) -> set[int]:
    """The minutes of the day that lie in a night, which may run over midnight."""
    begin, end = night["from_minute"], night["until_minute"]
    length = (end - begin) % DAY_MINUTES
    return {minute % DAY_MINUTES for minute in range(begin, begin + length)}


def _after(part: Mapping[str, Any], begin: str, end: str, path: str) -> None:
    if part[end] <= part[begin]:
        raise BadCardSpan(f"{path}.{end}", begin=begin)


def _sound_grade(grade: Mapping[str, Any], path: str) -> None:
    bounded = False
    for least, most in (("least_coins", "most_coins"), ("least_fen", "most_fen")):
        if (grade[least] is None) != (grade[most] is None):
            raise GradeWithoutBounds(f"{path}.{least if grade[least] is None else most}")
        if grade[least] is not None:
            bounded = True
            if grade[most] < grade[least]:
                raise BadCardSpan(f"{path}.{most}", begin=least)
    if not bounded:
        raise GradeWithoutBounds(path)
