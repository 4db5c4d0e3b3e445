"""How a rate card is drafted, copied from another one, and edited until somebody approves it."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people import Actor, Role, Unit, record_change, sound_why, unit_of, units_of
from rates.card_content import content_of, logged, sound_content
from rates.card_values import BadRateCard
from rates.cards_in_force import READERS, CardNotFound, card_of, seen_card
from rates.example_cards import EXAMPLE_CARDS
from rates.rate_card import CardState, RateCard
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, Refused, Unavailable
from shared.i18n import Text
from shared.ids import new_id

SUBJECT = "rate_card"
# No card comes into force while its approval or its withdrawal is still being written.
DECIDED_AHEAD = timedelta(seconds=10)


class CardBackDated(Refused):
    """Raised when a card would be in force from a moment that is over, or over once approved."""

    message = Text(
        "A rate card comes into force some seconds after its approval at the earliest; "
        "{in_force_from} is too early.",
        "积分标准最早于审批数秒后生效；{in_force_from} 过早。",
    )


class CardKeyReused(Conflict):
    """Raised when an author's key for a draft comes again with another content."""

    message = Text(
        "This Idempotency-Key was used for another rate card.",
        "该 Idempotency-Key 已用于另一份积分标准。",
    )


class WrongCardState(Conflict):
    """Raised when the card is no longer in the state that the step starts from."""

    message = Text(
        "The rate card is {state}; this is no longer possible.",
        "积分标准状态为 {state}，无法操作。",
    )


class RateCardChanged(Conflict):
    """Raised when somebody changed the card since the version named in If-Match."""

    message = Text(
        "The rate card was changed meanwhile; it is at version {version} now.",
        "积分标准已被他人修改，当前版本为 {version}。",
    )


class UnitOutsideCard(BadRateCard):
    """Raised when a card names a unit that is not the card's own or below it."""

    message = Text(
        "The unit {unit_id} is not below the unit of the card.",
        "单位 {unit_id} 不在该标准所属单位之下。",
    )


def draft_card(
    unit_id: str,
    content: Mapping[str, Any],
    *,
    copy_of: str = "",
    why: str,
    key: str,
    by: Actor,
) -> RateCard:
    """A new draft of the unit: `content`, and what it leaves out as the card `copy_of` has it.

    `copy_of` is the id of a card that `by` may see, or of an example. The same key again answers
    the same card, edited, approved or not. Raises NotAllowed, UnitNotFound, WhyMissing,
    BadRateCard, CardBackDated, CardNotFound, CardKeyReused.
    """
    unit = unit_of(unit_id)
    by.must_hold(Role.RATE_ADMIN, at=unit)
    why, key = sound_why(why), f"{by.person_id}:{key}"
    asked = _hash_of(unit_id, copy_of, content)
    # Looked up first: a repeat may come after the card's moment has passed.
    earlier = RateCard.objects(draft_key=key).first()
    if earlier is not None:
        return _same(earlier, asked)
    copied, authors = _copied(copy_of, by)
    said = sound_content({**copied, **content})
    refuse_content(unit, said)
    card = {
        "_id": new_id(),
        "unit_id": unit.id,
        "state": CardState.DRAFT.value,
        **said,
        "written_by": [by.person_id, *(each for each in authors if each != by.person_id)],
        "drafted_at": now(),
        "draft_key": key,
        "draft_hash": asked,
        "version": 1,
    }
    try:
        _insert(card, unit, why)
    except DuplicateKeyError:
        found = confirmed(RateCard).find_one({"draft_key": key})
        if found is None:
            raise Unavailable from None
        return _same(RateCard._from_son(found), asked)
    return RateCard._from_son(card)


def _insert(card: dict[str, Any], unit: Unit, why: str) -> None:
    def decide(session: ClientSession) -> None:
        collection(RateCard).insert_one(dict(card), session=session)
        record_change(
            SUBJECT,
            card["_id"],
            "drafted",
            unit=unit,
            before=None,
            after=logged(content_of(RateCard._from_son(card))),
            why=why,
            by_id=card["written_by"][0],
            session=session,
        )

    in_transaction(decide)


def _same(card: RateCard, asked: str) -> RateCard:
    if card.draft_hash != asked:
        raise CardKeyReused
    return card


def _hash_of(unit_id: str, copy_of: str, content: Mapping[str, Any]) -> str:
    plain = orjson.dumps([unit_id, copy_of, content], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(plain).hexdigest()


def _copied(copy_of: str, by: Actor) -> tuple[dict[str, Any], list[str]]:
    """What the card or example to copy says, but its moment; and whose words nobody approved yet.

    Who wrote a draft does not approve it in the form of a copy either.
    """
    if not copy_of:
        return {}, []
    if copy_of in EXAMPLE_CARDS:
        return dict(EXAMPLE_CARDS[copy_of].content), []
    card = seen_card(copy_of, by=by).card
    copied = content_of(card)
    del copied["in_force_from"]
    return copied, list(card.written_by) if card.approved_at is None else []


def refuse_content(unit: Unit, content: Mapping[str, Any]) -> None:
    """Raises UnitOutsideCard, or CardBackDated where its moment is over."""
    named = {
        f"{part}.{number}.unit_ids.{place}": unit_id
        for part in ("multipliers", "extras")
        for number, one in enumerate(content[part])
        for place, unit_id in enumerate(one["unit_ids"])
    }
    known = units_of(list(set(named.values()))) if named else {}
    for path, unit_id in named.items():
        if unit_id not in known or unit.id not in known[unit_id].lineage:
            raise UnitOutsideCard(path, unit_id=unit_id)
    if content["in_force_from"] < now():
        raise CardBackDated(in_force_from=content["in_force_from"].isoformat())


def edit_card(
    card_id: str, changes: Mapping[str, Any], *, version: int, why: str, by: Actor
) -> RateCard:
    """The draft with `changes` taken over whole, field by field; `by` is one of its authors then.

    Raises CardNotFound, NotAllowed, WhyMissing, BadRateCard, CardBackDated, RateCardChanged,
    WrongCardState.
    """
    card = managed_card(card_id, Role.RATE_ADMIN, by=by)
    why, unit, before = sound_why(why), unit_of(card.unit_id), content_of(card)
    refuse_version(card, version, CardState.DRAFT)
    said = sound_content({**before, **changes})
    refuse_content(unit, said)

    def decide(session: ClientSession) -> RateCard:
        edited = collection(RateCard).find_one_and_update(
            {"_id": card_id, "state": CardState.DRAFT.value, "version": version},
            {"$set": said, "$addToSet": {"written_by": by.person_id}, "$inc": {"version": 1}},
            return_document=ReturnDocument.AFTER,
            session=session,
        )
        if edited is None:
            refuse_version(card_in(session, card_id), version, CardState.DRAFT)
            raise CardNotFound
        found: RateCard = RateCard._from_son(edited)
        record_change(
            SUBJECT,
            card_id,
            "edited",
            unit=unit,
            before=logged(before),
            after=logged(content_of(found)),
            why=why,
            by_id=by.person_id,
            session=session,
        )
        return found

    return in_transaction(decide)


def managed_card(card_id: str, *roles: Role, by: Actor) -> RateCard:
    """The card, where `by` holds one of `roles` at its unit. Raises CardNotFound, NotAllowed."""
    card = card_of(card_id)
    unit = unit_of(card.unit_id)
    if card.approved_at is None and not by.holds(*READERS, at=unit):
        raise CardNotFound
    by.must_hold(*roles, at=unit)
    return card


def card_in(session: ClientSession, card_id: str) -> RateCard:
    """The card as a transaction sees it. Raises CardNotFound."""
    found = collection(RateCard).find_one({"_id": card_id}, session=session)
    if found is None:
        raise CardNotFound
    card: RateCard = RateCard._from_son(found)
    return card


def refuse_version(card: RateCard, version: int, *states: CardState) -> None:
    """Raises WrongCardState in any state but these, RateCardChanged at another version."""
    if card.state not in states:
        raise WrongCardState(state=CardState(card.state).value)
    if card.version != version:
        raise RateCardChanged(version=card.version)
