"""What a racing process does: wait for the word, run one race with threads, say how it went.

`python -m tests.ledger.racers RACE NUMBER` prints "ready", waits for a line, and prints the
outcomes as JSON.
"""

import json
import sys
from datetime import UTC, datetime

from ledger import (
    EntryKind,
    Hold,
    HoldOver,
    Leg,
    NewEntry,
    ReasonCode,
    budget,
    close_month,
    merchant,
    post,
    release_hold,
    reverse_entry,
    settle_hold,
    task,
    voucher,
    wallet,
)
from ledger.entry import Entry
from shared.clock import business_month, month_later, real_now
from shared.database import connect
from shared.errors import DomainError
from tests.racing import at_once

THREADS = 25
PURSE, BUDGET = wallet("p1"), budget("street", 2026)


def move(key, kind, source, target, coins, **terms):
    """The name of the outcome of posting one entry."""
    legs = [Leg(source, -coins), Leg(target, coins)]
    entry = NewEntry(key, kind, legs, ("voucher", "v1"), **terms)
    return type(post([entry])[0]).__name__


def same_key(_process):
    """One key, from every thread of both processes."""
    return at_once(THREADS, lambda _: move("order:v1", EntryKind.ORDER, PURSE, voucher("v1"), 10))


def spend(process):
    """Spends of 10, each of its own, on a wallet that holds 100."""

    def one(number):
        name = f"{process}-{number}"
        return move(f"order:{name}", EntryKind.ORDER, PURSE, voucher(name), 10)

    return at_once(THREADS, one)


def publish(process):
    """Publications at the cap of one budget."""

    def one(number):
        name = f"{process}-{number}"
        return move(f"publication:{name}", EntryKind.PUBLICATION, BUDGET, task(name), 10)

    return at_once(THREADS, one)


def reverse(process):
    """The same entry reversed by every thread."""
    entry = Entry.objects.get(key="reward:w1:1")

    def one(number):
        try:
            done = reverse_entry(
                entry.id,
                reason=ReasonCode.FRAUD,
                effective_at=entry.effective_at,
                by_id=f"officer-{process}-{number}",
            )
            return done.reversal_id
        except DomainError as refusal:
            return type(refusal).__name__

    return at_once(THREADS, one)


def end_hold(process):
    """One process settles the hold, the other releases it."""
    hold = Hold.objects.get(key="top-up:v1")

    def one(_):
        try:
            if process:
                return str(settle_hold(hold.id, into=merchant("provider")).state)
            return str(release_hold(hold.id).state)
        except HoldOver:
            return "over"

    return at_once(THREADS, one)


def close(process):
    """One process posts into last month, the other closes it in the middle of that."""
    month = month_later(business_month(real_now()), -1)
    if process:
        return [close_month(month, by_id="officer").month]
    then = datetime.strptime(f"{month}-15", "%Y-%m-%d").replace(tzinfo=UTC)

    def one(number):
        kind, terms = EntryKind.PUBLICATION, {"effective_at": then}
        return move(f"publication:{number}", kind, BUDGET, task(f"t{number}"), 1, **terms)

    return at_once(THREADS, one)


RACES = {race.__name__: race for race in (same_key, spend, publish, reverse, end_hold, close)}

if __name__ == "__main__":
    connect()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(RACES[sys.argv[1]](int(sys.argv[2]))), flush=True)
