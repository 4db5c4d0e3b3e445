"""What a card may say: all of it kept as it was said, and the field named that cannot be used."""

from copy import deepcopy
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_cards import PATROL, TITLE, a_card, day, everything

from rates import RateCard
from rates.card_content import (
    BadCardSpan,
    CoinsWithoutValue,
    GradeWithoutBounds,
    NotForOccasion,
    content_of,
    earns_coins,
    logged,
    sound_content,
)
from rates.card_values import (
    BadCardChoice,
    BadCardList,
    BadCardMoment,
    BadCardNumber,
    BadCardObject,
    BadCardText,
    BadRateCard,
    SaidTwice,
)

PURE = True
GAP = "a" * 24
NIGHT = {"occasion": "night", "percent": 120, "from_minute": 1_320, "until_minute": 360}
EXTRA = {"name": TITLE, "coins": 5, "starts_at": day(3), "ends_at": day(4)}
GRADE = {"grade": "major", "name": TITLE, "least_fen": 1, "most_fen": 2}
HOURS = {"weekdays": [1], "from_minute": 0, "until_minute": 60}
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def changed(path, value):
    """Content that says everything, with one thing in it replaced."""
    content = deepcopy(everything(GAP))
    place = content
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        place = place[step]
    place[last] = value
    return content


def test_everything_a_card_can_say_is_kept():
    kept = sound_content(everything(GAP))
    card = RateCard._from_son(kept | {"_id": "c", "unit_id": "u", "state": "draft"})
    assert content_of(card) == kept
    line = next(one for one in card.lines if one.kind == "patrol")
    assert (line.base, line.per_hour, line.per_km, line.minimum, line.maximum) == (
        5,
        50,
        3,
        10,
        300,
    )
    assert (line.caps.per_day, line.caps.per_week, line.paid_on_duty) == (200, None, True)
    assert [each.percent for each in card.multipliers] == [120, 110, 150]
    assert card.extras[0].unit_ids == [GAP]
    assert card.award_grades[0].most_fen == 100_000
    assert card.duty_hours[0].weekdays == [1, 5]
    assert (card.caps.per_week, card.caps.per_month) == (1_000, None)


def test_what_is_left_out_is_inherited_and_what_is_empty_is_said():
    kept = sound_content({"title": TITLE, "in_force_from": day(1), "paid_roles": []})
    assert kept["inherits"] is True
    assert kept["lines"] == []
    unsaid = ("caps", "duty_hours", "fen_per_10000_coins", "coins_last_months", "by_hand_above_fen")
    assert [kept[name] for name in unsaid] == [None] * 5
    card = RateCard._from_son(kept | {"_id": "c", "unit_id": "u", "state": "draft"})
    assert (card.paid_roles, card.duty_hours) == ([], None)


def test_content_has_one_shape_also_of_a_card_that_leaves_most_out():
    grade = {"grade": "larger", "name": TITLE, "least_fen": 1, "most_fen": 2}
    said = {"title": TITLE, "in_force_from": day(1), "lines": [PATROL], "award_grades": [grade]}
    kept = sound_content(said)
    read = RateCard._from_son({"_id": "c", "unit_id": "u", "state": "draft", **kept})
    written = RateCard._from_son(read.to_mongo().to_dict())
    assert content_of(written) == kept
    assert logged(content_of(written))["award_grades"] == [grade]


def test_a_moment_is_kept_in_utc_whatever_its_offset():
    fuzhou = day(1).astimezone(timezone(timedelta(hours=8)))
    assert sound_content(a_card(in_force_from=fuzhou))["in_force_from"] == day(1)


@pytest.mark.parametrize(
    ("path", "value", "refusal"),
    [
        ("title", None, BadCardText),
        ("title", {"en": "only"}, BadCardText),
        ("title.zh", "  ", BadCardText),
        ("title.en", "x" * 61, BadCardText),
        ("title.en", "two\nlines", BadCardText),
        ("in_force_from", None, BadCardMoment),
        ("in_force_from", "2026-01-02", BadCardMoment),
        ("in_force_from", datetime(2026, 1, 1), BadCardMoment),  # noqa: DTZ001
        ("in_force_from", day(365 * 80), BadCardMoment),
        ("inherits", 1, BadCardChoice),
        ("surprise", 1, BadCardObject),
        ("lines", {}, BadCardList),
        ("lines", [PATROL] * 51, BadCardList),
        ("lines.0", "patrol", BadCardObject),
        ("lines.0.bonus", 1, BadCardObject),
        ("lines.0.kind", "Night patrol", BadCardText),
        ("lines.0.kind", None, BadCardText),
        ("lines.1.kind", "patrol", SaidTwice),
        ("lines.0.base", -1, BadCardNumber),
        ("lines.0.base", True, BadCardNumber),
        ("lines.0.per_hour", None, BadCardNumber),
        ("lines.0.per_hour", 0.5, BadCardNumber),
        ("lines.0.per_hour", 1_000_001, BadCardNumber),
        ("lines.0.per_km", -1, BadCardNumber),
        ("lines.0.minimum", 0, BadCardNumber),
        ("lines.0.maximum", 9, BadCardSpan),
        ("lines.0.caps.per_day", 0, BadCardNumber),
        ("lines.0.caps.per_month", 199, BadCardSpan),
        ("lines.0.caps.per_year", 5, BadCardObject),
        ("lines.0.paid_on_duty", "yes", BadCardChoice),
        ("multipliers.0.occasion", "full_moon", BadCardChoice),
        ("multipliers.0.percent", 100, BadCardNumber),
        ("multipliers.0.percent", 1_001, BadCardNumber),
        ("multipliers.0.from_minute", 1_440, BadCardNumber),
        ("multipliers.0.from_minute", 360, NotForOccasion),
        ("multipliers.0.from_minute", None, NotForOccasion),
        ("multipliers.0.until_minute", None, NotForOccasion),
        ("multipliers.1.from_minute", 5, NotForOccasion),
        ("multipliers.1.until_minute", 5, NotForOccasion),
        ("multipliers.1.unit_ids", [GAP], NotForOccasion),
        ("multipliers.2.unit_ids", [], NotForOccasion),
        ("multipliers.1.kinds.0", "$where", BadCardText),
        ("extras.0.coins", 0, BadCardNumber),
        ("extras.0.ends_at", day(10), BadCardSpan),
        ("extras.0.starts_at", "soon", BadCardMoment),
        ("extras.0.name", "灯会", BadCardText),
        ("extras.0.unit_ids.0", "here", BadCardText),
        ("award_grades.0.most_coins", 99, BadCardSpan),
        ("award_grades.0.most_fen", None, GradeWithoutBounds),
        ("award_grades.0.least_coins", None, GradeWithoutBounds),
        ("caps.per_week", 299, BadCardSpan),
        ("paid_roles.0", "emperor", BadCardChoice),
        ("duty_hours.0.weekdays", [], BadCardList),
        ("duty_hours.0.weekdays.1", 8, BadCardNumber),
        ("duty_hours.0.until_minute", 480, BadCardSpan),
        ("fen_per_10000_coins", -1, BadCardNumber),
        ("fen_per_10000_coins", None, CoinsWithoutValue),
        ("coins_last_months", 121, BadCardNumber),
        ("coins_last_months", 1.5, BadCardNumber),
        ("by_hand_above_fen", "200", BadCardNumber),
    ],
)
def test_the_field_that_cannot_be_used_is_named(path, value, refusal):
    with pytest.raises(refusal) as refused:
        sound_content(changed(path, value))
    assert type(refused.value) is refusal
    assert refused.value.field == path
    assert refused.value.say("en") != refused.value.say("zh-CN")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"multipliers": [NIGHT, NIGHT | {"percent": 150}]}, "multipliers.1.occasion"),
        (
            {"multipliers": [NIGHT, NIGHT | {"from_minute": 300, "until_minute": 400}]},
            "multipliers.1.occasion",
        ),
        (
            {"multipliers": [NIGHT | {"kinds": ["patrol", "drill"]}, NIGHT | {"kinds": ["drill"]}]},
            "multipliers.1.occasion",
        ),
        ({"award_grades": [GRADE, GRADE]}, "award_grades.1.grade"),
        ({"award_grades": [{"grade": "major", "name": TITLE}]}, "award_grades.0"),
        ({"duty_hours": [HOURS | {"weekdays": [1, 1]}]}, "duty_hours.0.weekdays.1"),
        ({"extras": [EXTRA | {"kinds": ["drill", "drill"]}]}, "extras.0.kinds.1"),
    ],
)
def test_what_is_said_twice_or_not_at_all_is_named(content, field):
    with pytest.raises(BadRateCard) as refused:
        sound_content(a_card(**content))
    assert refused.value.field == field


@pytest.mark.parametrize(
    "multipliers",
    [
        [NIGHT | {"kinds": ["patrol"]}, NIGHT | {"kinds": ["drill"], "percent": 200}],
        [NIGHT, NIGHT | {"from_minute": 360, "until_minute": 420}],
        [
            {"occasion": "gap_area", "percent": 120, "unit_ids": ["a" * 24]},
            {"occasion": "gap_area", "percent": 150, "unit_ids": ["b" * 24]},
        ],
    ],
)
def test_an_occasion_may_count_differently_where_no_action_meets_both(multipliers):
    kept = sound_content(a_card(multipliers=multipliers))["multipliers"]
    assert [one["percent"] for one in kept] == [one["percent"] for one in multipliers]


def test_coins_can_be_earned_by_lines_and_by_grades_in_coins():
    in_money = sound_content(a_card(lines=[], award_grades=[GRADE], fen_per_10000_coins=None))
    assert not earns_coins(in_money)
    assert earns_coins(sound_content(a_card()))
    in_coins = {"grade": "tip", "name": TITLE, "least_coins": 1, "most_coins": 2}
    with pytest.raises(CoinsWithoutValue):
        sound_content(a_card(lines=[], award_grades=[in_coins], fen_per_10000_coins=None))


@given(st.sampled_from(sorted(everything(GAP))), junk)
def test_whatever_is_sent_is_kept_soundly_or_refused_by_name(field, value):
    content, named = everything(GAP) | {field: value}, ""
    try:
        kept = sound_content(content)
    except BadRateCard as refused:
        named = refused.field
    if named:
        assert named.split(".")[0] in (field, "fen_per_10000_coins")
    else:
        assert sound_content(kept) == kept
