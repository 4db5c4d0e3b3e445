"""The whole torture: start the set and the posters, torment them, heal, and reckon up the book.

The members are started here and not by dev.py, because whoever kills one has to start it again.
"""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from bench.torture.deeds import first_entries
from bench.torture.doing import NOTES
from bench.torture.reckoning import Reckoning, reckon
from bench.torture.tormenting import Posters, StoodStill, Tormentor
from children import Guard, mark_for
from embedded import ReplicaSet, start_replica_set
from ledger import post_one
from settings import settings
from shared.database import connect, database, prepare
from shared.errors import Unavailable

POSTERS = 3
FINISH_TIMEOUT_S = 60
SHOWN = 20


def torture(
    folder: Path, minutes: float, seed: int | None, say: Callable[[str], None]
) -> dict[str, Any]:
    """Torture the book for so many minutes in `folder`; what came of it, as --json prints it.

    `is_sound` says whether the book came through. Raises CannotStart.
    """
    seed = random.randrange(1_000_000) if seed is None else seed
    say(f"seed {seed}: repeat with --seed {seed}")
    folder = folder.resolve()
    journals = folder / "journals"
    journals.mkdir(parents=True, exist_ok=True)
    mark = mark_for(folder)
    guard = Guard(mark)
    posters = None
    try:
        say("starting a replica set of three ...")
        replica_set = start_replica_set(folder, mark=mark)
        _prepare_book(replica_set.uri)
        posters = Posters(journals, seed, mark, {**os.environ, "MONGODB_URI": replica_set.uri})
        for poster in range(POSTERS):
            posters.start(poster)
        tormentor, said = Tormentor(replica_set, posters, journals, seed), Clock(say)
        outcome = _torment(tormentor, posters, minutes, said)
        said("looking up what was acknowledged, and proving the book ...")
        reckoning = _reckon(journals, replica_set)
        _show(reckoning, say)
        return _in_figures(reckoning, tormentor, seed, minutes, outcome)
    finally:
        guard.close()  # kills whatever carries the mark, stopped or not


class Clock:
    """Says things with the seconds since it was made."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._began_at = say, time.monotonic()

    def __call__(self, text: str) -> None:
        """Say it."""
        self._say(f"{time.monotonic() - self._began_at:7.1f} s  {text}")


def _prepare_book(uri: str) -> None:
    """Indexes, validators and the first coins, in this process's own connection."""
    os.environ["MONGODB_URI"] = uri
    settings.cache_clear()
    connect()
    prepare()
    database().create_collection(NOTES)
    for entry in first_entries():
        post_one(entry)


def _torment(tormentor: Tormentor, posters: Posters, minutes: float, say: Clock) -> str:
    """Torment, heal and let the posters end; what stood still, if anything did."""
    try:
        tormentor.torment(minutes * 60, say)
        say("healed; the posters finish what they are at ...")
        posters.finish(FINISH_TIMEOUT_S)
    except StoodStill as still:
        say(str(still))
        posters.finish(1)
        return str(still)
    return ""


def _reckon(journals: Path, replica_set: ReplicaSet) -> Reckoning:
    """The reckoning, on a fresh connection; a set that does not answer is no sound book."""
    try:
        connect()
        return reckon(journals, replica_set)
    except (PyMongoError, Unavailable) as error:
        return Reckoning.without_answer(f"the book could not be proved: {error!r}")


def _show(reckoning: Reckoning, say: Callable[[str], None]) -> None:
    for name in ("lost", "doubled", "wrong", "findings", "members_differ"):
        for line in getattr(reckoning, name)[:SHOWN]:
            say(f"{name}: {line}")
    for what, count in reckoning.errors.most_common(SHOWN):
        say(f"raised {count} times: {what}")


def _in_figures(
    reckoning: Reckoning, tormentor: Tormentor, seed: int, minutes: float, stood_still: str
) -> dict[str, Any]:
    blows = tormentor.blows
    killed = ("primaries_killed", "secondaries_killed", "posters_killed")
    return {
        "kills": sum(blows[name] for name in killed),
        "acknowledged": reckoning.acknowledged,
        "lost": len(reckoning.lost),
        "doubled": len(reckoning.doubled),
        "book_ok": not reckoning.findings,
        "wrong_answers": len(reckoning.wrong),
        "members_differ": len(reckoning.members_differ),
        "unknown": reckoning.unanswered,
        "errors": sum(reckoning.errors.values()),
        **{name: blows[name] for name in (*killed, "primaries_stopped", "posters_stopped")},
        "longest_still_seconds": round(tormentor.longest_still_s, 1),
        "seconds": round(minutes * 60, 1),
        "seed": seed,
        "is_sound": reckoning.is_sound and not stood_still and not blows["posters_fallen"],
    }
