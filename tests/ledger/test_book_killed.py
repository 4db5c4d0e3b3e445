"""A posting process killed in the middle: what it was told is posted stands, nothing is doubled."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger import (
    Entry,
    EntryKind,
    Exists,
    Leg,
    NewEntry,
    Posted,
    balance_of,
    post,
    prove,
    wallet,
)
from shared.database import collection
from shared.errors import Unavailable
from tests.ledger.coins import PURSE

ROOT = Path(__file__).parents[2]
WALLETS = 3
POSTER = """
import sys
sys.path.insert(0, "tests/ledger")
from shared.database import connect
from test_book_killed import reward
from ledger import post_one
connect()
print("ready", flush=True)
number = int(sys.argv[1])
while True:
    post_one(reward(number))
    print(number, flush=True)
    number += 1
"""


def reward(number):
    """The reward of that number, the same in every process."""
    legs = [Leg(PURSE, -number), Leg(wallet(f"p{number % WALLETS}"), number)]
    return NewEntry(f"reward:{number}:1", EntryKind.REWARD, legs, ("task", "t1"))


def post_until_killed(first, kill_after):
    """Run a poster from number `first`, kill -9 it at work; the numbers it saw confirmed."""
    poster = subprocess.Popen(
        [sys.executable, "-c", POSTER, str(first)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert poster.stdout.readline() == "ready\n"
        confirmed = [int(poster.stdout.readline()) for _ in range(kill_after)]
    finally:
        poster.kill()
        rest = poster.stdout.read()
        poster.wait()
    # A line cut by the kill is no confirmation.
    return confirmed + [int(line) for line in rest.splitlines(keepends=True) if line[-1] == "\n"]


def post_patiently(entry):
    """Post, however long the dead process's open transaction keeps the account locked."""
    give_up_at = time.monotonic() + 100
    while True:
        try:
            return post([entry])[0]
        except Unavailable:
            assert time.monotonic() < give_up_at


@pytest.mark.slow
def test_kill_9_of_a_posting_process_loses_and_doubles_nothing(funded):
    funded(PURSE, 1_000_000)
    first = 1
    for kill_after in (1, 7, 20, 33):
        confirmed = post_until_killed(first, kill_after)
        assert confirmed == list(range(first, first + len(confirmed)))
        for number in confirmed:
            assert isinstance(post_patiently(reward(number)), Exists)
        # The one it was at when it died is posted or not, and the repeat settles it.
        assert isinstance(post_patiently(reward(confirmed[-1] + 1)), Exists | Posted)
        assert prove() == []
        first = confirmed[-1] + 2
    numbers = range(1, first)
    assert collection(Entry).count_documents({"kind": "reward"}) == len(numbers)
    for remainder in range(WALLETS):
        due = sum(number for number in numbers if number % WALLETS == remainder)
        assert balance_of(wallet(f"p{remainder}")) == due
