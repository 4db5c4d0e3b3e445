"""Photos come in once, from the start to the verdict, and one sent before is noticed."""

from datetime import timedelta

import pytest

from people import Actor
from shared.clock import now, real_now
from shared.database import collection, database
from shared.ids import new_id, random_id
from shared.photo_files import BUCKET, PhotoFileGone, file_content, store_file
from shared.photos import NotAPhoto
from tasks import SentPhoto, looks_at, photo_seen, photos_of, store_photo
from tasks.participation import Participation, ParticipationState
from tasks.proofs import photographing
from tasks.proofs.photo import Photo, PhotoArrival
from tasks.proofs.photographing import (
    REMEMBERED,
    PhotoFromFuture,
    PhotoKeyReused,
    PhotoNotFound,
    TooManyPhotos,
    drop_orphaned_files,
    erase_photo_places,
    photos_like,
)
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tests.pictures import copies_of, file_of, photo_file, plain, scene
from tests.racing import at_once


def photo(seed=1, **said):
    return SentPhoto(photo_file(seed), "image/jpeg", **said)


def sent(picture, **more):
    return SentPhoto(file_of(picture, **more), "image/jpeg")


def files():
    return {row["_id"] for row in database()[f"{BUCKET}.files"].find()}


def put(participation, state):
    Participation.objects(id=participation.id).update_one(set__state=state)


def test_a_photo_is_kept_with_what_was_said_and_noted(begun):
    taken, actor = begun()
    raw = photo_file(taken="2017:12:04 19:30:00", lat=26.09, lon=119.29)
    said = SentPhoto(raw, "image/jpeg", "incident", now(), (26.1, 119.3))
    kept = store_photo(taken.id, "p1", said, by=actor)
    stored = Photo.objects(id=kept.id).get()
    assert (stored.about, stored.said_position) == ("incident", [26.1, 119.3])
    assert stored.camera_position == pytest.approx([26.09, 119.29], abs=1e-5)
    assert stored.camera_at.year == 2017
    assert photo_seen(kept.id, by=actor)[:3] == b"\xff\xd8\xff"
    assert [one.id for one in photos_of(taken.id, by=actor)] == [kept.id]
    assert PhotoArrival.objects.count() == 0


def test_the_same_upload_again_answers_the_kept_one_even_after_the_verdict(begun):
    taken, actor = begun()
    kept = store_photo(taken.id, "p1", photo(), by=actor)
    put(taken, ParticipationState.VERIFIED)
    assert store_photo(taken.id, "p1", photo(), by=actor).id == kept.id
    assert files() == {kept.file_id}


@pytest.mark.parametrize("other", [photo(2), photo(1, about="x"), photo(1, position=(26.0, 119.0))])
def test_an_upload_key_with_another_photo_or_other_words_is_refused(begun, other):
    taken, actor = begun()
    store_photo(taken.id, "p1", photo(), by=actor)
    with pytest.raises(PhotoKeyReused):
        store_photo(taken.id, "p1", other, by=actor)
    assert Photo.objects.count() == len(files()) == 1


def test_the_same_upload_twice_at_once_is_kept_once(begun):
    taken, actor = begun()
    got = at_once(6, lambda _: store_photo(taken.id, "p1", photo(), by=actor).id)
    assert len(set(got)) == 1
    assert Photo.objects.count() == 1
    assert files() == {Photo.objects.get().file_id}
    assert PhotoArrival.objects.count() == 0


@pytest.mark.parametrize(
    "state",
    [
        ParticipationState.CLAIMED,
        ParticipationState.VERIFIED,
        ParticipationState.REFUSED,
        ParticipationState.IN_REVIEW,
        ParticipationState.GIVEN_UP,
    ],
)
def test_before_the_start_and_after_the_verdict_no_photo_is_taken(begun, state):
    taken, actor = begun()
    put(taken, state)
    with pytest.raises(WrongParticipationState):
        store_photo(taken.id, "p1", photo(), by=actor)
    assert files() == set()


def test_a_verdict_that_comes_while_the_photo_is_read_is_not_slipped_past(begun, monkeypatch):
    taken, actor = begun()
    put(taken, ParticipationState.FINISHED)

    def judged_meanwhile(file_id, content):
        store_file(file_id, content)
        put(taken, ParticipationState.VERIFIED)

    monkeypatch.setattr(photographing, "store_file", judged_meanwhile)
    with pytest.raises(WrongParticipationState):
        store_photo(taken.id, "p1", photo(), by=actor)
    assert (Photo.objects.count(), PhotoArrival.objects.count(), files()) == (0, 0, set())


def test_somebody_elses_participation_takes_no_photo(begun, volunteer):
    taken, _ = begun()
    with pytest.raises(ParticipationNotFound):
        store_photo(taken.id, "p1", photo(), by=volunteer())


def test_what_is_no_photo_leaves_nothing_behind(begun):
    taken, actor = begun()
    with pytest.raises(NotAPhoto):
        store_photo(taken.id, "p1", SentPhoto(b"not one", "image/jpeg"), by=actor)
    assert (Photo.objects.count(), PhotoArrival.objects.count(), files()) == (0, 0, set())


def test_a_photo_of_tomorrow_is_refused(begun):
    taken, actor = begun()
    with pytest.raises(PhotoFromFuture):
        store_photo(taken.id, "p1", photo(taken_at=now() + timedelta(days=1)), by=actor)


def test_no_more_photos_than_allowed_even_at_once(begun, monkeypatch):
    monkeypatch.setattr(photographing, "MAX_PHOTOS", 3)
    taken, actor = begun()
    got = at_once(6, lambda n: store_photo(taken.id, f"p{n}", photo(n), by=actor))
    assert sum(isinstance(one, Photo) for one in got) == 3
    assert sum(isinstance(one, TooManyPhotos) for one in got) == 3
    assert Photo.objects.count() == len(files()) == 3


# ---- who sees one


def test_the_units_officer_sees_a_photo_and_its_owner_sees_who_looked(begun, town):
    taken, actor = begun()
    kept = store_photo(taken.id, "p1", photo(), by=actor)
    assert photo_seen(kept.id, by=town.officer)
    assert photo_seen(kept.id, by=actor)
    (look,) = looks_at(actor.person_id)
    assert (look.by_id, look.what) == (town.officer.person_id, "photo")


def test_a_stranger_is_told_that_there_is_no_such_photo(begun, volunteer):
    taken, actor = begun()
    kept = store_photo(taken.id, "p1", photo(), by=actor)
    for by in (volunteer(), Actor(random_id())):
        with pytest.raises(PhotoNotFound):
            photo_seen(kept.id, by=by)
        with pytest.raises(ParticipationNotFound):
            photos_of(taken.id, by=by)
    with pytest.raises(PhotoNotFound):
        photo_seen(new_id(), by=actor)


# ---- seen before


def test_the_same_picture_of_somebody_else_is_noticed_by_whoever_came_later(begun):
    (first, one), (second, other) = begun(), begun()
    original = store_photo(first.id, "p", photo(7), by=one)
    again = store_photo(second.id, "q", photo(7), by=other)
    assert [found.id for found in photos_like(again)] == [original.id]
    assert photos_like(original) == []


@pytest.mark.parametrize("name", ["a third of the size", "saved again at quality 40", "mirrored"])
def test_a_copy_that_looks_the_same_is_noticed(begun, name):
    (first, one), (second, other) = begun(), begun()
    store_photo(first.id, "p", sent(scene(7)), by=one)
    store_photo(first.id, "p2", sent(scene(8)), by=one)
    again = store_photo(second.id, "q", sent(copies_of(scene(7))[name]), by=other)
    assert [found.upload_key for found in photos_like(again)] == ["p"]


def test_other_scenes_and_dark_pictures_match_nothing(begun):
    (first, one), (second, other) = begun(), begun()
    for seed in range(5):
        store_photo(first.id, f"p{seed}", sent(scene(seed)), by=one)
        store_photo(first.id, f"d{seed}", sent(plain(seed=seed)), by=one)
    new = store_photo(second.id, "q", sent(scene(99)), by=other)
    dark = store_photo(second.id, "r", sent(plain(seed=99)), by=other)
    assert photos_like(new) == photos_like(dark) == []


def test_the_same_dark_file_is_still_known_by_its_bytes(begun):
    (first, one), (second, other) = begun(), begun()
    store_photo(first.id, "p", sent(plain()), by=one)
    assert len(photos_like(store_photo(second.id, "q", sent(plain()), by=other))) == 1


def test_after_ninety_days_a_picture_is_forgotten(begun):
    (first, one), (second, other) = begun(), begun()
    store_photo(first.id, "p", photo(7), by=one)
    collection(Photo).update_one({}, {"$set": {"stored_at": real_now() - REMEMBERED}})
    assert photos_like(store_photo(second.id, "q", photo(7), by=other)) == []


def test_looking_for_copies_reads_no_more_than_what_may_be_one(begun):
    taken, actor = begun()
    rows = [
        {
            "_id": new_id(),
            "participation_id": new_id(),
            "upload_key": "p",
            "sha256": f"{n:064x}",
            "bands": [f"{place}{(n * 40_503 + place * 7) % 65_536:04x}" for place in range(4)],
            "looks": [f"{n:016x}", f"{n:016x}"],
            "file_id": new_id(),
            "stored_at": real_now(),
        }
        for n in range(3_000)
    ]
    collection(Photo).insert_many(rows)
    mine = store_photo(taken.id, "p", photo(7), by=actor)
    wanted = photographing.like_query(mine)
    read = collection(Photo).find(wanted).explain()["executionStats"]
    assert read["totalDocsExamined"] < 100
    assert read["totalKeysExamined"] < 1_000


def test_a_picture_of_the_same_work_is_no_earlier_one(begun):
    (first, one), (second, other) = begun(), begun()
    store_photo(first.id, "p", photo(7), by=one)
    again = store_photo(second.id, "q", photo(7), by=other)
    assert len(photos_like(again)) == 1
    assert photos_like(again, same_work=[first.id]) == []


# ---- orphans, and what may be forgotten


def test_a_file_whose_upload_was_killed_is_swept_and_a_kept_one_stays(begun):
    taken, actor = begun()
    kept = store_photo(taken.id, "p1", photo(), by=actor)
    long_ago = real_now() - timedelta(hours=1)
    store_file("killed", b"x" * 600_000)
    database()[f"{BUCKET}.files"].delete_one({"_id": "killed"})  # killed between pieces and name
    for file_id, began_at in (("killed", long_ago), (kept.file_id, long_ago), ("new", real_now())):
        PhotoArrival(id=file_id, began_at=began_at).save(force_insert=True)
    assert drop_orphaned_files() == 2
    assert drop_orphaned_files() == 0
    assert [arrival.id for arrival in PhotoArrival.objects] == ["new"]
    assert files() == {kept.file_id}
    assert database()[f"{BUCKET}.chunks"].count_documents({"files_id": "killed"}) == 0
    assert file_content(kept.file_id)
    with pytest.raises(PhotoFileGone):
        file_content("killed")


def test_the_places_of_photos_can_be_forgotten_and_the_photos_stay(begun):
    taken, actor = begun()
    raw = photo_file(lat=26.09, lon=119.29)
    kept = store_photo(
        taken.id, "p1", SentPhoto(raw, "image/jpeg", position=(26.0, 119.0)), by=actor
    )
    for _ in range(2):
        erase_photo_places(taken.id)
    stored = Photo.objects(id=kept.id).get()
    assert (stored.camera_position, stored.said_position) == ([], [])
    assert photo_seen(kept.id, by=actor)
