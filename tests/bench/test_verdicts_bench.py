"""The verdict benchmark counts what is judged: a demand too high, a wrong label, each cheat."""

import pytest
from walked import some_walks

from bench import verdicts
from bench.cheats.kinds import CHEATS
from bench.parts import tasks_around
from bench.parts.recordings import FOLDER
from bench.parts.tasks_around import KINDS, measured, task_around
from bench.parts.walks_judged import judged
from children import CannotStart

PURE = True
WALKS = some_walks()
recorded = pytest.mark.skipif(
    not (FOLDER / "geolife_beijing").is_dir(), reason=f"the recorded walks are not at {FOLDER}"
)


@pytest.fixture
def made():
    """Simulated walks as they are sent, their tasks, and all of them stored."""
    sent = {name: verdicts._honest(points, name) for name, points in WALKS.items()}
    tasks = {
        name: {kind: task_around(measured(points), kind) for kind in KINDS}
        for name, points in WALKS.items()
    }
    return sent, tasks, verdicts._stored(sent)


def test_an_honest_walk_passes_all_eight_tasks_in_every_datum(made):
    figures = verdicts._honest_figures(*made)
    assert figures["honest_total"] == len(WALKS) * 8 * 3
    assert figures["honest_passed"] == figures["honest_total"], figures["honest_not_passed"]
    assert figures["honest_in_review"] == 0


def test_walks_that_fall_short_are_counted_as_such(made, monkeypatch):
    monkeypatch.setattr(tasks_around, "SHARE", 1.4)
    sent, _, store = made
    tasks = {
        name: {kind: task_around(measured(points), kind) for kind in KINDS if kind != "cells"}
        for name, points in WALKS.items()
    }
    monkeypatch.setattr(verdicts, "KINDS", tuple(kind for kind in KINDS if kind != "cells"))
    figures = verdicts._honest_figures(sent, tasks, store)
    assert figures["honest_passed"] == 0
    assert len(figures["honest_not_passed"]) == figures["honest_total"]


def test_a_wrong_label_is_refused(made):
    sent, tasks, _ = made
    figures = verdicts._mislabelled_figures(sent, tasks)
    assert figures["mislabelled_total"] == len(WALKS) * 8 * 6
    assert figures["mislabelled_refused"] == figures["mislabelled_total"] - len(
        figures["mislabelled_slips"]
    )
    assert figures["mislabelled_refused"] > 0.9 * figures["mislabelled_total"]


def test_who_sends_another_account_s_walk_is_found_only_where_that_walk_is_stored(made):
    _, tasks, store = made
    one = verdicts.cheat("copy_2_m", 0, 1, WALKS)
    got = verdicts.received(one)
    task = tasks[one.around]["corridor"]
    assert "copied" in judged(task, one, got, store).said
    unseen = store.without(frozenset(WALKS))
    assert "copied" not in judged(task, one, got, unseen).said


def test_every_kind_of_cheat_is_judged_and_counted(made):
    _, tasks, store = made
    corridors = {name: kinds["corridor"] for name, kinds in tasks.items()}
    figures = verdicts._cheat_figures(WALKS, corridors, store, seeds=(1,))
    assert figures["cheats_total"] == 144
    assert set(figures["per_kind"]) == set(CHEATS)
    for name in ("mock_flag", "exact_replay", "driven", "constant_fields", "bench"):
        assert figures["per_kind"][name]["caught"] == 6, name
        assert figures["per_kind"][name]["named"] == 6, name
    assert figures["cheats_caught"] == sum(one["caught"] for one in figures["per_kind"].values())
    missed = figures["cheats_missed"]
    not_caught = sum(not miss["caught"] for miss in missed)
    assert figures["cheats_caught"] == 144 - not_caught


def test_without_the_recordings_it_says_so(tmp_path):
    with pytest.raises(CannotStart, match="recorded walks"):
        verdicts.run(folder=tmp_path)


@recorded
def test_three_recorded_walks_give_all_the_figures():
    figures = verdicts.run(segments=(1, 15, 37))
    assert figures["honest_passed"] == figures["honest_total"] == 72
    assert figures["honest_in_review"] == 0
    assert figures["mislabelled_total"] == 144
    assert figures["cheats_total"] == 144
    assert all(one["refused"] == one["tasks"] == 8 for one in figures["vehicles"].values())
