"""Coins from one unit's budget of a year to another's: asked for by the one who gives, and
approved by a second person who stands above both.
"""

from collections.abc import Callable

from bson import Int64
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from ledger import GENERAL_FUND, EntryKind, NewEntry, post_one
from people import Actor, Role, Unit, record_change, sound_why, unit_of
from rates.asking_once import (
    MAX_AMOUNT,
    BudgetKeyReused,
    flaw_of,
    made_meanwhile,
)
from rates.budgets.budget import Budget, known_fund
from rates.budgets.budget_slices import draw_from_budget, legs_into_budget, try_to_rebalance
from rates.budgets.budget_transfer import BudgetTransfer, TransferState
from rates.funds.funds import FundNotForUnit, fund_of
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from shared.i18n import Text
from shared.ids import new_id

DECIDERS = (Role.RATE_ADMIN, Role.ADMIN)
_WHOSE = ("asked_by", "key")
_SAYS = ("from_unit_id", "to_unit_id", "year", "fund", "coins", "why")


class BadTransfer(Invalid):
    """Raised when a transfer's units, year, coins or key cannot be used."""

    message = Text(
        "Coins go from one unit to another one; the year is 2000 to 2100, coins are whole from 1 "
        "to {coins}, and the key is not empty.",
        "须由一个单位调剂给另一单位；年度须为 2000 至 2100，福币须为 1 至 {coins} 的整数，"
        "且键不能为空。",
    )


class TransferNotFound(NotFound):
    """Raised when there is no such transfer, or none that the caller may see."""

    message = Text("There is no such transfer.", "未找到该预算调剂。")


class TransferDecided(Conflict):
    """Raised when a transfer was decided otherwise before."""

    message = Text("This transfer is {state} already.", "该预算调剂状态已为 {state}，不能再处理。")


class OwnTransfer(Refused):
    """Raised when who asked for a transfer would approve it as well."""

    message = Text(
        "A second person must approve this transfer.", "预算调剂须由另一人批准，申请人不得自批。"
    )


class _Moved(Exception):
    """Raised out of a transaction that found the transfer decided."""


def ask_transfer(
    from_unit_id: str,
    to_unit_id: str,
    year: int,
    coins: int,
    fund: str = GENERAL_FUND,
    *,
    why: str,
    key: str,
    by: Actor,
) -> BudgetTransfer:
    """Ask for coins to go from a unit's budget of a year to another unit's, of the same fund.

    Nothing is set aside for it meanwhile. A fund of a name must be open, and that of a unit which
    both lie in. The same key answers the same transfer. Raises NotAllowed, UnitNotFound,
    BadTransfer, BadFund, FundNotFound, FundNotForUnit, WhyMissing, BudgetKeyReused.
    """
    source = unit_of(from_unit_id)
    by.must_hold(Role.RATE_ADMIN, at=source)
    flaw = flaw_of(year, coins, key, name="coins")
    if flaw or to_unit_id == source.id:
        raise BadTransfer(flaw or "to_unit_id", coins=MAX_AMOUNT)
    target = unit_of(to_unit_id)
    _refuse_fund(known_fund(fund), source, target)
    asked = BudgetTransfer(
        id=new_id(),
        from_unit_id=source.id,
        to_unit_id=target.id,
        year=year,
        fund=fund,
        coins=coins,
        state=TransferState.REQUESTED,
        why=sound_why(why),
        key=key,
        asked_by=by.person_id,
        asked_at=now(),
    )

    def decide(session: ClientSession) -> BudgetTransfer:
        document = {**asked.to_mongo(), "coins": Int64(coins)}
        collection(BudgetTransfer).insert_one(document, session=session)
        _record(asked, "ask_budget_transfer", None, asked.why, by, session)
        return asked

    try:
        return in_transaction(decide)
    except DuplicateKeyError:
        return made_meanwhile(asked, _WHOSE, _SAYS, BudgetKeyReused)


def _refuse_fund(name: str, *units: Unit) -> None:
    """Raises FundNotFound, or FundNotForUnit where the fund's own unit is not above a unit."""
    if name == GENERAL_FUND:
        return
    owner_id = fund_of(name).unit_id
    for unit in units:
        if owner_id not in unit.lineage:
            raise FundNotForUnit(fund=name, unit_name=unit.name)


def approve_transfer(transfer_id: str, *, why: str, by: Actor) -> BudgetTransfer:
    """Approve a transfer and move its coins; again: the transfer as it was approved.

    Raises TransferNotFound, NotAllowed, OwnTransfer, WhyMissing, TransferDecided, BudgetShort.
    """
    transfer = _known(transfer_id)
    by.must_hold(*DECIDERS, at=_above_both(transfer))
    if transfer.asked_by == by.person_id:
        raise OwnTransfer
    why = sound_why(why)
    source = Budget(transfer.from_unit_id, transfer.year, transfer.fund)
    target = Budget(transfer.to_unit_id, transfer.year, transfer.fund)

    def move(session: ClientSession) -> dict[str, str]:
        draw = draw_from_budget(source, transfer.coins, session=session, past_stop=True)
        entry = NewEntry(
            f"budget-transfer:{transfer.id}",
            EntryKind.REBALANCING,
            [*draw.legs, *legs_into_budget(target, transfer.coins)],
            ("budget_transfer", transfer.id),
            unit=source.unit_id,
        )
        return {"entry_id": post_one(entry, session=session)}

    decided = _decided(transfer, TransferState.APPROVED, why, by, move)
    try_to_rebalance(source)
    return decided


def refuse_transfer(transfer_id: str, *, why: str, by: Actor) -> BudgetTransfer:
    """Refuse a transfer, or take back one's own; again: the transfer as it was refused.

    Raises TransferNotFound, NotAllowed, WhyMissing, TransferDecided.
    """
    transfer = _known(transfer_id)
    if transfer.asked_by != by.person_id:
        by.must_hold(*DECIDERS, at=_above_both(transfer))
    return _decided(transfer, TransferState.REFUSED, sound_why(why), by, lambda _: {})


def _decided(
    transfer: BudgetTransfer,
    state: TransferState,
    why: str,
    by: Actor,
    then: Callable[[ClientSession], dict[str, str]],
) -> BudgetTransfer:
    """The transfer in its final state, what follows from it done in the same transaction."""
    moment = now()

    def decide(session: ClientSession) -> None:
        # First of all: of two who decide at once, one starts anew and finds it decided.
        waiting = {"_id": transfer.id, "state": TransferState.REQUESTED.value}
        said = {
            "state": state.value,
            "decided_by": by.person_id,
            "decided_at": moment,
            "decided_why": why,
        }
        transfers = collection(BudgetTransfer)
        if not transfers.update_one(waiting, {"$set": said}, session=session).matched_count:
            raise _Moved
        more = then(session)
        if more:
            transfers.update_one({"_id": transfer.id}, {"$set": more}, session=session)
        verb = "approve" if state == TransferState.APPROVED else "refuse"
        _record(transfer, f"{verb}_budget_transfer", state, why, by, session)

    try:
        in_transaction(decide)
    except _Moved:
        confirmed(BudgetTransfer).find_one({"_id": transfer.id})
    found = _known(transfer.id)
    if found.state != state:
        raise TransferDecided(state=found.state.value)
    return found


def _record(
    transfer: BudgetTransfer,
    verb: str,
    state: TransferState | None,
    why: str,
    by: Actor,
    session: ClientSession,
) -> None:
    """Log it with both units: where `state` is None, that it was asked for."""
    asked = {
        "from_unit_id": transfer.from_unit_id,
        "to_unit_id": transfer.to_unit_id,
        "year": transfer.year,
        "fund": transfer.fund,
        "coins": transfer.coins,
        "state": TransferState.REQUESTED.value,
    }
    before = asked if state else None
    after = {**asked, "state": state.value} if state else asked
    for unit in (unit_of(transfer.from_unit_id), unit_of(transfer.to_unit_id)):
        record_change(
            "budget_transfer",
            transfer.id,
            verb,
            unit=unit,
            before=before,
            after=after,
            why=why,
            by_id=by.person_id,
            session=session,
        )


def _known(transfer_id: str) -> BudgetTransfer:
    found: BudgetTransfer | None = BudgetTransfer.objects.with_id(transfer_id)
    if found is None:
        raise TransferNotFound
    return found


def _above_both(transfer: BudgetTransfer) -> Unit:
    """The nearest unit that both the giving and the receiving one lie in. Raises NotAllowed."""
    source, target = unit_of(transfer.from_unit_id), unit_of(transfer.to_unit_id)
    shared = [unit_id for unit_id in source.lineage if unit_id in target.lineage]
    if not shared:
        raise NotAllowed
    return unit_of(shared[-1])
