"""What stands in the book under the keys of entries that are to be posted."""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.client_session import ClientSession

from ledger.entry import Entry
from ledger.new_entry import NewEntry
from ledger.outcomes import Exists, KeyConflict, Outcome, Posted, Rejected
from ledger.planning import Asked
from shared.database import collection, confirmed


def known_outcomes(
    asked: Sequence[Asked], made: set[str] | None = None, session: ClientSession | None = None
) -> dict[str, Outcome]:
    """What stands under the entries' keys; one whose id is among those `made` here is Posted."""
    hashes = {each.entry.key: each.entry.request_hash for each in asked}
    wanted, shown = {"key": {"$in": list(hashes)}}, {"key": 1, "request_hash": 1}
    found = collection(Entry).find(wanted, shown, session=session)
    return {entry["key"]: _outcome_of(entry, hashes[entry["key"]], made) for entry in found}


def wait_for_what_was_written(key: str) -> None:
    """Until all that was written before is confirmed or gone: a tenth of a second, rarely needed.

    A linearizable read may name one key only, but what it waits for is everything before it.
    """
    confirmed(Entry).find_one({"key": key}, {"_id": 1})


def reversed_before(asked: Sequence[Asked], session: ClientSession) -> dict[str, Outcome]:
    """Those that would reverse what is reversed already under another key, refused."""
    ids = {each.entry.reverses: each.entry.key for each in asked if each.entry.reverses}
    if not ids:
        return {}
    found = collection(Entry).find({"reverses": {"$in": list(ids)}}, session=session)
    return {
        ids[entry["reverses"]]: Rejected(f"{entry['reverses']} is reversed by {entry['_id']}")
        for entry in found
        if entry["key"] != ids[entry["reverses"]]
    }


def _outcome_of(stored: Mapping[str, Any], request_hash: str, made: set[str] | None) -> Outcome:
    if stored["request_hash"] != request_hash:
        return KeyConflict(stored["key"], stored["_id"])
    return Posted(stored["_id"]) if stored["_id"] in (made or ()) else Exists(stored["_id"])


def find_posted(entry: NewEntry) -> Outcome | None:
    """Exists or KeyConflict where the entry's key stands in the book; None where it does not."""
    found = known_outcomes([Asked(entry)])
    if not found:
        wait_for_what_was_written(entry.key)
        found = known_outcomes([Asked(entry)])
    return found.get(entry.key)
