"""Two processes of 25 threads at one account: each coin is counted once, each thing ends once."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from ledger import Hold, balance_of, hold_coins, merchant, post_one, task
from ledger.book_closing import BookClosing, MonthBalance
from ledger.entry import Entry
from ledger.reversal_request import ReversalRequest
from shared.clock import business_month, month_later, real_now
from shared.database import collection
from tests.ledger.racers import BUDGET, PURSE

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def seen_by_the_cleaner():
    """What other processes write is cleaned up only where this one has written there too."""
    for document in (Hold, BookClosing, MonthBalance, ReversalRequest):
        collection(document).delete_many({})


def race(name):
    """Run the race in two processes that start together; all their outcomes."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.racers", name, str(number)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    try:
        for racer in racers:
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            racer.stdin.write("go\n")
            racer.stdin.flush()
        return [json.loads(racer.communicate(timeout=60)[0]) for racer in racers]
    finally:
        for racer in racers:
            racer.kill()


def counted(name):
    one, other = race(name)
    return Counter(one + other)


def test_one_key_50_times_is_posted_once(funded):
    funded(PURSE, 100)
    assert counted("same_key") == {"Posted": 1, "Exists": 49}
    assert balance_of(PURSE) == 90


def test_50_spends_of_a_balance_for_10_are_exactly_10(funded):
    funded(PURSE, 100)
    assert counted("spend") == {"Posted": 10, "Overdrawn": 40}
    assert balance_of(PURSE) == 0


def test_a_budget_gives_what_it_holds_and_not_a_coin_more(funded):
    funded(BUDGET, 105)
    assert counted("publish") == {"Posted": 10, "Overdrawn": 40}
    assert balance_of(BUDGET) == 5


def test_an_entry_is_reversed_once(funded, moving):
    reward = moving(40, funded(task("t1"), 40), PURSE, key="reward:w1:1")
    post_one(reward)
    outcomes = counted("reverse")
    assert set(outcomes) == {"AlreadyReversed", Entry.objects.get(kind="reversal").id}
    assert balance_of(PURSE) == 0


def test_a_hold_ends_once(funded):
    funded(PURSE, 100)
    until = real_now() + timedelta(minutes=5)
    hold_coins(PURSE, 40, key="top-up:v1", about=("voucher", "v1"), expires_at=until)
    ends = set(counted("end_hold")) - {"over"}
    assert len(ends) == 1
    paid = 40 if ends == {"settled"} else 0
    assert (balance_of(PURSE), balance_of(merchant("provider"))) == (100 - paid, paid)


def test_a_post_and_a_closing_never_pass_each_other(funded):
    funded(BUDGET, 100)
    posts, closed = race("close")
    month = month_later(business_month(real_now()), -1)
    assert closed == [month]
    posted = posts.count("Posted")
    assert set(posts) <= {"Posted", "InClosedMonth"}
    stored = MonthBalance.objects(account=BUDGET, month=month).first()
    assert (stored.balance if stored else 0) == -posted
    assert balance_of(BUDGET) == 100 - posted
