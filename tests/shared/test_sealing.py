"""Seals and keyed hashes through a rotation of keys, and keys that are missing or spoilt."""

import base64
import dataclasses
import json
import secrets

import pytest
import structlog
from cryptography.exceptions import InvalidTag
from structlog.testing import LogCapture

from settings import settings
from shared import sealing
from shared.errors import Unavailable
from shared.sealing import (
    PURPOSES,
    MissingKeys,
    keyed_hash,
    keyed_hashes,
    keyring,
    load_keys,
    make_keys,
    seal,
    unseal,
)

PURE = True


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of fresh keys that this test's process reads."""
    make_keys(tmp_path)
    read_from(tmp_path, monkeypatch)
    yield tmp_path
    keyring.cache_clear()


def read_from(path, monkeypatch, **more):
    changed = dataclasses.replace(settings(), keys_dir=str(path), **more)
    monkeypatch.setattr(sealing, "settings", lambda: changed)
    restart()


def restart():
    """A process reads its keys once; here it begins anew."""
    keyring.cache_clear()


def write(folder, purpose, current, **keys):
    path = folder / f"{purpose}.json"
    held = json.loads(path.read_text())["keys"]
    path.write_text(json.dumps({"current": current, "keys": {**held, **keys}}))


def fresh():
    return base64.b64encode(secrets.token_bytes(32)).decode()


def test_a_seal_opens_where_it_is_bound_and_nowhere_else(folder):
    sealed = seal("林小福", bound_to="people.1.real_name")
    assert unseal(sealed, bound_to="people.1.real_name") == "林小福"
    with pytest.raises(InvalidTag):
        unseal(sealed, bound_to="people.2.real_name")


def test_a_rotation_in_two_steps_is_read_by_every_process_on_the_way(folder):
    old = seal("a", bound_to="x")
    write(folder, "people", "k1", k2=fresh())
    write(folder, "people", "k2")
    restart()
    new = seal("b", bound_to="x")
    assert (old[:3], new[:3]) == ("k1.", "k2.")
    for current in ("k1", "k2"):  # a process that took the first step only, and one that took both
        write(folder, "people", current)
        restart()
        assert [unseal(one, bound_to="x") for one in (old, new)] == ["a", "b"]


def test_a_hash_from_before_a_rotation_is_still_looked_for(folder):
    old = keyed_hash("a")
    write(folder, "look-up", "k2", k2=fresh())
    restart()
    assert keyed_hash("a").startswith("k2.")
    assert old in keyed_hashes("a")


@pytest.mark.parametrize(
    ("purpose", "use"),
    [
        ("people", lambda: unseal("k9.AAAA", bound_to="x")),
        ("people", lambda: unseal("", bound_to="x")),
        ("look-up", lambda: keyed_hash("a", key_id="k9")),
        ("vouchers", lambda: keyed_hash("a", purpose="vouchers", key_id="")),
    ],
)
def test_a_key_that_is_not_held_is_unavailable_and_logged(folder, monkeypatch, purpose, use):
    # A logger of this test's own: that of the process may be told to keep still.
    kept = LogCapture()
    own = structlog.wrap_logger(None, processors=[kept], wrapper_class=structlog.BoundLogger)
    monkeypatch.setattr(sealing, "log", own)
    with pytest.raises(Unavailable):
        use()
    (line,) = kept.entries
    assert (line["event"], line["purpose"]) == ("unknown_key", purpose)
    assert line["log_level"] == "error"


def test_all_keys_load_or_production_does_not_start(folder, monkeypatch):
    read_from(folder, monkeypatch, production=True)
    load_keys()
    (folder / "vouchers.json").unlink()
    restart()
    with pytest.raises(MissingKeys, match=r"vouchers\.json is missing"):
        load_keys()


def test_outside_production_missing_keys_are_made(tmp_path, monkeypatch):
    read_from(tmp_path / "keys", monkeypatch)
    load_keys()
    assert sorted(path.stem for path in (tmp_path / "keys").iterdir()) == sorted(PURPOSES)
    keyring.cache_clear()


@pytest.mark.parametrize(
    "spoilt",
    [
        "",
        "[]",
        "{}",
        json.dumps({"current": "k2", "keys": {"k1": "A" * 43 + "="}}),
        '{"current": "k1", "keys": {"k1": "AAAA"}}',
        '{"current": "k1", "keys": {"k1": "not base64!"}}',
        '{"current": "k1", "keys": {"k1": 7}}',
        '{"current": "k1", "keys": ["k1"]}',
    ],
)
def test_a_spoilt_key_file_is_named_in_one_sentence(folder, spoilt):
    (folder / "tokens.json").write_text(spoilt)
    restart()
    with pytest.raises(MissingKeys, match=r"tokens\.json is no key file") as refused:
        load_keys()
    assert "\n" not in str(refused.value)
