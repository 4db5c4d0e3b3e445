"""Deciding who was the first ever to do verified work for a unit: whoever a count meets first.

Decided once a unit, by one write. Work verified later takes it from nobody, however early it
began; when the work that won it is withdrawn, the earliest that still stands has it.
"""

from collections.abc import Sequence

from mongoengine.errors import NotUniqueError

from honours.badges.unit_first import UnitFirst
from honours.tally import Work
from tasks import PastWork, verified_work


def first_in_of(person_id: str) -> frozenset[str]:
    """The units for which nobody did verified work before this person."""
    return frozenset(UnitFirst.objects(person_id=person_id).scalar("id"))


def decide_firsts(person_id: str, work: Sequence[Work]) -> list[str]:
    """Decide the units of a person's work that nobody decided yet, and those they won and lost.

    Who else has one now and is to be counted anew.
    """
    worked_in = {one.unit_id for one in work}
    standing = {one.participation_id for one in work}
    known = {one.id: one for one in UnitFirst.objects(id__in=list(worked_in))}
    won = UnitFirst.objects(person_id=person_id)
    lost = [one for one in won if one.participation_id not in standing]
    heirs = {_insert(unit_id) for unit_id in sorted(worked_in - set(known))}
    # The work was read before: a newer count of this person may have won one since.
    heirs |= {_replace(one) for one in lost if not _still_stands(one)}
    return sorted(heirs - {"", person_id})


def _earliest(unit_id: str) -> PastWork | None:
    return next((one for one in verified_work(unit_ids=[unit_id]) if not one.on_duty), None)


def _still_stands(won: UnitFirst) -> bool:
    done = verified_work(person_id=won.person_id, unit_ids=[won.id])
    return any(one.participation_id == won.participation_id and not one.on_duty for one in done)


def _insert(unit_id: str) -> str:
    """Write down the earliest work of a unit; whose it is, empty where it was decided before."""
    earliest = _earliest(unit_id)
    if earliest is None:
        return ""  # withdrawn since it was read
    try:
        _first(unit_id, earliest).save(force_insert=True)
    except NotUniqueError:
        return ""
    return earliest.person_id


def _replace(lost: UnitFirst) -> str:
    """Give a unit whose first work fell to the earliest that stands; whose that is."""
    earliest = _earliest(lost.id)
    same = UnitFirst.objects(id=lost.id, participation_id=lost.participation_id)
    if earliest is None:
        same.delete()
        return ""
    same.update_one(
        set__person_id=earliest.person_id,
        set__participation_id=earliest.participation_id,
        set__starts_at=earliest.starts_at,
    )
    return earliest.person_id


def _first(unit_id: str, work: PastWork) -> UnitFirst:
    return UnitFirst(
        id=unit_id,
        person_id=work.person_id,
        participation_id=work.participation_id,
        starts_at=work.starts_at,
    )
