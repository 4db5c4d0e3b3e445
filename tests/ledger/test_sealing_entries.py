"""Every entry gets into one seal, whoever seals, how often, late or at once."""

from datetime import timedelta
from itertools import pairwise

import pymongo
import pytest
from bson import Int64

import cli
from ledger import seal_entries, seal_findings
from ledger.entry import Entry
from ledger.seals import sealing_entries
from ledger.seals.seal import MAX_SEALED, NO_SEAL, Seal
from shared.clock import real_now
from shared.database import collection
from shared.errors import Unavailable
from tests.ledger.sealed_book import seal_now, thrown_away, written
from tests.racing import at_once

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def thrown_away_book(app):
    with thrown_away():
        yield


@pytest.fixture
def small(monkeypatch):
    """Seals of three entries, looked for two at a time."""
    monkeypatch.setattr(sealing_entries, "MAX_SEALED", 3)
    monkeypatch.setattr(sealing_entries, "PAGE", 2)


def seals():
    return list(collection(Seal).find().sort("_id"))


def sealed_ids():
    return [one for seal in seals() for one in seal["entry_ids"]]


def test_without_entries_there_is_no_seal():
    assert seal_entries() == 0
    assert seals() == []


def test_what_was_posted_two_minutes_ago_is_sealed_in_order_of_posting():
    third, first, second = written(3 * MINUTE, 9 * MINUTE, 5 * MINUTE)
    written(MINUTE)
    assert seal_entries() == 3
    (seal,) = seals()
    assert (seal["_id"], seal["count"], seal["total"]) == (1, 3, 3)
    assert seal["entry_ids"] == [first, second, third]
    assert seal["previous"] == NO_SEAL
    posted_at = collection(Entry).find_one({"_id": third})["posted_at"]
    assert seal["posted_through"] == posted_at
    assert len(seal["leaves"]) == 3 * 32


def test_of_one_moment_the_ids_decide():
    moment = timedelta(minutes=5)
    at = real_now() - moment
    ids = written(*[moment] * 5)
    collection(Entry).update_many({}, {"$set": {"posted_at": at, "effective_at": at}})
    assert seal_entries() == 5
    assert sealed_ids() == sorted(ids)


def test_a_repeat_seals_nothing_twice():
    written(5 * MINUTE)
    assert [seal_entries(), seal_entries(), seal_entries(everything=True)] == [1, 0, 0]
    assert len(seals()) == 1


def test_what_a_seal_does_not_take_goes_into_the_next(small):
    ids = written(*(timedelta(minutes=20 - number) for number in range(8)))
    assert seal_entries() == 8
    assert [seal["count"] for seal in seals()] == [3, 3, 2]
    assert [seal["_id"] for seal in seals()] == [1, 2, 3]
    assert sealed_ids() == ids
    for one, following in pairwise(seals()):
        assert following["previous"] == one["seal_hash"]
        assert following["total"] == one["total"] + following["count"]


def test_many_of_one_moment_are_all_taken(small):
    at = real_now() - 5 * MINUTE
    ids = written(*[5 * MINUTE] * 11)
    collection(Entry).update_many({}, {"$set": {"posted_at": at, "effective_at": at}})
    assert seal_entries() == 11
    assert sealed_ids() == sorted(ids)


def test_a_run_is_bounded_and_the_next_goes_on(small, monkeypatch):
    monkeypatch.setattr(sealing_entries, "MAX_SEALS", 2)
    written(*(timedelta(minutes=20 - number) for number in range(8)))
    assert [seal_entries(), seal_entries(), seal_entries()] == [6, 2, 0]


def test_a_late_entry_goes_into_the_next_seal(small):
    written(*(timedelta(minutes=20 - number) for number in range(7)))
    seal_entries()
    late, later = written(70 * MINUTE, 19.5 * MINUTE)
    assert seal_entries() == 2
    assert seals()[-1]["entry_ids"] == [late, later]
    assert seals()[-1]["posted_through"] == seals()[-2]["posted_through"]
    assert seal_findings() == []


def test_an_entry_later_than_an_hour_is_found_by_looking_from_the_start():
    written(5 * MINUTE)
    seal_entries()
    (forgotten,) = written(180 * MINUTE)
    assert seal_entries() == 0
    (finding,) = seal_findings()
    assert (finding.number, finding.entry_id) == (None, forgotten)
    assert "in no seal" in str(finding)
    assert seal_entries(everything=True) == 1
    assert seal_findings() == []


def test_the_delay_may_be_another():
    written(5 * MINUTE)
    assert seal_entries(older_than=10 * MINUTE) == 0
    assert seal_entries(older_than=4 * MINUTE) == 1


def test_what_is_posted_by_the_book_is_sealed_as_it_stands(funded):
    funded("wallet:p1", 100)
    count = collection(Entry).count_documents({})
    assert seal_now() == count
    assert seal_findings() == []


def test_of_many_who_seal_at_once_each_entry_gets_into_one_seal(small, monkeypatch):
    monkeypatch.setattr(sealing_entries, "MAX_LOST_RACES", 100)
    ids = written(*(timedelta(minutes=60 - number) for number in range(30)))
    counts = at_once(6, lambda _: seal_entries())
    assert sum(counts) == 30, counts
    assert sealed_ids() == ids
    assert [seal["_id"] for seal in seals()] == list(range(1, 11))
    assert seal_findings() == []


def test_who_loses_every_race_gives_up_and_harms_nothing(monkeypatch):
    written(5 * MINUTE)
    newest = sealing_entries._newest_seal
    assert seal_entries() == 1
    written(4 * MINUTE)
    seen = []

    def always_too_late():
        seen.append(1)
        return None if newest() else newest()

    monkeypatch.setattr(sealing_entries, "_newest_seal", always_too_late)
    assert seal_entries() == 0
    assert len(seen) == sealing_entries.MAX_LOST_RACES
    monkeypatch.undo()
    assert seal_entries() == 1
    assert seal_findings() == []


def test_who_is_cut_off_before_the_insert_leaves_nothing(monkeypatch):
    written(5 * MINUTE)

    def cut_off(_seal):
        raise Unavailable

    monkeypatch.setattr(sealing_entries, "_insert", cut_off)
    with pytest.raises(Unavailable):
        seal_entries()
    monkeypatch.undo()
    assert seals() == []
    assert seal_entries() == 1


def test_the_server_keeps_an_entry_out_of_a_second_seal():
    written(5 * MINUTE)
    seal_entries()
    (seal,) = seals()
    with pytest.raises(pymongo.errors.DuplicateKeyError):
        collection(Seal).insert_one({**seal, "_id": Int64(2)})


@pytest.mark.parametrize(
    "spoilt",
    [
        {"entry_ids": []},
        {"count": Int64(1)},
        {"root": "x"},
        {"signature": "0" * 127},
        {"entry_ids": ["0" * 24, "0" * 24]},
        {"note": "more"},
    ],
)
def test_the_server_takes_no_seal_of_another_shape(spoilt):
    written(5 * MINUTE, 4 * MINUTE)
    seal_entries()
    (seal,) = seals()
    collection(Seal).delete_many({})
    with pytest.raises(pymongo.errors.WriteError, match="failed validation"):
        collection(Seal).insert_one({**seal, **spoilt})
    collection(Seal).insert_one(seal)


def test_a_full_seal_is_sealed_and_proven():
    written(*(timedelta(minutes=30, milliseconds=-number) for number in range(MAX_SEALED + 1)))
    assert seal_entries() == MAX_SEALED + 1
    assert [seal["count"] for seal in seals()] == [MAX_SEALED, 1]
    assert seal_findings() == []


@pytest.mark.parametrize(("more", "count"), [((), 1), (("--everything",), 2)])
def test_the_command_seals_and_says_how_many(monkeypatch, more, count):
    monkeypatch.setattr(cli, "connect", lambda: None)
    written(5 * MINUTE)
    seal_entries()
    written(4 * MINUTE, 300 * MINUTE)
    told = cli.app.test_cli_runner().invoke(args=["seal", *more])
    assert (told.exit_code, told.output) == (0, f"sealed {count} entries\n")
