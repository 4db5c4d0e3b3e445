"""All that a participation has to show beside its positions, gathered for the pure checks."""

from collections.abc import Iterable
from datetime import datetime

from tasks.judging.proof import HandedOut, Proof, ProofPhoto
from tasks.participation import Participation
from tasks.proofs.attending import readings_of
from tasks.proofs.crews import cast, parts_of_all, together_with
from tasks.proofs.duty_log import DutyLog
from tasks.proofs.hand_out import HandOut
from tasks.proofs.photo import Photo
from tasks.proofs.photographing import is_same, photos_like
from tasks.proofs.shared_work import SharedWork, alone, shared_work
from tasks.proofs.testing_knowledge import best_share
from tasks.proofs.under_way import parameters_of
from tasks.task import Task


def proof_of(participation: Participation, task: Task) -> Proof:
    """What was brought up to now; a reviewer's word is not among it.

    Photos, log and (of who is vouched for) attendance are the captain's or the leader's where it
    has none of its own; hand-outs are the team's. Nothing is looked up where nobody brought
    anything: most tasks ask for a walk alone.
    """
    heads, crew = _crew(participation, task)
    is_one_of_many = task.is_team or participation.team_of or participation.vouched_by
    work = shared_work(participation) if is_one_of_many else alone(participation)
    if not work.has_proof:
        return Proof(heads=heads, crew=crew)
    photos = _photos_by_sender(work.bringers)
    own = next((photos[lender] for lender in work.lenders if lender in photos), [])
    needed = (parameters_of(task, "photos") or {}).get("count", 0)
    return Proof(
        photos=_shown(own, work, needed),
        handed_out=_handed_out(
            _lines(work.bringers), [photo for one in photos.values() for photo in one]
        ),
        logged_at=_logged_at(work.lenders),
        test_share=best_share(participation.id),
        attended_at=_attended_at(participation),
        heads=heads,
        crew=crew,
    )


def _photos_by_sender(participation_ids: list[str]) -> dict[str, list[Photo]]:
    by_sender: dict[str, list[Photo]] = {}
    for photo in Photo.objects(participation_id__in=participation_ids).order_by("stored_at", "id"):
        by_sender.setdefault(photo.participation_id, []).append(photo)
    return by_sender


def _lines(participation_ids: list[str]) -> list[HandOut]:
    return list(HandOut.objects(participation_id__in=participation_ids).order_by("id"))


def _logged_at(lenders: tuple[str, ...]) -> float | None:
    logs = DutyLog.objects.in_bulk(list(lenders))
    first = next((logs[lender] for lender in lenders if lender in logs), None)
    return first.logged_at.timestamp() if first else None


def _attended_at(participation: Participation) -> tuple[float, ...]:
    """When the code was read; a captain reads it for those without a phone, nobody for others."""
    readings = readings_of(participation.id)
    if not readings and participation.vouched_by:
        readings = readings_of(participation.vouched_by)
    return tuple(moment.timestamp() for moment in readings)


def _shown(photos: list[Photo], work: SharedWork, needed: int) -> tuple[ProofPhoto, ...]:
    """One sender's photos as the check reads them; the same file sent twice counts once."""
    distinct = list({photo.sha256: photo for photo in reversed(photos)}.values())[::-1]
    doubtful = _doubtful(distinct, needed)
    return tuple(
        _as_sent(photo, work.members, is_doubtful=photo.id in doubtful) for photo in distinct
    )


def _doubtful(photos: list[Photo], needed: int) -> set[str]:
    """The ids of those that look like an earlier one here, where it takes them to be enough.

    Who takes a few of one scene is honest; who needs one picture in two sizes may not be.
    """
    different: list[Photo] = []
    for photo in photos:
        if not any(is_same(photo, other) for other in different):
            different.append(photo)
    if len(different) >= needed:
        return set()
    return {photo.id for photo in photos} - {photo.id for photo in different}


def _as_sent(photo: Photo, same_work: Iterable[str], *, is_doubtful: bool) -> ProofPhoto:
    """The camera's own word goes before the app's: an old picture keeps its old time."""
    taken_at: datetime | None = photo.camera_at or photo.said_at
    position = photo.camera_position or photo.said_position or (None, None)
    earlier = photos_like(photo, same_work=same_work)
    return ProofPhoto(
        at=taken_at.timestamp() if taken_at else None,
        lat=position[0],
        lon=position[1],
        seen_before=any(other.sha256 == photo.sha256 for other in earlier),
        looks_like_earlier=is_doubtful or any(other.sha256 != photo.sha256 for other in earlier),
    )


def _handed_out(lines: list[HandOut], photos: list[Photo]) -> tuple[HandedOut, ...]:
    """What was not voided, by item and place, with the photos that its lines or words name."""
    counts: dict[tuple[str, str], int] = {}
    pictured: dict[tuple[str, str], set[str]] = {}
    for line in lines:
        if line.voided_at is None:
            key = (line.item, line.place)
            counts[key] = counts.get(key, 0) + line.count
            of_place = {photo.id for photo in photos if photo.about == line.place}
            pictured.setdefault(key, set()).update(line.photo_ids, of_place)
    return tuple(
        HandedOut(item, place, count, len(pictured[item, place]))
        for (item, place), count in sorted(counts.items())
    )


def _crew(participation: Participation, task: Task) -> tuple[int, dict[str, int]]:
    """How many took part together, and as what; alone where the task asks for nobody else."""
    needs = {need.crew_role: need.at_least for need in task.crew}
    for need in (parameters_of(task, "make_up") or {}).get("crew") or []:
        needs[need["crew_role"]] = max(need["at_least"], needs.get(need["crew_role"], 0))
    asks_heads = parameters_of(task, "head_count") is not None
    if not (task.is_team or needs or asks_heads):
        return 1, {}
    group = together_with(participation, task)
    return len(group), cast(parts_of_all(group), needs) if needs else {}
