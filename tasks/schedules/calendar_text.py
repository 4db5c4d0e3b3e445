"""An iCalendar feed (RFC 5545), pure: what is claimed or published, as text for calendar apps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import icalendar

from shared.i18n import Text

PRODUCT = "-//Fuxun//Tasks//ZH"
# How often an app should come again (RFC 7986, 5.7).
REFRESH_EVERY = timedelta(hours=1)
_OFF = Text("Called off: {title}", "已取消：{title}")


@dataclass(frozen=True)
class Duty:
    """One entry of a calendar; `uid` stays the same however it changes. Times are UTC."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    sequence: int
    location: str
    lat: float
    lon: float
    is_off: bool
    is_tentative: bool = False
    brief: str = ""


def feed_text(name: str, duties: Sequence[Duty], *, language: str = "zh-CN") -> bytes:
    """The feed called `name`, as UTF-8 with CRLF; moments are UTC, so it needs no time zones."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(REFRESH_EVERY))
    for duty in duties:
        calendar.add_component(_event(duty, language))
    return calendar.to_ical()


def _event(duty: Duty, language: str) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", duty.uid)
    # In a feed without METHOD the stamp says when the entry was last revised (3.8.7.2).
    event.add("dtstamp", duty.changed_at)
    event.add("last-modified", duty.changed_at)
    event.add("sequence", duty.sequence)
    event.add("dtstart", duty.starts_at)
    event.add("dtend", duty.ends_at)
    title = _OFF.say(language, title=duty.title) if duty.is_off else duty.title
    event.add("summary", title)
    if duty.brief:
        event.add("description", duty.brief)
    event.add("location", duty.location)
    event.add("geo", (duty.lat, duty.lon))
    event.add("status", _status(duty))
    event.add("transp", "TRANSPARENT" if duty.is_off else "OPAQUE")
    return event


def _status(duty: Duty) -> str:
    if duty.is_off:
        return "CANCELLED"
    return "TENTATIVE" if duty.is_tentative else "CONFIRMED"
