"""Picturing: a reward's pictures, drawn anew without what the camera added, each kept once."""

import hashlib
import secrets
from datetime import timedelta
from zoneinfo import ZoneInfo

from catalog.offering import RewardWithdrawn, reachable_reward, reward_of
from catalog.reward import Reward, RewardState
from catalog.reward_picture import PictureArrival
from catalog.shelves import seen_reward
from people import Actor
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.errors import NotFound, Refused, Unavailable
from shared.i18n import Text
from shared.photo_files import drop_file, file_content, store_file
from shared.photos import read_photo
from shared.sweeping import sweep_each

MOST_PICTURES = 6
# Of a picture's id so many digits come from the bytes that were sent, the rest from chance: the
# same picture sent twice is known by the first, and no two uploads ever write to one file.
TAG_DIGITS = 16
ID_DIGITS = 24
# Far longer than the commands of one upload may take together.
ARRIVES_WITHIN = timedelta(minutes=10)
MOST_PER_RUN = 200


class PictureNotFound(NotFound):
    """Raised when the reward has no such picture."""

    message = Text("There is no such picture.", "未找到该图片。")


class TooManyPictures(Refused):
    """Raised when a reward has as many pictures as it may."""

    message = Text("A reward may have {most} pictures.", "每个奖品最多 {most} 张图片。")


def add_picture(reward_id: str, raw: bytes, content_type: str, *, by: Actor) -> Reward:
    """Add a picture to a reward, drafted or offered, as its last; the same bytes again add nothing.

    Raises RewardNotFound, NotAllowed, RewardWithdrawn, NotAPhoto, PhotoTooLarge, TooManyPictures.
    """
    reward = reachable_reward(reward_id, by)
    tag = hashlib.sha256(raw).hexdigest()[:TAG_DIGITS]
    if _is_settled(reward, tag):
        return reward
    shown = read_photo(raw, content_type, ZoneInfo(settings().business_time_zone)).shown
    file_id = tag + secrets.token_hex((ID_DIGITS - TAG_DIGITS) // 2)
    PictureArrival(id=file_id, reward_id=reward_id, began_at=real_now()).save(force_insert=True)
    store_file(file_id, shown)
    if not _hung(reward_id, file_id, tag):
        _forget_arrival(file_id)
        after = reward_of(reward_id)
        if not _is_settled(after, tag):  # taken down again at this very moment
            raise Unavailable
        return after
    if not collection(PictureArrival).delete_one({"_id": file_id}).deleted_count:
        # So slow that the sweep took the file for an orphan.
        _taken_down(reward_id, file_id)
        raise Unavailable
    return reward_of(reward_id)


def _is_settled(reward: Reward, tag: str) -> bool:
    """Whether the reward has the picture. Raises RewardWithdrawn, TooManyPictures."""
    if any(picture_id.startswith(tag) for picture_id in reward.picture_ids):
        return True
    if reward.state == RewardState.WITHDRAWN:
        raise RewardWithdrawn
    if len(reward.picture_ids) >= MOST_PICTURES:
        raise TooManyPictures(most=MOST_PICTURES)
    return False


def _hung(reward_id: str, file_id: str, tag: str) -> bool:
    """The deciding write: the picture becomes the last, unless it is there or no more may be.

    A picture is no term: the version stays, so that adding some does not cut across an edit.
    """
    free = {
        "_id": reward_id,
        "state": {"$ne": RewardState.WITHDRAWN.value},
        "picture_ids": {"$not": {"$regex": f"^{tag}"}},
        f"picture_ids.{MOST_PICTURES - 1}": {"$exists": False},
    }
    pushed = collection(Reward).update_one(free, {"$push": {"picture_ids": file_id}})
    return pushed.modified_count == 1


def _taken_down(reward_id: str, picture_id: str) -> None:
    collection(Reward).update_one({"_id": reward_id}, {"$pull": {"picture_ids": picture_id}})


def _forget_arrival(file_id: str) -> None:
    drop_file(file_id)
    collection(PictureArrival).delete_one({"_id": file_id})


def remove_picture(reward_id: str, picture_id: str, *, by: Actor) -> Reward:
    """Take a picture down and erase it; repeating changes nothing.

    Raises RewardNotFound, NotAllowed.
    """
    reward = reachable_reward(reward_id, by)
    if picture_id in reward.picture_ids:
        # The trace first: cut off after it is down, the sweep erases the file.
        trace = {"reward_id": reward_id, "began_at": real_now()}
        collection(PictureArrival).update_one({"_id": picture_id}, {"$set": trace}, upsert=True)
        _taken_down(reward_id, picture_id)
        _forget_arrival(picture_id)
    return reward_of(reward_id)


def picture_seen(reward_id: str, picture_id: str, *, by: Actor) -> bytes:
    """A picture of a reward as JPEG, to whoever may see the reward; under one id always the same.

    Raises RewardNotFound, PictureNotFound, PhotoFileGone.
    """
    if picture_id not in seen_reward(reward_id, by).picture_ids:
        raise PictureNotFound
    return file_content(picture_id)


def drop_orphaned_pictures() -> int:
    """Erase files whose upload or removal was cut off; how many were seen to."""
    before = real_now() - ARRIVES_WITHIN
    return sweep_each(PictureArrival.objects(began_at__lt=before).limit(MOST_PER_RUN), _see_to)


def _see_to(arrival: PictureArrival) -> None:
    hung = {"_id": arrival.reward_id, "picture_ids": arrival.id}
    if collection(Reward).find_one(hung, {"_id": 1}) is None:
        drop_file(arrival.id)
    collection(PictureArrival).delete_one({"_id": arrival.id})
