"""Pictures go when they are old and nobody needs them; what they looked like goes later."""

from datetime import timedelta

import pytest

from settings import settings
from shared.clock import now, real_now
from shared.database import collection, database
from shared.photo_files import BUCKET, PhotoFileGone
from tasks import SentPhoto, photo_seen, photos_of, store_photo
from tasks.participation import Participation, ParticipationState, Verdict
from tasks.proofs import photographing
from tasks.proofs.photo import Photo
from tasks.proofs.photographing import REMEMBERED, drop_old_photos, photos_like
from tests.pictures import photo_file

KEPT_FOR = timedelta(days=30)


@pytest.fixture(autouse=True)
def thirty_days(monkeypatch):
    """Pictures are kept for thirty days, so less long than they are known again."""
    shorter = settings().__class__(**vars(settings()) | {"track_days": KEPT_FOR.days})
    monkeypatch.setattr(photographing, "settings", lambda: shorter)


@pytest.fixture
def sent(begun):
    """Sends a photo for a fresh participation, so long ago: (photo, participation, actor)."""

    def send(age=KEPT_FOR + timedelta(minutes=1), seed=1, **participation):
        taken, actor = begun()
        said = SentPhoto(photo_file(seed), "image/jpeg", "incident", now(), (26.09, 119.29))
        kept = store_photo(taken.id, "p", said, by=actor)
        collection(Photo).update_one({"_id": kept.id}, {"$set": {"stored_at": real_now() - age}})
        change(taken, **participation)
        return kept, taken, actor

    return send


def change(taken, **fields):
    state = fields.pop("state", ParticipationState.VERIFIED)
    fields = {f"set__{name}": value for name, value in ({"settled": True} | fields).items()}
    Participation.objects(id=taken.id).update_one(set__state=state, **fields)


def judged(age, number=1):
    return Verdict(number=number, outcome="refused", judged_at=real_now() - age)


def files():
    return {row["_id"] for row in database()[f"{BUCKET}.files"].find()}


def test_an_old_picture_goes_with_its_words_and_is_still_known_again(sent, begun):
    kept, taken, actor = sent()
    young, *_ = sent(KEPT_FOR - timedelta(minutes=1), seed=2)
    assert [drop_old_photos() for _ in range(2)] == [1, 0]
    assert files() == {young.file_id}
    left = collection(Photo).find_one({"_id": kept.id})
    assert not {"about", "said_at", "said_position", "camera_position"} & left.keys()
    assert photos_of(taken.id, by=actor) == []
    with pytest.raises(PhotoFileGone):
        photo_seen(kept.id, by=actor)
    later, other = begun()
    again = store_photo(later.id, "q", SentPhoto(photo_file(1), "image/jpeg"), by=other)
    assert [one.id for one in photos_like(again)] == [kept.id]


def test_after_ninety_days_nothing_is_left(sent):
    sent(REMEMBERED + timedelta(minutes=1))
    assert drop_old_photos() == 1
    assert (Photo.objects.count(), files()) == (0, set())


def test_a_picture_whose_work_is_not_settled_stays(sent):
    kept, taken, _ = sent(state=ParticipationState.IN_REVIEW, settled=False)
    assert drop_old_photos() == 0
    assert files() == {kept.file_id}
    change(taken)
    assert drop_old_photos() == 1


def test_a_refusal_that_may_be_appealed_keeps_its_pictures(sent):
    refused = {"state": ParticipationState.REFUSED}
    young, *_ = sent(**refused, verdicts=[judged(timedelta(days=13))])
    sent(seed=2, **refused, verdicts=[judged(KEPT_FOR + timedelta(minutes=1))])
    assert drop_old_photos() == 1
    assert files() == {young.file_id}


@pytest.mark.parametrize("tie", ["team_of", "vouched_by"])
def test_pictures_that_stand_for_somebody_elses_open_work_stay(sent, begun, tie):
    kept, taken, _ = sent()
    member, _ = begun()
    change(member, settled=False, state=ParticipationState.IN_REVIEW, **{tie: taken.id})
    assert drop_old_photos() == 0
    change(member)
    assert drop_old_photos() == 1
    assert (files(), Photo.objects.get().id) == (set(), kept.id)


def test_what_must_stay_stands_in_nobodys_way(sent, monkeypatch):
    monkeypatch.setattr(photographing, "BATCH", 1)
    for seed in (1, 2):
        sent(seed=seed, state=ParticipationState.IN_REVIEW, settled=False)
    sent(seed=3)
    sent(seed=4)
    assert [drop_old_photos() for _ in range(3)] == [1, 1, 0]
    assert len(files()) == 2


def test_a_sweep_that_was_cut_off_goes_on(sent, monkeypatch):
    kept, *_ = sent()

    def killed_after(file_id):
        drop_file(file_id)
        raise RuntimeError

    drop_file = photographing.drop_file
    monkeypatch.setattr(photographing, "drop_file", killed_after)
    assert drop_old_photos() == 0
    monkeypatch.setattr(photographing, "drop_file", drop_file)
    assert drop_old_photos() == 1
    assert collection(Photo).find_one({"_id": kept.id})["file_dropped_at"]
