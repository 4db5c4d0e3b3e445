"""Sharing a commit: who comes together is committed together, and nobody is left waiting."""

import threading

import pytest
from rq.timeouts import JobTimeoutException

from ledger import EntryKind, Leg, NewEntry, Posted, sharing, task, wallet
from ledger.planning import Asked
from ledger.sharing import MAX_IN_ONE, MAX_SHARED, SharedCommits
from tests.racing import at_once

PURE = True


def asked(name):
    legs = [Leg(task("t1"), -1), Leg(wallet("p1"), 1)]
    return Asked(NewEntry(f"k:{name}", EntryKind.REWARD, legs, ("task", "t1")))


class Commits:
    """Answers every entry with its key, remembers the batches, and can be made to wait or fail."""

    def __init__(self):
        self.batches = []
        self.may_go = threading.Event()
        self.may_go.set()
        self.begun = threading.Event()
        self.failure = None
        self.shared = SharedCommits(self.commit)

    def commit(self, entries):
        self.batches.append([each.entry.key for each in entries])
        self.begun.set()
        assert self.may_go.wait(20)
        if self.failure is not None:
            raise self.failure
        return [Posted(each.entry.key) for each in entries]

    def post(self, *names):
        return [outcome.entry_id for outcome in self.shared.post([asked(name) for name in names])]


@pytest.fixture
def commits():
    return Commits()


def suppressed(call):
    """What the call answers, or the error it raises."""
    try:
        return call()
    except Exception as error:
        return error


def behind_a_slow_one(commits, calls, *, until_answered=False):
    """Run `calls` in threads that all wait while a first batch is committed; their answers."""
    commits.may_go.clear()
    first = threading.Thread(target=lambda: suppressed(lambda: commits.post("first")))
    first.start()
    assert commits.begun.wait(20)
    answers = [None] * len(calls)

    def run(number):
        answers[number] = suppressed(calls[number])

    threads = []
    for number in range(len(calls)):
        threads.append(threading.Thread(target=run, args=(number,)))
        threads[-1].start()
        while len(commits.shared._queue) < number + 1:
            assert threads[-1].is_alive()
    while until_answered and None in answers:
        pass
    commits.may_go.set()
    for thread in [first, *threads]:
        thread.join(20)
    return answers


def test_a_lone_post_is_committed_by_itself(commits):
    assert commits.post("a") == ["k:a"]
    assert commits.batches == [["k:a"]]


def test_those_who_wait_are_committed_together_in_order_of_arrival(commits):
    answers = behind_a_slow_one(commits, [lambda n=n: commits.post(n) for n in "abc"])
    assert answers == [["k:a"], ["k:b"], ["k:c"]]
    assert commits.batches == [["k:first"], ["k:a", "k:b", "k:c"]]


def test_a_batch_has_at_most_so_many_entries(commits):
    lists = [[f"{number}-{n}" for n in range(MAX_SHARED)] for number in range(8)]
    behind_a_slow_one(commits, [lambda names=names: commits.post(*names) for names in lists])
    assert [len(batch) for batch in commits.batches] == [1, MAX_IN_ONE, 3 * MAX_SHARED]


def test_a_long_list_goes_in_slices_and_lets_others_in_between(commits):
    many = [str(number) for number in range(2 * MAX_IN_ONE + 1)]
    answers = behind_a_slow_one(commits, [lambda: commits.post(*many), lambda: commits.post("b")])
    assert answers == [[f"k:{name}" for name in many], ["k:b"]]
    assert [len(batch) for batch in commits.batches] == [1, MAX_IN_ONE, 1, MAX_IN_ONE, 1]


def test_what_ends_the_commit_is_told_to_every_member_and_the_next_one_goes_on(commits):
    commits.failure = LookupError("broken")
    answers = behind_a_slow_one(commits, [lambda: commits.post("a"), lambda: commits.post("b")])
    assert [type(answer) for answer in answers] == [LookupError, LookupError]
    commits.failure = None
    assert commits.post("c") == ["k:c"]


def test_an_interrupt_of_the_leader_lets_the_others_try_again(commits):
    commits.failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        commits.post("a")
    commits.failure = None
    assert commits.post("b") == ["k:b"]


def test_an_interrupt_before_the_leader_took_anything_lets_the_next_one_lead(commits, monkeypatch):
    def interrupted():
        raise JobTimeoutException

    monkeypatch.setattr(commits.shared, "_linger", interrupted)
    with pytest.raises(JobTimeoutException):
        commits.post("a")
    monkeypatch.undo()
    assert commits.post("b") == ["k:b"]
    assert commits.batches == [["k:b"]]


def test_a_jobs_end_in_the_leader_is_not_the_others_end(commits):
    commits.failure = JobTimeoutException("time is up")
    answers = behind_a_slow_one(commits, [lambda n=n: commits.post(n) for n in "ab"])
    assert sorted(type(answer).__name__ for answer in answers) == [
        "JobTimeoutException",
        "Unavailable",
    ]


def test_who_waited_too_long_goes_away_and_nobody_waits_for_it(commits, monkeypatch):
    monkeypatch.setattr(sharing, "ANSWER_TIMEOUT_S", 0.05)
    answers = behind_a_slow_one(commits, [lambda: commits.post("a")], until_answered=True)
    assert [type(answer).__name__ for answer in answers] == ["Unavailable"]
    assert commits.post("b") == ["k:b"]
    assert commits.batches == [["k:first"], ["k:b"]]


def test_hundreds_of_threads_are_all_answered_with_their_own(commits):
    answers = at_once(200, lambda number: commits.post(f"n{number}"))
    assert answers == [[f"k:n{number}"] for number in range(200)]
    assert sorted(key for batch in commits.batches for key in batch) == sorted(
        f"k:n{number}" for number in range(200)
    )
