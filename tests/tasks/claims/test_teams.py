"""Team tasks: the leader's code, joining inside the area, and a leader who leaves."""

from datetime import timedelta

import pytest
from street import CENTRE, make_older

from people import RealNameMissing
from shared.clock import now, pretending
from shared.sealing import keyed_hash
from tasks import (
    Participation,
    Task,
    catching_up,
    claim_by_order,
    claim_task,
    finish_participation,
    give_up_participation,
    join_team,
    start_participation,
    task_of,
    team_code_of,
)
from tasks.agenda import Agenda
from tasks.claiming import HoursTaken, TaskFull, TeamNeedsCode
from tasks.claims import on_the_spot
from tasks.claims.on_the_spot import NotThere
from tasks.claims.requirements import LevelTooLow
from tasks.claims.team_codes import leader_in, team_code_at
from tasks.claims.teams import NoTeam, NotTheLeader, TeamCodeOver, TeamNotWalking
from tasks.taking_part import (
    AlreadyWalking,
    ParticipationNotFound,
    WrongParticipationState,
)
from tests.racing import at_once


@pytest.fixture
def team_task(published):
    """A team task of five, on which the walk may start now."""

    def make(**changes):
        task = published(**changes)
        Task.objects(id=task.id).update_one(set__is_team=True)
        return task_of(task.id)

    return make


@pytest.fixture
def led(team_task, volunteer):
    """A team task whose leader walks: the task, the leader's participation, the leader."""
    task, leader = team_task(), volunteer()
    taken = claim_task(task.id, position=None, by=leader)
    return task, start_participation(taken.id, by=leader), leader


def code_of(led):
    return team_code_of(led[1].id, by=led[2]).code


def join(task, code, actor, position=CENTRE):
    return join_team(task.id, code, position=position, by=actor)


class TestTheCode:
    def test_it_changes_every_minute_and_joins_for_one_minute_more(self):
        whose, moment = "a" * 24, now().replace(second=0, microsecond=0)
        shown = team_code_at(whose, moment)
        assert shown.next_at == moment + timedelta(minutes=1)
        assert team_code_at(whose, moment + timedelta(seconds=59)).code == shown.code
        assert team_code_at(whose, shown.next_at).code != shown.code
        assert leader_in(shown.code, moment + timedelta(seconds=119)) == whose
        assert leader_in(shown.code, moment + timedelta(seconds=120)) is None
        assert leader_in(shown.code, moment - timedelta(seconds=1)) is None

    def test_it_cannot_be_made_up(self):
        whose, moment = "a" * 24, now()
        shown = team_code_at(whose, moment).code
        assert leader_in(shown.replace("a" * 24, "b" * 24), moment) is None
        assert leader_in(shown[:-1] + ("0" if shown[-1] != "0" else "1"), moment) is None
        step = shown.split(".")[2]
        unkeyed = keyed_hash(f"other:{whose}:{step}", purpose="tokens").rpartition(".")[2][:32]
        assert leader_in(f"FXT.{whose}.{step}.{unkeyed}", moment) is None
        for junk in ("", "FXT", "x" * 200, f"FXT.{whose}.{step}."):
            assert leader_in(junk, moment) is None

    def test_only_a_walking_leader_of_a_team_shows_it(self, team_task, published, volunteer, led):
        leader = volunteer()
        taken = claim_task(team_task().id, position=None, by=leader)
        with pytest.raises(WrongParticipationState):
            team_code_of(taken.id, by=leader)
        with pytest.raises(ParticipationNotFound):
            team_code_of(led[1].id, by=leader)
        member = volunteer()
        joined = join(led[0], code_of(led), member)
        with pytest.raises(NotTheLeader):
            team_code_of(joined.id, by=member)
        alone = volunteer()
        other = claim_task(published().id, position=None, by=alone)
        with pytest.raises(NoTeam):
            team_code_of(other.id, by=alone)


class TestLeading:
    def test_the_first_leads_and_others_need_the_code(self, team_task, volunteer):
        task = team_task()
        claim_task(task.id, position=None, by=volunteer())
        with pytest.raises(TeamNeedsCode):
            claim_task(task.id, position=None, by=volunteer())

    def test_of_twenty_would_be_leaders_one_leads(self, team_task, volunteer):
        task, crowd = team_task(), [volunteer() for _ in range(20)]
        answers = at_once(20, lambda n: claim_task(task.id, position=None, by=crowd[n]))
        assert sum(isinstance(answer, Participation) for answer in answers) == 1
        assert sum(isinstance(answer, TeamNeedsCode) for answer in answers) == 19
        assert sum(len(agenda.engagements) for agenda in Agenda.objects) == 1

    def test_a_leader_who_gives_up_makes_room_for_another(self, team_task, volunteer):
        task, first = team_task(), volunteer()
        give_up_participation(claim_task(task.id, position=None, by=first).id, by=first)
        assert claim_task(task.id, position=None, by=volunteer()).state == "claimed"


class TestJoining:
    def test_the_code_claims_and_starts_in_one_go(self, led, volunteer):
        task, leader, _ = led
        member = volunteer()
        joined = join(task, code_of(led), member)
        assert (joined.state, joined.team_of) == ("started", leader.id)
        assert joined.started_at == joined.claimed_at
        assert join(task, code_of(led), member).id == joined.id
        assert task_of(task.id).slots_left == 3
        agenda = Agenda.objects(person_id=member.person_id).get()
        assert (agenda.walking, len(agenda.engagements)) == (joined.id, 1)
        assert finish_participation(joined.id, by=member).state == "finished"

    def test_fifty_join_four_places_at_once(self, led, volunteer):
        task, code = led[0], code_of(led)
        crowd = [volunteer() for _ in range(50)]
        answers = at_once(50, lambda number: join(task, code, crowd[number]))
        assert sum(isinstance(answer, Participation) for answer in answers) == 4
        assert sum(isinstance(answer, TaskFull) for answer in answers) == 46
        assert len(task_of(task.id).claims) == 5
        assert Agenda.objects(walking__ne=None).count() == 5
        assert sum(len(agenda.engagements) for agenda in Agenda.objects) == 5

    def test_one_member_joining_twenty_times_at_once_joins_once(self, led, volunteer):
        task, code, member = led[0], code_of(led), volunteer()
        answers = at_once(20, lambda _: join(task, code, member))
        assert len({answer.id for answer in answers}) == 1
        assert task_of(task.id).slots_left == 3

    def test_inside_the_area_or_fifty_metres_around_it(self, led, volunteer):
        lat, lon = CENTRE
        with pytest.raises(NotThere) as refusal:
            join(led[0], code_of(led), volunteer(), (lat + 460 / 110_780, lon))
        assert 55 <= refusal.value.facts["distance_m"] <= 65
        assert join(led[0], code_of(led), volunteer(), (lat + 440 / 110_780, lon)).id

    def test_an_old_code_or_one_of_another_team_joins_nobody(self, led, team_task, volunteer):
        task, code = led[0], code_of(led)
        with pretending(now() + timedelta(minutes=2)), pytest.raises(TeamCodeOver):
            join(task, code, volunteer())
        other = team_task()
        with pytest.raises(TeamCodeOver):
            join(other, code, volunteer())

    def test_a_leader_who_finished_takes_nobody_on(self, led, volunteer):
        code = code_of(led)
        finish_participation(led[1].id, by=led[2])
        with pytest.raises(TeamNotWalking):
            join(led[0], code, volunteer())

    def test_what_a_task_asks_for_it_asks_of_members_too(self, led, published, volunteer):
        task, code = led[0], code_of(led)
        with pytest.raises(RealNameMissing):
            join(task, code, volunteer(real_name=False))
        Task.objects(id=task.id).update_one(set__least_level=2)
        with pytest.raises(LevelTooLow):
            join(task, code, volunteer(level=1))
        busy = volunteer(level=2)
        claim_task(published().id, position=None, by=busy)
        with pytest.raises(HoursTaken):
            join(task, code, busy)
        with pytest.raises(NoTeam):
            join(published(), code, volunteer())

    def test_who_walks_elsewhere_does_not_join(self, led, published, volunteer):
        member = volunteer()
        early = published(starts_at=now() - timedelta(hours=1), ends_at=led[0].starts_at)
        walked = claim_task(early.id, position=None, by=member)
        start_participation(walked.id, by=member)
        with pytest.raises(AlreadyWalking):
            join(led[0], code_of(led), member)
        assert len(Agenda.objects(person_id=member.person_id).get().engagements) == 1
        finish_participation(walked.id, by=member)
        assert join(led[0], code_of(led), member).state == "started"

    def test_who_was_ordered_here_joins_with_the_claim_that_stands(self, led, volunteer):
        task, member = led[0], volunteer()
        asked = claim_by_order(
            task.id, person_id=member.person_id, order_id="o1", crew_role="teacher"
        )
        joined = join(task, code_of(led), member)
        assert (joined.id, joined.state, joined.team_of) == (asked.id, "started", led[1].id)

    def test_a_joining_cut_off_after_its_slot_is_made_up_as_walking(
        self, led, volunteer, monkeypatch
    ):
        task, member = led[0], volunteer()
        with monkeypatch.context() as patch:
            patch.setattr(on_the_spot, "complete_claim", _cut_off)
            with pytest.raises(ConnectionError):
                join(task, code_of(led), member)
        make_older(timedelta(seconds=60))
        catching_up.confirm_claims()
        made = Participation.objects.get(person_id=member.person_id)
        assert (made.state, made.team_of) == ("started", led[1].id)

    def test_a_joining_cut_off_before_its_slot_keeps_nobody_from_walking(
        self, led, published, volunteer, monkeypatch
    ):
        task, member = led[0], volunteer()
        with monkeypatch.context() as patch:
            patch.setattr(on_the_spot, "push_claim", _cut_off)
            with pytest.raises(ConnectionError):
                join(task, code_of(led), member)
        make_older(timedelta(seconds=60))
        catching_up.confirm_claims()
        other = claim_task(published().id, position=None, by=member)
        assert start_participation(other.id, by=member).state == "started"


def _cut_off(*_args, **_named):
    raise ConnectionError
