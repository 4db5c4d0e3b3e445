"""The one text of an entry, over which its hash is taken. Pure.

It is canonical MongoDB Extended JSON v2 of the stored document: its own order of fields,
the type of each number, no spaces, UTF-8.
"""

import base64
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any

from bson import Int64, decode, encode
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.errors import BSONError

# Milliseconds as stored: no moment is out of range, and none is rounded.
_AS_STORED: CodecOptions[dict[str, Any]] = CodecOptions(
    datetime_conversion=DatetimeConversion.DATETIME_MS
)


class _Irregular(Exception):
    """Raised when the text of a document would not say all that its bytes say."""


def entry_text(raw: bytes) -> str:
    """The canonical text of a document from its BSON bytes; other bytes never give the same text.

    A document that the text could not tell from another (a field twice, a field named like
    `$numberLong`, a type that no entry has) is told as the binary value of its bytes.
    """
    try:
        document = decode(raw, _AS_STORED)
        text = _object(document)
        faithful = encode(document) == raw
    except (_Irregular, BSONError, UnicodeError, OverflowError):
        faithful = False
    if faithful:
        return text
    encoded = base64.b64encode(raw).decode()
    return f'{{"$binary":{{"base64":"{encoded}","subType":"00"}}}}'


def _object(document: dict[str, Any]) -> str:
    return "{" + ",".join([_field(name, value) for name, value in document.items()]) + "}"


def _field(name: str, value: Any) -> str:
    if name.startswith("$"):
        raise _Irregular
    return f"{encode_basestring(name)}:{_value(value)}"


def _value(value: Any) -> str:
    write = _WRITERS.get(type(value))
    if write is None:
        raise _Irregular
    return write(value)


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    dict: _object,
    list: lambda values: "[" + ",".join([_value(one) for one in values]) + "]",
    Int64: lambda number: f'{{"$numberLong":"{int(number)}"}}',
    int: lambda number: f'{{"$numberInt":"{number}"}}',
    DatetimeMS: lambda moment: f'{{"$date":{{"$numberLong":"{int(moment)}"}}}}',
    bool: lambda truth: "true" if truth else "false",
    type(None): lambda _nothing: "null",
}
