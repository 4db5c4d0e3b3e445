"""Whose home a task is at: for who goes there and the centre, and for nobody else."""

import orjson
import pytest
from street import CENTRE

from tasks import Nearby, Task, claim_task, kind_of, seen_task, tasks_near
from tasks.kinds.private_places import location_shown
from tasks.schedules.feeds import calendar_behind, issue_own_link, issue_unit_link

ADDRESS = "幸福小区三号楼"
CHECKS = [
    {"check": "inside_time", "parameters": {"min_s": 600}},
    {"check": "checkpoints", "parameters": {"points": [{"lat": CENTRE[0], "lon": CENTRE[1]}]}},
]
AREA = {
    "shape": "circle",
    "geometry": {"type": "Point", "coordinates": [119.2934, 26.0876]},
    "radius_m": 400,
}


@pytest.fixture
def visit(published, town):
    made = published(address=ADDRESS, area=AREA, checks=CHECKS)
    rules = kind_of("care_visit").frozen()
    assert rules["private_place"]
    assert not kind_of("patrol").private_place
    return _as_private(made, rules)


def _as_private(made, rules):
    """The street's card prices patrols only: the same task with a visit's rules and place."""
    place = location_shown(*AREA["geometry"]["coordinates"], rules)
    Task.objects(id=made.id).update_one(
        set__kind_rules=rules, set__has_private_place=True, set__location=place
    )
    return made.reload()


def card_of(task):
    """Its card in the list of a stranger, and how far it is said to be."""
    (near,) = tasks_near(Nearby(26.09, 119.29, 3_000, 10)).found
    assert near.id == task.id
    return orjson.loads(near.card), near.distance_mm


def test_a_stranger_sees_the_community_and_no_door(visit, volunteer):
    seen = seen_task(visit.id, by=volunteer())
    assert (seen.address, seen.area) == (seen.place, {})
    assert seen.location["coordinates"] == [119.29, 26.09]
    assert "points" not in seen.checks[1]["parameters"]
    assert seen.checks[0]["parameters"]["min_s"] == 600
    assert Task.objects.get(id=visit.id).address == ADDRESS


def test_a_card_shows_no_address_and_a_distance_to_the_community(visit):
    card, distance_mm = card_of(visit)
    assert card["address"] == card["place"]
    assert (distance_mm, "has_private_place" in card) == (0, False)


def test_who_holds_a_slot_and_who_runs_the_centre_see_the_door(visit, town, volunteer):
    actor = volunteer()
    claim_task(visit.id, position=None, by=actor)
    for by in (actor, town.officer):
        seen = seen_task(visit.id, by=by)
        assert (seen.address, seen.area["radius_m"]) == (ADDRESS, 400)
        assert seen.checks[1]["parameters"]["points"]


def test_a_units_calendar_hides_the_door_and_the_walkers_own_shows_it(visit, town, volunteer):
    actor = volunteer()
    claim_task(visit.id, position=None, by=actor)
    unit_feed = calendar_behind(issue_unit_link(town.street.id, by=town.officer)).decode()
    own_feed = calendar_behind(issue_own_link(by=actor)).decode()
    assert ADDRESS not in unit_feed
    assert "119.2934" not in unit_feed
    assert ADDRESS in own_feed
    assert "119.2934" in own_feed


def test_a_public_place_stays_public(published, volunteer):
    task = published(address=ADDRESS)
    assert seen_task(task.id, by=volunteer()).address == ADDRESS
    assert card_of(task)[0]["address"] == ADDRESS


def test_a_draft_of_a_visit_is_searched_by_its_community(draft):
    made = draft(kind="care_visit", address=ADDRESS, area=AREA)
    assert made.location["coordinates"] == [119.29, 26.09]
    assert made.area["geometry"]["coordinates"] == [119.2934, 26.0876]


def test_a_draft_of_a_visit_is_marked_for_the_lists(draft):
    made = draft(kind="care_visit", address=ADDRESS, area=AREA, checks=CHECKS)
    assert made.has_private_place
    assert not draft().has_private_place
