"""How photos come in: one file an upload, drawn anew before it is kept, each upload kept once."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people import Actor
from settings import settings
from shared.clock import now, real_now, stored
from shared.database import collection
from shared.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from shared.i18n import Text
from shared.ids import new_id
from shared.photo_files import drop_file, file_content, store_file
from shared.photos import ReadPhoto, read_photo
from shared.sweeping import sweep_each
from tasks.participation import Participation, ParticipationState
from tasks.proofs.likeness import bands_near, bands_of, is_alike
from tasks.proofs.photo import Photo, PhotoArrival
from tasks.proofs.under_way import bring, must_be_under_way
from tasks.reviews.looks import log_look
from tasks.reviews.track_look import Seen
from tasks.taking_part import ParticipationNotFound, own_participation, participation_of

MAX_PHOTOS = 60
# How far a phone's clock may be ahead.
CLOCK_SLACK = timedelta(minutes=2)
# A picture sent again within this time is noticed.
REMEMBERED = timedelta(days=90)
# Far longer than the commands of one upload may take together.
ARRIVES_WITHIN = timedelta(minutes=10)
BATCH = 200


class PhotoNotFound(NotFound):
    """Raised when there is no such photo, or none that the caller may see."""

    message = Text("There is no such photo.", "照片不存在。")


class PhotoKeyReused(Conflict):
    """Raised when an upload key comes again with another photo or other words about it."""

    message = Text(
        "This upload key was already used for another photo.", "该上传编号已用于其他照片。"
    )


class TooManyPhotos(Refused):
    """Raised when a participation holds as many photos as it may."""

    message = Text("A participation may hold {most} photos.", "每次参与最多上传 {most} 张照片。")


class PhotoFromFuture(Invalid):
    """Raised when a photo is said to be taken later than now."""

    message = Text("taken_at must not lie in the future.", "拍摄时间不能晚于当前时间。")


@dataclass(frozen=True)
class SentPhoto:
    """A photo as it was sent, and what was said with it: `position` is (lat, lon) in WGS-84."""

    raw: bytes
    content_type: str
    about: str | None = None
    taken_at: datetime | None = None
    position: tuple[float, float] | None = None

    @property
    def content_hash(self) -> str:
        """What tells a repeat from another photo under the same key."""
        said = [self.about, self.taken_at, self.position]
        raw_hash = hashlib.sha256(self.raw).hexdigest()
        return hashlib.sha256(orjson.dumps([raw_hash, *said])).hexdigest()


def store_photo(participation_id: str, upload_key: str, sent: SentPhoto, *, by: Actor) -> Photo:
    """The photo, kept as proof; the same upload again answers the kept one.

    Taken from the start to the verdict; send it before finishing, for a judge waits for logs only.
    Raises ParticipationNotFound, WrongParticipationState, NotAPhoto, PhotoTooLarge,
    PhotoFromFuture, PhotoKeyReused, TooManyPhotos.
    """
    found = own_participation(participation_id, by)
    content_hash = sent.content_hash
    earlier = _earlier(participation_id, upload_key, content_hash)
    if earlier is not None:
        return earlier
    must_be_under_way(found)
    if sent.taken_at and sent.taken_at > now() + CLOCK_SLACK:
        raise PhotoFromFuture("taken_at")
    zone = ZoneInfo(settings().business_time_zone)
    picture = read_photo(sent.raw, sent.content_type, zone)
    photo = _photo_of(found, upload_key, sent, picture)
    PhotoArrival(id=photo.file_id, began_at=real_now()).save(force_insert=True)
    store_file(photo.file_id, picture.shown)
    return _keep(photo)


def _earlier(participation_id: str, upload_key: str, content_hash: str) -> Photo | None:
    earlier: Photo | None = Photo.objects(
        participation_id=participation_id, upload_key=upload_key
    ).first()
    if earlier is not None and earlier.content_hash != content_hash:
        raise PhotoKeyReused
    return earlier


def _photo_of(found: Participation, upload_key: str, sent: SentPhoto, picture: ReadPhoto) -> Photo:
    return Photo(
        id=new_id(),
        participation_id=found.id,
        upload_key=upload_key,
        content_hash=sent.content_hash,
        about=sent.about,
        sha256=picture.sha256,
        looks=list(picture.looks),
        bands=bands_of(picture.looks[0]) if picture.looks else [],
        file_id=new_id(),
        width=picture.width,
        height=picture.height,
        camera_at=picture.taken_at,
        camera_position=list(picture.position or ()),
        said_at=stored(sent.taken_at) if sent.taken_at else None,
        said_position=list(sent.position or ()),
        stored_at=real_now(),
    )


def _keep(photo: Photo) -> Photo:
    """Insert the photo, which decides; whatever else happens, its file does not stay alone."""

    def insert(session: ClientSession) -> None:
        held = collection(Photo).count_documents(
            {"participation_id": photo.participation_id}, session=session
        )
        if held >= MAX_PHOTOS:
            raise TooManyPhotos(most=MAX_PHOTOS)
        collection(Photo).insert_one(photo.to_mongo().to_dict(), session=session)

    try:
        bring(photo.participation_id, insert)
    except DuplicateKeyError:
        _drop(photo.file_id)
        earlier = _earlier(photo.participation_id, photo.upload_key, photo.content_hash)
        if earlier is None:  # kept at the same moment and erased since
            raise Unavailable from None
        return earlier
    except (Conflict, Refused):
        _drop(photo.file_id)
        raise
    # Unavailable: perhaps kept, perhaps not. The sweep will know.
    if not collection(PhotoArrival).delete_one({"_id": photo.file_id}).deleted_count:
        # So slow that the sweep took the file for an orphan.
        collection(Photo).delete_one({"_id": photo.id})
        raise Unavailable
    return photo


def _drop(file_id: str) -> None:
    drop_file(file_id)
    collection(PhotoArrival).delete_one({"_id": file_id})


def photos_of(participation_id: str, *, by: Actor) -> list[Photo]:
    """What was photographed and is kept, oldest first, for whom the participation is told to.

    Raises ParticipationNotFound.
    """
    participation_of(participation_id, by=by)
    kept = Photo.objects(participation_id=participation_id, file_dropped_at=None)
    return list(kept.order_by("id"))


def photo_seen(photo_id: str, *, by: Actor) -> bytes:
    """The photo's picture as JPEG; a look of the staff is logged first, for its owner to see.

    Raises PhotoNotFound, PhotoFileGone.
    """
    photo: Photo | None = Photo.objects.with_id(photo_id)
    if photo is None:
        raise PhotoNotFound
    try:
        participation = participation_of(photo.participation_id, by=by)
    except ParticipationNotFound:
        raise PhotoNotFound from None
    log_look(participation.person_id, participation.id, Seen.PHOTO, by=by)
    return file_content(photo.file_id)


def photos_like(photo: Photo, *, same_work: Iterable[str] = ()) -> list[Photo]:
    """Photos of other work that show the same and came first, of the last 90 days.

    The same bytes, or a perceptual hash at most six bits apart, mirrored or not. `same_work` are
    the ids of participations that worked with the photo's own as one.
    """
    # Of what shares a band a hundredth looks the same, so plain rows are sorted out first.
    rows = collection(Photo).find(
        like_query(photo, same_work), {"sha256": 1, "stored_at": 1, "look": {"$first": "$looks"}}
    )
    same = [row["_id"] for row in rows if _came_first(row, photo) and _is_like(row, photo)]
    return list(Photo.objects(id__in=same).order_by("stored_at", "id")) if same else []


def like_query(photo: Photo, same_work: Iterable[str] = ()) -> dict[str, Any]:
    """What two indexes find all photos by that may be the same, and few that are not."""
    same: list[dict[str, Any]] = [{"sha256": photo.sha256}]
    if photo.looks:
        same.append({"bands": {"$in": bands_near(photo.looks)}})
    return {
        "participation_id": {"$nin": sorted({photo.participation_id, *same_work})},
        "stored_at": {"$gte": photo.stored_at - REMEMBERED, "$lte": photo.stored_at},
        "$or": same,
    }


def _came_first(row: dict[str, Any], photo: Photo) -> bool:
    return (row["stored_at"], row["_id"]) < (photo.stored_at, photo.id)


def _is_like(row: dict[str, Any], photo: Photo) -> bool:
    if row["sha256"] == photo.sha256:
        return True
    return bool(photo.looks) and "look" in row and is_alike(photo.looks, row["look"])


def is_same(photo: Photo, other: Photo) -> bool:
    """Whether two photos are the same bytes, or look the same."""
    if photo.sha256 == other.sha256:
        return True
    return bool(photo.looks and other.looks) and is_alike(photo.looks, other.looks[0])


def erase_photo_places(participation_id: str) -> None:
    """Forget where a participation's photos were taken; harmless to repeat."""
    collection(Photo).update_many(
        {"participation_id": participation_id},
        {"$unset": {"camera_position": "", "said_position": ""}},
    )


def drop_old_photos() -> int:
    """Erase the pictures of settled work that are older than tracks may be; how many went well.

    By its hashes a picture is known again until 90 days have passed, then nothing of it is left.
    """
    moment = real_now()
    before = moment - timedelta(days=settings().track_days)
    old = {"stored_at": {"$lt": before}, "file_dropped_at": None}
    sent_by = collection(Photo).distinct("participation_id", old)
    due = old | {"participation_id": {"$nin": _still_needed(sent_by, before)}}
    dropped = sweep_each(Photo.objects(__raw__=due).limit(BATCH), _drop_picture)
    collection(Photo).delete_many(
        {"stored_at": {"$lt": moment - REMEMBERED}, "file_dropped_at": {"$ne": None}}
    )
    return dropped


def _still_needed(participation_ids: list[str], before: datetime) -> list[str]:
    """Those that are open to a verdict or an appeal, or stand for somebody's who is.

    An appeal is possible for less time than the shortest for which tracks are kept.
    """
    whose = ("_id", "vouched_by", "team_of")
    refused = {
        "state": ParticipationState.REFUSED.value,
        "verdicts.judged_at": {"$gte": before},
    }
    open_ones = collection(Participation).find(
        {
            "$or": [{name: {"$in": participation_ids}} for name in whose],
            "$and": [{"$or": [{"settled": False}, refused]}],
        },
        dict.fromkeys(whose, 1),
    )
    return sorted({row[name] for row in open_ones for name in whose if row.get(name)})


def _drop_picture(photo: Photo) -> None:
    # The file first: cut off here, the next pass finds the photo and does it again.
    drop_file(photo.file_id)
    told = ("about", "camera_at", "camera_position", "said_at", "said_position")
    collection(Photo).update_one(
        {"_id": photo.id},
        {"$set": {"file_dropped_at": real_now()}, "$unset": dict.fromkeys(told, "")},
    )


def drop_orphaned_files() -> int:
    """Erase files whose upload was cut off before its photo was kept; how many were seen to."""
    before = real_now() - ARRIVES_WITHIN
    return sweep_each(PhotoArrival.objects(began_at__lt=before).limit(BATCH), _see_to)


def _see_to(arrival: PhotoArrival) -> None:
    if Photo.objects(file_id=arrival.id).first() is None:
        drop_file(arrival.id)
    collection(PhotoArrival).delete_one({"_id": arrival.id})
