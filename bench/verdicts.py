"""`dev.py bench verdicts`: real honest walks, wrong labels and made-up cheats, judged as always.

Nothing is timed. What is run are the program's own pure functions, from the raw positions of an
upload to the judgement; what is made up about the walks stands in bench/cheats/submission.py.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from bench.cheats.kinds import CHEATS, cheat
from bench.cheats.submission import Submission, recorded_trace, submitted
from bench.parts.received import Received, received
from bench.parts.recordings import FOLDER, SEGMENTS, honest_walks, vehicle_tracks
from bench.parts.tasks_around import KINDS, measured, task_around, within_reach
from bench.parts.walks_judged import Outcome, Store, judged, judged_by_checks
from shared.datums import DATUMS
from tasks.judging.areas import compile_area
from tasks.judging.track_rules import clean_walk
from tasks.suspicion.fingerprint import fingerprint_of
from tasks.tracks.track_packing import TrackPoints

CHEATS_OF_A_KIND = 6
# What the task that cheats are sent in for allows, in s without a position.
LONGEST_GAP_S = 600.0
NOTES = {
    "honest": "real walks x 8 tasks drawn around each (bench/parts/tasks_around.py) x 3 datums, "
    "each uploaded in the datum through the program's own conversion and packing; aim: all pass, "
    "none in review",
    "mislabelled": "the same under each of the two wrong labels; aim 1960 of 1968 refused; those "
    "that are not are wide areas in which the shifted walk still lies",
    "cheats": "24 kinds x 6 by seed, for the task of a corridor around the walk they are made "
    "from; caught: refused or in review, aim 135 of 144; named: by one of the signals or failing "
    "checks that say what it is, aim 141",
    "vehicles": "tasks of the eight around a coach's and a vehicle's track that refuse it",
    "made_up": "accuracies, mock flags and times of arrival are made up: the recordings have none",
}


def run(
    rounds: int = 5,
    *,
    folder: Path = FOLDER,
    segments: tuple[int, ...] = SEGMENTS,
    seeds: Sequence[int] = (1,),
) -> dict[str, Any]:
    """Judge everything once (nothing is timed, so `rounds` changes nothing) and count.

    Raises CannotStart where the recorded walks are not there.
    """
    del rounds
    walks = honest_walks(folder, segments)
    vehicles = vehicle_tracks(folder)
    sent = {name: _honest(points, name) for name, points in walks.items()}
    store = _stored(sent)
    plans = {name: measured(points) for name, points in walks.items()}
    tasks = {
        name: {kind: task_around(plan, kind) for kind in KINDS} for name, plan in plans.items()
    }
    _say("judging honest walks ...")
    figures = _honest_figures(sent, tasks, store)
    _say("judging wrong labels ...")
    figures |= _mislabelled_figures(sent, tasks)
    _say("judging cheats ...")
    corridors = {
        name: task_around(plan, "corridor", longest_gap_s=LONGEST_GAP_S)
        for name, plan in plans.items()
    }
    figures |= _cheat_figures(walks, corridors, store, seeds)
    figures["vehicles"] = {
        name: _vehicle_figures(name, points, store) for name, points in vehicles.items()
    }
    return figures | {"seeds": list(seeds), "notes": NOTES}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _honest(points: TrackPoints, name: str) -> Submission:
    """What the walker's phone sent; made up by the name, so that it is the same every time."""
    rng = np.random.default_rng([sum(map(ord, name)), 41])
    return submitted(rng, [recorded_trace(rng, points)], name, unseen=[name])


def _stored(sent: Mapping[str, Submission]) -> Store:
    """The honest walks as fingerprints, each of another account."""
    found = {}
    for name, one in sent.items():
        points = received(one).points
        middle = {
            "type": "Point",
            "coordinates": [float(np.median(points.lon)), float(np.median(points.lat))],
        }
        area = {"shape": "circle", "geometry": middle, "radius_m": 500.0}
        walk = clean_walk(points, compile_area(area).frame)
        found[name] = fingerprint_of(walk, name, f"walker-of-{name}")
    return Store(found)


Tasks = Mapping[str, Mapping[str, Mapping[str, Any]]]


def _honest_figures(sent: Mapping[str, Submission], tasks: Tasks, store: Store) -> dict[str, Any]:
    outcomes, alarms, misses = Counter(), {}, []
    for name, one in sent.items():
        others = store.without(one.unseen)
        for datum in DATUMS:
            got = received(one, datum, datum)
            for kind in KINDS:
                outcome = judged(tasks[name][kind], one, got, others, datum)
                outcomes[outcome.judgement.outcome] += 1
                for signal in outcome.suspicion.signals:
                    alarms.setdefault(signal["signal"], set()).add(name)
                if outcome.judgement.outcome != "verified":
                    misses.append(f"{name} {kind} {datum}: {sorted(outcome.said)}")
    return {
        "honest_total": outcomes.total(),
        "honest_passed": outcomes["verified"],
        "honest_in_review": outcomes["needs_review"],
        "honest_not_passed": misses,
        "false_alarms": {name: sorted(walks) for name, walks in sorted(alarms.items())},
    }


def _mislabelled_figures(sent: Mapping[str, Submission], tasks: Tasks) -> dict[str, Any]:
    total, slips = 0, []
    for name, one in sent.items():
        for sent_as, label in permutations(DATUMS, 2):
            got = received(one, sent_as, label)
            for kind in KINDS:
                total += 1
                judgement = judged_by_checks(tasks[name][kind], one, got, label)
                if judgement.outcome != "refused":
                    slips.append(f"{name} {kind} {sent_as} as {label}: {judgement.outcome}")
    return {
        "mislabelled_total": total,
        "mislabelled_refused": total - len(slips),
        "mislabelled_slips": slips,
    }


def _cheat_figures(
    walks: Mapping[str, TrackPoints],
    corridors: Mapping[str, Mapping[str, Any]],
    store: Store,
    seeds: Sequence[int],
) -> dict[str, Any]:
    per_kind, misses = {}, []
    for name in CHEATS:
        counted = Counter()
        for seed in seeds:
            for number in range(CHEATS_OF_A_KIND):
                one = cheat(name, number, seed, dict(walks))
                got = received(one)
                outcome = judged(corridors[one.around], one, got, store.without(one.unseen))
                caught, named = _counts(counted, name, outcome, got)
                if not (caught and named):
                    misses.append(_miss(name, seed, number, one, outcome, caught))
        per_kind[name] = dict(counted)
    return {
        "cheats_total": sum(one["total"] for one in per_kind.values()),
        "cheats_caught": sum(one["caught"] for one in per_kind.values()),
        "cheats_named": sum(one["named"] for one in per_kind.values()),
        "per_kind": per_kind,
        "cheats_missed": misses,
    }


def _counts(counted: Counter[str], name: str, outcome: Outcome, got: Received) -> tuple[bool, bool]:
    ended = outcome.judgement.outcome
    said = outcome.said | set(got.rejected)
    caught, named = ended in ("refused", "needs_review"), bool(said & CHEATS[name].named_by)
    counted["total"] += 1
    counted["caught"] += caught
    counted["named"] += named
    counted["refused"] += ended == "refused"
    counted["in_review"] += outcome.suspicion.wants_review
    return caught, named


def _miss(
    name: str, seed: int, number: int, one: Submission, outcome: Outcome, caught: bool
) -> dict[str, Any]:
    return {
        "kind": name,
        "seed": seed,
        "number": number,
        "around": one.around,
        "caught": caught,
        "said": {signal["signal"]: signal["measured"] for signal in outcome.suspicion.signals},
        "failing": [result.check for result in outcome.judgement.checks if not result.passed],
    }


def _vehicle_figures(name: str, points: TrackPoints, store: Store) -> dict[str, Any]:
    """How many of the eight tasks drawn around a ride refuse it, and how fast it was."""
    sent = _honest(points, name)
    got, plan = received(sent), measured(within_reach(points))
    refused, shares = 0, []
    for kind in KINDS:
        outcome = judged(task_around(plan, kind), sent, got, store)
        refused += outcome.judgement.outcome == "refused"
        shares += [
            result.measured
            for result in outcome.judgement.checks
            if result.check == "plausible_speed" and not result.passed
        ]
    return {
        "tasks": len(KINDS),
        "refused": refused,
        "too_fast_in": len(shares),
        "fast_share": min(shares, default=0.0),
    }
