"""Awarding: a reward in kind for a verified matter, paid by a fund, without coins.

One officer decides up to the border of the rate card in force, above it a second one must approve.
Fund, voucher, stock and the award itself move in one transaction, so that nothing is promised that
cannot be paid.
"""

import re
from typing import NamedTuple

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.award import Award, AwardState, MatterKind
from catalog.giving_alone import given_alone
from catalog.offering import OFFICERS, redemption_point_of, reward_of
from catalog.ordering import NotAtThisPoint, NotOffered, new_voucher, write_issue
from catalog.reward import SCANNED, Reward
from catalog.stock import OutOfStock, Stock
from catalog.telling import AWARDED, try_to_tell
from catalog.telling_awards import WAITING, try_to_tell_award
from catalog.voucher import Voucher
from ledger import InsufficientCoins
from people import Actor, Unit, person_of, unit_of
from rates import check_award, fund_account_for
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, DomainError, Invalid, Refused
from shared.i18n import Text
from shared.ids import new_id

# The border where no rate card says one. Wenjiang's police pay up to ¥200 at once, and anything
# above it by hand after an approval.
ALONE_FEN = 20_000
_MATTER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")


class MatterInvalid(Invalid):
    """Raised when a matter is named by something that is no id."""

    message = Text(
        "A matter is named by 1 to 64 letters, digits and the signs . _ / -",
        "事项编号须为 1 至 64 位字母、数字或 . _ / - 。",
    )


class NotAwardable(Refused):
    """Raised when the reward has no price in money, or is not handed over at a point."""

    message = Text(
        "This reward is not given in kind: it has no cost in yuan, or no point hands it over.",
        "该奖品不可作为实物奖励发放：未设成本金额，或不在兑换点发放。",
    )


class AwardToOneself(Refused):
    """Raised when an officer would reward themselves, as asker or as approver."""

    message = Text("Nobody rewards themselves.", "不能给自己发放奖励。")


class PersonNotKnown(Refused):
    """Raised when the person to be rewarded has not done the real-name step."""

    message = Text(
        "The person must do the real-name step first.", "对方尚未完成实名认证，无法发放奖励。"
    )


class MatterRewarded(Conflict):
    """Raised when the matter was rewarded before or a wish for it waits: one matter, one reward."""

    message = Text(
        "This matter was rewarded already, or a reward for it waits for approval.",
        "该事项已发放奖励或正在等待复核，一事只奖一次。",
    )


class FundExhausted(Refused):
    """Raised when less is left in the fund than the reward costs."""

    message = Text("Not enough is left in this fund.", "该专项经费余额不足。")


class AwardKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another award."""

    message = Text(
        "This Idempotency-Key was used for another award.", "该 Idempotency-Key 已用于其他奖励。"
    )


class _Wanted(NamedTuple):
    """What an officer asks for; the same under the same key is the same wish."""

    reward_id: str
    person_id: str
    point_id: str
    fund: str
    matter: str
    grade: str | None


def award_in_kind(
    reward_id: str,
    person_id: str,
    point_id: str,
    *,
    fund: str,
    matter_kind: MatterKind,
    matter_id: str,
    grade: str | None = None,
    key: str,
    by: Actor,
) -> Award:
    """Reward somebody in kind for one verified matter, out of the fund of that name.

    Up to the card's border (¥200 where none says it) in 30 days for one person the voucher is
    issued at once, however many ask beside one another; above, the award waits as REQUESTED for a
    second officer. `grade` is the matter's, where the rate card in force has grades. The same key
    answers the same. Raises RewardNotFound, NotAllowed, UnitNotFound, NotARedemptionPoint,
    PersonNotFound, PersonNotKnown, AwardToOneself, MatterInvalid, NotAwardable, NotOffered,
    NotAtThisPoint, OutOfStock, MatterRewarded, FundExhausted, AwardKeyUsed, and what
    fund_account_for and check_award do.
    """
    matter = _matter(matter_kind, matter_id)
    wanted = _Wanted(reward_id, person_id, point_id, fund, matter, grade)
    earlier = _asked_before(wanted, key, by)
    if earlier is None:
        try:
            _ask(wanted, *_awardable(wanted, by), key, by)
        except (DuplicateKeyError, DomainError) as refusal:
            # The same wish may have gone through beside us, and it is that which we met.
            confirmed(Award).find_one({"asked_by": by.person_id, "key": key})
            earlier = _asked_before(wanted, key, by)
            if earlier is None:
                raise in_words(refusal) from None
    found = earlier or Award.objects.get(asked_by=by.person_id, key=key)
    tell_award(found)
    return found


def _matter(kind: MatterKind, matter_id: str) -> str:
    if not _MATTER_ID.fullmatch(matter_id):
        raise MatterInvalid("matter_id")
    return f"{MatterKind(kind).value}:{matter_id}"


def _asked_before(wanted: _Wanted, key: str, by: Actor) -> Award | None:
    """The award that this very wish made before. Raises AwardKeyUsed."""
    earlier = Award.objects(asked_by=by.person_id, key=key).first()
    if earlier and any(earlier[name] != asked for name, asked in wanted._asdict().items()):
        raise AwardKeyUsed
    return earlier


def _awardable(wanted: _Wanted, by: Actor) -> tuple[Reward, str]:
    """The reward and the fund's account, where the wish has a chance: clear refusals first."""
    reward, account = checked(wanted.reward_id, wanted.point_id, wanted.fund, by)
    refuse_own(wanted.person_id, by)
    if person_of(wanted.person_id).real_name_at is None:
        raise PersonNotKnown
    if Award.objects(open_matter=wanted.matter).first() is not None:
        raise MatterRewarded
    return reward, account


def checked(reward_id: str, point_id: str, fund: str, by: Actor) -> tuple[Reward, str]:
    """The reward that this officer may give at this point, and the account that pays for it.

    Raises RewardNotFound, NotAllowed, UnitNotFound, NotARedemptionPoint, NotAwardable, NotOffered,
    NotAtThisPoint, OutOfStock, and what fund_account_for does.
    """
    # The stock first, as in an order: a withdrawal after this moment marks it.
    stock = Stock.objects(reward_id=reward_id, point_id=point_id).first()
    reward = reward_of(reward_id)
    unit = unit_of(reward.unit_id)
    by.must_hold(*OFFICERS, at=unit)
    redemption_point_of(point_id)
    if reward.cost_fen is None or reward.kind not in SCANNED:
        raise NotAwardable
    if not reward.is_offered():
        raise NotOffered
    if stock is None:
        raise NotAtThisPoint
    if stock.available < 1:
        raise OutOfStock
    return reward, fund_account_for(fund, at=unit, by=by, moment=now())


def refuse_own(person_id: str, by: Actor) -> None:
    """Raises AwardToOneself where the officer is who would be rewarded."""
    if person_id == by.person_id:
        raise AwardToOneself


def _ask(wanted: _Wanted, reward: Reward, account: str, key: str, by: Actor) -> None:
    """Write the award, approved with its voucher or waiting. Raises DuplicateKeyError and more."""
    unit: Unit = unit_of(reward.unit_id)
    border = check_award(unit, wanted.grade, now(), fen=reward.cost_fen).by_hand_above_fen
    asked = Award(
        id=new_id(),
        **wanted._asdict(),
        unit_id=unit.id,
        lineage=list(unit.lineage),
        cost_fen=reward.cost_fen,
        open_matter=wanted.matter,
        state=AwardState.REQUESTED,
        asked_by=by.person_id,
        asked_at=now(),
        key=key,
        version=1,
    )
    alone = ALONE_FEN if border is None else border
    if asked.cost_fen > alone or not _given_at_once(asked, reward, account, by, alone):
        asked.needs_second, asked.untold = True, WAITING
        collection(Award).insert_one(asked.to_mongo())


def _given_at_once(asked: Award, reward: Reward, account: str, by: Actor, alone: int) -> bool:
    """Approve and issue it, unless that is above what one officer gives alone: then False."""
    given = voucher_for(asked, reward, account, by)
    approved = {**asked.to_mongo(), **approved_by(by, given)}

    def decide(session: ClientSession) -> bool:
        if asked.cost_fen + given_alone(asked, session) > alone:
            return False
        collection(Award).insert_one(approved, session=session)
        write_issue(given, reward, None, session)
        return True

    return in_transaction(decide)


def voucher_for(award: Award, reward: Reward, account: str, by: Actor) -> Voucher:
    """The voucher of an award, to be written by write_issue: no coins, its fen out of `account`."""
    given = new_voucher(
        reward, award.point_id, key=f"award:{award.id}", holder_id=award.person_id, by=by
    )
    given.price, given.cost_fen = 0, award.cost_fen
    given.fund, given.matter = account, award.matter
    # What was not paid in coins is not refunded in coins.
    given.refund_days, given.returns_at_expiry = 0, True
    given.untold = [AWARDED]
    return given


def approved_by(by: Actor, given: Voucher) -> dict[str, object]:
    """The fields of an award that this officer approves now."""
    return {
        "state": AwardState.APPROVED.value,
        "decided_by": by.person_id,
        "decided_at": now(),
        "account": given.fund,
        "voucher_id": given.id,
    }


def in_words(refusal: Exception) -> Exception:
    """What to tell an officer whose award did not go through."""
    if isinstance(refusal, DuplicateKeyError):
        return MatterRewarded()
    if isinstance(refusal, InsufficientCoins):
        return FundExhausted()
    return refusal


def tell_award(award: Award) -> None:
    """Tell at once whom the award concerns; what fails waits for the sweep."""
    if award.untold:
        try_to_tell_award(award.id)
    if award.voucher_id:
        try_to_tell(award.voucher_id)
