"""Calendar feeds: what stands in them, and that only the newest secret opens one."""

import icalendar
import pytest
from school_world import tasks_of

from people import Person
from shared.database import collection
from shared.errors import NotAllowed
from tasks import (
    calendar_behind,
    cancel_task,
    claim_task,
    give_up_participation,
    issue_own_link,
    issue_unit_link,
    revoke_own_link,
    revoke_unit_link,
)
from tasks.schedules.calendar_link import CalendarLink
from tasks.schedules.feeds import CalendarNotFound
from tasks.schedules.publishing_ahead import publish_due
from tests.racing import at_once


def events(token):
    return {
        str(event["uid"]): event
        for event in icalendar.Calendar.from_ical(calendar_behind(token)).walk("VEVENT")
    }


class TestOwnFeed:
    def test_it_holds_the_persons_own_claims_and_nobody_elses(self, published, volunteer):
        actor, task = volunteer(), published(title="本人任务", brief="带好袖标")
        claimed = claim_task(task.id, position=None, by=actor)
        claim_task(task.id, position=None, by=volunteer())
        (event,) = events(issue_own_link(by=actor)).values()
        assert str(event["uid"]) == f"participation-{claimed.id}@fuxun"
        assert event.decoded("dtstart") == task.starts_at.replace(microsecond=0)
        assert (str(event["summary"]), str(event["description"])) == ("本人任务", "带好袖标")
        assert "鼓西街道" in str(event["location"])
        assert str(event["status"]) == "CONFIRMED"

    def test_what_is_given_up_or_called_off_is_cancelled_under_the_same_name(
        self, town, published, volunteer
    ):
        actor = volunteer()
        given_up = claim_task(published().id, position=None, by=actor)
        token = issue_own_link(by=actor)
        before = events(token)
        give_up_participation(given_up.id, by=actor)
        task = published()
        called_off = claim_task(task.id, position=None, by=actor)
        first = events(token)[f"participation-{called_off.id}@fuxun"]
        cancel_task(task.id, by=town.officer)
        after = events(token)
        assert set(before) < set(after)
        assert {str(event["status"]) for event in after.values()} == {"CANCELLED"}
        now_is = after[f"participation-{called_off.id}@fuxun"]
        assert now_is["sequence"] > first["sequence"]
        assert now_is.decoded("last-modified") >= first.decoded("last-modified")

    def test_a_feed_read_twice_is_the_same(self, published, volunteer):
        actor = volunteer()
        claim_task(published().id, position=None, by=actor)
        token = issue_own_link(by=actor)
        assert calendar_behind(token) == calendar_behind(token)

    def test_who_reads_english_gets_english(self, published, volunteer):
        feed = calendar_behind(issue_own_link(by=volunteer(language="en")))
        assert b"X-WR-CALNAME:My volunteer duties" in feed


class TestUnitFeed:
    def test_it_holds_what_the_unit_published_and_no_drafts(self, school, draft):
        draft()
        schedule = school.schedule()
        publish_due()
        found = events(issue_unit_link(school.unit.id, by=school.officer))
        assert set(found) == {f"task-{task.id}@fuxun" for task in tasks_of(schedule)}

    def test_only_the_centre_gets_the_link(self, school, volunteer):
        for verb in (issue_unit_link, revoke_unit_link):
            with pytest.raises(NotAllowed):
                verb(school.unit.id, by=volunteer())


class TestLinks:
    def test_a_new_link_takes_the_place_of_the_old(self, volunteer):
        actor = volunteer()
        old, new = issue_own_link(by=actor), issue_own_link(by=actor)
        assert calendar_behind(new)
        with pytest.raises(CalendarNotFound):
            calendar_behind(old)

    def test_a_revoked_link_opens_nothing(self, school, volunteer):
        actor = volunteer()
        own = issue_own_link(by=actor)
        of_unit = issue_unit_link(school.unit.id, by=school.officer)
        for _ in range(2):
            revoke_own_link(by=actor)
            revoke_unit_link(school.unit.id, by=school.officer)
        for token in (own, of_unit, "", "x" * 43):
            with pytest.raises(CalendarNotFound):
                calendar_behind(token)

    def test_the_secret_itself_is_not_stored(self, volunteer):
        token = issue_own_link(by=volunteer())
        assert token not in str(collection(CalendarLink).find_one())

    def test_of_links_asked_for_at_once_exactly_one_opens(self, volunteer):
        actor = volunteer()
        tokens = at_once(6, lambda _: issue_own_link(by=actor))
        opened = [token for token in tokens if is_open(token)]
        assert len(opened) == CalendarLink.objects.count() == 1

    def test_the_feed_of_somebody_gone_is_gone(self, volunteer):
        actor = volunteer()
        token = issue_own_link(by=actor)
        collection(Person).delete_one({"_id": actor.person_id})
        with pytest.raises(CalendarNotFound):
            calendar_behind(token)


def is_open(token):
    try:
        calendar_behind(token)
    except CalendarNotFound:
        return False
    return True
