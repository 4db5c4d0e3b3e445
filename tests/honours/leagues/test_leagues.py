"""Leagues are data: standard ones to begin with, versions put by admins, each with its reason."""

from datetime import timedelta

import pytest
from league_world import ENDED, NOW, World, acting, season_now

from honours import League, Season, all_leagues, league_of, put_league
from honours.leagues.league_content import (
    BadLeagueId,
    BadLeagueName,
    TooFewContributors,
    UnknownLeagueChoice,
)
from honours.leagues.opening_seasons import open_due_seasons
from honours.leagues.putting_leagues import LeagueChanged, LeagueNotFound
from people import Role, UnitNotFound, WhyMissing, changes_page
from shared.clock import now, pretending
from shared.errors import NotAllowed
from tests.racing import at_once

WHY = "Residents asked for it."


@pytest.fixture
def world(app):
    return World()


def content(world, **changes):
    terms = {
        "name": {"en": "Walkers of Gulou", "zh": "鼓楼步行联赛"},
        "unit_id": world.town.district.id,
        "field": "grid",
        "measure": "kilometres",
        "season": "quarter",
        "least_contributors": 5,
    }
    return terms | changes


def put(world, league_id="walkers", version=0, why=WHY, by=None, **changes):
    by = by or world.admin
    return put_league(league_id, content(world, **changes), why=why, version=version, by=by)


def test_a_city_begins_with_standard_leagues_of_the_whole_city(world):
    assert [one.league_id for one in all_leagues()] == [
        "grid_hours",
        "community_hours",
        "team_hours",
    ]
    assert {one.unit_id for one in all_leagues()} == {world.town.city.id}
    assert league_of("grid_hours").least_contributors == 3


def test_a_place_without_a_city_has_none(app):
    assert all_leagues() == []
    assert open_due_seasons() == 0


def test_a_league_that_was_put_is_the_newest_version_and_logged(world):
    made = put(world)
    assert (made.version, made.measure) == (1, "kilometres")
    put(world, version=1, measure="hours")
    assert league_of("walkers").measure == "hours"
    assert League.objects(league_id="walkers").count() == 2
    changes = changes_page(world.town.district.id, about_id="walkers", by=world.admin).items
    assert [one.why for one in changes] == [WHY, WHY]
    assert (changes[0].before, changes[0].after) == (
        {"measure": "kilometres"},
        {"measure": "hours"},
    )


def test_a_version_of_a_standard_league_replaces_it(world):
    put(world, "grid_hours", version=1, active=False)
    assert not league_of("grid_hours").active
    with pretending(NOW):
        open_due_seasons()
    assert "grid_hours" not in Season.objects.distinct("league_id")


def test_repeating_answers_the_version_it_made_and_other_content_is_a_conflict(world):
    first = put(world)
    assert put(world).key == first.key
    with pytest.raises(LeagueChanged):
        put(world, measure="hours")
    with pytest.raises(LeagueChanged):
        put(world, version=4)
    assert League.objects(league_id="walkers").count() == 1
    page = changes_page(world.town.district.id, about_id="walkers", by=world.admin)
    assert len(page.items) == 1


def test_of_admins_who_put_at_once_one_wins(world):
    measures = ["hours", "kilometres", "participations", "hours"]
    found = at_once(4, lambda number: put(world, measure=measures[number]))
    won = {one.measure.value for one in found if isinstance(one, League)}
    assert won == {league_of("walkers").measure.value}
    assert all(isinstance(one, League | LeagueChanged) for one in found)
    assert League.objects(league_id="walkers").count() == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": {"en": "x"}}, BadLeagueName),
        ({"name": {"en": "x", "zh": " "}}, BadLeagueName),
        ({"name": {"en": "x" * 51, "zh": "步"}}, BadLeagueName),
        ({"field": "police_grid"}, UnknownLeagueChoice),
        ({"field": "galaxy"}, UnknownLeagueChoice),
        ({"measure": "coins"}, UnknownLeagueChoice),
        ({"season": "week"}, UnknownLeagueChoice),
        ({"least_contributors": 2}, TooFewContributors),
        ({"least_contributors": 3.5}, TooFewContributors),
        ({"unit_id": "0" * 24}, UnitNotFound),
        ({"why": "  "}, WhyMissing),
        ({"league_id": "Walkers!"}, BadLeagueId),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_written(world, changes, refusal):
    with pytest.raises(refusal):
        put(world, **changes)
    assert League.objects.count() == 0


def test_only_admins_of_the_whole_city_put_leagues(world):
    rate_admin = acting("somebody", (Role.RATE_ADMIN, world.town.city))
    assert put(world, by=rate_admin).version == 1
    for held in ((Role.ADMIN, world.town.district), (Role.CENTRE_OFFICER, world.town.city)):
        with pytest.raises(NotAllowed):
            put(world, version=1, by=acting("somebody", held))
    with pytest.raises(LeagueNotFound):
        league_of("no_such")


def test_a_season_is_played_to_its_end_by_the_terms_it_was_opened_with(world):
    season_id = season_now()
    put(world, "grid_hours", version=1)
    with pretending(NOW):
        assert open_due_seasons() == 2
    season = Season.objects.get(id=season_id)
    assert (season.measure, season.unit_id) == ("hours", world.town.city.id)
    following = Season.objects.get(id=season_now(moment=ENDED))
    assert (following.measure, following.league_version) == ("kilometres", 2)


def test_a_month_without_a_worker_has_its_season_all_the_same(world):
    season_now()
    months_later = ENDED + timedelta(days=65)
    opened = [season_now(moment=months_later) for _ in range(4)]
    assert opened == [f"grid_hours:{one}" for one in ("2026-12", "2027-01", "2027-02", "2027-02")]


def test_what_was_missed_while_a_league_rested_is_not_opened_later(world):
    season_now()
    put(world, "grid_hours", version=1, active=False, season="month")
    with pretending(ENDED + timedelta(days=65)):
        put(world, "grid_hours", version=2, season="month")
        League.objects(version=3).update(set__put_at=now())
    assert season_now(moment=ENDED + timedelta(days=65)) == "grid_hours:2027-02"


def test_a_longer_season_begins_where_the_shorter_one_ends(world):
    season_now()
    put(world, "grid_hours", version=1, season="quarter")
    following = Season.objects.get(id=season_now(moment=ENDED + timedelta(days=1)))
    assert (following.id, following.from_at) == ("grid_hours:2026Q4", ENDED)
