"""Schedules, school calendars and calendar feeds over HTTP."""

from datetime import timedelta

import icalendar
import pytest
from crew_callers import street_callers, town

from shared.clock import now
from shared.ids import new_id
from tasks.schedules.publishing_ahead import publish_due
from tests.tasks.street import content

__all__ = ["street_callers", "town"]


def body(callers, **changes):
    task = {key: value for key, value in content().items() if key not in ("starts_at", "ends_at")}
    start = (now() + timedelta(days=1)).date().isoformat()
    return {
        "unit_id": callers.unit.id,
        "content": task,
        "rule": "FREQ=DAILY",
        "starts_on": start,
        "times": [
            {"name": "arrival", "at": "07:30", "minutes_before": 15, "duration_minutes": 60},
            {"name": "dismissal", "at": "16:30", "minutes_before": 15, "duration_minutes": 45},
        ],
    } | changes


def post(callers, *, key=None, **changes):
    header = {"Idempotency-Key": key or new_id()}
    return callers.officer.call("POST", "/schedules", body(callers, **changes), **header)


def patch(callers, schedule, changes, version=1):
    header = {"If-Match": str(version)}
    return callers.officer.call("PATCH", f"/schedules/{schedule['id']}", changes, **header)


def test_a_schedule_from_its_making_to_its_tasks(street_callers):
    key = new_id()
    made = post(street_callers, key=key)
    assert made.status_code == 201, made.json
    assert post(street_callers, key=key).json == made.json
    schedule, officer = made.json, street_callers.officer
    shown = officer.get(f"/schedules/{schedule['id']}/occurrences").json
    assert {one["state"] for one in shown["items"]} == {"planned"}
    assert len(shown["items"]) >= 58
    publish_due()
    listed = officer.get(f"/tasks?unit_id={street_callers.unit.id}&state=published").json["items"]
    assert len(listed) >= 12
    first = officer.get(f"/schedules/{schedule['id']}/occurrences").json["items"][0]
    assert (first["state"], first["failure"]) == ("published", None)
    path = f"/schedules/{schedule['id']}/occurrences/{first['occurrence']}/cancellation"
    assert officer.post(path).json["state"] == "called_off"
    assert officer.get(f"/tasks/{first['task_id']}").json["state"] == "cancelled"
    paused = patch(street_callers, schedule, {"active": False})
    assert (paused.status_code, paused.json["version"]) == (200, 2)
    assert patch(street_callers, schedule, {"active": True}).status_code == 409
    listed = officer.get(f"/schedules?unit_id={street_callers.unit.id}").json["items"]
    assert [(one["id"], one["active"]) for one in listed] == [(schedule["id"], False)]
    assert officer.get(f"/schedules/{schedule['id']}").json["rule"] == "FREQ=DAILY"


def test_a_change_brings_content_and_times_whole(street_callers):
    schedule = post(street_callers).json
    half = patch(street_callers, schedule, {"content": {"title": "新"}})
    assert half.status_code == 422
    assert patch(street_callers, schedule, {"times": [{"name": "x"}]}).status_code == 422
    whole = schedule["content"] | {"title": "新"}
    assert patch(street_callers, schedule, {"content": whole}).json["content"]["title"] == "新"


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "FREQ=SECONDLY"},
        {"rule": "FREQ=DAILY\r\nBEGIN:VCALENDAR"},
        {"starts_on": "2026-02-30"},
        {"starts_on": "9999-01-01"},
        {"times": []},
        {"times": [{"at": "24:00", "duration_minutes": 1}]},
        {"times": [{"at": "07:30", "duration_minutes": 1_441}]},
        {"times": [{"at": "07:30", "duration_minutes": 60, "name": "a.b"}]},
        {"days": "sundays"},
        {"extra_dates": ["2027-01-01"] * 401},
        {"publish_ahead_days": 61},
        {"content": {}},
    ],
)
def test_what_makes_no_sense_is_422(street_callers, changes):
    assert post(street_callers, **changes).status_code == 422


def test_strangers_neither_make_nor_see_schedules(street_callers):
    stranger, schedule = street_callers.person(), post(street_callers).json
    assert stranger.get(f"/schedules/{schedule['id']}").status_code == 403
    assert stranger.call("POST", "/schedules", {}).status_code == 403
    assert street_callers.officer.get(f"/schedules/{new_id()}").status_code == 404


def test_notes_are_words_in_the_callers_language(street_callers):
    schedule = post(street_callers, days="school_days").json
    shown = street_callers.officer.get(f"/schedules/{schedule['id']}/occurrences").json
    assert [note["note"] for note in shown["notes"]] == ["no_school_calendar"]
    assert "No school calendar" in shown["notes"][0]["words"]


def test_a_school_calendar_is_kept_over_http(street_callers):
    officer, path = street_callers.officer, f"/units/{street_callers.unit.id}/school-calendars"
    term = {"name": "上学期", "first_day": "2026-09-01", "last_day": "2027-01-22"}
    made = officer.post(path, {"name": "2026-2027", "terms": [term]})
    assert made.status_code == 201, made.json
    assert officer.post(path, {"name": "2026-2027", "terms": [term]}).json == made.json
    changes = {"holidays": [term | {"name": "国庆", "last_day": "2026-10-08"}]}
    one = f"/school-calendars/{made.json['id']}"
    assert officer.call("PATCH", one, changes, **{"If-Match": "1"}).json["version"] == 2
    assert officer.call("PATCH", one, changes, **{"If-Match": "1"}).status_code == 409
    seen = street_callers.person().get(path).json["items"]
    assert [calendar["holidays"][0]["name"] for calendar in seen] == ["国庆"]
    upside_down = officer.post(path, {"name": "x", "terms": [term | {"last_day": "2026-08-01"}]})
    assert (upside_down.status_code, upside_down.json["code"]) == (422, "BadSpan")


def test_a_feed_is_read_by_whoever_has_its_link(street_callers, app):
    task, volunteer = street_callers.task(), street_callers.person()
    assert volunteer.post(f"/tasks/{task.id}/claims").status_code == 201
    link = volunteer.post("/me/calendar-link").json["path"]
    answer = app.test_client().get(link)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert "private" in answer.headers["Cache-Control"]
    (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert str(event["summary"]) == task.title
    assert volunteer.delete("/me/calendar-link").status_code == 204
    assert app.test_client().get(link).status_code == 404


def test_a_units_link_is_for_its_centre_to_give(street_callers, app):
    path = f"/units/{street_callers.unit.id}/calendar-link"
    assert street_callers.person().post(path).status_code == 403
    link = street_callers.officer.post(path).json["path"]
    assert app.test_client().get(link).status_code == 200
    assert street_callers.officer.delete(path).status_code == 204
    for gone in (link, "/api/v1/calendars/x.ics", "/api/v1/calendars/.ics"):
        assert app.test_client().get(gone).status_code == 404


def test_who_tries_links_has_to_wait(street_callers, app):
    client = app.test_client()
    for _ in range(250):  # two windows of the limit, whenever the minute began
        answer = client.get(f"/api/v1/calendars/{'g' * 43}.ics")
        if answer.status_code == 429:
            break
        assert answer.status_code == 404
    assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    # Something was written, so Valkey is emptied for the tests that follow.
    assert street_callers.unit.id
