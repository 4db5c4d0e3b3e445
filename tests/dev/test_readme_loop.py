"""The README's loop with curl, every block copied out of it, against a fresh demo town."""

import re
import shutil
import subprocess

import pytest

from children import ROOT

PURE = True  # needs none of the servers the other tests share
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not (shutil.which("curl") and shutil.which("bash")), reason="needs curl and bash"
    ),
]


def blocks_under(heading: str) -> list[str]:
    """The bash blocks below a second-level heading of the README, in order."""
    readme = (ROOT / "README.md").read_text("utf-8")
    section = re.split(r"^## ", readme.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
    return re.findall(r"^```bash\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def test_every_block_works_as_it_stands(running, clean_env):
    blocks = blocks_under("The loop with curl")
    assert len(blocks) >= 10
    script = "set -euo pipefail\n" + "\n".join(blocks)
    assert "http://127.0.0.1:8000/" in script
    script = script.replace("http://127.0.0.1:8000/", f"http://127.0.0.1:{running.port}/")
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        env=clean_env | {"NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    shown = [
        "verified",
        "refused",
        "redeemed",
        "AlreadyHandedOver",
        "\n409\n",
        "cancelled",
        "scheduled",
        "genuine",
    ]
    assert [word for word in shown if word not in done.stdout] == []
    assert '"agrees": true' in done.stdout
