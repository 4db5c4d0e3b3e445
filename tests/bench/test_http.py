"""The HTTP benchmark runs to its end, says what it says it says, and leaves nothing behind."""

import json
import os
import subprocess
import sys

import pytest

from children import ROOT, started_under
from shared.database import database

TINY_RUN = """
import json
from bench.http import run
from bench.parts.prepared_town import Sizes
sizes = Sizes(tasks=60, walkers=4, readers=4, claims=5, vouchers=4, clients=2)
print(json.dumps(run(rounds=1, slot_s=0.1, sizes=sizes)))
"""


@pytest.mark.slow
def test_one_short_round_says_everything_and_leaves_nothing(tmp_path):
    client = database().client
    before = set(client.list_database_names())
    ended = subprocess.run(
        [sys.executable, "-c", TINY_RUN],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    figures = json.loads(ended.stdout.splitlines()[-1])
    for name in ("claim", "upload_batch", "nearby", "scan"):
        measured = figures[name]
        assert all(measured[key] > 0 for key in ("ours_ms", "bare_ms", "rate_ratio"))
    assert figures["rounds"] == 1
    assert figures["slot_s"] == 0.1
    assert len(figures["machine"]["load_before"]) == len(figures["machine"]["load_after"]) == 3
    assert figures["machine"]["cores"] >= 1
    assert set(client.list_database_names()) == before
    assert started_under(str(tmp_path.resolve())) == []
    assert list(tmp_path.iterdir()) == []
