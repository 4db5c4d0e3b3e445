"""Changes of the rules become words that people can read, in both languages."""

from datetime import UTC, datetime

from insights.change_words import MOST, changed_words, done_words

PURE = True


def test_a_value_goes_from_one_to_the_other():
    before = {"lines": [{"kind": "patrol", "per_hour": 50, "base": 0}]}
    after = {"lines": [{"kind": "patrol", "per_hour": 60, "base": 0}]}
    words = changed_words(before, after)
    assert words["en"] == "lines · patrol · per hour: 50 → 60"
    assert words["zh-CN"] == "项目 · 治安巡逻 · 每小时：50 → 60"


def test_what_is_new_and_what_is_gone_are_told_apart():
    words = changed_words({"by_hand_above_fen": 20_000}, {"coins_last_months": 12})
    assert "by hand above fen: no longer" in words["en"]
    assert "coins last months: 12" in words["en"]
    assert "取消" in words["zh-CN"]


def test_times_are_of_the_street():
    words = changed_words({}, {"in_force_from": datetime(2026, 12, 31, 16, tzinfo=UTC)})
    assert words["en"] == "in force from: 2027-01-01 00:00"


def test_values_are_said_as_people_say_them():
    before = {"inherits": True, "state": "draft", "unit_id": "u1"}
    night = {"occasion": "night", "percent": 150, "from_minute": 1_320, "unit_ids": ["u1"]}
    after = {
        "inherits": False,
        "state": "approved",
        "title": {"zh": "夜间", "en": "At night"},
        "multipliers": [night],
    }
    words = changed_words(before, after)
    assert words["zh-CN"] == (
        "沿用上级：是 → 否；名称：夜间；加成 · 夜间 · 比例：150；加成 · 夜间 · 每日开始：22:00"
    )
    assert words["en"].startswith("inherits: yes → no; title: At night; ")


def test_two_of_one_occasion_stay_two():
    after = {"multipliers": [{"occasion": "night", "percent": 120}] * 2}
    assert changed_words({}, after)["en"].count("120") == 2


def test_a_long_change_is_cut_and_says_by_how_much():
    words = changed_words({}, {f"f{number:02}": number + 1 for number in range(MOST + 3)})
    assert words["en"].endswith("and 3 more in the log of changes")
    assert words["zh-CN"].endswith("另有 3 项，见变更记录")
    long = changed_words({}, {"title": "x" * 500})["en"]
    assert len(long) < 100


def test_nothing_changed_says_nothing():
    assert changed_words({}, {"lines": [], "caps": None}) == {"en": "", "zh-CN": ""}


def test_what_was_done_is_said_even_of_what_is_not_known():
    assert done_words("rate_card", "approved")["zh-CN"] == "批准了积分标准"
    unknown = done_words("budget_thing", "turned_round")
    assert unknown["en"] == "changed budget thing: turned round"
