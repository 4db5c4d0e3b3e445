"""The blueprint all routes hang on, and how what comes in is read."""

import json
from functools import cache
from typing import Any

import flask_smorest
import orjson
from flask import Request
from marshmallow import RAISE, Schema, missing
from webargs.core import is_json
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import RequestEntityTooLarge

# orjson reads deeper than it writes, and nothing we take is nested deeper than a multipolygon
# in a feature collection.
MAX_DEPTH = 32


class Arguments(FlaskParser):
    """Reads arguments: bodies by orjson, and a misspelt filter does not silently filter nothing."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    def _get_schema(self, argmap: Any, req: Request) -> Schema:
        """A class's one schema: made for each request it would cost more than the reading."""
        return _made(argmap) if isinstance(argmap, type) else super()._get_schema(argmap, req)

    def _raw_load_json(self, req: Request) -> Any:
        """The body: no NaN, no half surrogates, no numbers beyond 64 bits, no endless nesting."""
        if not is_json(req.mimetype):
            return missing
        raw = req.get_data(cache=True)
        # A body that comes in chunks is cut at the limit, and the rest of it would be no JSON.
        if req.content_length is None and len(raw) >= (req.max_content_length or len(raw) + 1):
            raise RequestEntityTooLarge
        # Decoded first: orjson's own complaint about UTF-8 would look like an empty body.
        text = raw.decode()
        body = orjson.loads(text)
        if is_deeper(body, MAX_DEPTH):
            raise json.JSONDecodeError("nested too deep", text, 0)
        return body


@cache
def _made(schema: type[Schema]) -> Schema:
    return schema()


def is_deeper(value: Any, depth: int) -> bool:
    """Whether lists and objects are nested in `value` more than `depth` times."""
    level = [value]
    for _ in range(depth + 1):
        containers = [one for one in level if isinstance(one, dict | list)]
        if not containers:
            return False
        level = [
            inner
            for one in containers
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return True


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint with our reading of arguments."""

    ARGUMENTS_PARSER = Arguments()
