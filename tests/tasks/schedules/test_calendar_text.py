"""The text of a feed, read back by the icalendar library."""

from datetime import UTC, datetime, timedelta

import icalendar
from hypothesis import given
from hypothesis import strategies as st

from tasks.schedules.calendar_text import Duty, feed_text

PURE = True
AT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def duty(**changes):
    said = {
        "uid": "task-1@fuxun",
        "title": "夜间平安巡防",
        "starts_at": AT,
        "ends_at": AT + timedelta(hours=2),
        "changed_at": AT - timedelta(days=3),
        "sequence": 4,
        "location": "鼓西街道 派出所",
        "lat": 26.09,
        "lon": 119.29,
        "is_off": False,
    }
    return Duty(**said | changes)


def events_in(text):
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def test_an_entry_says_when_and_where_in_utc():
    text = feed_text("我的志愿任务", [duty()])
    (event,) = events_in(text)
    assert event.decoded("dtstart") == AT
    assert event.decoded("dtend") == AT + timedelta(hours=2)
    assert event.decoded("dtstamp") == event.decoded("last-modified") == AT - timedelta(days=3)
    assert str(event["uid"]) == "task-1@fuxun"
    assert str(event["status"]) == "CONFIRMED"
    assert event["geo"].to_ical() == "26.09;119.29"
    assert b"DTSTART:20261123T110000Z\r\n" in text
    assert text.startswith(b"BEGIN:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))


def test_what_is_called_off_says_so_and_takes_no_time():
    (event,) = events_in(feed_text("x", [duty(is_off=True)], language="en"))
    assert str(event["status"]) == "CANCELLED"
    assert str(event["transp"]) == "TRANSPARENT"
    assert str(event["summary"]) == "Called off: 夜间平安巡防"


def test_a_place_on_the_waiting_list_is_tentative():
    (event,) = events_in(feed_text("x", [duty(is_tentative=True)]))
    assert str(event["status"]) == "TENTATIVE"


def test_an_empty_feed_is_a_calendar_all_the_same():
    calendar = icalendar.Calendar.from_ical(feed_text("空", []))
    assert str(calendar["version"]) == "2.0"
    assert str(calendar["x-wr-calname"]) == "空"


WORDS = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85"),
    max_size=120,
)


@given(WORDS, WORDS)
def test_no_words_break_out_of_their_line(title, place):
    (event,) = events_in(feed_text("x", [duty(title=title, location=place)]))
    assert str(event["summary"]) == title
    assert str(event["location"]) == place
    assert str(event["uid"]) == "task-1@fuxun"
