"""Picturing: a reward's pictures, each kept once and shown without what the camera added."""

import io

import pytest
from catalog_town import add_person, staff
from PIL import Image

from catalog import (
    add_picture,
    change_draft,
    draft_reward,
    picture_seen,
    remove_picture,
    withdraw_reward,
)
from catalog.offering import RewardNotFound, RewardWithdrawn
from catalog.picturing import (
    ARRIVES_WITHIN,
    MOST_PICTURES,
    PictureNotFound,
    TooManyPictures,
    drop_orphaned_pictures,
)
from catalog.reward import Reward
from catalog.reward_picture import PictureArrival
from people import Role
from shared.clock import real_now
from shared.errors import DomainError, NotAllowed
from shared.photo_files import PhotoFileGone, file_content, store_file
from shared.photos import NotAPhoto
from tests.pictures import photo_file
from tests.racing import at_once

JPEG = "image/jpeg"


@pytest.fixture
def draft(town):
    """A draft without pictures."""
    terms = {"title": "伞", "price": 1, "validity_days": 1}
    return draft_reward(town.district.id, key="draft-001", by=town.officer, **terms)


def test_a_picture_is_drawn_anew_and_shown_to_whoever_sees_the_reward(town, offer):
    reward_id = offer()
    raw = photo_file(1, taken="2017:12:04 19:30:00", lat=26.09, lon=119.29)
    (picture_id,) = add_picture(reward_id, raw, JPEG, by=town.officer).picture_ids
    shown = picture_seen(reward_id, picture_id, by=add_person())
    assert b"Sample camera" in raw
    assert b"Sample camera" not in shown
    assert not Image.open(io.BytesIO(shown)).getexif()


def test_the_same_file_again_and_at_once_is_one_picture(town, draft):
    raw = photo_file(1)
    pictured = at_once(6, lambda _: add_picture(draft.id, raw, JPEG, by=town.officer))
    assert {tuple(reward.picture_ids) for reward in pictured} == {
        tuple(Reward.objects.get(id=draft.id).picture_ids)
    }
    assert len(pictured[0].picture_ids) == 1
    assert PictureArrival.objects.count() == 0


def test_pictures_keep_their_order_and_there_are_six_at_most(town, draft):
    added = [
        add_picture(draft.id, photo_file(number), JPEG, by=town.officer).picture_ids
        for number in range(MOST_PICTURES)
    ]
    assert [len(ids) for ids in added] == [1, 2, 3, 4, 5, 6]
    assert added[-1][:3] == added[2]
    with pytest.raises(TooManyPictures):
        add_picture(draft.id, photo_file(9), JPEG, by=town.officer)
    # The same file again is no seventh one.
    assert add_picture(draft.id, photo_file(0), JPEG, by=town.officer).picture_ids == added[-1]


def test_ten_at_once_hang_six(town, draft):
    def add(number):
        try:
            return add_picture(draft.id, photo_file(number), JPEG, by=town.officer)
        except DomainError as refusal:
            return type(refusal)

    answers = at_once(10, add)
    assert answers.count(TooManyPictures) == 4
    assert len(Reward.objects.get(id=draft.id).picture_ids) == MOST_PICTURES
    assert PictureArrival.objects.count() == 0


def test_a_picture_is_no_term_so_that_an_edit_goes_through(town, draft):
    add_picture(draft.id, photo_file(1), JPEG, by=town.officer)
    changed = change_draft(draft.id, {"price": 2}, version=draft.version, by=town.officer)
    assert len(changed.picture_ids) == 1


def test_a_picture_taken_down_is_gone_and_taking_it_down_again_changes_nothing(town, draft):
    (picture_id,) = add_picture(draft.id, photo_file(1), JPEG, by=town.officer).picture_ids
    for _ in range(2):
        assert remove_picture(draft.id, picture_id, by=town.officer).picture_ids == []
    with pytest.raises(PictureNotFound):
        picture_seen(draft.id, picture_id, by=town.officer)
    with pytest.raises(PhotoFileGone):
        file_content(picture_id)
    # And may come again.
    assert add_picture(draft.id, photo_file(1), JPEG, by=town.officer).picture_ids


def test_the_picture_of_a_draft_is_its_officers_alone(town, draft):
    (picture_id,) = add_picture(draft.id, photo_file(1), JPEG, by=town.officer).picture_ids
    with pytest.raises(RewardNotFound):
        picture_seen(draft.id, picture_id, by=add_person())


def test_a_picture_belongs_to_its_own_reward(town, draft, offer):
    (picture_id,) = add_picture(draft.id, photo_file(1), JPEG, by=town.officer).picture_ids
    with pytest.raises(PictureNotFound):
        picture_seen(offer(), picture_id, by=town.officer)


def test_only_officers_who_reach_it_picture_a_reward(town, draft):
    (picture_id,) = add_picture(draft.id, photo_file(1), JPEG, by=town.officer).picture_ids
    for by in (town.clerk, add_person(), staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(NotAllowed):
            add_picture(draft.id, photo_file(2), JPEG, by=by)
        with pytest.raises(NotAllowed):
            remove_picture(draft.id, picture_id, by=by)


def test_what_is_withdrawn_gets_no_more_pictures_and_what_is_no_picture_is_none(town, draft):
    with pytest.raises(NotAPhoto):
        add_picture(draft.id, b"not a photo", JPEG, by=town.officer)
    assert PictureArrival.objects.count() == 0
    withdraw_reward(draft.id, by=town.officer)
    with pytest.raises(RewardWithdrawn):
        add_picture(draft.id, photo_file(1), JPEG, by=town.officer)


def test_what_a_cut_off_upload_left_is_swept_and_what_hangs_is_kept(town, draft):
    (hung,) = add_picture(draft.id, photo_file(1), JPEG, by=town.officer).picture_ids
    left, fresh = "a" * 24, "b" * 24
    for file_id in (left, fresh):
        store_file(file_id, b"x")
    long_ago = real_now() - 2 * ARRIVES_WITHIN
    for file_id, began_at in ((hung, long_ago), (left, long_ago), (fresh, real_now())):
        PictureArrival(id=file_id, reward_id=draft.id, began_at=began_at).save()
    assert drop_orphaned_pictures() == 2
    assert drop_orphaned_pictures() == 0
    assert file_content(hung)
    assert file_content(fresh) == b"x"
    with pytest.raises(PhotoFileGone):
        file_content(left)


def test_an_upload_killed_after_its_file_leaves_the_next_one_free(town, draft, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("catalog.picturing._hung", killed)
        with pytest.raises(KeyboardInterrupt):
            add_picture(draft.id, photo_file(1), JPEG, by=town.officer)
    (picture_id,) = add_picture(draft.id, photo_file(1), JPEG, by=town.officer).picture_ids
    arrival = PictureArrival.objects.get()
    assert arrival.id != picture_id
    arrival.modify(set__began_at=real_now() - 2 * ARRIVES_WITHIN)
    assert drop_orphaned_pictures() == 1
    with pytest.raises(PhotoFileGone):
        file_content(arrival.id)
    assert picture_seen(draft.id, picture_id, by=town.officer)
