"""Captains who vouch: cards read at the start and while walking, and the verdict that follows."""

from datetime import timedelta

import pytest
from street import CENTRE, add_unit, loop_around

from fixtures.walk_simulator import simulate_walk
from ledger import balance_of, wallet
from people import Held, RealNameMissing, Role, card_of
from people.cards import UnknownCard
from shared.clock import now, pretending
from shared.errors import NotAllowed
from tasks import (
    Participation,
    Task,
    catching_up,
    claim_task,
    finish_participation,
    give_up_participation,
    start_participation,
    store_positions,
    task_of,
    vouch_for,
)
from tasks.agenda import Agenda
from tasks.claiming import AlreadyTookPart, HoursTaken, TaskFull
from tasks.claims import ending_together, vouching
from tasks.claims.on_the_spot import NotThere
from tasks.claims.requirements import NotForYou
from tasks.claims.togetherness import vouched_track
from tasks.claims.vouching import OwnCard, TooManyCompanions, WalksByPhone
from tasks.jobs import verify_participation
from tasks.taking_part import (
    AlreadyWalking,
    ParticipationNotFound,
    WrongParticipationState,
)
from tasks.tracks.track_chunk import TrackChunk
from tests.racing import at_once


def card(member):
    return card_of(member.person_id, by=member).text


def vouch(led, member, position=CENTRE):
    return vouch_for(led[1].id, card(member), position=position, by=led[2])


def reloaded(participation):
    return Participation.objects(id=participation.id).get()


@pytest.fixture
def captain(town, volunteer):
    """A captain of the district."""
    return lambda: volunteer(roles=[Held(Role.CAPTAIN, town.district.id)])


@pytest.fixture
def led(published, captain):
    """A task that a captain walks: the task, the captain's participation, the captain."""
    task, actor = published(slots=10), captain()
    taken = claim_task(task.id, position=None, by=actor)
    return task, start_participation(taken.id, by=actor), actor


class TestVouching:
    def test_the_first_reading_claims_starts_and_notes_a_meeting(self, led, volunteer):
        member = volunteer()
        joined = vouch(led, member)
        assert (joined.person_id, joined.state) == (member.person_id, "started")
        assert joined.vouched_by == led[1].id
        assert [(one.lat, one.lon) for one in joined.meetings] == [CENTRE]
        assert task_of(led[0].id).slots_left == 8
        assert Agenda.objects(person_id=member.person_id).get().walking == joined.id

    def test_a_minute_lies_between_two_meetings(self, led, volunteer):
        member = volunteer()
        for after_s in (0, 30, 61, 90, 600):
            with pretending(led[1].started_at + timedelta(seconds=after_s)):
                joined = vouch(led, member)
        assert len(joined.meetings) == 3
        assert Participation.objects(person_id=member.person_id).count() == 1

    def test_one_card_read_twenty_times_at_once_is_one_meeting(self, led, volunteer):
        member = volunteer()
        text = card(member)
        answers = at_once(20, lambda _: vouch_for(led[1].id, text, position=CENTRE, by=led[2]))
        assert len({answer.id for answer in answers}) == 1
        assert len(Participation.objects.get(person_id=member.person_id).meetings) == 1
        assert task_of(led[0].id).slots_left == 8

    def test_twelve_cards_at_once_make_five_companions(self, led, volunteer):
        texts = [card(volunteer()) for _ in range(12)]
        answers = at_once(
            12, lambda number: vouch_for(led[1].id, texts[number], position=CENTRE, by=led[2])
        )
        assert sum(isinstance(answer, Participation) for answer in answers) == 5
        assert sum(isinstance(answer, TooManyCompanions) for answer in answers) == 7
        assert Participation.objects(vouched_by=led[1].id).count() == 5
        assert task_of(led[0].id).slots_left == 4
        assert Agenda.objects(walking__ne=None).count() == 6

    def test_a_full_task_takes_no_companion(self, led, volunteer):
        Task.objects(id=led[0].id).update_one(set__slots_left=0)
        with pytest.raises(TaskFull):
            vouch(led, volunteer())

    def test_a_claim_that_stands_is_walked_under_the_captains_word(self, led, volunteer):
        member = volunteer()
        own = claim_task(led[0].id, position=None, by=member)
        joined = vouch(led, member)
        assert (joined.id, joined.state, joined.vouched_by) == (own.id, "started", led[1].id)
        assert task_of(led[0].id).claim_of(member.person_id).vouched_by == led[1].id

    def test_claims_that_stand_count_among_the_five(self, led, volunteer):
        for _ in range(5):
            vouch(led, volunteer())
        member = volunteer()
        claim_task(led[0].id, position=None, by=member)
        with pytest.raises(TooManyCompanions):
            vouch(led, member)
        assert Participation.objects.get(person_id=member.person_id).state == "claimed"

    def test_who_walks_with_a_phone_or_another_captain_is_not_vouched_for(
        self, led, captain, volunteer
    ):
        by_phone = volunteer()
        own = claim_task(led[0].id, position=None, by=by_phone)
        start_participation(own.id, by=by_phone)
        with pytest.raises(WalksByPhone):
            vouch(led, by_phone)
        other = captain()
        second = claim_task(led[0].id, position=None, by=other)
        second = start_participation(second.id, by=other)
        member = volunteer()
        vouch(led, member)
        with pytest.raises(WalksByPhone):
            vouch((led[0], second, other), member)

    def test_only_a_captain_over_the_tasks_unit_vouches(self, town, published, volunteer):
        elsewhere = add_unit("台江区", "district", town.city)
        for roles in ([], [Held(Role.CAPTAIN, elsewhere.id)]):
            actor, task = volunteer(roles=roles), published()
            taken = claim_task(task.id, position=None, by=actor)
            start_participation(taken.id, by=actor)
            with pytest.raises(NotAllowed):
                vouch((task, taken, actor), volunteer())

    def test_a_captain_of_a_part_of_the_street_vouches_in_it(self, town, published, volunteer):
        part = add_unit("榕荫社区", "community", town.street)
        actor, task = volunteer(roles=[Held(Role.CAPTAIN, part.id)]), published()
        taken = claim_task(task.id, position=None, by=actor)
        started = start_participation(taken.id, by=actor)
        assert vouch((task, started, actor), volunteer()).state == "started"

    def test_only_while_the_captain_walks_and_by_the_captain(self, published, captain, volunteer):
        actor, task, member = captain(), published(), volunteer()
        taken = claim_task(task.id, position=None, by=actor)
        with pytest.raises(WrongParticipationState):
            vouch((task, taken, actor), member)
        with pytest.raises(ParticipationNotFound):
            vouch((task, taken, captain()), member)

    def test_a_card_must_be_somebody_elses_and_known(self, led, volunteer):
        with pytest.raises(OwnCard):
            vouch(led, led[2])
        with pytest.raises(UnknownCard):
            vouch_for(led[1].id, "FXC.nothing", position=CENTRE, by=led[2])
        with pytest.raises(RealNameMissing):
            vouch(led, volunteer(real_name=False))

    def test_place_hours_and_wishes_count(self, led, published, volunteer):
        lat, lon = CENTRE
        with pytest.raises(NotThere):
            vouch(led, volunteer(), (lat + 0.01, lon))
        busy = volunteer()
        claim_task(published().id, position=None, by=busy)
        with pytest.raises(HoursTaken):
            vouch(led, busy)
        Task.objects(id=led[0].id).update_one(set__trades_wanted=["courier"])
        with pytest.raises(NotForYou):
            vouch(led, volunteer())
        before = published(starts_at=now() - timedelta(hours=1), ends_at=led[0].starts_at)
        walker = volunteer(trade="courier")
        started = claim_task(before.id, position=None, by=walker)
        start_participation(started.id, by=walker)
        with pytest.raises(AlreadyWalking):
            vouch(led, walker)
        assert task_of(led[0].id).slots_left == 9

    def test_who_took_part_is_not_taken_along_again(self, led, volunteer):
        member = volunteer()
        own = claim_task(led[0].id, position=None, by=member)
        Participation.objects(id=own.id).update_one(set__state="verified")
        with pytest.raises(AlreadyTookPart):
            vouch(led, member)

    def test_who_gave_up_may_come_along_after_all(self, led, volunteer):
        member = volunteer()
        own = claim_task(led[0].id, position=None, by=member)
        give_up_participation(own.id, by=member)
        assert vouch(led, member).state == "started"


class TestFinishing:
    def test_the_members_finish_with_the_captain(self, led, volunteer):
        members = [vouch(led, volunteer()) for _ in range(3)]
        done = finish_participation(led[1].id, by=led[2])
        for member in members:
            after = reloaded(member)
            assert (after.state, after.finished_at) == ("finished", done.finished_at)
        assert Agenda.objects(walking__ne=None).count() == 0

    def test_a_finish_cut_off_is_made_up_by_the_sweep(self, led, volunteer, monkeypatch):
        member = vouch(led, volunteer())
        assert ending_together.finish_left_companions() == 0
        Participation.objects(id=led[1].id).update_one(
            set__state="finished", set__finished_at=now()
        )
        assert ending_together.finish_left_companions() == 1
        assert reloaded(member).state == "finished"
        assert ending_together.finish_left_companions() == 0
        assert catching_up.sweep()["finish_left_companions"] == 0

    def test_a_claim_cut_off_between_the_word_and_the_start_goes_on(
        self, led, volunteer, monkeypatch
    ):
        member = volunteer()
        claim_task(led[0].id, position=None, by=member)
        with monkeypatch.context() as patch:
            patch.setattr(vouching, "start_claimed", _cut_off)
            with pytest.raises(ConnectionError):
                vouch(led, member)
        assert vouch(led, member).state == "started"


class TestTheVerdict:
    def test_met_twice_the_captains_track_stands_for_both(self, published, captain, volunteer):
        task, actor, member = published(), captain(), volunteer()
        joined, done = _walked(task, actor, member, readings=(1, 12, 28))
        verify_participation(done.id)
        verify_participation(joined.id)
        mine = reloaded(joined)
        track = vouched_track(mine)
        whole = done.points
        assert 0 < len(track.points) < whole
        assert mine.verdict.outcome == "verified", mine.verdict.reason
        assert balance_of(wallet(member.person_id)) == task.coins

    def test_met_once_nothing_stands_for_the_member(self, published, captain, volunteer):
        task, actor, member = published(), captain(), volunteer()
        joined, done = _walked(task, actor, member, readings=(1,))
        verify_participation(done.id)
        verify_participation(joined.id)
        mine = reloaded(joined)
        assert len(vouched_track(mine).points) == 0
        assert mine.state == "refused"
        assert reloaded(done).state == "verified"

    def test_a_member_waits_for_the_captains_verdict_and_shares_its_doubts(
        self, published, captain, volunteer
    ):
        task, actor, member = published(), captain(), volunteer()
        joined, done = _walked(task, actor, member, readings=(1, 12, 28))
        TrackChunk.objects(participation_id=done.id).update(set__mocked=50)
        verify_participation(joined.id)
        assert reloaded(joined).state == "finished"
        verify_participation(done.id)
        assert reloaded(done).state == "in_review"
        verify_participation(joined.id)
        mine = reloaded(joined)
        assert mine.state == "in_review"
        assert {"mock", "captain_in_doubt"} <= {one["signal"] for one in mine.verdict.signals}
        assert balance_of(wallet(member.person_id)) == 0


def _walked(task, actor, member, *, readings):
    """Half an hour's walk of a captain who reads a member's card at these minutes."""
    began, text = task.starts_at, card(member)
    recorded = simulate_walk(loop_around(), began, 1, duration_s=1_800)
    with pretending(began):
        taken = claim_task(task.id, position=None, by=actor)
        start_participation(taken.id, by=actor)
    for minute in readings:
        moment = began + timedelta(minutes=minute)
        fix = min(recorded.points, key=lambda point: abs(point["at"] - moment))
        with pretending(moment):
            joined = vouch_for(taken.id, text, position=(fix["lat"], fix["lon"]), by=actor)
    batch = [point | {"at": point["at"].isoformat()} for point in recorded.points]
    with pretending(recorded.points[-1]["at"] + timedelta(seconds=1)):
        for first in range(0, len(batch), 100):
            store_positions(taken.id, f"u{first}", "wgs84", batch[first : first + 100], by=actor)
        finish_participation(taken.id, by=actor)
    return reloaded(joined), reloaded(taken)


def _cut_off(*_args, **_named):
    raise ConnectionError
