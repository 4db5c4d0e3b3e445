"""The reckoning finds what it is there to find: on a book and journals spoilt on purpose."""

import random
import threading

import pytest

from bench.torture.deeds import WEIGHTS, Deed, Past, choose, entries_of, first_entries
from bench.torture.doing import NOTES, Teller
from bench.torture.journals import Journal, Progress, lines_of
from bench.torture.posting import Thread, journal_path
from bench.torture.reckoning import reckon
from embedded import ReplicaSet
from ledger import Balance, Entry, Hold, post
from shared.database import all_documents, collection, database

ALONE = ReplicaSet("", [])  # no member but the server of the tests, which cannot differ
NOBODY_STOPS = threading.Event()


@pytest.fixture
def teller(tmp_path):
    """Somebody who does deeds against the tests' own server, with a journal in `tmp_path`."""
    post(first_entries())
    return Teller(Journal(tmp_path / "poster-0-0.jsonl"))


def reward(name: str, amount: int = 5) -> Deed:
    terms = {"wallet": 1, "amount": amount, "task": None, "slice": 0, "months": 6}
    return Deed(name, "reward", terms)


def hold(name: str) -> Deed:
    terms = {"wallet": 1, "amount": 3, "until": "2100-01-01T00:00:00+00:00"}
    return Deed(name, "hold", terms)


def settle(name: str, held: Deed, hold_id: str) -> Deed:
    terms = {"of": held.told(), "made_id": hold_id, "point": 0, "part": False}
    return Deed(name, "settle", terms)


def some_deeds(teller: Teller) -> dict[str, str]:
    """A few deeds of the kinds that the reckoning looks at; what they made, by name."""
    order = {"wallet": 1, "amount": 2}
    held = hold("held")
    made = {
        deed.name: teller.do(deed, NOBODY_STOPS)
        for deed in (
            reward("paid", 50),
            Deed("noted", "order_with_note", order),
            held,
            reward("too-much", 10**9),
        )
    }
    made["settled"] = teller.do(settle("settled", held, made["held"]), NOBODY_STOPS)
    return made


def test_a_sound_book_is_reckoned_sound(teller, tmp_path):
    made = some_deeds(teller)
    assert made["too-much"] == ""
    assert all(made_id for name, made_id in made.items() if name != "too-much")
    reckoning = reckon(tmp_path, ALONE)
    assert reckoning.is_sound, reckoning
    assert (reckoning.acknowledged, reckoning.unanswered) == (3, 0)
    assert not reckoning.errors


def test_deeds_of_every_kind_are_done_and_the_same_seed_chooses_the_same(teller, tmp_path):
    rng, past, seen = random.Random("1"), Past(), set()
    for number in range(400):
        deed = choose(rng, f"n-{number}", past)
        made_id = teller.do(deed, NOBODY_STOPS)
        if made_id:
            past.remember(deed, made_id)
        if made_id or deed.does in ("sweep", "seal", "close"):
            seen.add(deed.does)
        if seen >= WEIGHTS.keys() - {"close", "back_dated"}:
            break
    assert seen >= WEIGHTS.keys() - {"close", "back_dated"}
    reckoning = reckon(tmp_path, ALONE)
    assert reckoning.is_sound, reckoning
    assert not reckoning.errors
    chosen = [choose(random.Random("2"), "n", Past()).does for _ in range(2)]
    assert chosen[0] == chosen[1]


def spoil_an_entry():
    collection(Entry).delete_one({"key": "torture:paid:reward"})


def spoil_a_hold():
    collection(Hold).update_one({}, {"$set": {"state": "released"}})


def double_an_entry():
    entry = collection(Entry).find_one({"key": "torture:paid:reward"})
    collection(Entry).drop_index("key_1")
    collection(Entry).insert_one({**entry, "_id": "f" * 24})


def spoil_a_balance():
    collection(Balance).update_one({"_id": "wallet:p-1|FUB"}, {"$inc": {"posted": 1}})


def lose_a_note():
    database()[NOTES].delete_many({})


def post_what_was_refused():
    post(entries_of(reward("too-much", 1))[:1])


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (spoil_an_entry, {"lost", "doubled", "findings"}),
        (spoil_a_hold, {"lost", "findings"}),
        (double_an_entry, {"doubled", "findings"}),
        (spoil_a_balance, {"doubled", "findings"}),
        (lose_a_note, {"doubled"}),
        (post_what_was_refused, {"wrong"}),
    ],
    ids=lambda one: one.__name__ if callable(one) else "",
)
def test_what_is_spoilt_is_found(teller, tmp_path, spoil, where):
    some_deeds(teller)
    spoil()
    try:
        reckoning = reckon(tmp_path, ALONE)
    finally:
        for document in all_documents():  # the book is proved after each test
            collection(document).delete_many({})
        Entry.ensure_indexes()
    assert not reckoning.is_sound
    assert {
        name for name in ("lost", "doubled", "wrong", "findings") if getattr(reckoning, name)
    } == where


def test_a_line_cut_by_the_kill_is_no_acknowledgement(tmp_path):
    path = tmp_path / "poster-0-0.jsonl"
    Journal(path).write(yes="a", id="1", hash="h")
    with path.open("ab") as file:
        file.write(b'{"yes":"b","id":"2","ha')
    assert [line["yes"] for line in lines_of(path)] == ["a"]
    assert Progress(tmp_path).look() == 1
    Journal(path).write(yes="c", id="3", hash="h")
    assert [line["yes"] for line in lines_of(path)] == ["a", "c"]


def test_a_new_generation_repeats_what_the_last_one_left_open(teller, tmp_path):
    teller.do(reward("done"), NOBODY_STOPS)
    journal = Journal(journal_path(tmp_path, 0, 0))
    journal.write(**{"try": reward("begun").told()})
    thread = Thread(tmp_path, "s", 0, 2, 0)
    assert [deed.name for deed in thread.unfinished] == ["begun"]
    assert [deed.name for deed in thread.finished] == ["done"]
    for deed in (*thread.unfinished, *thread.finished):
        assert teller.do(deed, NOBODY_STOPS, again=True)
    reckoning = reckon(tmp_path, ALONE)
    assert reckoning.is_sound, reckoning
    assert collection(Balance).find_one({"_id": "wallet:p-1|FUB"})["posted"] == 10
