"""How a second person approves a rate card, and how one is withdrawn before it is in force."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ReturnDocument
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people import Actor, Role, Unit, record_change, sound_why, unit_of
from rates.card_content import content_of, logged
from rates.coin_worth import refuse_worthless
from rates.drafting_cards import (
    DECIDED_AHEAD,
    SUBJECT,
    CardBackDated,
    card_in,
    managed_card,
    refuse_content,
    refuse_version,
)
from rates.rate_card import CardState, RateCard
from rates.taking_turns import begin_turns, take_turn
from shared.clock import now
from shared.database import collection, in_transaction
from shared.errors import Conflict, NotAllowed, Refused
from shared.i18n import Text

APPROVERS = (Role.RATE_ADMIN, Role.ADMIN)


class OwnRateCard(NotAllowed):
    """Raised when somebody would approve a card that they have written on."""

    message = Text(
        "A rate card is approved by somebody who has not written on it.",
        "积分标准须由未参与起草的人员审批。",
    )


class CardExists(Conflict):
    """Raised when the unit has another card from that very moment."""

    message = Text(
        "The unit has another rate card in force from that moment.",
        "该单位在同一时间起已有另一份积分标准。",
    )


class CardInForce(Refused):
    """Raised when a card would be withdrawn that is in force, was, or is about to be."""

    message = Text(
        "The rate card is in force from {in_force_from}; it can only be followed by another one.",
        "该积分标准自 {in_force_from} 起生效，不能撤回，只能由新的标准取代。",
    )


def approve_card(card_id: str, *, version: int, why: str, by: Actor) -> RateCard:
    """The card, approved as it stands at this version: in force from its moment on.

    Repeating it answers the same. Raises CardNotFound, NotAllowed, OwnRateCard, WhyMissing,
    WrongCardState, RateCardChanged, CardBackDated, CardExists, CoinsWithoutValueThere,
    UnitOutsideCard.
    """
    card = managed_card(card_id, *APPROVERS, by=by)
    why, unit = sound_why(why), unit_of(card.unit_id)

    def decide(session: ClientSession) -> RateCard:
        seen = card_in(session, card_id)
        if _done(seen, CardState.APPROVED, version, by):
            return seen
        _refuse_approval(seen, version, by)
        decided = {"approved_by": by.person_id, "approved_at": now()}
        take_turn(unit.lineage[0], session)
        moved = _moved(seen, CardState.APPROVED, decided, unit=unit, why=why, session=session)
        refuse_worthless(unit, seen.in_force_from, session)
        return moved

    if card.state == CardState.DRAFT and card.version == version:
        refuse_content(unit, content_of(card))
    begin_turns(unit.lineage[0])
    try:
        return in_transaction(decide)
    except DuplicateKeyError:
        raise CardExists from None


def _done(card: RateCard, state: CardState, version: int, by: Actor) -> bool:
    """Whether `by` moved the card on from this version already."""
    whose = card.approved_by if state == CardState.APPROVED else card.withdrawn_by
    return card.state == state and whose == by.person_id and card.version == version + 1


def _refuse_approval(card: RateCard, version: int, by: Actor) -> None:
    refuse_version(card, version, CardState.DRAFT)
    if by.person_id in card.written_by:
        raise OwnRateCard
    if card.in_force_from <= now() + DECIDED_AHEAD:
        raise CardBackDated(in_force_from=card.in_force_from.isoformat())


def withdraw_card(card_id: str, *, version: int, why: str, by: Actor) -> RateCard:
    """The card, withdrawn: a draft, or an approved one that is not in force yet.

    Repeating it answers the same. Raises CardNotFound, NotAllowed, WhyMissing, WrongCardState,
    RateCardChanged, CardInForce, CoinsWithoutValueThere.
    """
    card = managed_card(card_id, *APPROVERS, by=by)
    why, unit = sound_why(why), unit_of(card.unit_id)

    def decide(session: ClientSession) -> RateCard:
        seen = card_in(session, card_id)
        if _done(seen, CardState.WITHDRAWN, version, by):
            return seen
        refuse_version(seen, version, CardState.DRAFT, CardState.APPROVED)
        was_approved = seen.state == CardState.APPROVED
        if was_approved and seen.in_force_from <= now() + DECIDED_AHEAD:
            raise CardInForce(in_force_from=seen.in_force_from.isoformat())
        decided = {"withdrawn_by": by.person_id, "withdrawn_at": now()}
        take_turn(unit.lineage[0], session)
        moved = _moved(seen, CardState.WITHDRAWN, decided, unit=unit, why=why, session=session)
        if was_approved:
            refuse_worthless(unit, seen.in_force_from, session)
        return moved

    begin_turns(unit.lineage[0])
    return in_transaction(decide)


def _moved(
    card: RateCard,
    state: CardState,
    decided: Mapping[str, Any],
    *,
    unit: Unit,
    why: str,
    session: ClientSession,
) -> RateCard:
    """The card in its new state, and the record of who moved it and what changes by it."""
    was = CardState(card.state).value
    moved = collection(RateCard).find_one_and_update(
        {"_id": card.id, "state": was, "version": card.version},
        {"$set": {"state": state.value, **decided}, "$inc": {"version": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    found: RateCard = RateCard._from_son(moved)
    before: dict[str, Any] = {"state": was}
    after: dict[str, Any] = {"state": state.value}
    if state == CardState.APPROVED:
        followed = _card_before(found.unit_id, found.in_force_from, session)
        before |= logged(content_of(followed)) if followed else {}
        after |= logged(content_of(found))
    by_id = found.approved_by if state == CardState.APPROVED else found.withdrawn_by
    record_change(
        SUBJECT,
        found.id,
        state.value,
        unit=unit,
        before=before,
        after=after,
        why=why,
        by_id=by_id,
        session=session,
    )
    return found


def _card_before(unit_id: str, moment: datetime, session: ClientSession) -> RateCard | None:
    """The unit's approved card that another one from `moment` on takes the place of."""
    wanted = {
        "unit_id": unit_id,
        "state": CardState.APPROVED.value,
        "in_force_from": {"$lt": moment},
    }
    found = collection(RateCard).find_one(wanted, sort=[("in_force_from", -1)], session=session)
    return RateCard._from_son(found) if found else None
