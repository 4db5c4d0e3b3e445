"""Announcing: officers are told of every change of rates and budgets, and when a card begins.

A sweep reads the log of changes, so that nothing takes effect unseen whoever made it and however
the request ended. What is told has a name of its own and is told once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from bson import ObjectId

from insights.change_words import changed_words, done_words
from insights.told_once import (
    concerned_by,
    mark_told_up_to,
    tell_or_note,
    told_up_to,
    untold,
)
from notices import tell_people
from people import ChangeRecord, Unit, changes_since, people_of, unit_of
from rates import RateCard, cards_begun
from shared.clock import real_now
from shared.database import TRANSACTION_TIMEOUT_S
from shared.sweeping import sweep_each

# A record's id and time are made before it is committed: one may appear behind others for as long
# as a transaction lasts, with room for clocks that differ.
SETTLED_AFTER = timedelta(seconds=2 * TRANSACTION_TIMEOUT_S)
LOOK_BACK = timedelta(minutes=10)
# What began longer ago when the first sweep of all runs is no news.
FIRST_LOOK_BACK = timedelta(days=1)
STEP = 200

CHANGES, BEGINNINGS = "changes", "beginnings"
SUBJECTS = ("rate_card", "weather_warning", "budget", "fund")
_DRAFTING = ("drafted", "edited")
_SOMEBODY = {"en": "somebody", "zh-CN": "某人"}


def announce_changes(until: datetime | None = None) -> int:
    """Tell of the changes of rates and budgets made before `until` and not told yet; how many.

    None: those made so long ago that all of them are surely there.
    """
    until = until or real_now() - SETTLED_AFTER
    new = list(_untold_changes(until))
    told = sweep_each(new, _announce_change)
    if told == len(new):
        mark_told_up_to(CHANGES, until)
    return told


def _untold_changes(until: datetime) -> Iterator[ChangeRecord]:
    reached = told_up_to(CHANGES)
    last_id = str(ObjectId.from_datetime(reached - LOOK_BACK)) if reached else ""
    while found := changes_since(last_id, until=until, limit=STEP):
        last_id = found[-1].id
        records = {_name_of(one): one for one in found if _is_ours(one)}
        yield from (records[name] for name in untold(records))


def _name_of(record: ChangeRecord) -> str:
    return f"change:{record.id}"


def _is_ours(record: ChangeRecord) -> bool:
    return record.subject.startswith(SUBJECTS)


def _announce_change(record: ChangeRecord) -> None:
    tell_or_note(_name_of(record), lambda: _tell_change(record))


def _tell_change(record: ChangeRecord) -> None:
    unit = unit_of(record.unit_id)
    facts = {
        "unit": name_of(unit),
        "who": _who(record.by_id),
        "what": done_words(record.subject, record.verb),
        "changes": changed_words(record.before, record.after),
        "why": record.why,
        "change_id": record.id,
        "about_id": record.about_id,
    }
    is_draft = record.subject == "rate_card" and record.verb in _DRAFTING
    notice = "rates_drafted" if is_draft else "rates_changed"
    tell_people(concerned_by(unit, but=record.by_id), notice, facts, key=_key_of(record))


def _key_of(record: ChangeRecord) -> str:
    """One that is on record for two units, as a transfer is, is one to who watches both."""
    is_both = record.subject == "budget_transfer"
    return f"{record.about_id}:{record.verb}" if is_both else str(record.id)


def _who(person_id: str) -> str | dict[str, str]:
    found = people_of([person_id]).get(person_id)
    return (found.nickname if found else "") or _SOMEBODY


def announce_beginnings(until: datetime | None = None) -> int:
    """Tell that rate cards have come into force up to `until` (now) and not been told; how many."""
    until = until or real_now()
    reached = told_up_to(BEGINNINGS)
    after = reached - LOOK_BACK if reached else until - FIRST_LOOK_BACK
    begun = {_beginning_of(card): card for card in cards_begun(after, until)}
    new = [begun[name] for name in untold(begun)]
    told = sweep_each(new, _announce_beginning)
    if told == len(new):
        mark_told_up_to(BEGINNINGS, until)
    return told


def _beginning_of(card: RateCard) -> str:
    return f"in_force:{card.id}"


def _announce_beginning(card: RateCard) -> None:
    tell_or_note(_beginning_of(card), lambda: _tell_beginning(card))


def _tell_beginning(card: RateCard) -> None:
    unit = unit_of(card.unit_id)
    facts = {
        "unit": name_of(unit),
        "title": {"en": card.title.get("en") or card.title["zh"], "zh-CN": card.title["zh"]},
        "in_force_from": card.in_force_from,
        "card_id": card.id,
    }
    tell_people(concerned_by(unit), "rate_card_in_force", facts, key=_beginning_of(card))


def name_of(unit: Unit) -> dict[str, str]:
    """The unit's name in both languages."""
    return {"en": unit.name_en or unit.name, "zh-CN": unit.name}
