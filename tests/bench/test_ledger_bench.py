"""The ledger's yardstick stays honest: bare leaves what ours leaves, no refusal is a figure."""

import itertools
import json
import os
import shutil
import subprocess
import sys

import pytest
from pymongo.errors import WriteError

from bench.parts.commanded import ChildFailed, commanded
from bench.parts.ledger_medici import POSTER, NoMedici, modules_folder
from bench.parts.ledger_moves import HOT_BUDGET, Move, Sizes, grants, moves
from bench.parts.ledger_sides import Bare, Ours, Unfaithful
from bench.parts.own_databases import environment, with_database
from children import ROOT
from ledger import Balance, Entry, EntryKind, accounts, post
from settings import settings
from shared.database import database

TINY = Sizes(tasks=3, wallets=4, merchants=2, history=5, payout=6)
OWN = {"_id", "request_hash", "effective_at", "posted_at"}
TINY_RUN = """
import json
from bench.ledger import run
from bench.parts.ledger_moves import Sizes
sizes = Sizes(tasks=40, wallets=60, merchants=3, history=200, payout=150)
print(json.dumps(run(rounds=1, slot_s=0.05, sizes=sizes)))
"""


class OursHere(Ours):
    """Ours on the connection that the tests have."""

    def __init__(self):
        pass


@pytest.fixture
def sides(app):
    """Ours and bare, each with the same filled accounts, and their databases."""
    assert all(post(list(grants(TINY))))
    name = f"{database().name}_bare"
    bare = database().client[name]
    for document in (Entry, Balance):
        kept = document._get_collection_name()
        bare.create_collection(kept, validator=document.VALIDATOR)
        bare[kept].insert_many(list(database()[kept].find()))
    bare["entries"].create_index("key", unique=True)
    with environment(MONGODB_URI=with_database(settings().mongodb_uri, name)):
        side = Bare()
    yield {"ours": (OursHere(), database()), "bare": (side, bare)}
    side.client.close()
    database().client.drop_database(name)


def left(kept):
    """Everything a side left behind but what is its own: ids, hashes, moments."""
    entries = [
        {field: value for field, value in entry.items() if field not in OWN}
        for entry in kept["entries"].find(sort=[("key", 1)])
    ]
    return entries, list(kept["balances"].find(sort=[("_id", 1)]))


@pytest.mark.parametrize("kind", ["reward", "hot", "payout"])
def test_the_same_moves_leave_the_same_documents_on_both_sides(sides, kind):
    for side, _ in sides.values():
        for move in itertools.islice(moves(kind, TINY, "x"), 5):
            side.post(move)
    ours, bare = (left(kept) for _, kept in sides.values())
    assert ours == bare
    assert sum(entry["key"].startswith("x-") for entry in ours[0]) == 5


def test_a_spend_leaves_the_same_documents_on_both_sides(sides):
    spend = Move("x", EntryKind.DELIVERY, accounts.wallet("w1"), accounts.merchant("m1"), 5)
    for side, _ in sides.values():
        side.post(spend)
    ours, bare = (left(kept) for _, kept in sides.values())
    assert ours == bare


def test_neither_side_posts_a_key_twice_or_overdraws_in_silence(sides):
    once = Move("x", EntryKind.REWARD, accounts.task("t1"), accounts.wallet("w1"), 10)
    too_much = Move("y", EntryKind.REWARD, HOT_BUDGET, accounts.wallet("w1"), 10**15)
    for side, kept in sides.values():
        side.post(once)
        before = left(kept)
        for refused in (once, too_much):
            with pytest.raises((Unfaithful, WriteError)):
                side.post(refused)
        assert left(kept) == before


@pytest.fixture
def poster(sides):
    """A posting process of ours on the test's database."""
    words = [sys.executable, "-m", "bench.parts.ledger_poster", "ours"]
    with commanded(words, dict(os.environ)) as poster:
        sizes = {"tasks": 3, "wallets": 4, "merchants": 2, "history": 5, "payout": 6}
        assert poster.ask(do="open", sizes=sizes) == {}
        yield poster


def test_a_posting_process_does_what_it_is_told_and_counts_it(poster):
    before = database()["entries"].count_documents({})
    slot = poster.ask(do="slot", kind="spends", clients=3, slot_s=0.05)
    payout = poster.ask(do="payout")
    loop = poster.ask(do="open_loop", rate_per_s=200, seconds=0.1, clients=3)
    assert poster.ask(do="history") == {}
    assert poster.ask(do="look", slot_s=0.01)["done"] >= 1
    done = slot["done"] + payout["done"] + loop["done"] + TINY.history
    assert payout["done"] == TINY.payout
    assert len(slot["ms"]) == slot["done"] > 0
    assert database()["entries"].count_documents({}) == before + done


def test_a_failure_in_a_posting_process_is_one_here(poster):
    with pytest.raises(ChildFailed, match="Unfaithful"):
        poster.ask(do="look", slot_s=0.01)  # there is no long history yet
    poster.popen.kill()
    with pytest.raises(ChildFailed):
        poster.ask(do="payout")


def test_without_node_there_is_a_reason_instead_of_medici(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoMedici, match="node"):
        modules_folder(tmp_path)


def test_without_npm_nothing_is_installed(monkeypatch, tmp_path):
    node = tmp_path / "bin" / "node"
    node.parent.mkdir()
    node.write_text("#!/bin/sh\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(node.parent))
    with pytest.raises(NoMedici, match="npm"):
        modules_folder(tmp_path / "var")
    assert not (tmp_path / "var").exists()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("node"), reason="medici needs Node")
def test_medici_writes_an_entry_of_two_legs_for_every_post(app):
    installed = list((ROOT / "var").glob("medici-*/node_modules"))
    if not installed:
        pytest.skip("medici was never installed here")
    name = f"{database().name}_medici"
    uri = with_database(settings().mongodb_uri, name)
    env = {**os.environ, "NODE_PATH": str(modules_folder())}
    try:
        with commanded(["node", str(POSTER), uri], env) as poster:
            poster.ask(do="open", sizes={"tasks": 3, "wallets": 4, "history": 5})
            poster.ask(do="history")
            poster.ask(do="prepare")
            before = poster.ask(do="counted")
            done = poster.ask(do="slot", kind="reward", clients=2, slot_s=0.05)["done"]
            after = poster.ask(do="counted")
            assert poster.ask(do="slot", kind="balance_snapshot", clients=1, slot_s=0.01)["done"]
    finally:
        database().client.drop_database(name)
    assert after["journals"] - before["journals"] == done > 0
    assert after["legs"] - before["legs"] == 2 * done


@pytest.mark.slow
def test_one_short_round_says_everything_and_leaves_nothing(app, tmp_path):
    client = database().client
    before = set(client.list_database_names())
    ended = subprocess.run(
        [sys.executable, "-c", TINY_RUN],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},  # without Node: nothing is fetched
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    figures = json.loads(ended.stdout.splitlines()[-1])
    for name in ("single", "concurrent8", "concurrent32", "concurrent2x16", "spends32"):
        assert figures[name]["ratio_to_bare"] > 0
    assert figures["mass_payout"]["ratio_to_bare_one_each"] > 0
    assert figures["after_kill"]["seconds"] > 0
    assert figures["open_loop"]["p99_ms"] > 0
    assert figures["balance_100k"]["ours_per_s"] > 0
    assert "ratio_to_medici" not in figures["hot_budget32"]
    assert "skipped" in figures["notes"]["medici"]
    assert figures["entries_proven"] > 200
    assert set(client.list_database_names()) == before
