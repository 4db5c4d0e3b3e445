"""The reckoning: everything that was acknowledged is looked up in the book, and the book proves.

It shares no code with the book's own proof, which it runs as well: balances are added up here
once more, leg by leg.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pymongo

from bench.torture.doing import NOTES
from bench.torture.journals import lines_of
from embedded import ReplicaSet
from ledger import (
    Balance,
    Entry,
    Hold,
    HoldState,
    accounts,
    finish_closings,
    prove,
    seal_entries,
)
from shared.database import collection, database

CHUNK = 1000
AGREE_TIMEOUT_S = 60
COMPARED = ("entries", "balances", "holds", NOTES)


@dataclass
class Told:
    """What the posters were told, all journals together."""

    entries: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    refused: dict[str, str] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    holds: dict[str, dict[str, Any]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    @classmethod
    def by(cls, folder: Path) -> "Told":
        """Read the journals of a folder."""
        told = cls()
        for path in sorted(folder.glob("*.jsonl")):
            for line in lines_of(path):
                told.take(line)
        return told

    def take(self, line: dict[str, Any]) -> None:
        """Take in one line of a journal."""
        match line:
            case {"yes": key, "id": entry_id, "hash": request_hash}:
                self.entries[key].add((entry_id, request_hash))
            case {"no": key, "of": name}:
                self.refused[key] = name
            case {"hold": hold_id}:
                # The first that is told of a hold may be its end: its maker was killed before.
                known = self.holds.setdefault(hold_id, line)
                if known["state"] == HoldState.ACTIVE.value:
                    self.holds[hold_id] = line
                elif line["state"] != known["state"]:
                    self.wrong.append(f"hold {hold_id} ended twice: {line}")
            case {"try": deed}:
                self.begun.add(deed["name"])
            case {"again": name}:
                self.repeated.add(name)
            case {"done": name}:
                self.done.add(name)
            case {"wrong": what}:
                self.wrong.append(what)
            case {"error": what}:
                self.errors[f"{what} at {line.get('at')}"] += 1

    def finally_refused(self) -> set[str]:
        """Keys whose one answer was a refusal: asked again, they may have fitted."""
        return {
            key
            for key, name in self.refused.items()
            if name not in self.repeated and key not in self.entries
        }


@dataclass
class Reckoning:
    """What came of it; each list says what is wrong, and is empty in a sound book."""

    acknowledged: int = 0
    unanswered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    members_differ: list[str] = field(default_factory=list)

    @classmethod
    def without_answer(cls, why: str) -> "Reckoning":
        """Where the book could not be read at all."""
        return cls(findings=[why])

    @property
    def is_sound(self) -> bool:
        """Whether nothing at all was found."""
        return not any((self.lost, self.doubled, self.wrong, self.findings, self.members_differ))


def reckon(journals: Path, replica_set: ReplicaSet) -> Reckoning:
    """Hold the journals against the book, the book against itself, and its members together."""
    told = Told.by(journals)
    # The tails of what was cut off, as the timetable would do them.
    finish_closings()
    seal_entries(older_than=timedelta(0), everything=True)
    stored = _stored_under([*told.entries, *told.finally_refused()])
    return Reckoning(
        acknowledged=len(told.entries) + len(told.holds),
        unanswered=len(told.begun - told.done),
        errors=told.errors,
        lost=[*_lost_entries(told, stored), *_lost_holds(told)],
        doubled=[*_doubled(told, stored), *_balances_that_differ(), *_half_done()],
        wrong=[*told.wrong, *_posted_although_refused(told, stored)],
        findings=[str(finding) for finding in prove()],
        members_differ=_members_that_differ(replica_set),
    )


Stored = dict[str, list[dict[str, Any]]]


def _stored_under(keys: list[str]) -> Stored:
    found: Stored = defaultdict(list)
    wanted = {"_id": 1, "key": 1, "request_hash": 1}
    for some in _in_chunks(keys):
        for entry in collection(Entry).find({"key": {"$in": some}}, wanted):
            found[entry["key"]].append(entry)
    return found


def _in_chunks(things: Iterable[str]) -> Iterator[list[str]]:
    listed = list(things)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def _lost_entries(told: Told, stored: Stored) -> Iterator[str]:
    for key, answers in told.entries.items():
        there = {(entry["_id"], entry["request_hash"]) for entry in stored.get(key, ())}
        there |= {(entry_id, "") for entry_id, _ in there}
        for answer in answers - there:
            yield f"{key} was acknowledged as {answer[0]}, and the book has {there or 'nothing'}"


def _lost_holds(told: Told) -> Iterator[str]:
    for some in _in_chunks(told.holds):
        held = {hold["_id"]: hold for hold in collection(Hold).find({"_id": {"$in": some}})}
        paid = [hold.get("entry_id") for hold in held.values()]
        entries = {one["_id"] for one in collection(Entry).find({"_id": {"$in": paid}}, {"_id": 1})}
        for hold_id in some:
            line, hold = told.holds[hold_id], held.get(hold_id)
            ended = line["state"] != HoldState.ACTIVE.value
            if hold is None or (ended and _ended(hold) != (line["state"], line["settled"])):
                yield f"{line['key']} was acknowledged as {line}, and the book has {hold}"
            elif hold["state"] == HoldState.SETTLED.value and hold.get("entry_id") not in entries:
                yield f"{line['key']} is settled without an entry"


def _ended(hold: dict[str, Any]) -> tuple[str, int]:
    return str(hold["state"]), int(hold["settled"])


def _doubled(told: Told, stored: Stored) -> Iterator[str]:
    for key, entries in stored.items():
        if len(entries) > 1:
            yield f"{key} stands {len(entries)} times in the book"
    for key, answers in told.entries.items():
        if len(answers) > 1:
            yield f"{key} was acknowledged as {sorted(answers)}"
    # Beyond what was acknowledged: no index is trusted to be unique.
    for field_name in ("key", "reverses"):
        steps: list[dict[str, Any]] = [
            {"$match": {field_name: {"$exists": True}}},
            {"$group": {"_id": f"${field_name}", "count": {"$sum": 1}}},
            {"$match": {"count": {"$gt": 1}}},
        ]
        for group in collection(Entry).aggregate(steps, allowDiskUse=True, hint={"$natural": 1}):
            yield f"{group['count']} entries have the {field_name} {group['_id']}"


def _balances_that_differ() -> Iterator[str]:
    """Every leg added up here, held against the stored balances; held coins against the holds."""
    sums: Counter[tuple[str, str]] = Counter()
    for entry in collection(Entry).find({}, {"legs": 1}):
        for leg in entry["legs"]:
            account = leg["account"]
            if accounts.kind_of(account) is accounts.AccountKind.OWED:
                sums[f"{accounts.wallet_beside(account)}|{leg['currency']}", "owes"] -= leg[
                    "amount"
                ]
            elif accounts.is_guarded(account):
                sums[f"{account}|{leg['currency']}", "posted"] += leg["amount"]
    for hold in collection(Hold).find({"state": HoldState.ACTIVE.value}):
        sums[f"{hold['account']}|{hold['currency']}", "held"] += hold["amount"]
    kept: Counter[tuple[str, str]] = Counter()
    for balance in collection(Balance).find({}):
        for part in ("posted", "owes", "held"):
            kept[balance["_id"], part] += balance.get(part, 0)
    for name in sorted(sums.keys() | kept.keys()):
        if sums[name] != kept[name]:
            yield f"{name[0]}: {name[1]} is stored as {kept[name]} and adds up to {sums[name]}"


def _half_done() -> Iterator[str]:
    """An order and its note are there both, or neither."""
    ordered = {"key": {"$regex": "^torture:.*:order_with_note$"}}
    entries = {one["key"] for one in collection(Entry).find(ordered, {"key": 1})}
    notes = {one["_id"] for one in database()[NOTES].find({}, {"_id": 1})}
    for key in sorted(entries ^ notes):
        yield f"{key} is half there: {'the entry' if key in entries else 'the note'} alone"


def _posted_although_refused(told: Told, stored: Stored) -> Iterator[str]:
    for key in told.finally_refused() & stored.keys():
        yield f"{key} was refused and is in the book"


def _members_that_differ(replica_set: ReplicaSet) -> list[str]:
    """What differs between the members once all have caught up, by the server's own hashes."""
    clients: list[pymongo.MongoClient[dict[str, Any]]] = [
        pymongo.MongoClient(f"127.0.0.1:{member.port}", directConnection=True)
        for member in replica_set.members
    ]
    ends_at = time.monotonic() + AGREE_TIMEOUT_S
    while differing := _differing([client[database().name] for client in clients]):
        if time.monotonic() > ends_at:
            break
        time.sleep(0.2)
    for client in clients:
        client.close()
    return [f"the members differ in {name}" for name in differing]


def _differing(databases: list[Any]) -> list[str]:
    hashes = [one.command("dbHash", collections=list(COMPARED))["collections"] for one in databases]
    return [name for name in COMPARED if len({str(one.get(name)) for one in hashes}) > 1]
