"""Telling: once a key, to whom it concerns, when it is right; nothing is told half."""

from datetime import UTC, datetime, timedelta

import pytest
from racing import at_once

from notices import Notice, change_notice_settings, tell, tell_officers, tell_people
from notices.telling import BadNotice
from people import Role, UnitNotFound
from shared.clock import pretending, real_now
from shared.database import collection
from shared.ids import random_id

EVENING = datetime(2017, 12, 4, 15, 30, tzinfo=UTC)  # 23:30 in Fuzhou
MORNING = datetime(2017, 12, 4, 23, 0, tzinfo=UTC)  # 07:00 of the next day there
FACTS = {"title": "夜巡", "task_id": "t1"}


def told(person_id):
    return list(Notice.objects(person_id=person_id).order_by("id"))


def test_a_key_tells_a_person_once_and_keeps_the_first_facts():
    who = random_id()
    tell(who, "claim_lapsed", FACTS, key="k1")
    tell(who, "claim_lapsed", FACTS | {"title": "别的"}, key="k1")
    tell(who, "claim_lapsed", FACTS, key="k2")
    assert [(one.key, one.facts["title"]) for one in told(who)] == [("k1", "夜巡"), ("k2", "夜巡")]


def test_the_same_key_tells_different_things_and_different_people():
    who, other = random_id(), random_id()
    tell(who, "claim_lapsed", FACTS, key="k")
    tell(who, "order_withdrawn", FACTS, key="k")
    tell_people([who, other, who], "claim_lapsed", FACTS, key="k")
    assert [one.name for one in told(who)] == ["claim_lapsed", "order_withdrawn"]
    assert [one.name for one in told(other)] == ["claim_lapsed"]


def test_of_threads_that_tell_the_same_at_once_one_does():
    who = random_id()
    results = at_once(12, lambda _: tell(who, "claim_lapsed", FACTS, key="k"))
    assert results == [None] * 12
    assert len(told(who)) == 1


def test_nobody_to_tell_is_no_failure():
    tell_people([], "claim_lapsed", FACTS, key="k")
    assert Notice.objects.count() == 0


def test_times_and_both_languages_come_back_as_they_went_in():
    who = random_id()
    facts = {"title": {"en": "Patrol", "zh-CN": "巡逻"}, "at": EVENING, "minutes": 3}
    tell(who, "claim_lapsed", facts, key="k")
    (kept,) = told(who)
    assert kept.facts == facts


@pytest.mark.parametrize("name", ["no_such_notice", "order_asked"])
def test_a_slip_of_ours_is_loud_and_writes_nothing(name):
    with pytest.raises(BadNotice):
        tell(random_id(), name, FACTS, key="k")
    assert Notice.objects.count() == 0


class TestOfficers:
    def test_at_the_unit_or_above_it_are_told_and_nobody_else(self, city, street, somebody):
        here = somebody(Role.CENTRE_OFFICER, street)
        above = somebody(Role.CENTRE_OFFICER, city)
        others = [somebody(Role.AUDITOR, street), somebody(), somebody(Role.CENTRE_OFFICER, street)]
        tell_officers(city, "order_nobody_left", FACTS, key="k")
        assert [len(told(one.person_id)) for one in (here, above)] == [0, 1]
        for unit in (street, street.id):
            tell_officers(unit, "order_nobody_left", FACTS, key="k2")
        assert [len(told(one.person_id)) for one in (here, above, *others)] == [1, 2, 0, 0, 1]

    def test_of_a_unit_that_is_not_there_cannot_be_told(self):
        with pytest.raises(UnitNotFound):
            tell_officers("0" * 24, "order_nobody_left", FACTS, key="k")


class TestQuietHours:
    def test_hold_back_what_is_not_urgent(self):
        who = random_id()
        with pretending(EVENING):
            tell(who, "claim_lapsed", FACTS, key="k")
            tell(who, "order_nobody_left", FACTS, key="k")
        waits, urgent = told(who)
        assert (waits.created_at, waits.shown_from) == (EVENING, MORNING)
        assert urgent.shown_from == EVENING

    def test_are_each_persons_own(self, somebody):
        night, shifted = somebody(), somebody()
        wishes = {"quiet_from_minute": 8 * 60, "quiet_until_minute": 16 * 60}
        change_notice_settings(wishes, by=shifted)
        with pretending(EVENING):
            tell_people([night.person_id, shifted.person_id], "claim_lapsed", FACTS, key="k")
        assert told(night.person_id)[0].shown_from == MORNING
        assert told(shifted.person_id)[0].shown_from == EVENING


def test_what_is_muted_is_not_told_unless_it_is_urgent(somebody):
    who = somebody()
    change_notice_settings({"muted": ["claim_lapsed"]}, by=who)
    for name in ("claim_lapsed", "order_withdrawn", "order_nobody_left"):
        tell(who.person_id, name, FACTS, key="k")
    assert [one.name for one in told(who.person_id)] == ["order_withdrawn", "order_nobody_left"]


def test_mongodb_forgets_by_the_true_clock_whatever_is_played():
    who = random_id()
    with pretending(EVENING):
        tell(who, "claim_lapsed", FACTS, key="k")
    (kept,) = told(who)
    assert kept.expires_at > real_now() + timedelta(days=300)
    indexes = collection(Notice).index_information()
    assert indexes["forgotten"]["expireAfterSeconds"] == 0
