"""Leagues over HTTP: anybody signed in reads the upper half and their own, admins set the terms."""

import pytest
from city_world import Caller

from api.signing_in import tokens_for
from fixtures.factories import a_resident, staff
from honours.jobs import check_season
from people import Role, actor_of
from people.tokens import open_session
from tests.honours.leagues.league_world import LEAGUE, World, published, season_now

TERMS = {
    "name": {"en": "Walkers", "zh": "步行联赛"},
    "field": "grid",
    "measure": "kilometres",
    "season": "month",
    "why": "asked for by residents",
}
FIGURES = {"residents": 2_000, "source": "统计年鉴", "as_of": "2025-12-31", "why": "census"}


class Town(World):
    """The world of leagues with callers who hold tokens."""

    def __init__(self, app):
        super().__init__()
        self.app = app
        self.root = self.calling(self.admin.person_id)
        self.resident = self.caller(a_resident())

    def caller(self, actor):
        with self.app.app_context():
            return Caller(self.app, tokens_for(actor.person_id, actor.session_id, 1))

    def calling(self, person_id):
        opened = open_session(person_id)
        return self.caller(actor_of(person_id, opened.session_id))

    def put(self, caller, path, body, version=0):
        return caller.call("PUT", path, body, **{"If-Match": str(version)})


@pytest.fixture
def town(app):
    return Town(app)


@pytest.fixture
def ranked(town):
    """Five ranked grids; `town.people` by grid, the best first."""
    town.grids = [town.grid(f"g-{number}") for number in range(5)]
    town.people = [town.volunteers(unit, [9 - place] * 3) for place, unit in enumerate(town.grids)]
    town.season_id = season_now()
    published(town.season_id)
    return town


def test_everybody_signed_in_reads_leagues_and_nobody_else(town):
    items = town.resident.get("/leagues").json["items"]
    assert [one["id"] for one in items][:1] == [LEAGUE]
    one = town.resident.get(f"/leagues/{LEAGUE}").json
    assert (one["field"], one["measure"], one["version"], one["put_at"]) == (
        "grid",
        "hours",
        1,
        None,
    )
    assert town.resident.get("/leagues/no_such").status_code == 404
    assert Caller(town.app).get("/leagues").status_code == 401


def test_the_upper_half_is_shown_and_how_many_there_are(ranked):
    answer = ranked.resident.get(f"/leagues/{LEAGUE}/standings")
    assert answer.status_code == 200, answer.json
    assert answer.json["total"] == 5
    assert [one["unit"]["id"] for one in answer.json["items"]] == [
        unit.id for unit in ranked.grids[:3]
    ]
    first = answer.json["items"][0]
    assert (first["rank"], first["score"], first["contributors"]) == (1, 27_000, 3)
    assert answer.json["season"]["state"] == "open"
    same = ranked.resident.get(f"/leagues/{LEAGUE}/standings?season_id={ranked.season_id}")
    assert same.json == answer.json
    for season, status in ((f"{LEAGUE}:1999-01", 404), ("nonsense", 422)):
        found = ranked.resident.get(f"/leagues/{LEAGUE}/standings?season_id={season}")
        assert found.status_code == status


def test_a_volunteer_sees_the_own_unit_with_neighbours_and_can_be_left_out(ranked):
    me = ranked.calling(ranked.people[3][0])
    (own,) = me.get("/me/leagues").json["items"]
    assert (own["own"]["rank"], own["total"]) == (4, 5)
    assert own["unit"]["id"] == ranked.grids[3].id
    # The last one is named to nobody.
    assert [one["rank"] for one in own["neighbours"]] == [2, 3, 4]
    last = ranked.calling(ranked.people[4][0]).get("/me/leagues").json["items"][0]
    assert (last["own"]["rank"], last["own"]["score"] > 0) == (None, True)
    assert [one["unit"]["id"] for one in last["neighbours"]] == [ranked.grids[4].id]
    wish = me.call("PUT", "/me/league-wish", {"is_left_out": True})
    assert (wish.status_code, wish.json["is_left_out"]) == (200, True)
    assert me.get("/me/leagues").json == {"is_left_out": True, "items": []}
    published(ranked.season_id)
    assert ranked.resident.get(f"/leagues/{LEAGUE}/standings").json["total"] == 4
    assert me.call("PUT", "/me/league-wish", {"is_left_out": 7}).status_code == 422


def test_who_belongs_nowhere_has_no_league(ranked):
    assert ranked.resident.get("/me/leagues").json == {"is_left_out": False, "items": []}


def test_no_answer_names_a_person(ranked):
    answers = [
        ranked.resident.get(f"/leagues/{LEAGUE}/standings"),
        ranked.calling(ranked.people[0][0]).get("/me/leagues"),
        ranked.resident.get(f"/leagues/{LEAGUE}/seasons"),
    ]
    people = [person_id for every in ranked.people for person_id in every]
    assert not any(one in answer.text for one in people for answer in answers)


def test_seasons_page_by_cursor(ranked):
    page = ranked.resident.get(f"/leagues/{LEAGUE}/seasons?limit=1").json
    assert [one["id"] for one in page["items"]] == [ranked.season_id]
    assert page["next_cursor"] is None
    assert ranked.resident.get(f"/leagues/{LEAGUE}/seasons?cursor=x").status_code == 422


def test_an_admin_puts_a_league_with_a_reason(town):
    body = TERMS | {"unit_id": town.town.city.id}
    made = town.put(town.root, "/leagues/walkers", body)
    assert (made.status_code, made.json["version"]) == (200, 1), made.json
    again = town.put(town.root, "/leagues/walkers", body)
    assert again.json == made.json
    taken = town.put(town.root, "/leagues/walkers", body | {"measure": "hours"})
    assert (taken.status_code, taken.json["code"]) == (409, "LeagueChanged")
    assert town.put(town.resident, "/leagues/walkers", body).status_code == 403
    without = {name: value for name, value in body.items() if name != "why"}
    assert town.put(town.root, "/leagues/walkers", without, 1).status_code == 422
    few = town.put(town.root, "/leagues/walkers", body | {"least_contributors": 2}, 1)
    assert few.status_code == 422
    odd = town.put(town.root, "/leagues/walkers", body | {"field": "galaxy"}, 1)
    assert (odd.status_code, odd.json["code"]) == (422, "UnknownLeagueChoice")


def test_a_population_is_put_with_its_source_and_read_by_officers(town):
    path = f"/units/{town.town.street.id}/population"
    assert town.root.get(path).status_code == 404
    made = town.put(town.root, path, FIGURES)
    assert (made.status_code, made.json["residents"]) == (200, 2_000), made.json
    assert town.put(town.root, path, FIGURES | {"residents": 1}).status_code == 409
    officer = town.caller(staff(Role.CENTRE_OFFICER, at=town.town.district))
    assert officer.get(path).json["version"] == 1
    assert town.put(officer, path, FIGURES, 1).status_code == 403
    assert town.resident.get(path).status_code == 403
    for spoilt in ({"residents": 0}, {"as_of": "someday"}, {"why": ""}, {"source": ""}):
        assert town.put(town.root, path, FIGURES | spoilt, 1).status_code == 422


def test_units_without_population_and_recounts_are_for_admins(ranked):
    lacking = ranked.grid("g-9", residents=0)
    page = ranked.root.get(f"/leagues/{LEAGUE}/unranked-units").json
    assert [one["id"] for one in page["items"]] == [lacking.id]
    first = ranked.root.get(f"/leagues/{LEAGUE}/recount")
    assert (first.json["checked_at"], first.json["agrees"]) == (None, None)
    check_season(ranked.season_id)
    found = ranked.root.get(f"/leagues/{LEAGUE}/recount")
    assert found.status_code == 200, found.json
    assert (found.json["agrees"], found.json["wrong"]) == (True, [])
    for path in ("unranked-units", "recount"):
        assert ranked.resident.get(f"/leagues/{LEAGUE}/{path}").status_code == 403
