"""Fresh databases for the sides of a benchmark, on the servers of the environment."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import mongoengine
from pymongo import MongoClient
from pymongo.uri_parser import parse_uri

from settings import settings


@contextmanager
def own_databases(sides: Sequence[str]) -> Iterator[dict[str, str]]:
    """The URI of a fresh database for each side; all are dropped at the end."""
    given = settings().mongodb_uri
    name = f"{parse_uri(given)['database'] or 'fuxun'}_bench_{os.getpid()}"
    try:
        yield {side: with_database(given, f"{name}_{side}") for side in sides}
    finally:
        mongoengine.disconnect()
        client: MongoClient[dict[str, Any]]
        with MongoClient(given) as client:
            for side in sides:
                client.drop_database(f"{name}_{side}")


@contextmanager
def environment(**changes: str) -> Iterator[None]:
    """This process with other settings, and then with its own again."""
    before = dict(os.environ)
    os.environ.update(changes)
    settings.cache_clear()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        settings.cache_clear()


def with_database(uri: str, name: str) -> str:
    """The URI of another database on the same servers."""
    head, _, options = uri.partition("?")
    scheme, _, place = head.partition("://")
    return f"{scheme}://{place.partition('/')[0]}/{name}" + (f"?{options}" if options else "")
