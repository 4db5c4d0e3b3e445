"""Heads, keys and proofs over HTTP, checked by the script that knows nothing of this server."""

import json
import subprocess
import sys
from copy import deepcopy
from datetime import timedelta
from pathlib import Path

import pytest
from shop_world import Shop

from ledger import seal_entries
from ledger.seals.seal import Seal
from people import Role
from shared.database import collection

SCRIPT = Path(__file__).parents[2] / "docs" / "check_inclusion.py"
ANYBODY = "/api/v1/ledger-head", "/api/v1/ledger-keys"


@pytest.fixture
def shop(app):
    return Shop(app)


@pytest.fixture
def resident(shop):
    return shop.resident(250)


@pytest.fixture
def line(shop, resident):
    """A line of the resident's statement, in the second of two seals."""
    seal_entries(older_than=timedelta(0))
    shop.ordered(resident)
    seal_entries(older_than=timedelta(0))
    return resident.get("/me/wallet/statement").json["items"][0]


@pytest.fixture
def fetched(app, resident, line):
    """What a resident has in hand: proof, head and keys, the latter two without signing in."""
    proof = resident.get(f"/me/wallet/statement/{line['entry_id']}/proof")
    assert proof.status_code == 200, proof.json
    head, keys = (app.test_client().get(path) for path in ANYBODY)
    return {"proof": proof.json, "head": head.json, "keys": keys.json}


@pytest.fixture
def checked(tmp_path):
    """Runs the script on what was fetched, with a Python that sees nothing of this project."""

    def run(fetched):
        paths = []
        for name in ("proof", "head", "keys"):
            path = tmp_path / f"{name}.json"
            path.write_text(json.dumps(fetched[name]), "utf-8")
            paths.append(str(path))
        command = [sys.executable, "-I", str(SCRIPT), *paths]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=60)

    return run


def hex_turned(text):
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def spoilt(fetched):
    """(where, what was fetched with that place spoilt) for each value in the proof and the head."""
    for where in ("proof", "head"):
        for path in list(places(fetched[where])):
            copy = deepcopy(fetched)
            holder = copy[where]
            for step in path[:-1]:
                holder = holder[step]
            value = holder[path[-1]]
            holder[path[-1]] = value + 1 if isinstance(value, int) else hex_turned(value)
            yield f"{where}: {path}", copy


def places(value, path=()):
    if isinstance(value, dict | list):
        steps = value if isinstance(value, dict) else range(len(value))
        for step in steps:
            yield from places(value[step], (*path, step))
    else:
        yield path


class TestTheScript:
    def test_says_ok_and_shows_the_entry(self, checked, fetched, line, resident):
        told = checked(fetched)
        assert (told.returncode, told.stderr) == (0, "")
        content, ok = told.stdout.rsplit("\n", 2)[:2]
        assert ok == "OK: sealed as 2 under head 2"
        entry = json.loads(content)
        assert (entry["_id"], entry["about"]) == (line["entry_id"], line["about"])
        amounts = {leg["account"]: leg["amount"] for leg in entry["legs"]}
        assert amounts[f"wallet:{resident.person_id}"] == -100

    def test_does_not_import_the_project(self):
        text = SCRIPT.read_text("utf-8")
        imported = {
            one.split()[1].split(".")[0]
            for one in text.splitlines()
            if one.startswith(("import ", "from "))
        }
        assert imported <= {*sys.stdlib_module_names, "cryptography"}
        assert len(text.splitlines()) < 120

    def test_sees_any_value_that_was_changed(self, checked, fetched):
        tried = 0
        for where, copy in spoilt(fetched):
            told = checked(copy)
            assert told.returncode in (1, 2), where
            assert "OK" not in told.stdout, where
            assert told.stdout.startswith("WRONG") or told.returncode == 2, where
            tried += 1
        assert tried > 20

    def test_sees_an_amount_that_was_changed(self, checked, fetched):
        entry = fetched["proof"]["entry"].replace('"100"', '"1000"')
        assert entry != fetched["proof"]["entry"]
        told = checked({**fetched, "proof": {**fetched["proof"], "entry": entry}})
        assert (told.returncode, told.stdout) == (
            1,
            "WRONG: the entry is not in its seal as it stands here\n",
        )

    def test_sees_a_key_that_is_not_the_published_one(self, checked, fetched):
        (key,) = fetched["keys"]["keys"]
        for keys in ([], [{**key, "key_id": "k9"}], [{**key, "public_key": "d7" * 32}]):
            told = checked({**fetched, "keys": {"keys": keys}})
            assert told.returncode in (1, 2), told.stdout
            assert "OK" not in told.stdout

    def test_asks_for_a_proof_under_the_head_that_one_has(
        self, checked, fetched, shop, resident, line
    ):
        shop.ordered(resident)
        seal_entries(older_than=timedelta(0))
        path = f"/me/wallet/statement/{line['entry_id']}/proof"
        later = {**fetched, "proof": resident.get(path).json}
        told = checked(later)
        assert told.returncode == 1
        assert told.stdout == "WRONG: the proof is for head 3: ask for one with ?head=2\n"
        assert checked({**later, "proof": resident.get(path, head=2).json}).returncode == 0

    @pytest.mark.parametrize("broken", [{}, [], None, {"entry": 1}])
    def test_says_what_it_cannot_read(self, checked, fetched, broken):
        told = checked({**fetched, "proof": broken})
        assert told.returncode == 2
        assert "cannot be read" in told.stderr
        assert "Traceback" not in told.stderr

    def test_says_how_it_is_called(self):
        told = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, timeout=60)
        assert told.returncode == 2
        assert "check_inclusion.py proof.json head.json keys.json" in told.stderr


class TestTheHead:
    @pytest.mark.parametrize("path", ANYBODY)
    def test_is_for_everybody(self, app, line, path):
        assert app.test_client().get(path).status_code == 200

    def test_is_the_newest_or_the_one_asked_for(self, app, line):
        client = app.test_client()
        newest, first, none = (
            client.get(ANYBODY[0], query_string=query)
            for query in ({}, {"number": 1}, {"number": 3})
        )
        assert (newest.json["number"], first.json["number"]) == (2, 1)
        assert newest.json["total"] > first.json["total"]
        assert (none.status_code, none.json["code"]) == (404, "SealNotFound")

    def test_is_not_there_before_the_first_seal(self, app):
        assert app.test_client().get(ANYBODY[0]).json["code"] == "SealNotFound"

    @pytest.mark.parametrize("number", ["0", "x", "-1", str(2**63)])
    def test_has_a_sensible_number(self, app, number):
        assert app.test_client().get(ANYBODY[0], query_string={"number": number}).status_code == 422

    def test_gives_away_no_private_key(self, app, line):
        (key,) = app.test_client().get(ANYBODY[1]).json["keys"]
        assert set(key) == {"key_id", "algorithm", "public_key"}


class TestWhoGetsAProof:
    def test_is_nobody_who_did_not_sign_in(self, app, line):
        for path in ("/me/wallet/statement/{}/proof", "/entries/{}/proof"):
            answer = app.test_client().get("/api/v1" + path.format(line["entry_id"]))
            assert answer.status_code == 401

    def test_is_the_owner_of_a_wallet_in_it(self, shop, line):
        answer = shop.resident().get(f"/me/wallet/statement/{line['entry_id']}/proof")
        assert (answer.status_code, answer.json["code"]) == (404, "EntryNotFound")

    def test_is_an_auditor_of_the_whole_city_for_any_entry(self, shop, line, fetched):
        path = f"/entries/{line['entry_id']}/proof"
        assert shop.caller(Role.AUDITOR, shop.district).get(path).json == fetched["proof"]
        assert shop.caller(Role.AUDITOR, shop.point).get(path).status_code == 403
        assert shop.officer.get(path).status_code == 403

    def test_waits_for_the_seal(self, shop, resident):
        entry_id = resident.get("/me/wallet/statement").json["items"][0]["entry_id"]
        answer = resident.get(f"/me/wallet/statement/{entry_id}/proof")
        assert (answer.status_code, answer.json["code"]) == (404, "NotSealedYet")
        assert collection(Seal).count_documents({}) == 0
