"""Ranks are published whole: counted from verified work, one edition after another, never half."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from league_world import (
    BEGAN,
    ENDED,
    NOW,
    WORKED_AT,
    World,
    acting,
    published,
    season_now,
    shown,
)

from fixtures.factories import a_unit
from honours import Season, SeasonState, Standing, jobs, keep_leagues, put_league_wish
from honours.leagues import publishing_ranks as publishing
from honours.leagues.season import APPEALS
from people import Role, UnitKind
from shared.clock import pretending, real_now
from shared.errors import Unavailable
from shared.queue import queue, valkey
from tests.racing import at_once
from tests.worked import withdraw, work


@pytest.fixture
def world(app):
    return World()


@pytest.fixture
def three(world):
    """Three grids: 6 hours among 1,000 residents, 9 among 3,000, 3 among 1,000."""
    grids = [world.grid("g-1"), world.grid("g-2", 3_000), world.grid("g-3")]
    world.people = [
        world.volunteers(unit, [hours] * 3) for unit, hours in zip(grids, (2, 3, 1), strict=True)
    ]
    return grids


def editions_of(season_id):
    return sorted(Standing.objects(season_id=season_id).distinct("edition"))


class TestWhatIsCounted:
    def test_hours_for_a_thousand_residents_decide_and_equal_ones_share_a_rank(self, three):
        season_id = season_now()
        assert published(season_id) == 1
        one, two, three_ = three
        found = shown(season_id)
        assert [row[1:] for row in found] == [(1, 6_000, 3), (2, 3_000, 3), (2, 3_000, 3)]
        assert found[0][0] == one.id
        assert {row[0] for row in found[1:]} == {two.id, three_.id}
        season = Season.objects.get(id=season_id)
        assert (season.published_edition, season.ranked) == (1, 3)
        assert season.state is SeasonState.OPEN

    def test_fewer_than_three_people_are_not_shown_whatever_they_did(self, world, three):
        tiny = world.grid("g-4", 30)
        world.volunteers(tiny, [40, 40])
        season_id = season_now()
        published(season_id)
        assert tiny.id not in [row[0] for row in shown(season_id)]
        world.volunteer(tiny, 1)
        published(season_id)
        assert shown(season_id)[0] == (tiny.id, 1, 2_700_000, 3)

    def test_a_unit_of_unknown_population_is_not_ranked_until_it_is_put(self, world):
        unit = world.grid("g-1", residents=0)
        world.volunteers(unit, [1, 1, 1])
        season_id = season_now()
        published(season_id)
        assert shown(season_id) == []
        world.populate(unit, 500)
        published(season_id)
        assert shown(season_id) == [(unit.id, 1, 6_000, 3)]

    def test_who_is_left_out_is_not_counted_from_the_next_edition_on(self, world, three):
        season_id = season_now()
        published(season_id)
        somebody = acting(world.people[0][0])
        put_league_wish(is_left_out=True, by=somebody)
        assert len(shown(season_id)) == 3
        published(season_id)
        assert three[0].id not in [row[0] for row in shown(season_id)]
        put_league_wish(is_left_out=False, by=somebody)
        published(season_id)
        assert shown(season_id)[0] == (three[0].id, 1, 6_000, 3)

    def test_work_that_was_withdrawn_is_gone_from_the_next_edition(self, world, three):
        more = work(world.people[2][0], world.task, starts_at=WORKED_AT, hours=30)
        season_id = season_now()
        published(season_id)
        assert shown(season_id)[0] == (three[2].id, 1, 33_000, 3)
        withdraw(more)
        published(season_id)
        assert shown(season_id)[0] == (three[0].id, 1, 6_000, 3)

    def test_paid_duty_refused_work_and_that_of_other_months_do_not_count(self, world, three):
        someone = world.people[0][0]
        outside = [BEGAN - timedelta(minutes=1), ENDED]
        for moment in outside:
            work(someone, world.town.street, starts_at=moment, hours=50)
        work(someone, world.town.street, starts_at=WORKED_AT, hours=50, on_duty=True)
        work(someone, world.town.street, starts_at=WORKED_AT, hours=50, state="refused")
        work(someone, world.town.street, starts_at=BEGAN, hours=1)
        season_id = season_now()
        published(season_id)
        assert shown(season_id)[0] == (three[0].id, 1, 7_000, 3)

    def test_who_is_no_neighbour_or_merely_posted_there_counts_for_nobody(self, world, three):
        world.volunteer(world.town.street, 90)
        world.volunteer(three[0], 90, is_home=False)
        season_id = season_now()
        published(season_id)
        assert shown(season_id)[0] == (three[0].id, 1, 6_000, 3)

    def test_somebody_at_home_in_a_grid_counts_for_its_community(self, world):
        community = world.grid("c-1", 2_000, level="community")
        inner = world.grid("c-1-g-1", residents=0, parent=community)
        world.volunteers(inner, [1, 1])
        world.volunteers(community, [2])
        season_id = season_now("community_hours")
        published(season_id)
        assert shown(season_id) == [(community.id, 1, 2_000, 3)]

    def test_a_team_is_held_against_its_members_those_who_rested_too(self, world):
        teams = [a_unit(UnitKind.ASSOCIATION, world.town.street) for _ in range(2)]
        for team, hours in zip(teams, (6, 2), strict=True):
            world.volunteers(team, [hours] * 3, is_home=False, role=Role.CAPTAIN)
        for _ in range(9):
            world.volunteer(teams[0], is_home=False)
        world.volunteer(teams[1], 70, is_home=False, role=Role.CENTRE_OFFICER)
        season_id = season_now("team_hours")
        published(season_id)
        assert shown(season_id) == [(teams[1].id, 1, 2_000, 3), (teams[0].id, 2, 1_500, 3)]


class TestEditions:
    def test_the_edition_before_is_kept_for_its_readers_and_older_ones_go(self, three):
        season_id = season_now()
        for number in (1, 2, 3):
            assert published(season_id) == number
        assert editions_of(season_id) == [2, 3]

    def test_old_editions_go_some_standings_at_a_time(self, three, monkeypatch):
        monkeypatch.setattr(publishing, "FORGOTTEN_AT_ONCE", 2)
        season_id = season_now()
        for _ in range(3):
            published(season_id)
        assert editions_of(season_id) == [2, 3]

    @pytest.mark.parametrize("written", [0, 1, 2])
    def test_a_publisher_killed_among_its_writes_leaves_the_edition_before(
        self, world, three, monkeypatch, written
    ):
        season_id = season_now()
        published(season_id)
        before = shown(season_id)
        world.volunteer(three[2], 60)
        with monkeypatch.context() as broken:
            broken.setattr(publishing, "INSERTED_AT_ONCE", 1)
            broken.setattr(publishing, "_rows", _cut_after(publishing._rows, written))
            with pytest.raises(KeyboardInterrupt):
                published(season_id)
        assert Standing.objects(season_id=season_id, edition=2).count() == written
        assert shown(season_id) == before
        assert published(season_id) == 3
        assert shown(season_id)[0] == (three[2].id, 1, 63_000, 4)
        assert editions_of(season_id) == [1, 3]

    @pytest.mark.parametrize("step", ["_publish", "_forget"])
    def test_killed_before_the_deciding_write_nothing_changed_and_after_it_all(
        self, world, three, monkeypatch, step
    ):
        season_id = season_now()
        published(season_id)
        published(season_id)
        before = shown(season_id)
        world.volunteer(three[2], 60)
        with monkeypatch.context() as broken:
            broken.setattr(publishing, step, _killed)
            with pytest.raises(KeyboardInterrupt):
                published(season_id)
        after = shown(season_id)
        assert (after == before) is (step == "_publish")
        assert published(season_id) == 4
        assert set(editions_of(season_id)) <= {2, 3, 4}

    def test_of_two_publishers_one_waits_for_another_time(self, three):
        season_id = season_now()
        found = at_once(4, lambda _: published(season_id))
        numbers = [one for one in found if isinstance(one, int)]
        assert all(isinstance(one, int | Unavailable) for one in found)
        season = Season.objects.get(id=season_id)
        assert season.published_edition == max(numbers)
        assert len(shown(season_id)) == 3

    def test_publishers_whose_lease_ran_out_do_not_mix_their_editions(self, three, monkeypatch):
        season_id = season_now()
        monkeypatch.setattr(publishing, "lease", _no_lease)
        for _ in range(3):
            found = at_once(4, lambda _: published(season_id))
            assert all(isinstance(one, int) for one in found), found
            assert len(shown(season_id)) == 3
            season = Season.objects.get(id=season_id)
            assert season.published_edition == max(found)

    def test_a_slow_publisher_of_an_older_count_does_not_replace_a_newer_one(
        self, world, three, monkeypatch
    ):
        season_id = season_now()
        whole, seen = publishing._write, []

        def overtaken(season, ranks, prolong):
            whole(season, ranks, prolong)
            if not seen:
                seen.append(season.editions)
                world.volunteer(three[2], 60)
                published(season_id)

        monkeypatch.setattr(publishing, "lease", _no_lease)
        monkeypatch.setattr(publishing, "_write", overtaken)
        assert published(season_id) == 0
        assert Season.objects.get(id=season_id).published_edition == 2
        assert shown(season_id)[0] == (three[2].id, 1, 63_000, 4)
        assert editions_of(season_id) == [2]


class TestTheTimetable:
    def test_seasons_open_and_are_published_once_a_day_each_by_its_own_job(self, three):
        with pretending(NOW):
            first = keep_leagues()
            asked = {job.args[0]: job.func_name for job in queue().get_jobs()}
            assert set(asked.values()) == {"honours.jobs.publish_season"}
            assert set(asked) == set(Season.objects.scalar("id"))
            assert [jobs.publish_season(one) for one in sorted(asked)] == [True] * 3
            assert [jobs.publish_season(one) for one in sorted(asked)] == [False] * 3
            again = keep_leagues()
        assert (first["opened"], first["asked"]) == (3, 3)
        assert (again["opened"], again["asked"]) == (0, 0)
        hours_ago = {"set__begun_at": real_now() - timedelta(hours=1)}
        Season.objects.update(set__published_at=real_now() - timedelta(hours=23), **hours_ago)
        with pretending(NOW):
            assert keep_leagues()["asked"] == 0
            Season.objects.update(set__published_at=real_now() - timedelta(hours=24))
            assert keep_leagues()["asked"] == 3

    def test_one_that_was_cut_off_comes_after_the_others_and_not_at_once(self, three, monkeypatch):
        season_now()
        with pretending(NOW):
            keep_leagues()
            monkeypatch.setattr(publishing, "ranks_of", _killed)
            with pytest.raises(KeyboardInterrupt):
                jobs.publish_season("grid_hours:2026-11")
            valkey().flushdb()
            assert keep_leagues()["asked"] == 2
            long_ago = real_now() - timedelta(minutes=11)
            Season.objects(id="grid_hours:2026-11").update(set__begun_at=long_ago)
            valkey().flushdb()
            assert keep_leagues()["asked"] == 3
        assert queue().get_jobs()[-1].args[0] == "grid_hours:2026-11"

    def test_workers_together_open_a_season_once(self, three):
        found = at_once(4, lambda _: season_now())
        assert set(found) == {"grid_hours:2026-11"}
        assert Season.objects.count() == 1

    def test_the_next_season_opens_while_the_last_one_waits_for_appeals(self, three):
        season_now()
        with pretending(ENDED):
            keep_leagues()
        states = dict(Season.objects(league_id="grid_hours").scalar("id", "state"))
        assert states == {
            "grid_hours:2026-11": SeasonState.OPEN,
            "grid_hours:2026-12": SeasonState.OPEN,
        }

    def test_the_edition_after_the_appeals_is_final(self, world, three):
        season_id = season_now()
        published(season_id, ENDED + APPEALS - timedelta(seconds=1))
        assert Season.objects.get(id=season_id).state is SeasonState.OPEN
        world.volunteer(three[2], 60)
        with pretending(ENDED + APPEALS):
            Season.objects.update(unset__begun_at=True)
            assert keep_leagues()["asked"] >= 1
            assert jobs.publish_season(season_id)
        season = Season.objects.get(id=season_id)
        assert (season.state, season.published_edition) == (SeasonState.CLOSED, 2)
        world.volunteer(three[1], 600)
        assert published(season_id, ENDED + APPEALS) == 0
        assert shown(season_id)[0] == (three[2].id, 1, 63_000, 4)

    def test_of_a_closed_season_the_final_edition_alone_is_kept(self, three):
        season_id = season_now()
        for number in (1, 2):
            assert published(season_id) == number
        published(season_id, ENDED + APPEALS)
        publishing.tidy_closed()
        assert editions_of(season_id) == [2, 3]
        Season.objects.update(set__closed_at=real_now() - timedelta(hours=2))
        assert publishing.tidy_closed() == 1
        assert editions_of(season_id) == [3]
        assert publishing.tidy_closed() == 0
        assert len(shown(season_id)) == 3


def _cut_after(rows, count):
    def cut(season, found):
        for number, row in enumerate(rows(season, found)):
            if number == count:
                raise KeyboardInterrupt
            yield row

    return cut


def _killed(*_, **__):
    raise KeyboardInterrupt


@contextmanager
def _no_lease(*_, **__):
    """What a publisher holds whose time ran out long ago."""
    yield lambda: None
