"""Gifting: a voucher goes to a neighbour, once; what comes back later goes to who paid for it."""

from dataclasses import dataclass
from datetime import datetime

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from catalog.code_keys import new_code_hash
from catalog.day_counting import count_one, open_count
from catalog.giving_back import VoucherExpired, VoucherNotFound
from catalog.offering import reward_of
from catalog.reward import RewardKind
from catalog.telling import GIFTED, try_to_tell
from catalog.voucher import Voucher, VoucherState
from people import Actor, Person, person_of, person_with_card
from shared.clock import now
from shared.database import collection, confirmed, in_transaction
from shared.errors import Conflict, DomainError, Refused
from shared.i18n import Text

# Enough for a family and a neighbour; whoever buys for others as a trade needs many more.
MOST_GIVEN_A_DAY = 3
# Somebody old whom several neighbours think of; a collector of other people's coins needs more.
MOST_TAKEN_A_DAY = 5


class NotGiftable(Refused):
    """Raised when the voucher is one that stays with who has it."""

    message = Text(
        "This voucher cannot be given away: top-ups, awards, gifts and what its reward excludes "
        "stay with who has them.",
        "该兑换券不可转赠：充值券、实物奖励、已获赠的券以及规则不允许转赠的奖品均不可转赠。",
    )


class NotOutstanding(Conflict):
    """Raised when the voucher to give away was used, cancelled or refunded before."""

    message = Text("This voucher can no longer be used.", "该兑换券已失效或已使用。")


class GiftToOneself(Refused):
    """Raised when the card shown is the giver's own."""

    message = Text("This is your own card.", "不能转赠给自己。")


class ReceiverNotKnown(Refused):
    """Raised when the receiver has not done the real-name step."""

    message = Text(
        "The receiver must do the real-name step first.", "对方尚未完成实名认证，无法接收。"
    )


class GiftLimitReached(Refused):
    """Raised when the giver gave away as many today as one may."""

    message = Text(
        "One may give away {limit} vouchers a day.", "每人每日最多转赠 {limit} 张兑换券。"
    )


class ReceiverLimitReached(Refused):
    """Raised when the receiver was given as many today as one may be."""

    message = Text(
        "The receiver was already given {limit} vouchers today.",
        "对方今日获赠的兑换券已达上限（{limit} 张）。",
    )


class GiftKeyUsed(Conflict):
    """Raised when the Idempotency-Key was used for another gift."""

    message = Text(
        "This Idempotency-Key was used for another gift.", "该 Idempotency-Key 已用于其他转赠。"
    )


@dataclass(frozen=True)
class Gift:
    """What the giver keeps of a gift: no code, for the voucher is somebody else's now."""

    voucher_id: str
    title: str
    title_en: str
    to_nickname: str
    gifted_at: datetime


class _Moved(Exception):
    """Raised out of the transaction that found the voucher no longer as it was."""


def gift_voucher(voucher_id: str, to_card: str, *, key: str, by: Actor) -> Gift:
    """Give one's own voucher to the neighbour whose card (its QR text or its code) is shown.

    Once: a gift stays with who got it. The giver's code is void from then on, the receiver's is
    new. Cancelled or expired later, its coins go back to who paid for it. The same key answers the
    same. Raises VoucherNotFound, UnknownCard, GiftToOneself, ReceiverNotKnown, NotGiftable,
    VoucherExpired, NotOutstanding, GiftLimitReached, ReceiverLimitReached, GiftKeyUsed.
    """
    receiver = _receiver(voucher_id, to_card, key, by)
    earlier = _given_before(voucher_id, receiver, key, by)
    if earlier is None:
        try:
            _give(_giftable(voucher_id, receiver, by), receiver, key, by)
        except (DuplicateKeyError, DomainError, _Moved) as refusal:
            # The same gift may have gone through beside us and taken the last of the day.
            confirmed(Voucher).find_one({"_id": voucher_id})
            earlier = _given_before(voucher_id, receiver, key, by)
            if earlier is None:
                raise _why_not(voucher_id, receiver, refusal, by) from None
    try_to_tell(voucher_id)
    return _receipt(earlier or Voucher.objects.get(id=voucher_id), receiver)


def _receiver(voucher_id: str, to_card: str, key: str, by: Actor) -> Person:
    """Whose card is shown. A card renewed since is still that of this very gift's repeat.

    Raises UnknownCard.
    """
    try:
        return person_with_card(to_card)
    except Refused:  # no card of today's
        earlier = Voucher.objects(id=voucher_id, ordered_by=by.person_id, gift_key=key).first()
        if earlier is None:
            raise
        return person_of(earlier.person_id)


def _given_before(voucher_id: str, receiver: Person, key: str, by: Actor) -> Voucher | None:
    """The voucher that this very gift was made of before. Raises GiftKeyUsed."""
    earlier = Voucher.objects(ordered_by=by.person_id, gift_key=key).first()
    if earlier and (earlier.id, earlier.person_id) != (voucher_id, receiver.id):
        raise GiftKeyUsed
    return earlier


def _giftable(voucher_id: str, receiver: Person, by: Actor) -> Voucher:
    """The giver's voucher, where a gift has a chance: clear refusals before any transaction."""
    held = Voucher.objects(id=voucher_id, person_id=by.person_id).first()
    if held is None:
        raise VoucherNotFound
    if receiver.id == by.person_id:
        raise GiftToOneself
    if receiver.real_name_at is None:
        raise ReceiverNotKnown
    if not can_be_given(held) or not reward_of(held.reward_id).can_be_gifted:
        raise NotGiftable
    if held.state != VoucherState.ISSUED:
        raise NotOutstanding
    if held.is_expired_at(now()):
        raise VoucherExpired
    return held


def can_be_given(held: Voucher) -> bool:
    """Whether nothing about the voucher itself keeps it with who has it; its reward may."""
    return not (held.is_gift() or held.is_award() or held.kind == RewardKind.TOP_UP)


def _give(given: Voucher, receiver: Person, key: str, by: Actor) -> None:
    """The deciding transaction: both counts of the day, and the voucher's move.

    Raises GiftLimitReached, ReceiverLimitReached, _Moved; DuplicateKeyError for a key used before.
    """
    from_count = open_count("given", by.person_id)
    to_count = open_count("taken", receiver.id)
    turn, moment = (given.code_turn or 0) + 1, now()
    as_seen = {
        "_id": given.id,
        "state": VoucherState.ISSUED.value,
        "person_id": by.person_id,
        "gifted_at": None,
        "expires_at": {"$gt": moment},
    }
    after = {
        "person_id": receiver.id,
        "gifted_at": moment,
        "gift_key": key,
        "code_turn": turn,
        "code_hash": new_code_hash(given.id, turn),
        # Who has it now was told nothing yet.
        "expiry_told": False,
    }

    def decide(session: ClientSession) -> None:
        if not count_one(from_count, MOST_GIVEN_A_DAY, session):
            raise GiftLimitReached(limit=MOST_GIVEN_A_DAY)
        if not count_one(to_count, MOST_TAKEN_A_DAY, session):
            raise ReceiverLimitReached(limit=MOST_TAKEN_A_DAY)
        change = {"$set": after, "$addToSet": {"untold": GIFTED}}
        if not collection(Voucher).update_one(as_seen, change, session=session).modified_count:
            raise _Moved

    in_transaction(decide)


def _why_not(
    voucher_id: str, receiver: Person, refusal: Exception, by: Actor
) -> DomainError | Exception:
    """What to tell a giver whose transaction did not go through."""
    if not isinstance(refusal, _Moved):
        return refusal
    try:
        _giftable(voucher_id, receiver, by)
    except DomainError as reason:
        return reason
    return NotOutstanding()


def _receipt(given: Voucher, receiver: Person) -> Gift:
    reward = reward_of(given.reward_id)
    return Gift(
        voucher_id=given.id,
        title=reward.title,
        title_en=reward.title_en or reward.title,
        to_nickname=receiver.nickname or "",
        gifted_at=given.gifted_at,
    )
