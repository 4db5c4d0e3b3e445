"""The question sheets of units: written once, never changed; which one a task's test asks."""

import hashlib
from datetime import datetime
from typing import Any

import orjson
from mongoengine.errors import NotUniqueError

from people import Actor, Role, Unit, unit_of
from shared.clock import now
from shared.errors import Conflict, Invalid, NotAllowed, NotFound
from shared.i18n import Text
from shared.ids import new_id
from tasks.proofs.question_sheet import Question, QuestionSheet


class SheetNotFound(NotFound):
    """Raised when there is no such question sheet, or none that the caller may see."""

    message = Text("There is no such question sheet.", "试卷不存在。")


class SheetKeyReused(Conflict):
    """Raised when an author's key for a sheet comes again with other questions."""

    message = Text("This key was already used for another sheet.", "该编号已用于另一份试卷。")


class BadQuestion(Invalid):
    """Raised when a question has no right option, or names one that it does not have."""

    message = Text(
        "Each question needs right options out of its own, and no option twice.",
        "每道题须从自身选项中指定正确答案，且选项不得重复。",
    )


def write_sheet(
    unit_id: str, *, title: str, questions: list[dict[str, Any]], key: str, by: Actor
) -> QuestionSheet:
    """A new sheet of the unit; the same key again answers the same sheet.

    `questions` are {text, options, right: places of the right options from 0}. Raises NotAllowed,
    UnitNotFound, BadQuestion, SheetKeyReused.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.CENTRE_OFFICER, at=unit)
    plain = orjson.dumps([unit_id, title, questions], option=orjson.OPT_SORT_KEYS)
    sheet = QuestionSheet(
        id=new_id(),
        unit_id=unit.id,
        title=title,
        questions=[_usable(one, f"questions.{n}") for n, one in enumerate(questions)],
        created_by=by.person_id,
        key=key,
        content_hash=hashlib.sha256(plain).hexdigest(),
        created_at=now(),
    )
    try:
        sheet.save(force_insert=True)
    except NotUniqueError:
        earlier: QuestionSheet = QuestionSheet.objects(created_by=by.person_id, key=key).get()
        if earlier.content_hash != sheet.content_hash:
            raise SheetKeyReused from None
        return earlier
    return sheet


def _usable(question: dict[str, Any], field: str) -> Question:
    options, right = question["options"], sorted(set(question["right"]))
    if len(set(options)) != len(options):
        raise BadQuestion(f"{field}.options")
    if not right or not 0 <= right[0] <= right[-1] < len(options):
        raise BadQuestion(f"{field}.right")
    return Question(text=question["text"], options=options, right=right)


def sheet_of(sheet_id: str, *, by: Actor) -> QuestionSheet:
    """A sheet with its right answers, for the officers of its unit and auditors.

    Raises SheetNotFound.
    """
    found: QuestionSheet | None = QuestionSheet.objects.with_id(sheet_id)
    roles = (Role.CENTRE_OFFICER, Role.AUDITOR)
    if found is None or not by.holds(*roles, at=unit_of(found.unit_id)):
        raise SheetNotFound
    return found


def sheets_of_unit(
    unit_id: str, *, before_id: str | None = None, limit: int = 20, by: Actor
) -> list[QuestionSheet]:
    """A unit's own sheets, newest first. Raises NotAllowed, UnitNotFound."""
    unit = unit_of(unit_id)
    if not by.holds(Role.CENTRE_OFFICER, Role.AUDITOR, at=unit):
        raise NotAllowed
    wanted: dict[str, Any] = {"id__lt": before_id} if before_id else {}
    return list(QuestionSheet.objects(unit_id=unit.id, **wanted).order_by("-id").limit(limit))


def sheet_for(unit: Unit, sheet_id: str | None, moment: datetime) -> QuestionSheet | None:
    """The sheet of this id, of the unit or one above it; without an id the newest at `moment`.

    That of the unit itself goes before those of the units above. None where there is none.
    """
    lineage = list(unit.lineage)
    if sheet_id is not None:
        named: QuestionSheet | None = QuestionSheet.objects(
            id=sheet_id, unit_id__in=lineage
        ).first()
        return named
    for unit_id in reversed(lineage):
        stood = QuestionSheet.objects(unit_id=unit_id, created_at__lte=moment)
        newest: QuestionSheet | None = stood.order_by("-id").first()
        if newest is not None:
            return newest
    return None
