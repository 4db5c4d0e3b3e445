"""Nominating for a commendation: anybody signed in may, and nobody for themselves."""

import hashlib
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from honours.commendations.commendation import Commendation, CommendationKind, CommendationState
from honours.commendations.commendation_roles import belongs_to
from honours.commendations.telling_commendations import NOMINATED, tell_soon
from people import Actor, UnitKind, count_attempt, person_of, person_with_card, unit_of
from settings import settings
from shared.canonical import plain_text
from shared.clock import now, stored
from shared.database import collection, confirmed
from shared.errors import Conflict, Invalid, Refused
from shared.i18n import Text
from shared.ids import new_id

PER_DAY = "5 per day; 30 per 30 day"
# Of everybody's nominations together, so that its officers are not buried under notices.
PER_SUBJECT = "10 per day"
LONGEST_TITLE, LONGEST_WORDS = 60, 2_000
OLDEST_DEED_YEARS = 10


class NominationOfOneself(Refused):
    """Raised when somebody nominates themselves, or a unit that they hold a role in."""

    message = Text(
        "Nobody nominates themselves or their own unit.", "不能提名自己或自己任职的单位。"
    )


class SubjectInvalid(Invalid):
    """Raised when not exactly one of person, card and unit is named, or not the kind's."""

    message = Text(
        "Name one person, by id or card, or one unit, as the kind says.",
        "请按类型指定一名人员（编号或卡片）或一个单位。",
    )


class AwardingUnitInvalid(Invalid):
    """Raised when a unit cannot award it: a redemption point, or the unit commended or below it."""

    message = Text(
        "This unit cannot award it: choose one above the unit that is commended.",
        "该单位不能作出此表彰，请选择被表彰单位的上级单位。",
    )


class WordsInvalid(Invalid):
    """Raised when title or words are empty or endless."""

    message = Text("Please write 1 to {most} characters.", "请填写 1 至 {most} 字。")


class DeedDayInvalid(Invalid):
    """Raised when the day of a deed lies ahead, or too far back to be looked into."""

    message = Text(
        "The day must not lie ahead nor more than {years} years back.",
        "日期不得晚于今天，且须在 {years} 年以内。",
    )


class NominationKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another nomination."""

    message = Text(
        "This Idempotency-Key was used for another nomination.",
        "该 Idempotency-Key 已用于其他提名。",
    )


def nominate(
    kind: CommendationKind,
    *,
    unit_id: str,
    title: str,
    words: str,
    person_id: str = "",
    card: str = "",
    subject_unit_id: str = "",
    deed_on: date | None = None,
    key: str,
    by: Actor,
) -> Commendation:
    """Nominate a person (by id or card) or a unit, to be commended by the unit `unit_id`.

    The same key answers the same nomination. Raises SubjectInvalid, WordsInvalid, DeedDayInvalid,
    PersonNotFound, UnknownCard, UnitNotFound, NominationOfOneself, AwardingUnitInvalid,
    NominationKeyUsed, TooMany.
    """
    said: dict[str, Any] = {
        "kind": CommendationKind(kind).value,
        "unit_id": unit_id,
        "title": _written("title", title, LONGEST_TITLE),
        "words": _written("words", words, LONGEST_WORDS),
        "deed_on": _deed_day(deed_on),
    }
    _refuse_odd_subject(kind, person_id, card, subject_unit_id)
    # By what was asked, not by whose a card is now: it may be reissued between a wish and a repeat.
    asked = {"person_id": person_id, "card": card.strip(), "subject_unit_id": subject_unit_id}
    wish = hashlib.sha256(plain_text(said | asked).encode()).hexdigest()
    earlier = _nominated_before(wish, key, by)
    if earlier is None:
        count_attempt(f"nominations:{by.person_id}", PER_DAY)
        made = _nomination(said, _subject(person_id, card, subject_unit_id, by), by)
        made.key, made.wish = key, wish
        try:
            collection(Commendation).insert_one(made.to_mongo().to_dict())
        except DuplicateKeyError:
            confirmed(Commendation).find_one({"nominated_by": by.person_id, "key": key})
            earlier = _nominated_before(wish, key, by)
            if earlier is None:
                raise
    found = earlier or made
    tell_soon(found.id)
    return found


def _written(field: str, text: str, most: int) -> str:
    text = text.strip()
    if not 1 <= len(text) <= most:
        raise WordsInvalid(field, most=most)
    return text


def _deed_day(deed_on: date | None) -> str | None:
    if deed_on is None:
        return None
    today = now().astimezone(ZoneInfo(settings().business_time_zone)).date()
    if deed_on > today or deed_on.year < today.year - OLDEST_DEED_YEARS:
        raise DeedDayInvalid("deed_on", years=OLDEST_DEED_YEARS)
    return str(deed_on)


def _refuse_odd_subject(
    kind: CommendationKind, person_id: str, card: str, subject_unit_id: str
) -> None:
    named = [bool(one) for one in (person_id, card, subject_unit_id)]
    is_unit = kind == CommendationKind.UNIT
    if sum(named) != 1 or bool(subject_unit_id) != is_unit:
        raise SubjectInvalid("subject_unit_id" if is_unit else "person_id")


def _nominated_before(wish: str, key: str, by: Actor) -> Commendation | None:
    """The nomination that this very wish made before. Raises NominationKeyUsed."""
    earlier: Commendation | None = Commendation.objects(nominated_by=by.person_id, key=key).first()
    if earlier is not None and earlier.wish != wish:
        raise NominationKeyUsed
    return earlier


def _subject(person_id: str, card: str, subject_unit_id: str, by: Actor) -> dict[str, Any]:
    """Whom or what it is for. Raises PersonNotFound, UnknownCard, UnitNotFound and more."""
    if subject_unit_id:
        unit = unit_of(subject_unit_id)
        if belongs_to(by, unit):
            raise NominationOfOneself
        return {"subject_unit_id": unit.id}
    person = person_of(person_id) if person_id else person_with_card(card)
    if person.id == by.person_id:
        raise NominationOfOneself
    return {"person_id": person.id}


def _nomination(said: dict[str, Any], subject: dict[str, Any], by: Actor) -> Commendation:
    unit = unit_of(said["unit_id"])
    # A unit is not commended by itself, nor by one that it directs.
    is_own = subject.get("subject_unit_id") in unit.lineage
    if unit.kind == UnitKind.REDEMPTION_POINT or is_own:
        raise AwardingUnitInvalid("unit_id")
    whose = subject.get("person_id") or subject["subject_unit_id"]
    count_attempt(f"nominated:{whose}", PER_SUBJECT)
    moment: datetime = stored(now())
    return Commendation(
        id=new_id(),
        **said,
        **subject,
        lineage=list(unit.lineage),
        state=CommendationState.NOMINATED,
        nominated_by=by.person_id,
        nominated_at=moment,
        untold=[NOMINATED],
    )
