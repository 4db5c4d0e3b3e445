"""One's own place and neighbours among a million: our verb beside counting the better scores.

The standings are written in bulk into a database of this benchmark's own. Theirs is what is
usually written: one's own row, then count_documents of the higher scores on an index of them.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from typing import Any

import pymongo

from bench.parts.own_databases import environment, own_databases
from bench.parts.timed_acts import Act, median_ms, rotated, time_ratio
from honours import Measure, Season, SeasonState, Standing, place_in
from shared.clock import real_now
from shared.database import connect, database, prepare

STANDINGS, ASKED, COMPARED = 1_000_000, 500, 20
ROUNDS, SLOT_S = 5, 0.5
INSERTED_AT_ONCE, BUILD_TIMEOUT_S = 5_000, 600
SIDE = "leaderboard"
SEASON_ID, EDITION = "grid_hours:2026-11", 1
BY_SCORE = [("season_id", 1), ("edition", 1), ("score", -1)]


class Disagreement(Exception):
    """Raised when the two sides name different ranks: such figures are worth nothing."""


def measure_leaderboard(
    standings: int = STANDINGS, *, rounds: int = ROUNDS, slot_s: float = SLOT_S
) -> dict[str, Any]:
    """The p50 of our verb in ms, theirs, and the ratio of their times (lower is better).

    `one_find_ms` is one row by its key in the same rounds: how busy the machine was.
    """
    with own_databases([SIDE]) as uris, environment(MONGODB_URI=uris[SIDE]):
        connect()
        prepare()
        _fill(standings)
        asked = [_unit_id(number) for number in random.Random(7).choices(range(standings), k=ASKED)]
        _compare(asked[:COMPARED])
        slots = rotated(_variants(asked), rounds, slot_s)
    return {
        "leaderboard_1m.ms": round(median_ms(slots["ours"]), 3),
        "leaderboard_1m.one_find_ms": round(median_ms(slots["one_find"]), 3),
        "leaderboard_1m.counting_ms": round(median_ms(slots["counting"]), 3),
        "leaderboard_1m.time_ratio_to_count": time_ratio(slots["ours"], slots["counting"]),
        "leaderboard_1m.standings": standings,
    }


def _variants(asked: list[str]) -> dict[str, list[Act]]:
    turns = {side: cycle(asked) for side in ("ours", "one_find", "counting")}
    return {
        "ours": [lambda: place_in(SEASON_ID, next(turns["ours"]), around=2)],
        # What the machine takes for the least that can be asked, just now.
        "one_find": [lambda: own_row(next(turns["one_find"]))],
        "counting": [lambda: rank_by_counting(next(turns["counting"]))],
    }


def rank_by_counting(unit_id: str) -> int:
    """The rank by counting, which names no neighbours either."""
    own = own_row(unit_id)
    better = {"season_id": SEASON_ID, "edition": EDITION, "score": {"$gt": own["score"]}}
    return 1 + database()["league_standings"].count_documents(better)


def own_row(unit_id: str) -> dict[str, Any]:
    """One standing by its key. Raises Disagreement where there is none."""
    key = {"_id": f"{SEASON_ID}:{EDITION}:{unit_id}"}
    own: dict[str, Any] | None = database()["league_standings"].find_one(key)
    if own is None:
        raise Disagreement(unit_id)
    return own


def _compare(asked: list[str]) -> None:
    for unit_id in asked:
        own = place_in(SEASON_ID, unit_id).own
        if own is None or own.rank != rank_by_counting(unit_id):
            raise Disagreement(unit_id)


def _fill(count: int) -> None:
    """A published season of so many standings, and the index that counting needs."""
    moment = real_now()
    Season(
        id=SEASON_ID,
        league_id="grid_hours",
        league_version=1,
        name={"en": "Grids", "zh": "网格"},
        unit_id="0" * 24,
        field="grid",
        measure=Measure.HOURS,
        least_contributors=3,
        period="2026-11",
        from_at=moment,
        until_at=moment + timedelta(days=30),
        state=SeasonState.OPEN,
        editions=EDITION,
        published_edition=EDITION,
        ranked=count,
    ).save()
    name = Standing._get_collection_name()
    rows = database()[name].with_options(write_concern=pymongo.WriteConcern(w=1, j=False))
    with pymongo.timeout(BUILD_TIMEOUT_S):
        for batch in _rows(count):
            rows.insert_many(batch, ordered=False)
        rows.with_options(write_concern=pymongo.WriteConcern("majority")).create_index(BY_SCORE)


def _rows(count: int) -> Iterator[list[dict[str, Any]]]:
    """Scores fall slowly, four units to a score, as hours in thousandths do in a large field."""
    for first in range(0, count, INSERTED_AT_ONCE):
        yield [_row(number, count) for number in range(first, min(first + INSERTED_AT_ONCE, count))]


def _row(number: int, count: int) -> dict[str, Any]:
    shared = number // 4
    return {
        "_id": f"{SEASON_ID}:{EDITION}:{_unit_id(number)}",
        "season_id": SEASON_ID,
        "edition": EDITION,
        "unit_id": _unit_id(number),
        "place": number + 1,
        "rank": shared * 4 + 1,
        "score": count - shared,
        "raw": (count - shared) * 3,
        "population": 1_000,
        "contributors": 5,
    }


def _unit_id(number: int) -> str:
    """Ids as units have them: spread out, for they are hashes."""
    return f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}{number:08x}"
