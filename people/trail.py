"""The trail: who changed roles and who opened sealed data, written once and never altered."""

from typing import Any

from pymongo.client_session import ClientSession

from people.actor import Actor
from people.questions import person_of
from people.reach import must_reach
from people.roles import Role
from people.trail_record import Act, TrailRecord
from shared.clock import real_now
from shared.database import collection

PAGE_MAX = 200


def record_act(
    act: Act, about_id: str, *, by_id: str, session: ClientSession | None = None, **facts: Any
) -> str:
    """Add one record to the trail and give its id; with `session`, inside its transaction.

    `facts` are role, unit_id, opened (names of fields), reason.
    """
    entry = TrailRecord(act=act, about_id=about_id, by_id=by_id, at=real_now(), **facts)
    collection(TrailRecord).insert_one(entry.to_mongo().to_dict(), session=session)
    return str(entry.id)


def trail_about(
    person_id: str, *, by: Actor, before_id: str = "", limit: int = 50
) -> list[TrailRecord]:
    """What was done about a person, newest first, at most 200; `before_id` goes on from a page.

    Raises NotAllowed unless the caller is an auditor, ombudsman or admin whose role reaches the
    person as it must to open their seals; PersonNotFound.
    """
    roles = (Role.AUDITOR, Role.OMBUDSMAN, Role.ADMIN)
    by.must_hold(*roles)
    must_reach(person_of(person_id), *roles, by=by)
    found = TrailRecord.objects(about_id=person_id)
    if before_id:
        found = found.filter(id__lt=before_id)
    return list(found.order_by("-id").limit(min(limit, PAGE_MAX)))
