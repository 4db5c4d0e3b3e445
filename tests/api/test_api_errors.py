"""Every error in the caller's language: whatever a schema, a refusal or the framework may say."""

import importlib
import re
from pathlib import Path

import marshmallow as ma
import pytest
from marshmallow import fields
from shop_world import Shop
from werkzeug.exceptions import Gone, RequestTimeout, TooManyRequests

from api.error_words import field_sentence
from api.errors import _flat, _refusal, http_failure
from catalog import RewardState, VoucherState
from people import Role, UnitKind
from shared.errors import Conflict
from shared.i18n import LANGUAGES, Text
from tasks import STANDARD_KINDS, TaskState
from tasks.claims.requirements import NotForYou
from tasks.participation import ParticipationState
from tasks.publishing import WrongTaskState

CHINESE = re.compile(r"[\u4e00-\u9fff]")
TWO_ENGLISH_WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
# Something of everything that a field may find wrong.
SPOILT = [
    None,
    True,
    0,
    -1,
    1.5,
    10**12,
    10**30,
    -(10.0**300),
    float("nan"),
    float("inf"),
    "",
    " ",
    "nan",
    "x" * 5_000,
    "福" * 5_000,
    b"\xff",
    "1999-01-01T00:00:00Z",
    "2999-01-01T00:00:00Z",
    "2026-01-01T00:00:00",
    "2026-01-01",
    [],
    [None],
    [{}],
    ["x"] * 1_000,
    {},
    {"x": {"y": 1}},
]


def schemas():
    """Every schema of the API that something may be sent in."""
    modules = [
        path.stem for path in sorted((Path(__file__).parents[2] / "api").glob("*_schemas.py"))
    ] + ["headers"]
    found = {
        one
        for name in modules
        for one in vars(importlib.import_module(f"api.{name}")).values()
        if isinstance(one, type) and issubclass(one, ma.Schema) and one is not ma.Schema
    }
    return sorted(found, key=lambda one: one.__name__)


def sentences_of(schema):
    """What a schema says of everything that can be wrong with each of its fields."""
    bodies = [{}, [], None, "x", {"no_such": 1}]
    for name, field in schema().load_fields.items():
        key = field.data_key or name
        bodies += [{key: value} for value in SPOILT]
        if isinstance(field, fields.List):
            bodies += [{key: [value]} for value in SPOILT]
    said = set()
    for body in bodies:
        messages = schema().validate(body)
        said |= {one for sentences in _flat(messages).values() for one in sentences}
    return said


@pytest.fixture
def said_in(app):
    def speaking(language):
        return app.test_request_context(headers={"Accept-Language": language})

    return speaking


def test_there_are_schemas_to_spoil():
    assert {"NewRateCardSchema", "TaskDraftSchema", "IdempotencyKeySchema"} <= {
        one.__name__ for one in schemas()
    }


@pytest.mark.parametrize("schema", schemas(), ids=lambda schema: schema.__name__)
def test_no_schema_says_anything_in_english_to_who_reads_chinese(said_in, schema):
    with said_in("zh-CN"):
        said = sentences_of(schema)
    assert said
    for sentence in said:
        assert CHINESE.search(sentence), sentence
        assert not TWO_ENGLISH_WORDS.search(sentence), sentence


def test_no_sentence_that_a_schema_can_say_is_without_words_of_its_own(said_in):
    with said_in("zh-CN"):
        vague = [one.__name__ for one in schemas() if "该内容无效。" in sentences_of(one)]
    assert vague == []


def test_a_sentence_nobody_foresaw_is_chinese_all_the_same():
    assert CHINESE.search(field_sentence("The moon is full.", "zh-CN"))
    assert field_sentence("The moon is full.", "en") == "The moon is full."


def test_the_bounds_of_a_moment_are_told_in_chinese_over_http(app):
    shop = Shop(app)
    headers = {"Accept-Language": "zh-CN", "Authorization": f"Bearer {shop.officer.token}"}
    answer = app.test_client().get(
        "/api/v1/rate-cards/in-force",
        query_string={"unit_id": shop.district.id, "at": "1999-01-01T00:00:00Z"},
        headers=headers,
    )
    bounds = "2000-01-01 00:00:00+00:00 与 2101-01-01 00:00:00+00:00"
    assert answer.json["errors"] == {"at": [f"须在 {bounds} 之间。"]}


@pytest.mark.parametrize("error", [Gone(), RequestTimeout(), TooManyRequests()])
def test_what_the_framework_raises_is_told_in_both_languages(said_in, error):
    with said_in("zh-CN"):
        assert CHINESE.search(http_failure(error).json["detail"])
    with said_in("en"):
        assert not CHINESE.search(http_failure(error).json["detail"])


class TestCodesInSentences:
    def test_a_state_is_told_in_words_and_kept_as_a_code_in_the_facts(self, said_in):
        refusal = WrongTaskState(state=TaskState.CANCELLED)
        with said_in("zh-CN"):
            answer = _refusal(refusal).json
        assert answer["detail"] == "任务状态为 已取消，无法操作。"
        assert answer["facts"] == {"state": "cancelled"}
        with said_in("en"):
            assert "is cancelled;" in _refusal(refusal).json["detail"]

    def test_roles_are_told_in_words_and_peoples_own_words_as_they_are(self, said_in):
        with said_in("zh-CN"):
            told = _refusal(NotForYou(wanted="grid_member, captain")).json
            own = _refusal(NotForYou(wanted="退役军人, red vest")).json
        assert told["detail"] == "该任务仅限：网格员、队长。"
        assert told["facts"] == {"wanted": "grid_member, captain"}
        assert own["detail"] == "该任务仅限：退役军人、red vest。"

    @pytest.mark.parametrize(
        ("fact", "codes"),
        [
            ("state", TaskState),
            ("state", ParticipationState),
            ("state", RewardState),
            ("state", VoucherState),
            ("wanted", Role),
            ("kind", STANDARD_KINDS),
            ("kind", UnitKind),
        ],
    )
    def test_every_code_has_words_in_both_languages(self, said_in, fact, codes):
        made_up = type("MadeUp", (Conflict,), {"message": Text(f"{{{fact}}}", f"{{{fact}}}")})
        for code in codes:
            for language in LANGUAGES:
                with said_in(language):
                    detail = _refusal(made_up(**{fact: code})).json["detail"]
                assert bool(CHINESE.search(detail)) == (language != "en"), code
                assert "_" not in detail
