"""Indexes are what their documents say: mongoengine leaves out, unsaid, what it cannot read."""

import pytest

from shared.database import Document, all_documents, collection

PLACES = {"2dsphere", "2d"}


def unread_parts(document: type[Document]) -> list[str]:
    """Parts of a document's indexes that mongoengine drops: it reads strings like "-at", "(at"."""
    return [
        f"{document.__name__}: {part}"
        for index in document._meta["indexes"]
        for part in (index["fields"] if isinstance(index, dict) else index)
        if not isinstance(part, str)
    ]


def made_twice(document: type[Document]) -> list[str]:
    """Fields with an index on the place of a document alone, beside one that goes on."""
    keys = [[part for part, _ in one["key"]] for one in _indexes_of(document)]
    alone = [key[0] for key in keys if len(key) == 1]
    return [
        f"{document.__name__}: {field} alone, and in an index of more"
        for one in _indexes_of(document)
        for field, kind in one["key"]
        if kind in PLACES and len(one["key"]) > 1 and field in alone
    ]


def _indexes_of(document):
    return collection(document).index_information().values()


def test_every_part_of_an_index_is_one_that_mongoengine_reads(prepared):
    documents = all_documents()
    assert len(documents) >= 20
    assert [flaw for document in documents for flaw in unread_parts(document)] == []


def test_no_place_is_indexed_twice(prepared):
    assert [flaw for document in all_documents() for flaw in made_twice(document)] == []


def test_what_documents_say_of_places_stands_in_the_database(prepared):
    names = {one.__name__: one for one in all_documents()}
    found = [
        (name, field)
        for name in ("Task", "Participation", "Unit")
        for one in _indexes_of(names[name])
        for field, kind in one["key"]
        if kind == "2dsphere"
    ]
    assert {name for name, _ in found} == {"Task", "Participation", "Unit"}


@pytest.mark.parametrize("index", [{"fields": ["a", ("b", "2dsphere")]}, [("a", -1)]])
def test_the_checker_sees_a_part_that_is_left_out(index):
    made_up = type("MadeUp", (), {"_meta": {"indexes": [index, {"fields": ["-a", "(b"]}, ["c"]]}})
    assert len(unread_parts(made_up)) == 1
