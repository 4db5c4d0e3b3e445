"""What a voucher is worth, set aside until its hand-over: the orders' only way into the book.

Coins of an order lie in `voucher:<id>`; those of a top-up on a hold of the wallet, since their
outcome lies with a provider; the fen of an award in kind in `voucher:<id>` too, out of their fund.
"""

from datetime import datetime, timedelta

from pymongo.client_session import ClientSession

from catalog.reward import RewardKind
from catalog.voucher import Voucher
from ledger import (
    Currency,
    DatedInFuture,
    EntryConflict,
    EntryKind,
    Leg,
    MonthClosed,
    NewEntry,
    accounts,
    hold_coins,
    merchant,
    payable,
    post_one,
    release_hold,
    settle_hold,
    voucher,
    wallet,
)
from rates import budget_year_of
from shared.clock import now, real_now

# Far beyond any doubt about a delivery: an overdue hold is released, and what a provider may have
# delivered must not be given back by the mere passing of time.
HOLD_LASTS = timedelta(days=400)


def set_aside(issued: Voucher, session: ClientSession) -> None:
    """Set aside what the voucher is worth, inside the transaction that issues it.

    Sets `hold_id` of a top-up. Raises InsufficientCoins and what else `post_one` does there.
    """
    if issued.kind == RewardKind.TOP_UP:
        hold = hold_coins(
            wallet(issued.ordered_by),
            issued.price,
            key=_key(EntryKind.ORDER, issued),
            about=("voucher", issued.id),
            expires_at=real_now() + HOLD_LASTS,
            session=session,
        )
        issued.hold_id = hold.id
        return
    kind = EntryKind.AWARD if issued.is_award() else EntryKind.ORDER
    source = issued.fund if issued.is_award() else wallet(issued.ordered_by)
    post_one(_moved(kind, issued, out_of=source, into=voucher(issued.id)), session=session)


def bring_back(ended: Voucher, kind: EntryKind, session: ClientSession) -> None:
    """Give back where it came from what was set aside, inside the transaction that ends it.

    `kind` is CANCELLATION or EXPIRY; a wallet gets the lots back that it paid with, a fund its fen
    in the year in which they come back: what lies in a year that is over, nobody can spend.
    """
    if ended.kind == RewardKind.TOP_UP:
        release_hold(ended.hold_id, session=session)
        return
    into = _fund_now(ended.fund) if ended.is_award() else wallet(ended.ordered_by)
    returns = None if ended.is_award() else _key(EntryKind.ORDER, ended)
    entry = _moved(kind, ended, out_of=voucher(ended.id), into=into, returns=returns)
    post_one(entry, session=session)


def _fund_now(account: str) -> str:
    """The same fund's account of the present year."""
    _kind, name, year = account.split(":")
    return accounts.fund(name, max(int(year), budget_year_of(now())))


def forfeit(ended: Voucher, expired_account: str, session: ClientSession) -> None:
    """Let the coins of an unused voucher go, where the reward's rule says so."""
    entry = _moved(EntryKind.EXPIRY, ended, out_of=voucher(ended.id), into=expired_account)
    post_one(entry, session=session)


def pay_point(redeemed: Voucher) -> str:
    """Bring what a handed-over voucher is worth to its point; the entry's id. Safe to repeat."""
    try:
        return post_one(_redemption(redeemed, redeemed.redeemed_at))
    except (MonthClosed, DatedInFuture, EntryConflict):
        # Its month was closed before the coins could follow, or a demo's clock ran ahead: they
        # count from now. A conflict says that this was so before.
        return post_one(_redemption(redeemed, None))


def settle_top_up(delivered: Voucher, session: ClientSession) -> str:
    """Pay the hold of a delivered top-up to its point, inside the transaction that redeems it.

    The entry's id. Raises HoldOver.
    """
    point_id = delivered.redeemed_point_id or delivered.point_id
    hold = settle_hold(delivered.hold_id, into=merchant(point_id), unit=point_id, session=session)
    entry_id: str = hold.entry_id
    return entry_id


def refund(refunded: Voucher, session: ClientSession) -> str:
    """Take a handed-over voucher's coins back from its point, lots and all; the entry's id.

    Raises InsufficientCoins where the point has them no more.
    """
    entry = _moved(
        EntryKind.REFUND,
        refunded,
        out_of=merchant(refunded.redeemed_point_id),
        into=wallet(refunded.ordered_by),
        returns=_key(EntryKind.ORDER, refunded),
    )
    return post_one(entry, session=session)


def _redemption(redeemed: Voucher, effective_at: datetime | None) -> NewEntry:
    point_id = redeemed.redeemed_point_id
    into = payable(point_id) if redeemed.is_award() else merchant(point_id)
    return _moved(
        EntryKind.REDEMPTION,
        redeemed,
        out_of=voucher(redeemed.id),
        into=into,
        effective_at=effective_at,
    )


def _moved(
    kind: EntryKind,
    of: Voucher,
    *,
    out_of: str,
    into: str,
    returns: str | None = None,
    effective_at: datetime | None = None,
) -> NewEntry:
    """What the voucher is worth, from one account to another, once per voucher and kind.

    `returns` is the key of the entry whose coins come back, as they went.
    """
    currency = Currency.CNY if of.is_award() else Currency.FUB
    amount = of.cost_fen if of.is_award() else of.price
    return NewEntry(
        key=_key(kind, of),
        kind=kind,
        legs=[Leg(out_of, -amount, currency), Leg(into, amount, currency)],
        about=("voucher", of.id),
        unit=of.redeemed_point_id or of.point_id,
        returns=returns,
        effective_at=effective_at,
    )


def _key(kind: EntryKind, of: Voucher) -> str:
    return f"{kind}:{of.id}"
