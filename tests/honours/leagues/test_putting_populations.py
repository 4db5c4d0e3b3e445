"""Populations are put by an admin, with source and reason; the log keeps what was before."""

from datetime import date

import pytest
from league_world import World, acting

from honours import population_of, put_population
from honours.leagues.population import Population
from honours.leagues.putting_populations import (
    BadPopulation,
    PopulationChanged,
    PopulationNotFound,
)
from people import Role, UnitNotFound, WhyMissing, changes_page
from shared.errors import NotAllowed
from tests.racing import at_once

FACTS = {"residents": 1_204, "source": "第七次人口普查", "as_of": date(2020, 11, 1)}


@pytest.fixture
def world(app):
    return World()


def put(world, unit=None, version=0, by=None, why="census", **changes):
    unit_id = (unit or world.town.street).id
    facts = FACTS | changes
    return put_population(unit_id, version=version, why=why, by=by or world.admin, **facts)


def test_a_population_is_put_read_and_put_again_with_a_log(world):
    made = put(world)
    assert (made.residents, made.version, made.as_of) == (1_204, 1, "2020-11-01")
    assert put(world, version=1, residents=1_300).version == 2
    officer = acting("somebody", (Role.CENTRE_OFFICER, world.town.district))
    assert population_of(world.town.street.id, by=officer).residents == 1_300
    street_id = world.town.street.id
    newest, first = changes_page(street_id, about_id=street_id, by=world.admin).items
    assert (newest.before, newest.after) == ({"residents": 1_204}, {"residents": 1_300})
    assert (first.before, first.after["source"]) == ({}, FACTS["source"])


def test_repeating_it_answers_what_it_made_and_writes_nothing(world):
    first = put(world)
    assert put(world).put_at == first.put_at
    street_id = world.town.street.id
    assert len(changes_page(street_id, by=world.admin).items) == 1


def test_of_admins_who_put_at_once_one_wins(world):
    found = at_once(4, lambda number: put(world, residents=number + 1))
    won = [one for one in found if isinstance(one, Population)]
    lost = [one for one in found if isinstance(one, PopulationChanged)]
    assert (len(won), len(lost)) == (1, 3)
    assert Population.objects.get().residents == won[0].residents


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"residents": 0}, BadPopulation),
        ({"residents": 1.5}, BadPopulation),
        ({"residents": 10**12}, BadPopulation),
        ({"source": "  "}, BadPopulation),
        ({"as_of": date(2101, 1, 1)}, BadPopulation),
        ({"why": ""}, WhyMissing),
        ({"version": 3}, PopulationChanged),
    ],
)
def test_what_cannot_be_meant_is_refused(world, changes, refusal):
    with pytest.raises(refusal):
        put(world, **changes)
    assert Population.objects.count() == 0


def test_only_an_admin_in_reach_puts_and_strangers_do_not_read(world):
    put(world, by=acting("somebody", (Role.ADMIN, world.town.district)))
    others = [(Role.RATE_ADMIN, world.town.street), (Role.ADMIN, world.town.point)]
    for held in others:
        with pytest.raises(NotAllowed):
            put(world, version=1, by=acting("somebody", held))
    with pytest.raises(NotAllowed):
        population_of(world.town.street.id, by=acting("somebody"))


def test_what_nobody_put_is_not_known(world):
    with pytest.raises(PopulationNotFound):
        population_of(world.town.street.id, by=world.admin)
    with pytest.raises(UnitNotFound):
        put_population("0" * 24, version=0, why="x", by=world.admin, **FACTS)
