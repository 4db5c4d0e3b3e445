"""What dev.py starts ends with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from children import (
    ROOT,
    CannotStart,
    Child,
    Guard,
    free_port,
    how_it_ended,
    is_free,
    lasting_port,
    lock_folder,
    mark_for,
    start_child,
    started_under,
    sweep,
)

PURE = True  # needs none of the servers the other tests share
PYTHON_THAT_WAITS = [sys.executable, "-c", "import time; time.sleep(300)"]
# a child in a session of its own, as a job's fork may be: no signal to its parent reaches it
PYTHON_WITH_A_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time;"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'],"
    " start_new_session=True); time.sleep(300)",
]


def is_gone(pid: int) -> bool:
    """Whether no such process runs (one that is only waiting to be reaped does not)."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def parent_that(starts: str, folder) -> subprocess.Popen:
    """A process that imports children.py, does what `starts` says, prints and waits."""
    script = f"import sys, time; from pathlib import Path; from children import *\n{starts}\n"
    script += "print('ready', flush=True); time.sleep(300)"
    command = [sys.executable, "-c", script, str(folder)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    assert parent.stdout.readline() == "ready\n"
    return parent


def test_a_child_dies_with_a_parent_killed_outright(swept, eventually):
    starts = "folder = Path(sys.argv[1])\n"
    starts += f"start_child('c', {PYTHON_THAT_WAITS!r}, mark=mark_for(folder))"
    parent = parent_that(starts, swept)
    (pid,) = started_under(f"{swept.resolve()}|")
    parent.kill()
    parent.wait()
    eventually(lambda: is_gone(pid))


def test_the_guard_ends_grandchildren_and_removes_the_folder_after_a_kill(swept, eventually):
    temporary = swept / "temporary"
    temporary.mkdir()
    (temporary / "data").write_text("x")
    starts = "folder = Path(sys.argv[1]); mark = mark_for(folder)\n"
    starts += "guard = Guard(mark, folder / 'temporary')\n"
    starts += f"start_child('c', {PYTHON_WITH_A_CHILD!r}, mark=mark)"
    parent = parent_that(starts, swept)
    eventually(lambda: len(started_under(f"{swept.resolve()}|")) == 2)
    pids = started_under(f"{swept.resolve()}|")
    parent.kill()
    parent.wait()
    eventually(lambda: all(map(is_gone, pids)) and not temporary.exists())


def test_signals_do_not_end_the_guard_before_its_time(swept, eventually):
    temporary = swept / "temporary"
    temporary.mkdir()
    guard = Guard(mark_for(swept), temporary)
    status = Path(f"/proc/{guard._popen.pid}/status")

    def ignores_the_signals() -> bool:
        lines = status.read_text().splitlines()
        line = next(line for line in lines if line.startswith("SigIgn"))
        return bool(int(line.split()[1], 16) & 1 << (signal.SIGTERM - 1))

    eventually(ignores_the_signals)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        guard._popen.send_signal(number)
    assert temporary.exists()
    guard.close()
    assert not temporary.exists()


def test_sweeping_ends_what_carries_the_mark_and_nothing_else(swept):
    folder, other = swept / "one", swept / "one-other"
    ours = start_child("ours", PYTHON_THAT_WAITS, mark=mark_for(folder))
    theirs = start_child("theirs", PYTHON_THAT_WAITS, mark=mark_for(other))
    assert sweep(f"{folder.resolve()}|") == 1
    assert ours.popen.wait() == -signal.SIGKILL
    assert theirs.is_alive()
    theirs.stop()


def test_a_run_within_a_run_is_swept_by_both(swept, monkeypatch):
    outer, inner = mark_for(swept / "outer"), mark_for(swept / "inner")
    monkeypatch.setenv("FUXUN_STARTED_BY", outer)
    child = start_child("child", PYTHON_THAT_WAITS, mark=inner)
    assert child.popen.pid in started_under(outer)
    assert child.popen.pid in started_under(inner)
    child.stop()


def test_a_child_that_ignores_the_request_to_end_is_made_to(swept, eventually):
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    stubborn += "print('ready', flush=True); time.sleep(300)"
    log = swept / "stubborn.log"
    child = start_child("c", [sys.executable, "-c", stubborn], mark=mark_for(swept), log=log)
    eventually(lambda: child.tail() == "ready")
    child.stop(grace_s=0.1)
    assert child.popen.returncode == -signal.SIGKILL
    child.stop()  # again: harmless


def test_the_log_of_the_run_before_is_kept_beside_the_new_one(swept):
    log = swept / "log" / "x.log"
    for word in ("first", "second", "third"):
        command = [sys.executable, "-c", f"print('{word}')"]
        start_child("x", command, mark=mark_for(swept), log=log).popen.wait()
    assert log.read_text() == "third\n"
    assert (swept / "log" / "x.log.1").read_text() == "second\n"


@pytest.mark.parametrize(
    ("wrote", "said"),
    [
        ("[Errno 28] No space left on device", "found the disk full"),
        ("bind: Address already in use", "port taken"),
        ("a seat in use", "ended with code 3"),
    ],
)
def test_how_a_part_ended_is_told_by_its_log(swept, wrote, said):
    log = swept / "x.log"
    command = [sys.executable, "-c", f"print({wrote!r}); raise SystemExit(3)"]
    child: Child = start_child("jobs", command, mark=mark_for(swept), log=log)
    child.popen.wait()
    assert said in how_it_ended(child)
    assert how_it_ended(child).startswith("jobs ")


def test_a_folder_is_held_by_one_and_let_go_of_when_its_holder_is_killed(swept):
    parent = parent_that("lock_folder(Path(sys.argv[1]))", swept)
    with pytest.raises(CannotStart, match=r"another dev\.py is running"):
        lock_folder(swept)
    parent.kill()
    parent.wait()
    os.close(lock_folder(swept))
    assert list(swept.iterdir()) == []


def test_a_free_port_is_free_and_a_port_just_left_is_free_again():
    port = free_port()
    assert is_free(port)
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", "-b", "127.0.0.1", str(port)],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    ends_at = time.monotonic() + 20
    while is_free(port) and time.monotonic() < ends_at:
        time.sleep(0.02)
    assert not is_free(port)
    server.kill()
    server.wait()
    assert is_free(port)


def test_a_lasting_port_is_none_that_the_kernel_lends_to_outgoing_connections():
    bounds = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not bounds.exists():
        pytest.skip("only Linux says which ports it lends")
    port = lasting_port()
    assert is_free(port)
    assert port < int(bounds.read_text().split()[0])
