"""An entry's canonical text is MongoDB's own, and no two documents share one."""

import json
import struct
from datetime import UTC, datetime

import bson
import pytest
from bson import DBRef, Decimal128, Int64, ObjectId, Regex, json_util
from hypothesis import given
from hypothesis import strategies as st

from ledger.seals.canonical_json import entry_text
from shared.canonical import moment_text, plain_text

PURE = True

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
plain_names = names.filter(lambda name: not name.startswith("$"))
moments = st.datetimes(timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
values = st.recursive(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.integers(-(2**31), 2**31 - 1),
        st.integers(-(2**63), 2**63 - 1).map(Int64),
        st.booleans(),
        st.none(),
        moments,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(plain_names, inner, max_size=4)
    ),
    max_leaves=12,
)
documents = st.dictionaries(plain_names, values, max_size=6)


def text_by_the_driver(raw):
    options = bson.CodecOptions(datetime_conversion=bson.codec_options.DatetimeConversion(4))
    return json_util.dumps(
        bson.decode(raw, options),
        json_options=json_util.CANONICAL_JSON_OPTIONS,
        separators=(",", ":"),
        ensure_ascii=False,
    )


@given(documents)
def test_the_text_is_the_drivers_canonical_one(document):
    raw = bson.encode(document)
    text = entry_text(raw)
    assert text == text_by_the_driver(raw)
    assert json_util.loads(text, json_options=json_util.JSONOptions(tz_aware=True)) is not None


@given(st.dictionaries(names, values, max_size=4), st.dictionaries(names, values, max_size=4))
def test_other_bytes_give_another_text(one, other):
    raw, another = bson.encode(one), bson.encode(other)
    assert (entry_text(raw) == entry_text(another)) is (raw == another)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": Int64(1)}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": Decimal128("1")}),
        ({"a": 1}, {"a": {"$numberInt": "1"}}),
        ({"a": Int64(1)}, {"a": {"$numberLong": "1"}}),
        (
            {"a": datetime(2026, 1, 1, tzinfo=UTC)},
            {"a": {"$date": {"$numberLong": "1767225600000"}}},
        ),
        ({"a": None}, {}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": ["x"]}, {"a": {"0": "x"}}),
        ({"a": {"$ref": "c", "$id": 1}}, {"a": DBRef("c", 1)}),
        ({"a": "é"}, {"a": "e\u0301"}),
        ({"a": "1"}, {"a": ObjectId("0" * 24)}),
        ({"a": "^x"}, {"a": Regex("^x")}),
    ],
)
def test_types_and_order_count(one, other):
    texts = {entry_text(bson.encode(one)), entry_text(bson.encode(other))}
    # A DBRef is stored as its two fields: those are the same bytes.
    assert len(texts) == len({bson.encode(one), bson.encode(other)})


def document_of(*elements):
    body = b"".join(elements) + b"\0"
    return struct.pack("<i", len(body) + 4) + body


INT = b"\x10a\0\x01\0\0\0"
ODD = {
    "a field twice": document_of(b"\x10a\0\x02\0\0\0", INT),
    "a truth of 2": document_of(b"\x08a\0\x02"),
    "text that is no UTF-8": document_of(b"\x02a\0\x02\0\0\0\xff\0"),
    "a moment beyond all calendars": document_of(b"\x09a\0" + struct.pack("<q", 2**62)),
    "a list numbered in another way": document_of(b"\x04a\0" + document_of(b"\x0a7\0")),
    "no number": document_of(b"\x01a\0" + struct.pack("<Q", 0x7FF8000000000001)),
    "another no number": document_of(b"\x01a\0" + struct.pack("<Q", 0x7FF8000000000002)),
}


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD)
def test_a_document_that_reads_like_another_still_has_a_text_of_its_own(raw):
    text = entry_text(raw)
    assert text not in {entry_text(bson.encode({"a": 1})), entry_text(bson.encode({"a": True}))}
    assert sum(entry_text(other) == text for other in ODD.values()) == 1
    assert json.loads(text)


def test_a_header_has_its_names_in_order_and_no_spaces():
    assert plain_text({"b": 1, "a": "福"}) == '{"a":"\\u798f","b":1}'


def test_a_moment_is_told_to_the_millisecond():
    moment = datetime(2026, 11, 3, 8, 15, 0, 250_000, tzinfo=UTC)
    assert moment_text(moment) == "2026-11-03T08:15:00.250Z"
    assert moment_text(moment.replace(microsecond=0)) == "2026-11-03T08:15:00.000Z"
