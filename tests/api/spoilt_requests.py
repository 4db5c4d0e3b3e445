"""Ways to spoil a sound request: values, bytes, headers and places that no honest client sends."""

import json
from typing import Any

from hypothesis import strategies as st

# Written into the JSON as they stand, for json.dumps would not.
LITERALS = {
    "@huge": "1e400",
    "@deep": "[" * 50_000 + "]" * 50_000,
    "@dict": '{"a":' * 400 + "1" + "}" * 400,
    "@twice": '{"a": 1, "a": {"$ne": 1}}',
}
NASTY = [
    *(None, True, False, "", " ", "NaN", "Infinity", float("nan"), float("inf"), float("-inf")),
    *(0, -1, 0.1, 1e308, -0.0, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**400, "1" * 5_000),
    *(
        "x" * 100_000,
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff\ud800",
        "\u202e",
        "\U0001f600" * 70,
        "$ne",
    ),
    *({"$ne": 1}, {"$gt": ""}, {"$where": "1"}, {"": ""}, {"a.b": 1}, {"\x00": 1}, [], {}, [[]]),
    *([None], [{}], [1] * 3_000, ["x"] * 12, "0" * 24, "f" * 24, "__proto__", "=1+1", "<b>", "%00"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026"),
    *("2026-01-01T00:00:00", "24:00", "wgs84\n", "patrol ", "Patrol", *LITERALS),
]
# Tried at every place of every body, so that none of them is left to chance.
NASTIEST = ["@deep", "@dict", "@huge", "\ud800", "a\x00b", {"$ne": 1}, {"\x00": 1}, 10**400]
KINDS_OF_BODY = [
    "text/plain",
    "application/xml",
    "application/json; charset=utf-16",
    "application/json; charset=nonsense",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "APPLICATION/JSON",
    "application/vnd.x+json",
    "",
    "\xff",
]
HEADERS = {
    "Idempotency-Key": ["", "short", "x" * 101, "é" * 10, "{'$ne': 1}", "a b c d e f g", "k" * 8],
    "If-Match": ["", "NaN", "1e3", '"1"', "-1", "9" * 400, "0x1", "1.0", "*", "1_0", "٣"],
    "X-Demo-Now": [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59+00:00",
        "1969-01-01T00:00:00+00:00",
        "nan",
        "2026-13-01",
        "",
    ],
    "Accept-Language": ["", "xx", "zh;q=nan", "*", ";;;", "x" * 5_000, "zh-CN,en;q=1e400"],
    "Authorization": ["", "Bearer", "Bearer a.b.c", "Basic eDp5", "Bearer \xff", "Bearer " * 9],
    "Content-Encoding": ["gzip", "br"],
    "Content-Length": ["-1", "x", "9" * 30],
    "Transfer-Encoding": ["chunked"],
}
PLACES = [
    "%00",
    "%ff",
    "..%2f..",
    "$ne",
    "x" * 3_000,
    "%F0%9F%98%80",
    "0" * 24,
    " ",
    "-1",
    "%ED%A0%80",
]


def places_in(body: Any, path: tuple = ()) -> list[tuple]:
    """The path of every value inside a body, the whole included."""
    found = [path]
    if isinstance(body, dict | list):
        items = body.items() if isinstance(body, dict) else enumerate(body)
        for name, inner in items:
            found += places_in(inner, (*path, name))
    return found


def spoilt(body: Any, path: tuple, value: Any) -> Any:
    """The body with another value at `path`."""
    if not path:
        return value
    copied = dict(body) if isinstance(body, dict) else list(body)
    copied[path[0]] = spoilt(body[path[0]], path[1:], value)
    return copied


def without(body: Any, path: tuple) -> Any:
    """The body with nothing at `path`."""
    copied = dict(body) if isinstance(body, dict) else list(body)
    if len(path) > 1:
        copied[path[0]] = without(body[path[0]], path[1:])
    else:
        del copied[path[0]]
    return copied


def written(body: Any) -> bytes:
    """JSON as no sound library would write it."""
    text = json.dumps(body)
    for name, literal in LITERALS.items():
        text = text.replace(f'"{name}"', literal)
    return text.encode()


def spoilt_body(draw, body: Any) -> bytes:
    """A sound body with one thing wrong with it."""
    path = draw(st.sampled_from(places_in(body)))
    match draw(st.sampled_from(["value", "value", "value", "missing", "extra", "twice", "raw"])):
        case "missing" if path:
            return written(without(body, path))
        case "extra" if isinstance(body, dict):
            return written(body | {draw(st.sampled_from(["x", "$ne", "_id", "\x00"])): 1})
        case "twice" if isinstance(body, dict) and body:
            name = draw(st.sampled_from(sorted(body)))
            first = written({name: draw(st.sampled_from(NASTY))})
            return first[:-1] + b"," + written(body)[1:]
        case "raw":
            return spoilt_bytes(draw, written(body))
    return written(spoilt(body, path, draw(st.sampled_from(NASTY))))


def spoilt_bytes(draw, sound: bytes) -> bytes:
    """Bytes that are hardly JSON any more."""
    cut = draw(st.integers(0, len(sound)))
    return draw(
        st.sampled_from(
            [
                sound[:cut],
                sound[:cut] + b"\xff" + sound[cut:],
                sound[:cut] + b"\xed\xa0\x80" + sound[cut:],
                sound[:cut] + b"\x00" + sound[cut:],
                b"\xef\xbb\xbf" + sound,
                sound.decode().encode("utf-16"),
                sound + sound,
                b"null",
                b"1e400",
                b"",
                b"\x1f\x8b",
            ]
        )
    )
