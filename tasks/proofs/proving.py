"""All that a participation has to show beside its positions, gathered for the pure checks."""

from datetime import datetime

from tasks.judging.proof import HandedOut, Proof, ProofPhoto
from tasks.participation import Participation
from tasks.proofs.attending import readings_of
from tasks.proofs.crews import cast, parts_of, together_with
from tasks.proofs.duty_log import DutyLog
from tasks.proofs.hand_out import HandOut
from tasks.proofs.handing_out import lines_of
from tasks.proofs.photo import Photo
from tasks.proofs.photographing import is_same, photos_like
from tasks.proofs.testing_knowledge import best_share
from tasks.proofs.under_way import parameters_of
from tasks.task import Task


def proof_of(participation: Participation, task: Task) -> Proof:
    """What was brought up to now; a reviewer's word is not among it.

    Nothing is looked up for who brought nothing: most tasks ask for a walk alone.
    """
    heads, crew = _crew(participation, task)
    if not participation.proofs:
        return Proof(heads=heads, crew=crew)
    photos = _photos(participation.id)
    log = DutyLog.objects.with_id(participation.id)
    return Proof(
        photos=tuple(_shown(photo) for photo in _distinct(photos)),
        handed_out=_handed_out(lines_of(participation.id), photos),
        logged_at=log.logged_at.timestamp() if log else None,
        test_share=best_share(participation.id),
        attended_at=tuple(moment.timestamp() for moment in readings_of(participation.id)),
        heads=heads,
        crew=crew,
    )


def _photos(participation_id: str) -> list[Photo]:
    return list(Photo.objects(participation_id=participation_id).order_by("stored_at", "id"))


def _distinct(photos: list[Photo]) -> list[Photo]:
    """The photos, the first of any that show the same: a picture sent twice counts once."""
    kept: list[Photo] = []
    for photo in photos:
        if not any(is_same(photo, other) for other in kept):
            kept.append(photo)
    return kept


def _shown(photo: Photo) -> ProofPhoto:
    """The camera's own word goes before the app's: an old picture keeps its old time."""
    taken_at: datetime | None = photo.camera_at or photo.said_at
    position = photo.camera_position or photo.said_position or (None, None)
    return ProofPhoto(
        at=taken_at.timestamp() if taken_at else None,
        lat=position[0],
        lon=position[1],
        seen_before=bool(photos_like(photo)),
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
    return len(group), cast([parts_of(one) for one in group], needs) if needs else {}
