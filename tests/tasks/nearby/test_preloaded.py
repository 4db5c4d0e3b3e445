"""A gunicorn that would fork what is connected already says so and ends."""

import os
import subprocess
import sys

from children import ROOT, free_port


def test_gunicorn_with_preload_ends_with_a_clear_line(prepared):
    command = [sys.executable, "-m", "gunicorn", "--preload", "-w", "1", "--no-control-socket"]
    done = subprocess.run(
        [*command, "-b", f"127.0.0.1:{free_port()}", "wsgi:app"],
        cwd=ROOT,
        env={**os.environ, "LOG_LEVEL": "INFO"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    (line,) = (one for one in done.stderr.splitlines() if "--preload" in one)
    assert "leave --preload out" in line
    assert "Traceback" not in done.stderr
    assert "Booting worker" not in done.stderr
