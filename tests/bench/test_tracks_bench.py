"""The tracks benchmark measures what it says: the loops agree with us, oversold slots are seen."""

import json
import os
import subprocess
import sys

import pytest

from bench.parts import tracks_claims
from bench.parts.bare_app import CARD
from bench.parts.scalar_verdict import compile_scalar, measure
from bench.parts.slots import Slot
from bench.parts.timed_acts import median_ms, rotated, run_acts, time_ratio
from bench.parts.tracks_claims import ClaimFailed, claims_figures
from bench.parts.tracks_copies import copies_figures
from bench.parts.tracks_ingest import ingest_figures
from bench.parts.tracks_town import Walkers
from bench.parts.tracks_verdict import CHUNK_POINTS, POINTS, judged, work_to_judge
from children import ROOT
from shared.database import database
from tasks.task import CARD_FIELDS

TINY_RUN = """
import json
from bench.tracks import Sizes, run
sizes = Sizes(chunks=24, stored_tracks=60, tasks=(300, 2_000), claim_threads=30, claimed_tasks=1)
print(json.dumps(run(rounds=1, slot_s=0.05, sizes=sizes)))
"""


def test_the_loops_measure_what_our_verdict_measures():
    work = work_to_judge()
    assert sum(count for _, count in work.chunks) == POINTS
    assert {count for _, count in work.chunks} == {CHUNK_POINTS}
    ours = {result.check: result.measured for result in judged(work).checks}
    loops = measure(compile_scalar(work.area, work.checks), work.chunks)
    assert loops.inside_s == pytest.approx(ours["inside_time"], rel=0.02)
    assert loops.inside_m == pytest.approx(ours["inside_distance"], rel=0.02)
    assert loops.checkpoints == ours["checkpoints"]
    assert loops.fast_share == pytest.approx(ours["plausible_speed"], abs=0.02)


def test_the_copy_check_finds_the_source_of_every_copy():
    figures = copies_figures(1, 0.02, stored=80)
    assert figures["sources_found_share"] == 1.0
    assert figures["stored"] == 80
    assert figures["ms"] > 0


def test_no_slot_is_given_twice_to_twenty_five_people_at_once(app):
    with app.app_context():
        figures = claims_figures(threads=25, times=2)
    assert figures == {"oversold": 0, "threads": 25, "slots": 40, "held": 40}


def test_a_slot_given_twice_would_be_counted(app, monkeypatch):
    claim = tracks_claims.claim_task

    def claim_twice(task_id, *, position, by):
        taken = claim(task_id, position=position, by=by)
        mine = {"participation_id": taken.id, "person_id": by.person_id}
        doubled = {"claims": mine | {"claimed_at": taken.claimed_at}}
        database()["tasks"].update_one({"_id": task_id}, {"$push": doubled})
        return taken

    monkeypatch.setattr(tracks_claims, "claim_task", claim_twice)
    with app.app_context():
        assert claims_figures(threads=22, times=1)["oversold"] == 20


def test_too_few_claimers_are_no_figure(app):
    with app.app_context(), pytest.raises(ClaimFailed, match="only 3"):
        claims_figures(threads=3, times=1)


def test_bare_inserts_the_very_chunks_that_the_verb_stores(app):
    name = f"{database().name}_bare"
    bare = database().client[name]
    try:
        with app.app_context():
            figures = ingest_figures(Walkers(), bare, 1, 0.05)
        own = {"_id", "participation_id", "upload_key", "received_at"}
        ours = database()["track_chunks"].find_one({"upload_key": {"$regex": "^warm-up"}})
        theirs = bare["track_chunks"].find_one({"packed": ours["packed"]})
        assert set(ours) == set(theirs)
        assert {k: v for k, v in ours.items() if k not in own} == {
            k: v for k, v in theirs.items() if k not in own
        }
        assert set(bare["track_chunks"].index_information()) == set(
            database()["track_chunks"].index_information()
        )
    finally:
        database().client.drop_database(name)
    assert figures["rate_ratio"] > 0
    assert figures["rate_ratio_4_threads"] > 0


def test_the_raw_search_asks_for_the_same_cards():
    assert set(CARD) == set(CARD_FIELDS)


def test_acts_are_repeated_until_the_time_is_up_and_their_failures_come_out():
    done = []
    slot = run_acts([lambda: done.append(1), lambda: done.append(2)], 0.02)
    assert {1, 2} == set(done)
    assert slot.rate_per_s > 0
    with pytest.raises(ZeroDivisionError):
        run_acts([lambda: 1 / 0, lambda: None], 0.02)


def test_variants_take_turns_and_are_compared_within_a_round():
    order = []
    acts = {name: [lambda name=name: order.append(name)] for name in ("a", "b", "c")}
    slots = rotated(acts, 2, 0.001)
    assert {name: len(found) for name, found in slots.items()} == {"a": 2, "b": 2, "c": 2}
    changes = [one for one, before in zip(order, [None, *order], strict=False) if one != before]
    assert changes == ["a", "b", "c", "a", "b", "c", "b", "c", "a"]
    ours, theirs = [Slot(1, 2.0), Slot(1, 9.0)], [Slot(1, 1.0), Slot(1, 3.0)]
    assert time_ratio(ours, theirs) == 2.5
    assert median_ms(ours) == 5.5


@pytest.mark.slow
def test_one_short_round_says_everything_and_leaves_nothing(app):
    ended = subprocess.run(
        [sys.executable, "-c", TINY_RUN],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    figures = json.loads(ended.stdout.splitlines()[-1])
    assert figures["ingest"]["rate_ratio"] > 0
    assert figures["storage"]["bytes_per_point"] > figures["storage"]["packed_bytes_per_point"] > 3
    assert figures["verdict"]["ms"] > 0
    assert figures["verdict"]["speedup"] > 0
    assert figures["copies"]["ms"] > 0
    assert figures["nearby"]["at_300"]["time_ratio"] > 0
    assert figures["nearby"]["at_2k"]["same_share"] > 0.5
    assert figures["claims"]["oversold"] == 0
    own = f"{database().name}_bench_"
    assert [name for name in database().client.list_database_names() if own in name] == []
