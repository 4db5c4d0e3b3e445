"""Once a season is closed people hear good news of their units, once, and nothing else."""

import pytest
from league_world import BEGAN, ENDED, WORKED_AT, World, acting, published, season_now

from fixtures.factories import staff
from honours import Season, put_league_wish
from honours.leagues import closing_seasons as closing
from honours.leagues.season import APPEALS
from notices import Notice, words_of
from people import Role
from tests.racing import at_once
from tests.worked import work

BEFORE = BEGAN.replace(day=15)


@pytest.fixture
def world(app):
    return World()


@pytest.fixture
def two_months(world):
    """Five grids in October in one order, in November the last of them third."""
    grids = [world.grid(f"g-{number}") for number in range(5)]
    world.people = [world.volunteers(unit, [9 - place] * 3) for place, unit in enumerate(grids)]
    for place, people in enumerate(world.people):
        for person_id in people:
            work(person_id, world.town.street, starts_at=BEFORE, hours=9 - place)
    for person_id in world.people[4]:
        work(person_id, world.town.street, starts_at=WORKED_AT, hours=2.5)
    world.before = season_now(moment=BEFORE)
    published(world.before, BEGAN + APPEALS)
    closing.tell_closed()
    Notice.objects.delete()
    world.season_id = season_now()
    return grids


def told(name):
    return Notice.objects(name=name)


def close(world):
    published(world.season_id, ENDED + APPEALS)
    return closing.tell_closed()


def test_volunteers_of_a_unit_that_got_better_are_told_and_nobody_else(world, two_months):
    assert close(world) == 1
    assert {one.person_id for one in told("league_better")} == set(world.people[4])
    facts = told("league_better").first().facts
    assert (facts["rank"], facts["unit_id"]) == (3, two_months[4].id)


def test_officers_of_the_first_three_units_are_told(world, two_months):
    officers = [staff(Role.CENTRE_OFFICER, at=unit) for unit in two_months]
    close(world)
    winners = {one.person_id for one in told("league_won")}
    ranked = (0, 1, 4)
    assert winners == {officers[place].person_id for place in ranked}
    facts = told("league_won").first().facts
    assert facts["total"] == 5
    for language in ("en", "zh-CN"):
        said = words_of("league_won", 1, facts, language)
        assert str(facts["rank"]) in said["body"]


def test_who_is_left_out_is_not_told(world, two_months):
    left = world.people[4][0]
    more = world.volunteer(two_months[4], 9)
    put_league_wish(is_left_out=True, by=acting(left))
    close(world)
    assert {one.person_id for one in told("league_better")} == {*world.people[4][1:], more}


def test_telling_again_or_at_once_tells_nobody_twice(world, two_months):
    published(world.season_id, ENDED + APPEALS)
    at_once(3, lambda _: closing.tell_season(world.season_id))
    assert told("league_better").count() == 3
    assert not closing.tell_season(world.season_id)
    Season.objects(id=world.season_id).update_one(set__is_told=False)
    assert closing.tell_season(world.season_id)
    assert told("league_better").count() == 3


def test_telling_that_was_cut_off_goes_on(world, two_months, monkeypatch):
    published(world.season_id, ENDED + APPEALS)
    with monkeypatch.context() as broken:
        broken.setattr(closing, "tell_people", _cut)
        assert closing.tell_closed() == 0
    assert told("league_better").count() == 0
    assert closing.tell_closed() == 1
    assert told("league_better").count() == 3


def test_other_terms_than_before_are_no_comparison(world, two_months):
    Season.objects(id=world.before).update_one(set__measure="kilometres")
    close(world)
    assert told("league_better").count() == 0


def test_an_open_season_is_not_told_of(world, two_months):
    published(world.season_id)
    assert closing.tell_closed() == 0
    assert Notice.objects.count() == 0


def _cut(*_, **__):
    raise RuntimeError("cut off")
