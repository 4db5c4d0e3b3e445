"""Work that was verified and settled, written down directly: what honours and insights count."""

from datetime import timedelta

from people import Unit, unit_of
from shared.clock import real_now, stored
from shared.ids import new_id
from tasks import Participation, ParticipationState, Task, Verdict


def past_task(unit, *, starts_at, hours=2.0, kind="patrol", coins=100, breakdown=None, **more):
    """A closed task of a unit (or unit id), as it stands after it was paid; not funded."""
    unit = unit if isinstance(unit, Unit) else unit_of(unit)
    task_id = new_id()
    return Task(
        **{
            "id": task_id,
            "unit_id": unit.id,
            "place": unit.name,
            "place_en": "",
            "brief": "",
            "kind": kind,
            "title": "示例任务",
            "address": "示例路 1 号",
            "area": {"shape": "circle"},
            "location": {"type": "Point", "coordinates": [119.2925, 26.0885]},
            "starts_at": stored(starts_at),
            "ends_at": stored(starts_at + timedelta(hours=hours)),
            "slots": 100,
            "slots_left": 0,
            "claim_from": "anywhere",
            "checks": [{"check": "window", "parameters": {}}],
            "state": "closed",
            "created_by": "somebody",
            "draft_key": task_id,
            "draft_hash": "",
            "created_at": stored(starts_at),
            "coins": coins,
            "breakdown": breakdown
            or [{"part": "time", "coins": coins, "en": "Time", "zh-CN": "时间"}],
            "published_by": "somebody",
            "published_at": stored(starts_at),
            "settled": True,
            **more,
        }
    ).save()


def work(
    person_id,
    place,
    *,
    starts_at,
    hours=2.0,
    km=3.0,
    kind="patrol",
    coins=100,
    state="verified",
    **more,
):
    """One settled participation at a task, or at a unit (a task of its own); its id."""
    if not isinstance(place, Task):
        place = past_task(place, starts_at=starts_at, hours=hours, kind=kind, coins=coins)
    verdict = Verdict(number=1, outcome=state, judged_at=place.ends_at)
    made = Participation(
        **{
            "id": new_id(),
            "task_id": place.id,
            "unit_id": place.unit_id,
            "person_id": getattr(person_id, "person_id", person_id),
            "state": ParticipationState(state),
            "kind": place.kind,
            "starts_at": place.starts_at,
            "ends_at": place.ends_at,
            "coins": coins,
            "paid_coins": coins if state == "verified" else 0,
            "claimed_at": place.starts_at,
            "verdicts": [verdict],
            "finished_at": place.ends_at,
            "worked_s": round(hours * 3600),
            "worked_m": km * 1000,
            "settled": True,
            "settled_at": real_now(),
            **more,
        }
    ).save()
    return made.id


def withdraw(participation_id):
    """The work refused afterwards, as withdrawing it does."""
    Participation.objects(id=participation_id).update_one(
        set__state=ParticipationState.REFUSED, set__settled_at=real_now()
    )
