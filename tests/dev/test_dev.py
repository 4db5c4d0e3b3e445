"""What `dev.py` says and does before, or instead of, starting anything."""

import ast
import errno
import fcntl
import json
import os
import socket
import subprocess
import sys

import pytest

import dev
from children import ROOT, CannotStart

PURE = True  # needs none of the servers the other tests share


def the_one_line(done: subprocess.CompletedProcess) -> str:
    """The single line it complained with."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def test_it_parses_on_an_old_python_and_says_which_one_is_needed():
    source = (ROOT / "dev.py").read_text()
    ast.parse(source, feature_version=(3, 7))
    pretend = "import sys; sys.version_info = (3, 9, 2); exec(open('dev.py').read())"
    done = subprocess.run(
        [sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in the_one_line(done)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["dance"],
        ["run", "--port", "0"],
        ["run", "--port", "65536"],
        ["run", "--port", "web"],
        ["run", "--prot", "8000"],
        ["replay"],
        ["bench"],
        ["torture", "--minutes", "0"],
        ["torture", "--minutes", "nan"],
        ["torture", "--minutes", "soon"],
        ["torture", "--seed", "x"],
    ],
    ids=" ".join,
)
def test_words_it_does_not_know_are_refused_with_the_usage(dev_py, words):
    done = dev_py(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: dev.py")


def test_help_names_every_verb(dev_py):
    done = dev_py("--help")
    assert done.returncode == 0
    for verb in ("run", "test", "replay", "bench", "torture", "setup"):
        assert f"\n    {verb} " in done.stdout


def test_a_taken_port_is_said_before_anything_is_started(dev_py, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = dev_py("run", "--port", port, "--var", tmp_path)
    assert done.returncode == 1
    assert f"port {port} is taken" in the_one_line(done)
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_on_the_same_folder_is_refused(dev_py, tmp_path):
    held = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = dev_py("run", "--var", tmp_path)
    finally:
        os.close(held)
    assert done.returncode == 1
    assert f"another dev.py is running on {tmp_path}" in the_one_line(done)


def test_a_folder_that_cannot_be_made_is_one_line(dev_py, tmp_path):
    (tmp_path / "file").write_text("")
    done = dev_py("run", "--var", tmp_path / "file" / "var")
    assert done.returncode == 1
    assert "Not a directory" in the_one_line(done)


def test_replaying_a_file_that_is_not_there_is_one_line(dev_py, tmp_path):
    done = dev_py("replay", tmp_path / "walk.gpx", "--json")
    assert done.returncode == 1
    assert "there is no file" in the_one_line(done)
    assert done.stdout == ""


def test_a_disk_that_fills_up_while_it_works_is_one_line(monkeypatch, capsys):
    def fail(*_names: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", ".venv/stamp")

    monkeypatch.setattr(dev, "set_up", fail)
    monkeypatch.setattr(dev, "STOP_SIGNALS", ())
    assert dev.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the disk is full" in said


def test_the_address_left_by_a_killed_run_is_not_taken_for_a_running_one(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        assert dev.running_url(tmp_path) == ""
        for pid in (ended.pid, os.getpid()):
            (tmp_path / "run.json").write_text(json.dumps({"url": url, "pid": pid}))
            assert dev.running_url(tmp_path) == ""
    for nonsense in ("", "[]", "{}", '{"pid": "x", "url": 5}'):
        (tmp_path / "run.json").write_text(nonsense)
        assert dev.running_url(tmp_path) == ""


def test_what_the_environment_says_of_limits_and_keys_is_kept(monkeypatch, tmp_path):
    monkeypatch.delenv("LIMIT_CODES_PER_ADDRESS", raising=False)
    monkeypatch.setenv("LIMIT_CODES_PER_PHONE", "1 per hour")
    monkeypatch.setenv("KEYS_DIR", "/somewhere")
    env = dev.demo_env(tmp_path)
    assert env["LIMIT_CODES_PER_PHONE"] == "1 per hour"
    assert env["KEYS_DIR"] == "/somewhere"
    assert env["LIMIT_CODES_PER_ADDRESS"] == "2000 per hour"
    assert (env["DEMO"], env["TZ"]) == ("1", "UTC")


def test_the_tests_use_servers_of_their_own_whatever_the_environment_names(monkeypatch, tmp_path):
    monkeypatch.setenv("MONGODB_URI", "mongodb://127.0.0.1:1/precious")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(dev, "STOP_SIGNALS", ())
    monkeypatch.setattr("children.STOP_SIGNALS", ())
    with dev.own_servers("test", [tmp_path / "here"]) as stack:
        folder = stack.folder
        assert folder.parent == tmp_path / "here"
        assert stack.env["MONGODB_URI"].endswith("/fuxun_test?replicaSet=fuxun")
        assert ":1/" not in stack.env["MONGODB_URI"] + stack.env["REDIS_URL"]
        children = [child.popen for child in stack.started]
        assert [child.poll() for child in children] == [None, None]
    assert not folder.exists()
    assert all(child.poll() is not None for child in children)


def test_a_folder_of_our_own_is_removed_afterwards(monkeypatch, tmp_path):
    monkeypatch.setattr(dev, "STOP_SIGNALS", ())
    monkeypatch.setattr("children.STOP_SIGNALS", ())
    with dev.own_folder("torture", [tmp_path / "here"]) as stack:
        assert stack.env["KEYS_DIR"] == str(stack.folder / "keys")
        assert stack.folder.name.startswith("fuxun-torture-")
        assert stack.folder.is_dir()
    assert list((tmp_path / "here").iterdir()) == []


def test_where_no_mongod_is_found_torture_is_one_line(monkeypatch, capsys):
    def find_none():
        raise CannotStart("there is no embedded MongoDB here: set MONGODB_URI")

    monkeypatch.setattr(dev, "STOP_SIGNALS", ())
    monkeypatch.setattr(dev, "set_up", lambda *_names: None)
    monkeypatch.setattr(dev, "find_mongod", find_none)
    assert dev.main(["torture", "--minutes", "1"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
