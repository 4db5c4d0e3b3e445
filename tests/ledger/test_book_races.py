"""Many threads at one account: every coin counted once, none spent twice."""

from concurrent.futures import ThreadPoolExecutor

from bson import Int64

from ledger import (
    Balance,
    Entry,
    Exists,
    Overdrawn,
    Posted,
    balance_of,
    budget,
    post,
    post_one,
    prove,
    voucher,
    wallet,
)
from shared.database import collection, database
from tests.racing import at_once


def all_at_once(entries):
    """Post each entry in a thread of its own, started together; the answers in order."""
    return at_once(len(entries), lambda number: post([entries[number]])[0])


def test_32_rewards_to_one_fresh_wallet_are_all_counted(funded, moving):
    source = funded(budget("street", 2026), 1000)
    answers = all_at_once([moving(number, source, wallet("p1")) for number in range(1, 33)])
    assert all(isinstance(answer, Posted) for answer in answers)
    assert balance_of(wallet("p1")) == sum(range(1, 33))


def test_50_spends_from_a_wallet_that_suffices_for_5_are_exactly_5(funded, moving):
    purse = funded(wallet("p1"), 54)
    answers = all_at_once([moving(10, purse, voucher(f"v{number}")) for number in range(50)])
    assert sum(isinstance(answer, Posted) for answer in answers) == 5
    assert sum(isinstance(answer, Overdrawn) for answer in answers) == 45
    assert balance_of(purse) == 4
    assert prove() == []


def test_one_key_posted_by_20_threads_is_posted_once(funded, moving):
    order = moving(10, funded(wallet("p1"), 100), voucher("v1"), key="order:v1")
    answers = all_at_once([order] * 20)
    assert sum(isinstance(answer, Posted) for answer in answers) == 1
    assert sum(isinstance(answer, Exists) for answer in answers) == 19
    assert len({answer.entry_id for answer in answers}) == 1
    assert balance_of(wallet("p1")) == 90


def test_one_key_with_two_contents_is_posted_once(funded, moving):
    purse = funded(wallet("p1"), 1000)
    asked = [moving(1 + number % 2, purse, voucher("v1"), key="order:v1") for number in range(20)]
    posted = [answer for answer in all_at_once(asked) if isinstance(answer, Posted)]
    assert len(posted) == 1
    assert collection(Entry).count_documents({"key": "order:v1"}) == 1


def test_coins_sent_back_and_forth_stay_the_same_number(funded, moving):
    one, two = funded(budget("street", 2026, 1), 20), funded(budget("street", 2026, 2), 20)
    all_at_once([moving(1, *((one, two) if number % 2 else (two, one))) for number in range(32)])
    assert balance_of(one) + balance_of(two) == 40


def test_a_post_that_meets_a_locked_account_is_tried_again_and_counts_once(funded, moving):
    purse = funded(wallet("p1"), 10)
    server = database().client
    aborted_before = transactions_aborted()
    with server.start_session() as session, ThreadPoolExecutor(1) as threads:
        session.start_transaction()
        held = {"_id": f"{purse}|FUB"}
        collection(Balance).update_one(held, {"$inc": {"posted": Int64(1)}}, session=session)
        posting = threads.submit(post_one, moving(4, purse, voucher("v1")))
        while transactions_aborted() == aborted_before:
            assert not posting.done()
        session.abort_transaction()
        posting.result(timeout=30)
    assert (balance_of(purse), balance_of(voucher("v1"))) == (6, 4)


def transactions_aborted():
    """How many transactions the server has given up so far."""
    return database().client.admin.command("serverStatus")["transactions"]["totalAborted"]
