"""Which kinds of task there are: the newest version an admin put, or else the standard one."""

import contextlib
from typing import Any

from mongoengine.errors import NotUniqueError

from people import Actor, Role, must_hold_at_root
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, Invalid, NotFound
from shared.i18n import Text
from tasks.kinds.kind_content import usable_kind
from tasks.kinds.standard_kinds import STANDARD_KINDS
from tasks.kinds.task_kind import TaskKind


class KindNotFound(NotFound):
    """Raised when no kind of task has this id."""

    message = Text("There is no such kind of task.", "没有该任务类型。")


class UnknownKind(Invalid):
    """Raised when a draft names a kind of task that is not there, or retired."""

    message = Text(
        "No kind of task of that name is in use; there are {known}.",
        "没有该任务类型或已停用；可用的有 {known}。",
    )


class KindChanged(Conflict):
    """Raised when a kind is at another version than the one named in If-Match."""

    message = Text(
        "The kind is at version {version} now (0: there is none of that id).",
        "该任务类型当前版本为 {version}（0 表示不存在）。",
    )


def kind_of(kind_id: str) -> TaskKind:
    """The newest version of a kind. Raises KindNotFound."""
    found = _newest(kind_id)
    if found is None:
        raise KindNotFound
    return found


def active_kind_of(kind_id: str) -> TaskKind:
    """The kind, where new tasks may have it. Raises UnknownKind, with the field `kind`."""
    found = _newest(kind_id)
    if found is None or not found.active:
        known = [kind.kind_id for kind in task_kinds() if kind.active]
        raise UnknownKind("kind", known=", ".join(known))
    return found


def kind_name(kind_id: str) -> Text | None:
    """What a kind is called in both languages; None where there is none of that id."""
    found = _newest(kind_id)
    return Text(found.name["en"], found.name["zh"]) if found else None


def task_kinds() -> list[TaskKind]:
    """The newest version of every kind, retired ones too: the standard ones first, then by id."""
    steps: list[dict[str, Any]] = [
        {"$sort": {"kind_id": 1, "version": -1}},
        {"$group": {"_id": "$kind_id", "newest": {"$first": "$$ROOT"}}},
    ]
    put = {
        group["_id"]: TaskKind._from_son(group["newest"])
        for group in collection(TaskKind).aggregate(steps)
    }
    others = sorted(set(put) - set(STANDARD_KINDS))
    return [put.get(kind_id) or _standard(kind_id) for kind_id in (*STANDARD_KINDS, *others)]


def put_task_kind(kind_id: str, content: dict[str, Any], *, version: int, by: Actor) -> TaskKind:
    """The next version of a kind after `version`, which is 0 for a new kind; earlier ones stay.

    `content` holds the kind's fields, as the schema names them; `active` false retires it.
    Repeating it answers the version it made. Raises NotAllowed, KindChanged, BadKindId and other
    kinds of Invalid.
    """
    must_hold_at_root(Role.ADMIN, by=by)
    made = TaskKind(
        key=f"{kind_id}:{version + 1}",
        kind_id=kind_id,
        version=version + 1,
        put_by=by.person_id,
        put_at=now(),
        **usable_kind(kind_id, content),
    )
    current = _newest(kind_id)
    if (current.version if current else 0) == version:
        with contextlib.suppress(NotUniqueError):
            # Whoever inserts the version's key first made it.
            return made.save(force_insert=True)
        current = _newest(kind_id)
    if current is None or not _is_same(current, made):
        raise KindChanged(version=current.version if current else 0)
    return current


def _is_same(current: TaskKind, made: TaskKind) -> bool:
    """Whether the version that stands is what this very request made before."""
    written = (name for name in TaskKind._fields if name != "put_at")
    return all(getattr(current, name) == getattr(made, name) for name in written)


def _newest(kind_id: str) -> TaskKind | None:
    put: TaskKind | None = TaskKind.objects(kind_id=kind_id).order_by("-version").first()
    return put or (_standard(kind_id) if kind_id in STANDARD_KINDS else None)


def _standard(kind_id: str) -> TaskKind:
    content = usable_kind(kind_id, STANDARD_KINDS[kind_id])
    return TaskKind(key=f"{kind_id}:1", kind_id=kind_id, version=1, **content)
