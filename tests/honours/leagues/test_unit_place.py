"""Own place and neighbours, the upper half and no more, and the units that cannot be ranked."""

from datetime import timedelta

import pytest
from league_world import NOW, World, acting, published, season_now

from honours import (
    Season,
    own_leagues,
    place_in,
    put_league_wish,
    seasons_page,
    top_of,
    unranked_page,
)
from honours.leagues.putting_leagues import LeagueNotFound
from honours.leagues.unit_place import SeasonNotFound
from people import Role
from shared.errors import NotAllowed


@pytest.fixture
def world(app):
    return World()


@pytest.fixture
def six(world):
    """Six grids, the best first; of the first one a volunteer."""
    grids = [world.grid(f"g-{number}") for number in range(6)]
    world.people = [world.volunteers(unit, [9 - place] * 3) for place, unit in enumerate(grids)]
    world.season_id = season_now()
    published(world.season_id)
    return grids


def ids(standings):
    return [one.unit_id for one in standings]


def test_a_place_comes_with_two_neighbours_on_either_side(world, six):
    place = place_in(world.season_id, six[3].id)
    assert (place.own.rank, place.own.unit_id, place.total) == (4, six[3].id, 6)
    assert ids(place.neighbours) == [unit.id for unit in six[1:]]
    assert ids(place_in(world.season_id, six[0].id).neighbours) == [one.id for one in six[:3]]
    assert ids(place_in(world.season_id, six[5].id, around=1).neighbours) == [
        one.id for one in six[4:]
    ]


def test_a_unit_that_is_not_ranked_has_no_place(world, six):
    assert place_in(world.season_id, world.town.street.id) == (None, [], 6)
    with pytest.raises(SeasonNotFound):
        place_in("grid_hours:1999-01", six[0].id)


def test_nothing_is_shown_before_the_first_edition(world):
    unit = world.grid("g-1")
    season_id = season_now()
    assert place_in(season_id, unit.id) == (None, [], 0)
    assert top_of("grid_hours").items == []


def test_the_upper_half_is_shown_and_never_the_last(world, six):
    top = top_of("grid_hours")
    assert (ids(top.items), top.total) == ([one.id for one in six[:3]], 6)
    assert set(top.units) == {one.id for one in six[:3]}
    assert top_of("grid_hours", season_id=world.season_id).season.id == world.season_id


def test_a_league_without_seasons_says_so(world):
    with pytest.raises(SeasonNotFound):
        top_of("grid_hours")
    with pytest.raises(LeagueNotFound):
        top_of("no_such")


def test_past_seasons_stay_and_the_newest_with_ranks_is_shown(world, six):
    later = season_now(moment=NOW + timedelta(days=20))
    page = seasons_page("grid_hours", limit=1)
    assert [one.id for one in page.items] == [later]
    rest = seasons_page("grid_hours", limit=1, cursor=page.next_cursor)
    assert ([one.id for one in rest.items], rest.next_cursor) == ([world.season_id], None)
    assert top_of("grid_hours").season.id == world.season_id


def test_a_volunteer_sees_the_place_of_the_own_unit(world, six):
    found = own_leagues(by=acting(world.people[2][0]))
    assert not found.is_left_out
    ((season, unit, place, units),) = found.items
    assert (season.id, unit.id, place.own.rank) == (world.season_id, six[2].id, 3)
    assert set(ids(place.neighbours)) <= set(units)


def test_who_is_left_out_is_shown_no_league(world, six):
    somebody = acting(world.people[2][0])
    put_league_wish(is_left_out=True, by=somebody)
    assert own_leagues(by=somebody) == (True, [])
    put_league_wish(is_left_out=False, by=somebody)
    assert len(own_leagues(by=somebody).items) == 1


def test_a_unit_too_small_to_be_shown_has_its_season_and_no_rank(world, six):
    tiny = world.grid("g-9")
    person = world.volunteer(tiny, 5)
    published(world.season_id)
    ((_, unit, place, _),) = own_leagues(by=acting(person)).items
    assert (unit.id, place.own, place.neighbours) == (tiny.id, None, [])


def test_a_wish_said_twice_is_as_old_as_the_first(world):
    somebody = acting(world.volunteer(world.town.street))
    first = put_league_wish(is_left_out=True, by=somebody)
    again = put_league_wish(is_left_out=True, by=somebody)
    assert (again.changed_at, again.is_left_out) == (first.changed_at, True)
    assert put_league_wish(is_left_out=False, by=somebody).changed_at >= first.changed_at


def test_admins_see_which_units_lack_a_population_and_nobody_else_does(world, six):
    lacking = [world.grid(f"h-{number}", residents=0) for number in range(3)]
    found, cursor = [], ""
    while cursor is not None:
        page = unranked_page("grid_hours", cursor=cursor, limit=2, by=world.admin)
        found += [unit.id for unit in page.items]
        cursor = page.next_cursor
    assert found == [unit.id for unit in lacking]
    assert unranked_page("team_hours", by=world.admin).items == []
    with pytest.raises(NotAllowed):
        unranked_page("grid_hours", by=acting(world.people[0][0], (Role.ADMIN, world.town.street)))


def test_a_season_names_its_ranked_units(world, six):
    assert Season.objects.get(id=world.season_id).ranked == 6
