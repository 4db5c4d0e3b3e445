"""A book with everything in it, for the tests of exports; and how its stored balances read."""

from collections import defaultdict
from datetime import UTC, datetime

from ledger import (
    Balance,
    Entry,
    EntryKind,
    Leg,
    NewEntry,
    ReasonCode,
    accounts,
    budget,
    issued,
    merchant,
    payable,
    post,
    reverse_entry,
    task,
    voucher,
    wallet,
)
from shared.clock import real_now
from shared.database import collection
from shared.ids import new_id

UNIT, PERSON, OTHER, POINT = (new_id() for _ in range(4))
ISSUED, BUDGET, TASK = issued("350102", 2026), budget(UNIT, 2026), task("t-1.a_B")
FUND, EXCHANGE_FUB = accounts.fund("peace", 2026), accounts.exchange("FUB")
# Both sides of a month's end in the business time zone, 16:00 UTC being midnight there.
LAST_OF_AUGUST = datetime(2026, 8, 31, 15, 59, 59, 999000, tzinfo=UTC)
FIRST_OF_SEPTEMBER = datetime(2026, 8, 31, 16, 0, tzinfo=UTC)
SEPTEMBER, OCTOBER = (datetime(2026, month, 15, 4, 30, tzinfo=UTC) for month in (9, 10))


def entry(key, kind, effective_at, *legs, **more):
    """An entry to be posted, its legs as (account, amount) or (account, amount, currency)."""
    return NewEntry(
        key, kind, [Leg(*leg) for leg in legs], ("voucher", "v1"), effective_at=effective_at, **more
    )


def post_all(entries):
    """Post entries that are all taken, in order."""
    for one in entries:
        (outcome,) = post([one])
        assert type(outcome).__name__ == "Posted", outcome


def fill_book():
    """Rewards with lots, orders, a settlement in both currencies, a debt, reversals, a return."""
    k, cny = EntryKind, "CNY"
    post_all(
        [
            entry("grant", k.BUDGET_GRANT, LAST_OF_AUGUST, (ISSUED, -5_000), (BUDGET, 5_000)),
            entry(
                "cash", k.BUDGET_GRANT, LAST_OF_AUGUST, (ISSUED, -99_995, cny), (FUND, 99_995, cny)
            ),
            entry(
                "fund-task", k.PUBLICATION, LAST_OF_AUGUST, (BUDGET, -900), (TASK, 900), unit=UNIT
            ),
            entry(
                "r1",
                k.REWARD,
                FIRST_OF_SEPTEMBER,
                (TASK, -300),
                (wallet(PERSON), 300),
                lasts_months=6,
            ),
            entry("r2", k.REWARD, SEPTEMBER, (TASK, -200), (wallet(PERSON), 200)),
            entry("r3", k.REWARD, SEPTEMBER, (TASK, -100), (wallet(OTHER), 100), lasts_months=3),
            entry("o1", k.ORDER, SEPTEMBER, (wallet(PERSON), -350), (voucher("v-1"), 350)),
            entry("o2", k.ORDER, SEPTEMBER, (wallet(OTHER), -60), (voucher("v2"), 60)),
            entry("h1", k.REDEMPTION, OCTOBER, (voucher("v-1"), -350), (merchant(POINT), 350)),
            entry(
                "c2",
                k.CANCELLATION,
                OCTOBER,
                (voucher("v2"), -60),
                (wallet(OTHER), 60),
                returns="o2",
            ),
            entry("cr", k.CASH_REWARD, OCTOBER, (FUND, -5_05, cny), (payable(PERSON), 5_05, cny)),
            entry(
                "s1",
                k.SETTLEMENT,
                OCTOBER,
                (merchant(POINT), -250),
                (EXCHANGE_FUB, 250),
                (accounts.exchange(cny), -5_00, cny),
                (payable(POINT), 5_00, cny),
            ),
        ]
    )
    for key in ("r1", "r3"):
        undone = collection(Entry).find_one({"key": key})["_id"]
        reason = ReasonCode.POSTED_IN_ERROR
        reverse_entry(undone, reason=reason, effective_at=real_now(), by_id="o1")


def stored_balances():
    """(account, currency) → what is stored, for every account that stores one, owed included."""
    held = {}
    for kept in collection(Balance).find():
        account, currency = kept["_id"].split("|")
        held[account, currency] = int(kept["posted"])
        if kept.get("owes"):
            held[accounts.owed_beside(account), currency] = -int(kept["owes"])
    return held


def summed_legs():
    """(account, currency) → the sum of its legs, added up here from the entries."""
    sums = defaultdict(int)
    for one in collection(Entry).find():
        for leg in one["legs"]:
            sums[leg["account"], leg["currency"]] += int(leg["amount"])
    return dict(sums)
