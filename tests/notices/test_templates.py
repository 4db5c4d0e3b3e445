"""Notices become words in the reader's language, of whatever facts they were told with."""

from datetime import UTC, datetime

import pytest

from notices import TEMPLATES, words_of
from notices.templates import facts_lacking
from shared.i18n import LANGUAGES

PURE = True

NO_ZONE = datetime(2017, 12, 4, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_words_are_made_of_any_facts_they_need(name):
    facts = {place: f"<{place}>" for place in TEMPLATES[name].places()}
    assert facts_lacking(name, facts) == ""
    for language in LANGUAGES:
        words = words_of(name, TEMPLATES[name].number, facts, language)
        assert all(f"<{place}>" in words["title"] + words["body"] for place in facts)


class TestWords:
    def test_say_times_of_the_street_and_what_holds_both_languages_in_one(self):
        facts = {
            "title": "夜巡",
            "starts_at": datetime(2017, 12, 4, 11, tzinfo=UTC),
            "missing": {"en": "two guards", "zh-CN": "两名保安"},
        }
        english = words_of("crew_incomplete", 1, facts, "en")["body"]
        assert english == "“夜巡” begins 2017-12-04 19:00, and these are missing: two guards."
        assert "两名保安" in words_of("crew_incomplete", 1, facts, "zh-CN")["body"]

    def test_a_kinds_name_is_said_in_chinese_too(self):
        facts = {"title": {"en": "Patrol", "zh": "巡逻"}}
        assert "巡逻" in words_of("order_withdrawn", 1, facts, "zh-CN")["body"]
        assert "Patrol" in words_of("order_withdrawn", 1, facts, "en")["body"]

    def test_a_notice_whose_template_is_gone_spoils_no_inbox(self):
        assert words_of("long_gone", 1, {}, "en")["title"] == "A notice"
        assert words_of("claim_lapsed", 99, {}, "zh-CN")["title"] == "通知"

    def test_a_fact_that_is_not_there_leaves_its_place_empty(self):
        assert "“”" in words_of("claim_lapsed", 1, {}, "en")["body"]

    def test_a_reason_that_nobody_gave_is_said_as_nothing(self):
        facts = {"title": "夜巡", "coins": 5, "reason": {}}
        assert facts_lacking("verdict_verified", facts) == ""
        assert words_of("verdict_verified", 1, facts, "en")["body"] == "“夜巡” passed: 5 Fu coins."

    @pytest.mark.parametrize(
        ("name", "facts", "flaw"),
        [
            ("no_such_notice", {}, "no template"),
            ("claim_lapsed", {}, "lacks title"),
            ("claim_lapsed", {"title": ["a"]}, "cannot say title"),
            ("claim_lapsed", {"title": {"en": "a"}}, "cannot say title"),
            ("claim_lapsed", {"title": NO_ZONE}, "cannot say title"),
        ],
    )
    def test_what_cannot_be_said_is_named(self, name, facts, flaw):
        assert flaw in facts_lacking(name, facts)
