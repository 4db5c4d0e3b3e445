"""Awards above one officer's bound: a second officer approves or dismisses; who may see them."""

from dataclasses import dataclass

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.award import Award, AwardState
from catalog.awarding import approved_by, checked, in_words, refuse_own, tell_award, voucher_for
from catalog.giving_back import AWARD_WITHDRAWN, VoucherAlreadyRedeemed, end_voucher
from catalog.offering import OFFICERS
from catalog.ordering import write_issue
from catalog.paging import page_of
from catalog.reward import Reward
from catalog.telling import try_to_tell
from catalog.telling_awards import APPROVED, DISMISSED
from catalog.voucher import HANDED_OVER, Voucher, VoucherState
from people import Actor, unit_of
from rates import check_award
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, DomainError, NotFound, Refused
from shared.i18n import Text


class AwardNotFound(NotFound):
    """Raised when there is no such award, or none that the caller may see."""

    message = Text("There is no such award.", "未找到该奖励申请。")


class AwardDecided(Conflict):
    """Raised when the award was decided otherwise, or by somebody else, before."""

    message = Text("This award is decided already.", "该奖励申请已处理。")


class SameAwardOfficer(Refused):
    """Raised when who asked for an award would approve it as well."""

    message = Text(
        "A second officer must approve this award.", "奖励须由另一名管理员复核，申请人不得自批。"
    )


class AwardNotGiven(Conflict):
    """Raised when an award to withdraw gave nobody anything: it waits, or was dismissed."""

    message = Text(
        "Only what was given is withdrawn: one that waits is dismissed instead.",
        "仅已发放的奖励可撤回；待复核的申请请作不予通过处理。",
    )


@dataclass(frozen=True)
class AwardPage:
    """Awards, newest first; `next_cursor` is None on the last page."""

    awards: list[Award]
    next_cursor: str | None


class _Moved(Exception):
    """Raised out of the transaction that found the award no longer waiting."""


def approve_award(award_id: str, *, by: Actor) -> Award:
    """Approve an award that waits, as a second officer: its voucher is issued.

    Its grade is held against the card in force now: where that has grades and the award none, or
    has dropped the award's, nothing but dismissing it and asking anew is left. Repeating it
    answers the same. Raises AwardNotFound, NotAllowed, SameAwardOfficer, AwardToOneself,
    AwardDecided, NotOffered, NotAtThisPoint, OutOfStock, MatterRewarded, FundExhausted, and
    what fund_account_for and check_award do.
    """
    waiting = award_of(award_id, by=by)
    if waiting.state == AwardState.REQUESTED:
        if waiting.asked_by == by.person_id:
            raise SameAwardOfficer
        refuse_own(waiting.person_id, by)
        reward, account = checked(waiting.reward_id, waiting.point_id, waiting.fund, by)
        # The card in force may be another than when it was asked for.
        check_award(unit_of(waiting.unit_id), waiting.grade, now(), fen=waiting.cost_fen)
        try:
            _approve(waiting, reward, account, by)
        except (DuplicateKeyError, DomainError, _Moved) as refusal:
            confirmed(Award).find_one({"_id": award_id})
            if Award.objects.get(id=award_id).state == AwardState.REQUESTED:
                raise in_words(refusal) from None
    return _decided_as(award_id, AwardState.APPROVED, by)


def _approve(waiting: Award, reward: Reward, account: str, by: Actor) -> None:
    """The deciding transaction. Raises _Moved, DuplicateKeyError, and what write_issue does."""
    given = voucher_for(waiting, reward, account, by)
    change = {"$set": approved_by(by, given) | {"untold": APPROVED}, "$inc": {"version": 1}}
    as_seen = {"_id": waiting.id, "state": AwardState.REQUESTED.value}

    def decide(session: ClientSession) -> None:
        if not collection(Award).update_one(as_seen, change, session=session).modified_count:
            raise _Moved
        write_issue(given, reward, None, session)

    in_transaction(decide)


def dismiss_award(award_id: str, *, by: Actor) -> Award:
    """Dismiss an award that waits, or take back one's own; its matter may be rewarded otherwise.

    Repeating it answers the same. Raises AwardNotFound, AwardDecided.
    """
    waiting = award_of(award_id, by=by)
    ended = {
        "state": AwardState.DISMISSED.value,
        "decided_by": by.person_id,
        "decided_at": now(),
    }
    gone = {"open_matter": ""}
    if waiting.asked_by == by.person_id:
        gone["untold"] = ""
    else:
        ended["untold"] = DISMISSED
    collection(Award).update_one(
        {"_id": award_id, "state": AwardState.REQUESTED.value},
        {"$set": ended, "$unset": gone, "$inc": {"version": 1}},
    )
    return _decided_as(award_id, AwardState.DISMISSED, by)


def withdraw_award(award_id: str, *, by: Actor) -> Award:
    """Take back what was awarded and not handed over yet, given in error say; the person is told.

    Its fen are the fund's again, its matter may be rewarded anew. Repeating it, or one whose
    voucher has ended unused otherwise, answers it as it stands. Raises AwardNotFound,
    AwardNotGiven, VoucherAlreadyRedeemed.
    """
    given = award_of(award_id, by=by)
    if given.state in (AwardState.REQUESTED, AwardState.DISMISSED):
        raise AwardNotGiven
    held: Voucher = Voucher.objects.get(id=given.voucher_id)
    end_voucher(held, VoucherState.CANCELLED, by=by.person_id, reason=AWARD_WITHDRAWN)
    if Voucher.objects.get(id=given.voucher_id).state in HANDED_OVER:
        raise VoucherAlreadyRedeemed
    try_to_tell(given.voucher_id)
    return Award.objects.get(id=award_id)


def _decided_as(award_id: str, state: AwardState, by: Actor) -> Award:
    found: Award = Award.objects.get(id=award_id)
    # One that was approved and has ended since was approved all the same.
    is_so = found.state == state or (found.state, state) == (AwardState.ENDED, AwardState.APPROVED)
    if not is_so or found.decided_by != by.person_id:
        raise AwardDecided
    tell_award(found)
    return found


def award_of(award_id: str, *, by: Actor) -> Award:
    """One award of a reward whose unit the caller reaches as an officer. Raises AwardNotFound."""
    found = Award.objects(id=award_id).first()
    if found is None or not by.holds(*OFFICERS, at=found):
        raise AwardNotFound
    return found


def awards_of_unit(
    unit_id: str,
    *,
    by: Actor,
    state: AwardState | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> AwardPage:
    """The awards of the rewards of a unit and of those below it, newest first.

    Raises UnitNotFound, NotAllowed, BadCursor.
    """
    by.must_hold(*OFFICERS, at=unit_of(unit_id))
    wanted = Award.objects(lineage=unit_id)
    if state is not None:
        wanted = wanted.filter(state=state)
    return AwardPage(*page_of(wanted, limit, cursor))
