"""Indexes are what their documents say: mongoengine leaves out, unsaid, what it cannot read."""

from datetime import timedelta

import pytest

from shared.clock import real_now
from shared.database import Document, all_documents, collection, database
from tasks import Participation
from tasks.past_work import settled_between

PLACES = {"2dsphere", "2d"}
HOUR = timedelta(hours=1)


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


# What is asked over and over, of whom, and the index that must answer it without a document read.
COVERED = [
    (Participation, lambda: settled_between(real_now() - HOUR, real_now()), "settled_lately"),
]


@pytest.mark.parametrize(("document", "steps", "index"), COVERED)
def test_what_is_asked_over_and_over_is_answered_by_an_index_alone(
    prepared, document, steps, index
):
    assert planned(document, steps()) == {("IXSCAN", index)}


def planned(document, steps):
    """The steps of the server's plan that read an index or documents, each with its index."""
    asked = {"aggregate": collection(document).name, "pipeline": steps, "cursor": {}}
    plan = database().command("explain", asked, verbosity="queryPlanner")
    return set(_reads(plan))


def _reads(plan):
    if isinstance(plan, list):
        for each in plan:
            yield from _reads(each)
    if isinstance(plan, dict):
        if plan.get("stage") in {"COLLSCAN", "IXSCAN", "FETCH", "DISTINCT_SCAN"}:
            yield plan["stage"], plan.get("indexName", "")
        for name, each in plan.items():
            if name != "rejectedPlans":
                yield from _reads(each)


def test_the_plan_of_a_range_alone_reads_every_document(prepared):
    (match, group) = settled_between(real_now() - HOUR, real_now())
    del match["$match"]["settled_at"]["$type"]
    assert ("COLLSCAN", "") in planned(Participation, [match, group])


@pytest.mark.parametrize("index", [{"fields": ["a", ("b", "2dsphere")]}, [("a", -1)]])
def test_the_checker_sees_a_part_that_is_left_out(index):
    made_up = type("MadeUp", (), {"_meta": {"indexes": [index, {"fields": ["-a", "(b"]}, ["c"]]}})
    assert len(unread_parts(made_up)) == 1
