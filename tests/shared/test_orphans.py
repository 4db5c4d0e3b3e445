"""A dead process's open transaction is ended by whoever it is in the way of; a living one's not."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pymongo
import pytest

from children import ROOT
from shared import orphans
from shared.database import database, in_transaction, is_in_transaction
from shared.errors import Unavailable
from shared.orphans import end_orphaned_transactions, look_for_orphans

# Below the server's limit on transactions: what works within it was not the limit's doing.
WITHIN_S = 4.0
OTHER_PROCESS = """
import sys
from shared.database import connect, database, in_transaction
connect()
def decide(session):
    database()["leases"].update_one({"_id": "x"}, {"$inc": {"n": 100}}, session=session)
    print("open", flush=True)
    sys.stdin.readline()
in_transaction(decide, timeout_s=60)
print("done", flush=True)
"""


@contextmanager
def somebody_writing():
    """Another process with an open transaction that has written x."""
    database()["leases"].update_one({"_id": "x"}, {"$set": {"n": 0}}, upsert=True)
    pipe = subprocess.PIPE
    words = [sys.executable, "-c", OTHER_PROCESS]
    with subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, env={**os.environ}) as other:
        try:
            assert other.stdout.readline() == b"open\n"
            yield other
        finally:
            other.kill()


def add_one(session):
    database()["leases"].update_one({"_id": "x"}, {"$inc": {"n": 1}}, session=session)


def stored():
    return database()["leases"].find_one({"_id": "x"})["n"]


def idle_transactions():
    """How many transactions of ours have been at rest for longer than an orphan must."""
    least_us = orphans.IDLE_AT_LEAST_S * 1e6
    listed = orphans._admin().aggregate(orphans._LISTING)
    return sum(one.get("idle_us", 0) > least_us for one in listed)


def is_ended(pid):
    """Whether nothing of that process is left on the server once its orphans are ended."""
    end_orphaned_transactions()
    listed = orphans._admin().aggregate(orphans._LISTING)
    return not any(f":{pid}:" in one["appName"] for one in listed)


def wait_until(holds, timeout_s=WITHIN_S):
    ends_at = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < ends_at, "never came about"


def test_the_transaction_of_a_killed_process_is_ended():
    with somebody_writing() as other:
        other.kill()
        other.wait()
        wait_until(lambda: is_ended(other.pid))
    with pymongo.timeout(1):
        add_one(None)
    assert stored() == 1


def test_who_tries_again_gets_past_a_killed_process_by_itself():
    with somebody_writing() as other:
        other.kill()
        other.wait()
        in_transaction(add_one, timeout_s=WITHIN_S)
    assert stored() == 1


def test_a_living_process_keeps_its_transaction_however_long_it_idles():
    with somebody_writing() as other:
        wait_until(lambda: idle_transactions() >= 1)
        end_orphaned_transactions()  # perhaps what another test left on this server, not this
        with pytest.raises(Unavailable):
            in_transaction(add_one, timeout_s=1.5)
        assert other.communicate(b"\n")[0] == b"done\n"
    assert stored() == 100


@pytest.mark.slow
def test_a_process_that_only_stands_still_is_left_to_the_servers_limit():
    with somebody_writing() as other:
        other.send_signal(signal.SIGSTOP)
        wait_until(lambda: idle_transactions() >= 1)
        end_orphaned_transactions()  # perhaps what another test left on this server, not this
        in_transaction(add_one, timeout_s=60)
        assert stored() == 1
        other.send_signal(signal.SIGCONT)
        # Its commit finds nothing left, so it does all of it again.
        assert other.communicate(b"\n\n")[0] == b"open\ndone\n"
    assert stored() == 101


def test_not_being_allowed_to_look_matters_to_nobody(monkeypatch):
    monkeypatch.setattr(orphans, "_looked_at", -1e9)
    monkeypatch.setattr(orphans, "_LISTING", [{"$currentOp": {"nonsense": True}}])
    with pytest.raises(pymongo.errors.OperationFailure):
        end_orphaned_transactions()
    look_for_orphans()
    assert orphans._looked_at > 0


def test_one_process_looks_once_a_second_at_most(monkeypatch):
    looks = []
    monkeypatch.setattr(orphans, "_looked_at", -1e9)
    monkeypatch.setattr(orphans, "LOOKS_APART_S", 1e6)
    monkeypatch.setattr(orphans, "end_orphaned_transactions", lambda: looks.append(1))
    for _ in range(3):
        look_for_orphans()
    assert looks == [1]


def test_only_the_thread_inside_a_transaction_is_inside_it():
    seen = {}

    def look(_session):
        seen["inside"] = is_in_transaction()
        beside = threading.Thread(target=lambda: seen.update(beside=is_in_transaction()))
        beside.start()
        beside.join()

    in_transaction(look)
    assert seen == {"inside": True, "beside": False}
    assert not is_in_transaction()


def test_after_a_failure_nobody_is_inside_a_transaction():
    with pytest.raises(ZeroDivisionError):
        in_transaction(lambda _session: 1 // 0)
    assert not is_in_transaction()
