"""What a list reads of a task: whether everybody can claim it, and its card as ready JSON."""

from datetime import UTC, datetime, timedelta, timezone

import marshmallow as ma
import orjson
import pytest
from near_world import in_ms, open_document
from street import CENTRE, content

from api.tasks_schemas import NearbyPageSchema, TaskCardSchema
from shared.clock import now
from shared.database import collection
from tasks import Task, claim_task, kind_of, seen_task
from tasks.nearby.cards import card_fields, open_task
from tasks.task import CARD_FIELDS

HOME = "幸福小区三号楼"
ONE_CLAIM = [{"participation_id": "p", "person_id": "v", "claimed_at": now()}]


def read(task_id):
    """The document as a list reads it."""
    return collection(Task).find_one({"_id": task_id}, card_fields())


def card_of(task_id):
    return orjson.loads(open_task(read(task_id)).card)


@pytest.fixture
def stored(town):
    """Stores a task as it would lie there once published; its id."""

    def put(**changes):
        document = open_document(town, CENTRE, **changes)
        collection(Task).insert_one(document)
        return document["_id"]

    return put


def test_a_published_task_says_where_when_what_kind(published):
    task = published()
    found = open_task(read(task.id))
    assert (found.id, found.kind) == (task.id, "patrol")
    assert [found.lon, found.lat] == task.location["coordinates"]
    assert (found.starts_ms, found.ends_ms) == (in_ms(task.starts_at), in_ms(task.ends_at))


def test_its_card_has_every_field_of_a_card_but_the_place(published):
    task = published()
    shown = card_of(task.id)
    wanted = {name: task[name] for name in CARD_FIELDS if name not in ("location", "place_en")}
    times = {"starts_at", "ends_at"}
    assert {name: shown[name] for name in wanted if name not in times} == {
        name: value for name, value in wanted.items() if name not in times
    }
    assert shown["id"] == task.id
    for name in times:
        assert datetime.fromisoformat(shown[name]) == task[name]
    assert set(shown) <= set(TaskCardSchema().fields) - {"position", "distance_m"}


def test_a_card_is_what_the_documentation_says(stored):
    shown = card_of(stored(place_en="Gulou"))
    apart = {"position", "distance_m"}
    assert set(shown) == set(TaskCardSchema().fields) - apart
    schema = TaskCardSchema(exclude=apart, unknown=ma.RAISE)
    assert schema.load(shown)
    assert set(NearbyPageSchema().fields) == {"items", "next_cursor", "as_of"}


def test_a_card_begins_so_that_more_can_be_put_in_front(stored):
    card = open_task(read(stored())).card
    assert type(card) is bytes
    assert card.startswith(b'{"')
    assert card == orjson.dumps(orjson.loads(card))


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "draft"},
        {"state": "closed"},
        {"state": "cancelled"},
        {"slots_left": 0},
        {"by_order": True},
        {"is_team": True, "claims": ONE_CLAIM, "slots_left": 4},
        {"is_team": True, "claims": ONE_CLAIM * 3, "slots_left": 2},
    ],
)
def test_what_not_everybody_can_claim_is_not_open(stored, changes):
    assert open_task(read(stored(**changes))) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"by_order": False},
        {"is_team": True},
        {"is_team": True, "claims": []},
        {"is_team": False, "claims": ONE_CLAIM, "slots_left": 4},
        {"claims": ONE_CLAIM, "slots_left": 1},
        # Over by now: that is for who asks at which moment.
        {"starts_at": now() - timedelta(days=2), "ends_at": now() - timedelta(days=1)},
    ],
)
def test_what_everybody_can_claim_is(stored, changes):
    task_id = stored(**changes)
    assert open_task(read(task_id)).id == task_id


def test_a_team_is_closed_by_its_leader_and_open_again_when_they_leave(published, volunteer):
    task = published()
    Task.objects(id=task.id).update_one(set__is_team=True)
    assert open_task(read(task.id))
    claim_task(task.id, position=None, by=volunteer())
    assert open_task(read(task.id)) is None
    Task.objects(id=task.id).update_one(set__claims=[], inc__slots_left=1)
    assert open_task(read(task.id))


def test_a_private_place_shows_no_address_only_the_units_words(stored):
    task_id = stored(address=HOME, has_private_place=True)
    found = open_task(read(task_id))
    assert HOME not in found.card.decode()
    shown = orjson.loads(found.card)
    assert shown["address"] == shown["place"]
    assert "has_private_place" not in shown


def test_a_draft_of_a_visit_is_read_as_strangers_may_see_it(draft, volunteer):
    area = content()["area"] | {"geometry": {"type": "Point", "coordinates": [119.2934, 26.0876]}}
    checks = [{"check": "inside_time", "parameters": {"min_s": 600}}]
    made = draft(kind="care_visit", address=HOME, area=area, checks=checks)
    assert kind_of("care_visit").private_place
    Task.objects(id=made.id).update_one(set__state="published", set__published_at=now())
    found = open_task(read(made.id))
    seen = seen_task(made.id, by=volunteer())
    assert [found.lon, found.lat] == seen.location["coordinates"] == [119.29, 26.09]
    assert orjson.loads(found.card)["address"] == seen.address != HOME


def test_nothing_else_of_a_task_is_read(stored):
    read_of_it = read(stored(claims=ONE_CLAIM, brief="between us", waiting=[]))
    decided_by = {"_id", "has_private_place", "state", "by_order", "is_team", "is_led"}
    assert set(read_of_it) <= set(CARD_FIELDS) | decided_by


def test_moments_are_cut_to_milliseconds_wherever_the_clock_stands(town):
    china = timezone(timedelta(hours=8))
    starts_at = datetime(2026, 5, 1, 20, 0, 0, 123_999, tzinfo=china)
    made = open_document(town, CENTRE, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    found = open_task(made | {"is_led": False})
    in_utc = datetime(2026, 5, 1, 12, 0, 0, 123_000, tzinfo=UTC)
    assert found.starts_ms == in_ms(in_utc) == round(in_utc.timestamp() * 1000)


def test_a_change_streams_document_is_read_alike(stored):
    task_id = stored(has_private_place=True, address=HOME)
    pipeline = [
        {"$match": {"_id": task_id}},
        {"$project": {"document": "$$ROOT"}},
        {"$project": card_fields("document.")},
    ]
    (row,) = collection(Task).aggregate(pipeline)
    assert open_task(row["document"]) == open_task(read(task_id))
