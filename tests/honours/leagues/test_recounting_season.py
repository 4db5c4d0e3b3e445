"""The proof of published ranks finds what does not follow from the work; changes excuse."""

from datetime import timedelta

import pytest
from league_world import WORKED_AT, World, acting, published, season_now

from honours import (
    Season,
    Standing,
    put_league_wish,
    put_population,
    recount_season,
    season_check,
)
from honours.leagues import recounting_season
from honours.leagues.checking_seasons import check_season
from honours.leagues.season_check import SeasonCheck
from honours.leagues.unit_place import SeasonNotFound
from people import Role, grant_role, revoke_role
from shared.clock import real_now
from shared.errors import NotAllowed
from shared.queue import queue, valkey
from tasks import Participation
from tests.worked import withdraw, work


@pytest.fixture
def world(app):
    return World()


@pytest.fixture
def three(world):
    """Three grids, ranked; their work was settled and their people came long before."""
    grids = [world.grid(f"g-{number}") for number in range(3)]
    world.people = [world.volunteers(unit, [3 - place] * 3) for place, unit in enumerate(grids)]
    Participation.objects.update(set__settled_at=real_now() - timedelta(hours=1))
    world.season_id = season_now()
    published(world.season_id)
    return grids


def test_an_edition_agrees_with_a_recount_as_of_its_moment(world, three):
    found = recount_season(world.season_id)
    assert (found.agrees, found.edition, found.agreeing, found.moved_on) == (True, 1, 3, 0)
    assert found.counted_at is not None


@pytest.mark.parametrize("field", ["raw", "score", "rank", "place", "contributors", "population"])
def test_a_figure_that_was_tampered_with_is_found(world, three, field):
    Standing.objects(unit_id=three[1].id).update_one(**{f"inc__{field}": 7})
    found = recount_season(world.season_id)
    assert not found.agrees
    assert three[1].id in found.wrong


def test_a_standing_that_is_missing_or_made_up_is_found(world, three):
    last = Standing.objects.get(unit_id=three[2].id)
    last.delete()
    assert three[2].id in recount_season(world.season_id).wrong
    made_up = f"{world.season_id}:1:{world.town.street.id}"
    more = {"id": made_up, "unit_id": world.town.street.id, "season_id": world.season_id}
    figures = {name: last[name] for name in ("edition", "place", "rank", "score", "raw")}
    Standing(**more, **figures, population=1_000, contributors=3).save(force_insert=True)
    assert world.town.street.id in recount_season(world.season_id).wrong


def test_work_that_came_unseen_is_found(world, three):
    """Written without a verdict's moment: nothing says that it came after the edition."""
    long_ago = real_now() - timedelta(hours=1)
    someone = world.people[1][0]
    work(someone, world.task, starts_at=WORKED_AT, hours=9, settled_at=long_ago)
    assert recount_season(world.season_id).wrong == [three[1].id]


def test_a_verdict_since_excuses_its_unit_and_no_other(world, three):
    withdraw(Participation.objects(person_id=world.people[1][0]).first().id)
    Standing.objects(unit_id=three[2].id).update_one(inc__raw=1, inc__contributors=1)
    found = recount_season(world.season_id)
    assert (found.moved_on, found.wrong) == (1, [three[2].id])
    published(world.season_id)
    assert recount_season(world.season_id).agrees


def test_a_wish_since_excuses_its_unit(world, three):
    put_league_wish(is_left_out=True, by=acting(world.people[0][0]))
    found = recount_season(world.season_id)
    assert (found.agrees, found.moved_on, found.agreeing) == (True, 1, 2)


def test_a_population_put_since_excuses_its_unit(world, three):
    as_of = {"source": "统计年鉴", "as_of": WORKED_AT.date(), "why": "new census"}
    put_population(three[0].id, residents=10, version=1, by=world.admin, **as_of)
    found = recount_season(world.season_id)
    assert (found.agrees, found.moved_on) == (True, 1)


def test_who_lost_a_home_since_excuses_the_old_unit(world, three):
    someone = world.people[0][0]
    revoke_role(someone, Role.RESIDENT, three[0].id, by=world.admin)
    found = recount_season(world.season_id)
    assert (found.agrees, found.moved_on) == (True, 1)
    grant_role(someone, Role.CAPTAIN, three[2].id, by=world.admin)
    found = recount_season(world.season_id)
    # The new unit changed too, and its figures stand: a captain is no neighbour.
    assert (found.agrees, found.moved_on, found.agreeing) == (True, 1, 2)


def test_a_season_without_ranks_agrees_with_nothing_to_hold(world):
    season_id = season_now()
    assert recount_season(season_id) == (season_id, 0, None, 0, 0, [], True)
    with pytest.raises(SeasonNotFound):
        recount_season("grid_hours:1999-01")


def test_a_wrong_number_of_units_is_found(world, three):
    Season.objects.update(inc__ranked=1)
    found = recount_season(world.season_id)
    assert (found.agrees, found.is_whole, found.wrong) == (False, False, [])


def test_a_question_recounts_nothing_itself_and_asks_one_job(world, three):
    by = acting("somebody", (Role.AUDITOR, world.town.city))
    valkey().flushdb()
    for _ in range(3):
        assert season_check("grid_hours", by=by).checked_at is None
    assert [job.func_name for job in queue().get_jobs()] == ["honours.jobs.check_season"]
    check_season(world.season_id)
    valkey().flushdb()
    assert season_check("grid_hours", by=by).agrees
    assert queue().get_jobs() == []
    SeasonCheck.objects.update(set__asked_at=real_now() - timedelta(minutes=6))
    published(world.season_id)
    assert season_check("grid_hours", by=by).edition == 1
    assert len(queue().get_jobs()) == 1


def test_what_was_settled_since_is_asked_for_some_weeks_at_a_time(world, three, monkeypatch):
    withdraw(Participation.objects(person_id=world.people[1][0]).first().id)
    monkeypatch.setattr(recounting_season, "ASKED_OF", timedelta(minutes=2))
    assert recount_season(world.season_id).moved_on == 1


def test_auditors_in_reach_may_recount(world, three):
    auditor = acting("somebody", (Role.AUDITOR, world.town.city))
    assert season_check("grid_hours", by=auditor).agrees is None
    assert check_season(world.season_id)
    found = season_check("grid_hours", by=auditor)
    assert (found.agrees, found.edition, found.agreeing) == (True, 1, 3)
    with pytest.raises(NotAllowed):
        season_check("grid_hours", by=acting("somebody", (Role.AUDITOR, world.town.street)))
