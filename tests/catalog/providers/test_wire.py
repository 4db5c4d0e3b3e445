"""The wire: what is signed is what came, and what is unclear is unknown, never an outcome."""

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.providers.port import Outcome, OutcomeKind, TopUpOrder
from catalog.providers.wire import (
    LONGEST_WORD,
    TOLERANCE_S,
    BadFile,
    is_signed,
    lines_in,
    order_body,
    outcome_in,
    request_signature,
)

PURE = True

KEY = "66f000000000000000000001"
SECRET = "s" * 40
AT_S = 1_800_000_000
HEADER = "key,status,reference,delivered_at,product\n"


def body(**said):
    return json.dumps({"key": KEY, **said}).encode()


@given(st.binary(max_size=50), st.binary(max_size=50), st.integers(-1_000, 1_000))
def test_a_signature_stands_for_one_body_and_for_a_while(signed, came, late_s):
    header = request_signature(SECRET, AT_S, "POST", "/a", signed)
    seen = {"at_s": AT_S + late_s, "method": "POST", "path": "/a", "body": came}
    wanted = signed == came and abs(late_s) <= TOLERANCE_S
    assert is_signed(header, ["another", SECRET], **seen) == wanted


@pytest.mark.parametrize("change", [{"method": "GET"}, {"path": "/b"}, {"path": "/a?x=1"}])
def test_a_signature_stands_for_one_method_and_path(change):
    header = request_signature(SECRET, AT_S, "POST", "/a", b"x")
    seen = {"at_s": AT_S, "method": "POST", "path": "/a", "body": b"x"}
    assert is_signed(header, [SECRET], **seen)
    assert not is_signed(header, [SECRET], **seen | change)


@given(st.text(max_size=120))
def test_what_is_no_signature_signs_nothing(header):
    assert not is_signed(header, [SECRET], at_s=AT_S, method="GET", path="/", body=b"")


@given(st.integers(100, 599), st.binary(max_size=200), st.booleans())
def test_no_odd_answer_is_ever_an_outcome(status, said, asked):
    assert outcome_in(status, said, KEY, asked=asked).kind == OutcomeKind.UNKNOWN


@pytest.mark.parametrize(
    ("status", "said", "wanted"),
    [
        (200, body(status="delivered", reference="r"), Outcome(OutcomeKind.DELIVERED, "r")),
        (200, body(status="refused", reason="no"), Outcome(OutcomeKind.REFUSED, reason="no")),
        (202, body(status="pending"), Outcome(OutcomeKind.PENDING)),
        (404, body(status="not_found"), Outcome(OutcomeKind.NOT_FOUND)),
    ],
)
def test_sound_answers_are_read(status, said, wanted):
    assert outcome_in(status, said, KEY, asked=True) == wanted


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, b""),
        (404, json.dumps({"status": "not_found", "key": "another"}).encode()),
        (200, body(status="not_found")),
        (200, body(status="delivered")),
        (200, body(status="delivered", reference=7)),
        (200, body(status="refused")),
        (500, body(status="delivered", reference="r")),
        (302, body(status="delivered", reference="r")),
        (200, body(status=["delivered"])),
        (200, b"[" * 100_000),
    ],
)
def test_what_lacks_anything_is_unknown(status, said):
    assert outcome_in(status, said, KEY, asked=True).kind == OutcomeKind.UNKNOWN


def test_not_found_counts_only_where_it_was_asked_for():
    said = body(status="not_found")
    assert outcome_in(404, said, KEY, asked=False).kind == OutcomeKind.UNKNOWN


def test_an_order_says_until_when_it_may_be_delivered():
    order = TopUpOrder(KEY, "data-5gb", "+8613800138000", datetime(2026, 1, 1, tzinfo=UTC))
    assert json.loads(order_body(order)) == {
        "key": KEY,
        "product": "data-5gb",
        "recipient": "+8613800138000",
        "valid_until": "2026-01-01T00:00:00Z",
    }


@given(st.text(max_size=200))
def test_any_text_is_a_file_or_a_bad_one_and_nothing_else(text):
    with contextlib.suppress(BadFile):
        assert all(len(line.key) <= LONGEST_WORD for line in lines_in(HEADER + text))


def test_a_file_with_a_byte_order_mark_is_read_and_empty_lines_left_out():
    (line,) = lines_in("\ufeff" + HEADER + "\n" + "k, delivered ,r,,p\n")
    assert (line.number, line.key, line.status, line.product) == (3, "k", "delivered", "p")
