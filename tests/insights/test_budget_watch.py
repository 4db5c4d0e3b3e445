"""Officers are told once when a budget runs low and when it stops, and anew after more came."""

import pytest
from drawn_budgets import draw, give_back

from fixtures.factories import a_unit, funded, staff
from insights import budget_watch
from insights.budget_watch import watch_budgets
from notices import words_of
from notices.notice import Notice
from people import Role, UnitKind
from rates import budget_year_of, put_budget_rule
from shared.clock import now
from tests.racing import at_once


@pytest.fixture
def officer(town):
    return staff(Role.CENTRE_OFFICER, at=town.city)


@pytest.fixture
def keeper(town):
    return staff(Role.RATE_ADMIN, at=town.district)


@pytest.fixture
def rule(town, keeper):
    """The district's 1,000 coins of this year, and a way to set thresholds."""
    funded(town.district, 1_000, by=keeper)

    def put(warn, stop, version=0):
        put_budget_rule(
            town.district.id,
            budget_year_of(now()),
            warn_percent=warn,
            stop_percent=stop,
            why="控制进度",
            version=version,
            by=keeper,
        )

    return put


def told(person):
    return [one.name for one in Notice.objects(person_id=person.person_id).order_by("id")]


def test_below_its_thresholds_nothing_is_told(town, officer, rule):
    rule(80, 95)
    draw(town.district, 799)
    assert watch_budgets() == 0
    assert told(officer) == []


def test_each_threshold_is_told_of_once(town, officer, keeper, rule):
    rule(80, 95)
    draw(town.district, 800)
    assert (watch_budgets(), watch_budgets()) == (1, 0)
    assert told(officer) == told(keeper) == ["budget_warned"]
    draw(town.district, 150)
    assert (watch_budgets(), watch_budgets()) == (1, 0)
    assert told(officer) == ["budget_warned", "budget_stopped"]
    notice = Notice.objects(person_id=officer.person_id).order_by("-id").first()
    words = words_of(notice.name, 1, notice.facts, "zh-CN")["body"]
    assert "950/1000" in words
    assert "95%" in words


def test_both_at_once_are_two_notices(town, officer, rule):
    rule(80, 95)
    draw(town.district, 1_000)
    assert watch_budgets() == 1
    assert told(officer) == ["budget_warned", "budget_stopped"]


def test_watchers_at_once_tell_once(town, officer, rule):
    rule(80, None)
    draw(town.district, 900)
    at_once(4, lambda _: watch_budgets())
    assert told(officer) == ["budget_warned"]


def test_what_comes_back_and_is_drawn_again_is_no_news(town, officer, rule):
    rule(80, None)
    draw(town.district, 850)
    watch_budgets()
    give_back(town.district, 100)
    assert watch_budgets() == 0
    draw(town.district, 100)
    assert watch_budgets() == 0
    assert told(officer) == ["budget_warned"]


def test_after_more_was_granted_it_warns_anew(town, officer, keeper, rule):
    rule(80, None)
    draw(town.district, 850)
    watch_budgets()
    funded(town.district, 1_000, by=keeper)
    assert watch_budgets() == 0
    draw(town.district, 800)
    assert (watch_budgets(), watch_budgets()) == (1, 0)
    assert told(officer) == ["budget_warned"] * 2


def test_another_threshold_is_told_of_by_itself(town, officer, rule):
    rule(80, None)
    draw(town.district, 850)
    watch_budgets()
    rule(85, None, version=1)
    assert watch_budgets() == 1
    assert told(officer) == ["budget_warned"] * 2


def test_many_budgets_are_looked_at_in_turn(town, officer, keeper, monkeypatch):
    monkeypatch.setattr(budget_watch, "MOST_PER_RUN", 2)
    year = budget_year_of(now())
    units = [town.city, town.district, town.street]
    for unit in units:
        funded(unit, 1_000, by=staff(Role.RATE_ADMIN, at=unit))
        ruler = staff(Role.RATE_ADMIN, at=town.city)
        put_budget_rule(
            unit.id, year, warn_percent=80, stop_percent=None, why="进度", version=0, by=ruler
        )
        draw(unit, 900)
    assert (watch_budgets(), watch_budgets(), watch_budgets()) == (2, 1, 0)
    assert told(officer) == ["budget_warned"] * 3


def test_officers_beside_are_not_told(town, rule):
    beside = a_unit(UnitKind.CIVIL, town.city, code="350103", level="district", name="台江区")
    other = staff(Role.CENTRE_OFFICER, at=beside)
    rule(80, None)
    draw(town.district, 900)
    watch_budgets()
    assert told(other) == []
