"""Hand-outs are counted per item and place, put right by voiding, held against what was asked."""

from datetime import timedelta

import pytest

from shared.clock import now, pretending
from shared.errors import NotAllowed
from shared.ids import new_id
from tasks import SentPhoto, hand_out, hand_outs_in, hand_outs_of, store_photo, void_hand_out
from tasks.participation import Participation, ParticipationState
from tasks.proofs import handing_out
from tasks.proofs.hand_out import HandOut
from tasks.proofs.handing_out import (
    BadPeriod,
    Counted,
    HandOutKeyReused,
    HandOutNotFound,
    NotAskedFor,
    PhotosNotThere,
    TooManyHandOuts,
)
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tests.pictures import photo_file
from tests.racing import at_once

ASKED = {
    "check": "handed_out",
    "parameters": {
        "items": ["防诈传单", "海报"],
        "places": [{"name": "鼓西一村", "least": 20}, {"name": "鼓西二村", "least": 5}],
    },
}
NOTHING_ASKED = {"check": "handed_out", "parameters": {}}


@pytest.fixture
def on_publicity(begun):
    return lambda check=ASKED: begun(checks=[check, {"check": "window"}])


def line(
    taken, actor, key="key-0001", *, item="防诈传单", place="鼓西一村", count=20, photo_ids=()
):
    with pretending(Participation.objects(id=taken.id).get().starts_at):
        return hand_out(
            taken.id,
            item=item,
            place=place,
            count=count,
            photo_ids=list(photo_ids),
            key=key,
            by=actor,
        )


def put(taken, state):
    Participation.objects(id=taken.id).update_one(set__state=state)


def test_lines_are_summed_per_item_and_place_and_unreached_places_are_named(on_publicity):
    taken, actor = on_publicity()
    line(taken, actor, "key-0001", count=12)
    line(taken, actor, "key-0002", count=8)
    line(taken, actor, "key-0003", item="海报", count=2)
    sheet = hand_outs_of(taken.id, by=actor)
    assert set(sheet.sums) == {
        Counted("海报", "鼓西一村", 2),
        Counted("防诈传单", "鼓西一村", 20),
    }
    reached = {place.place: (place.count, place.is_reached) for place in sheet.places}
    assert reached == {"鼓西一村": (22, True), "鼓西二村": (0, False)}


def test_a_voided_line_counts_no_more_and_stays_readable(on_publicity):
    taken, actor = on_publicity()
    wrong = line(taken, actor, count=200)
    line(taken, actor, "key-0002", count=20)
    for _ in range(2):
        assert void_hand_out(taken.id, wrong.id, by=actor).voided_at is not None
    first = void_hand_out(taken.id, wrong.id, by=actor).voided_at
    assert void_hand_out(taken.id, wrong.id, by=actor).voided_at == first
    sheet = hand_outs_of(taken.id, by=actor)
    assert sheet.sums == [Counted("防诈传单", "鼓西一村", 20)]
    assert len(sheet.lines) == 2


def test_the_same_key_again_is_the_same_line_also_at_once(on_publicity):
    taken, actor = on_publicity()
    got = at_once(6, lambda _: line(taken, actor).id)
    assert len(set(got)) == 1
    assert HandOut.objects.count() == 1
    put(taken, ParticipationState.VERIFIED)
    assert line(taken, actor).id == got[0]


def test_the_same_key_with_another_count_is_refused(on_publicity):
    taken, actor = on_publicity()
    line(taken, actor)
    with pytest.raises(HandOutKeyReused):
        line(taken, actor, count=21)


@pytest.mark.parametrize("wrong", [{"item": "传单"}, {"place": "鼓西三村"}])
def test_what_the_task_does_not_name_is_refused(on_publicity, wrong):
    taken, actor = on_publicity()
    with pytest.raises(NotAskedFor):
        line(taken, actor, **wrong)


def test_a_task_that_names_nothing_takes_any_place(on_publicity):
    taken, actor = on_publicity(NOTHING_ASKED)
    line(taken, actor, item="扇子", place="西湖公园")
    assert hand_outs_of(taken.id, by=actor).sums == [Counted("扇子", "西湖公园", 20)]


def test_a_line_names_photos_of_its_own_participation_only(on_publicity):
    (taken, actor), (other, somebody) = on_publicity(), on_publicity()
    mine = store_photo(taken.id, "p", SentPhoto(photo_file(1), "image/jpeg"), by=actor)
    theirs = store_photo(other.id, "p", SentPhoto(photo_file(2), "image/jpeg"), by=somebody)
    assert line(taken, actor, photo_ids=[mine.id, mine.id]).photo_ids == [mine.id]
    for wrong in (theirs.id, new_id()):
        with pytest.raises(PhotosNotThere):
            line(taken, actor, "key-0002", photo_ids=[mine.id, wrong])


@pytest.mark.parametrize("state", [ParticipationState.VERIFIED, ParticipationState.CLAIMED])
def test_nothing_is_counted_or_voided_outside_start_and_verdict(on_publicity, state):
    taken, actor = on_publicity()
    kept = line(taken, actor)
    put(taken, state)
    with pytest.raises(WrongParticipationState):
        line(taken, actor, "key-0002")
    with pytest.raises(WrongParticipationState):
        void_hand_out(taken.id, kept.id, by=actor)
    assert hand_outs_of(taken.id, by=actor).lines[0].voided_at is None


def test_nobody_counts_or_voids_for_somebody_else(on_publicity, volunteer):
    (taken, actor), (other, somebody) = on_publicity(), on_publicity()
    kept = line(taken, actor)
    with pytest.raises(ParticipationNotFound):
        line(taken, volunteer(), "key-0002")
    with pytest.raises(ParticipationNotFound):
        void_hand_out(taken.id, kept.id, by=somebody)
    with pytest.raises(HandOutNotFound):
        void_hand_out(other.id, kept.id, by=somebody)


def test_no_more_lines_than_allowed_even_at_once(on_publicity, monkeypatch):
    monkeypatch.setattr(handing_out, "MAX_LINES", 2)
    taken, actor = on_publicity()
    got = at_once(5, lambda n: line(taken, actor, f"key-000{n}"))
    assert sum(isinstance(one, HandOut) for one in got) == 2
    assert sum(isinstance(one, TooManyHandOuts) for one in got) == 3


# ---- the unit's question


def asked_of(town, by=None, *, days=1):
    since = now() - timedelta(hours=1)
    return hand_outs_in(town.street.id, since, since + timedelta(days=days), by=by or town.officer)


def test_a_unit_sees_which_compounds_nobody_reached(on_publicity, town):
    (first, one), (second, other), (third, another) = (on_publicity() for _ in range(3))
    line(first, one, count=15)
    line(second, other, count=5)
    line(third, another, place="鼓西二村", count=9)
    put(first, ParticipationState.VERIFIED)
    put(second, ParticipationState.VERIFIED)
    put(third, ParticipationState.IN_REVIEW)
    told = asked_of(town)
    assert told.sums == [Counted("防诈传单", "鼓西一村", 20)]
    assert told.undecided == [Counted("防诈传单", "鼓西二村", 9)]
    assert [(one.place, one.is_reached) for one in told.places] == [
        ("鼓西一村", True),
        ("鼓西二村", False),
    ]


def test_refused_walks_and_voided_lines_reach_nothing(on_publicity, town):
    (first, one), (second, other) = on_publicity(), on_publicity()
    void_hand_out(first.id, line(first, one).id, by=one)
    line(second, other)
    put(first, ParticipationState.VERIFIED)
    put(second, ParticipationState.REFUSED)
    told = asked_of(town)
    assert (told.sums, told.undecided) == ([], [])
    assert not any(place.is_reached for place in told.places)


def test_a_unit_answers_its_own_officers_only_and_for_a_quarter_at_most(town, volunteer):
    with pytest.raises(NotAllowed):
        asked_of(town, volunteer())
    for days in (0, 93):
        with pytest.raises(BadPeriod):
            asked_of(town, days=days)
