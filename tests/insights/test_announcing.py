"""Officers are told of every change of rates and budgets once, and when a card comes into force."""

from datetime import timedelta

import pytest

from fixtures.factories import a_unit, put_card, staff
from insights import announcing, jobs, told_once
from insights.announcement import Announcement
from insights.announcing import announce_beginnings, announce_changes
from notices import words_of
from notices.notice import Notice
from people import Role, UnitKind, record_change, unit_of
from rates import Occasion, approve_card, declare_weather, draft_card, edit_card, withdraw_card
from shared.clock import now, real_now
from shared.database import in_transaction
from tests.cutting import cut_after
from tests.racing import at_once

LINES = [{"kind": "patrol", "base": 0, "per_hour": 50, "minimum": 10}]
TITLE = {"en": "Winter rates", "zh": "冬季标准"}
DAY = timedelta(days=1)


def soon():
    """After everything that was done so far."""
    return real_now() + timedelta(seconds=1)


def told(person, name=None):
    """The notices of that name that somebody got, in order."""
    named = {"name": name} if name else {}
    return list(Notice.objects(person_id=person.person_id, **named).order_by("id"))


@pytest.fixture
def crew(town):
    """Who has to do with rates above, at, below and beside the district."""
    beside = a_unit(UnitKind.CIVIL, town.city, code="350103", level="district", name="台江区")
    return {
        "above": staff(Role.AUDITOR, at=town.city),
        "at": staff(Role.CENTRE_OFFICER, at=town.district),
        "below": staff(Role.RATE_ADMIN, at=town.street),
        "beside": staff(Role.CENTRE_OFFICER, at=beside),
        "clerk": staff(Role.CLERK, at=town.point),
    }


def a_draft(town, by, *, starts=DAY, key="draft-0001"):
    content = {
        "title": TITLE,
        "in_force_from": now() + starts,
        "lines": LINES,
        "fen_per_10000_coins": 20_000,
    }
    return draft_card(town.district.id, content, why="冬季调整", key=key, by=by)


def change(town, subject, about_id="x", verb="put", **more):
    """A record of the log, as the verbs write it."""
    more = {"before": {"warn_percent": 70}, "after": {"warn_percent": 80}, "why": "原因", **more}
    unit = unit_of(town.district.id)
    in_transaction(
        lambda session: record_change(
            subject, about_id, verb, unit=unit, by_id="somebody", session=session, **more
        )
    )


class TestChanges:
    def test_reach_the_officers_above_at_and_below_and_nobody_else(self, town, crew, rate_admin):
        card = a_draft(town, rate_admin)
        approve_card(card.id, version=card.version, why="同意", by=_second(town))
        announce_changes(soon())
        for who in ("above", "at", "below"):
            names = [one.name for one in told(crew[who])]
            assert names == ["rates_drafted", "rates_changed"]
        for who in ("beside", "clerk"):
            assert told(crew[who]) == []

    def test_say_what_changed_and_why_in_both_languages(self, town, crew, rate_admin):
        card = a_draft(town, rate_admin)
        changes = {"lines": [{**LINES[0], "per_hour": 60}]}
        edit_card(card.id, changes, version=card.version, why="夜间人手不足", by=rate_admin)
        announce_changes(soon())
        edited = told(crew["at"], "rates_drafted")[1]
        english = words_of(edited.name, 1, edited.facts, "en")["body"]
        chinese = words_of(edited.name, 1, edited.facts, "zh-CN")["body"]
        assert "per hour: 50 → 60" in english
        assert "edited the draft" in english
        assert "每小时：50 → 60" in chinese
        assert "夜间人手不足" in english
        assert "夜间人手不足" in chinese

    def test_are_told_once_however_often_it_is_swept(self, town, crew, rate_admin):
        a_draft(town, rate_admin)
        assert announce_changes(soon()) == 1
        assert announce_changes(soon()) == 0
        assert len(told(crew["at"])) == 1

    def test_are_told_once_by_sweeps_at_once(self, town, crew, rate_admin):
        for number in range(3):
            a_draft(town, rate_admin, key=f"draft-000{number}")
        at_once(4, lambda _: announce_changes(soon()))
        assert len(told(crew["at"])) == 3
        assert Announcement.objects.count() == 3

    def test_are_not_told_to_who_made_them(self, town, rate_admin):
        a_draft(town, rate_admin)
        announce_changes(soon())
        assert told(rate_admin) == []

    def test_wait_until_all_that_came_before_is_surely_there(self, town, crew, rate_admin):
        a_draft(town, rate_admin)
        assert announce_changes() == 0
        assert told(crew["at"]) == []
        assert announce_changes(soon()) == 1

    def test_one_that_is_committed_behind_others_is_told_all_the_same(self, town, crew, rate_admin):
        change(town, "budget_rule", "early")
        announce_changes(soon() + timedelta(minutes=5))
        change(town, "budget_rule", "late")
        assert announce_changes(soon() + timedelta(minutes=6)) == 1
        assert [one.facts["about_id"] for one in told(crew["at"])] == ["early", "late"]

    def test_of_budgets_and_weather_are_told_and_of_honours_are_not(self, town, crew):
        change(town, "budget_rule")
        change(town, "badge")
        change(town, "league")
        now_is = now()
        span = (now_is, now_is + timedelta(hours=6))
        declare_weather(
            town.district.id, Occasion.HEAT, *span, why="高温", key="warn-0001", by=crew["at"]
        )
        assert announce_changes(soon()) == 2
        whats = [one.facts["what"]["en"] for one in told(crew["above"])]
        assert whats[1] == "declared a weather warning"
        assert told(crew["above"])[0].facts["changes"]["en"] == "warn percent: 70 → 80"

    def test_one_that_fails_holds_up_no_other_and_is_told_later(self, town, crew, monkeypatch):
        change(town, "budget_rule", "broken")
        change(town, "budget_rule", "sound")
        with monkeypatch.context() as patched:

            def refuse(record):
                if record.about_id == "broken":
                    raise RuntimeError
                return tell(record)

            tell = announcing._tell_change
            patched.setattr(announcing, "_tell_change", refuse)
            assert announce_changes(soon()) == 1
        assert announce_changes(soon()) == 1
        assert {one.facts["about_id"] for one in told(crew["at"])} == {"broken", "sound"}

    def test_one_that_never_can_be_told_does_not_keep_the_log_from_there_on_open(
        self, town, crew, monkeypatch
    ):
        monkeypatch.setattr(told_once, "MOST_TRIES", 3)
        monkeypatch.setattr(told_once, "MARK_EVERY", timedelta())
        change(town, "budget_rule", "broken")

        def refuse(record):
            raise RuntimeError

        with monkeypatch.context() as patched:
            patched.setattr(announcing, "_tell_change", refuse)
            for _ in range(3):
                assert announce_changes(soon()) == 0
                assert told_once.told_up_to(announcing.CHANGES) is None
        assert announce_changes(soon()) == 0
        assert told_once.told_up_to(announcing.CHANGES) is not None
        assert told(crew["at"]) == []

    def test_a_sweep_that_finds_nothing_writes_nothing_for_some_minutes(self, town, crew):
        announce_changes()
        announce_beginnings()
        with cut_after(1):
            assert announce_changes() == announce_beginnings() == 0

    def test_many_steps_of_changes_are_all_told(self, town, crew, monkeypatch):
        monkeypatch.setattr("insights.announcing.STEP", 2)
        for number in range(5):
            change(town, "budget_rule", f"rule{number}")
        assert announce_changes(soon()) == 5
        assert len(told(crew["below"])) == 5


class TestBeginnings:
    def test_a_card_is_told_of_when_its_moment_has_come(self, town, crew, rate_admin):
        put_card(
            town.district.id,
            now() + timedelta(hours=1),
            LINES,
            fen_per_10000_coins=20_000,
            by=rate_admin,
        )
        assert announce_beginnings() == 0
        later = real_now() + timedelta(hours=2)
        assert announce_beginnings(later) == 1
        assert announce_beginnings(later) == 0
        (notice,) = told(crew["below"], "rate_card_in_force")
        assert notice.facts["title"]["zh-CN"]

    def test_sweeps_at_once_tell_it_once(self, town, crew, rate_admin):
        put_card(
            town.district.id,
            now() + timedelta(hours=1),
            LINES,
            fen_per_10000_coins=20_000,
            by=rate_admin,
        )
        later = real_now() + timedelta(hours=2)
        at_once(4, lambda _: announce_beginnings(later))
        assert len(told(crew["at"], "rate_card_in_force")) == 1

    def test_a_withdrawn_one_never_begins(self, town, crew, rate_admin):
        card = a_draft(town, rate_admin)
        second = _second(town)
        card = approve_card(card.id, version=card.version, why="同意", by=second)
        withdraw_card(card.id, version=card.version, why="有误", by=second)
        assert announce_beginnings(real_now() + 2 * DAY) == 0

    def test_what_began_long_before_the_first_sweep_is_no_news(self, town, crew, in_force):
        assert announce_beginnings() == 0


def test_the_sweep_does_it_all(town, crew, rate_admin):
    assert {"changes_told", "beginnings_told", "simulated"} == set(jobs.sweep())


def _second(town):
    return staff(Role.RATE_ADMIN, at=town.city)
