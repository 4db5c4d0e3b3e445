"""The database user of the application, where the server asks who one is: it adds, no more."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pymongo
import pytest
from bson import Int64
from pymongo.errors import OperationFailure, PyMongoError

from children import ROOT, mark_for
from embedded import run_mongod, start_mongodb
from ledger import Entry
from shared.database import all_documents
from shared.database_users import NEVER_CHANGED, privileges_of

ADMIN_PASSWORD = "the-administrators-own"
PASSWORD = "the-applications-own"
POSTED_AT = datetime(2026, 1, 2, tzinfo=UTC)
UNAUTHORIZED, REFUSED_BY_VALIDATOR = 13, 121

# What the processes do all day, as far as a script can: every verb behind the demo town ran before.
A_DAY = """
from datetime import UTC, datetime, timedelta
import api.app, worker
import time
import catalog.jobs, ledger, tasks, tasks.jobs
from shared.clock import business_month
from shared.database import connect, database
from shared.orphans import end_orphaned_transactions
connect()
coins = lambda amount, out, into: [ledger.Leg(out, -amount), ledger.Leg(into, amount)]
budget, wallet, point = ledger.budget("u1", 2026), ledger.wallet("p1"), ledger.merchant("m1")
post = lambda key, kind, legs: ledger.post_one(
    ledger.NewEntry(key, kind, legs, ("task", "t1"), lasts_months=6)
)
post("day:grant", ledger.EntryKind.BUDGET_GRANT, coins(100, ledger.issued("350102", 2026), budget))
reward = post("day:reward", ledger.EntryKind.REWARD, coins(50, budget, wallet))
until = datetime.now(UTC) + timedelta(hours=1)
hold = lambda key: ledger.hold_coins(wallet, 10, key=key, about=("top_up", key), expires_at=until)
ledger.settle_hold(hold("day-1").id, into=point)
ledger.release_hold(hold("day-2").id)
ledger.release_overdue_holds()
ledger.reverse_entry(
    reward, reason=ledger.ReasonCode.FRAUD, effective_at=datetime.now(UTC), by_id="o1"
)
ledger.seal_entries(older_than=timedelta(0))
for job in worker.TIMETABLE:
    module, _, name = job.rpartition(".")
    getattr(__import__(module, fromlist=[name]), name)()
other = database().client.start_session()
end_orphaned_transactions()
database().client.admin.command("killSessions", [other.session_id])
month = business_month(datetime.now(UTC) - timedelta(days=40))
assert ledger.close_month(month, by_id="o1").stored
assert ledger.trial_balance().agrees
assert ledger.statement_of(wallet).lines
assert ledger.balance_of(wallet) == 0 and ledger.balance_of(point) == 10
tasks.follower.start()
ends_at = time.monotonic() + 30
while tasks.follower.state() != "memory" and time.monotonic() < ends_at:
    time.sleep(0.05)
assert tasks.follower.state() == "memory"
tasks.follower.stop()
print(ledger.prove())
"""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A server with a key file and the administrator's, the application's and a stranger's user."""
    folder = tmp_path_factory.mktemp("guarded").resolve()
    open_one = start_mongodb(folder, mark=mark_for(folder))
    with pymongo.MongoClient(open_one.uri) as client:
        client.admin.command("createUser", "admin", pwd=ADMIN_PASSWORD, roles=["root"])
    open_one.stop()
    key_file = folder / "key"
    key_file.write_text("c2hhcmVkIGJ5IG1lbWJlcnM=")
    key_file.chmod(0o400)
    server = run_mongod(folder, open_one.port, "--keyFile", str(key_file), mark=mark_for(folder))
    host, more = f"127.0.0.1:{server.port}/fuxun", "replicaSet=fuxun"
    world = SimpleNamespace(
        folder=folder,
        bare=f"mongodb://{host}?{more}",
        admin=f"mongodb://admin:{ADMIN_PASSWORD}@{host}?{more}&authSource=admin",
        app=f"mongodb://app:{PASSWORD}@{host}?{more}",
    )
    try:
        await_primary(world.admin)
        assert run(world, world.admin, "-m", "flask", "--app", "cli", "prepare").returncode == 0
        assert make_user(world).returncode == 0
        yield world
    finally:
        server.stop()


def await_primary(uri: str) -> None:
    ends_at = time.monotonic() + 60
    with pymongo.MongoClient(uri, serverSelectionTimeoutMS=1000) as client:
        while time.monotonic() < ends_at:
            try:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return
            except PyMongoError:
                continue
    raise AssertionError("no primary")


def run(world, uri: str, *words: str, **more: str) -> subprocess.CompletedProcess:
    """A command of the project with these settings, to its end."""
    env = {**os.environ, "MONGODB_URI": uri, "KEYS_DIR": str(world.folder / "keys"), **more}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120
    )


def make_user(world, name="app", password=PASSWORD, uri="") -> subprocess.CompletedProcess:
    words = ("-m", "flask", "--app", "cli", "database-user", name)
    return run(world, uri or world.admin, *words, DATABASE_USER_PASSWORD=password)


@pytest.fixture
def book(guarded):
    """The entries as the application's user sees them, one of them there already."""
    with pymongo.MongoClient(guarded.admin) as admin:
        entries = admin.get_default_database()["entries"]
        if not entries.find_one({"_id": an_entry()["_id"]}):
            entries.insert_one(an_entry())
    with pymongo.MongoClient(guarded.app) as client:
        yield client.get_default_database()["entries"]


def an_entry(**changed) -> dict:
    """An entry as it is stored, made to measure."""
    legs = [
        {"account": "issued:350102:2026", "currency": "FUB", "amount": Int64(-5)},
        {"account": "budget:u9:general:2026:0", "currency": "FUB", "amount": Int64(5)},
    ]
    return {
        "_id": "0123456789abcdef01234567",
        "key": "budget-grant:9",
        "request_hash": "0" * 64,
        "kind": "budget_grant",
        "legs": legs,
        "about": {"kind": "budget_grant", "id": "9"},
        "effective_at": POSTED_AT,
        "posted_at": POSTED_AT,
    } | changed


def code_of(act) -> int:
    """The server's code for what it does not let pass."""
    with pytest.raises(OperationFailure) as refusal:
        act()
    return refusal.value.code


def test_the_names_that_are_never_changed_are_those_of_the_book():
    assert {document._get_collection_name() for document in all_documents()} >= NEVER_CHANGED
    assert Entry._get_collection_name() in NEVER_CHANGED
    granted = privileges_of("fuxun", ["balances"])
    read, changed = (one["actions"] for one in granted)
    assert (read, changed) == (["find", "insert", "changeStream"], ["remove", "update"])
    assert granted[1]["resource"]["collection"] == "balances"


@pytest.mark.slow
def test_the_processes_do_all_their_work_as_that_user(guarded):
    demo = run(guarded, guarded.app, "-m", "flask", "--app", "cli", "demo", DEMO="1")
    assert demo.returncode == 0, demo.stderr
    day = run(guarded, guarded.app, "-c", A_DAY, DEMO="1", LOG_LEVEL="WARNING")
    assert day.returncode == 0, day.stderr
    assert day.stdout.splitlines()[-1] == "[]"
    said = demo.stdout + demo.stderr + day.stdout + day.stderr
    assert "not authorized" not in said
    assert "sweep_failed" not in said


REFUSED = {
    "update": lambda book: book.update_one({}, {"$set": {"kind": "reward"}}),
    "update many": lambda book: book.update_many({}, {"$inc": {"legs.0.amount": 1}}),
    "upsert": lambda book: book.update_one({"_id": "x"}, {"$set": {"key": "x"}}, upsert=True),
    "replace": lambda book: book.replace_one({}, an_entry(key="other")),
    "delete": lambda book: book.delete_one({}),
    "delete many": lambda book: book.delete_many({}),
    "find and update": lambda book: book.find_one_and_update({}, {"$unset": {"key": 1}}),
    "find and replace": lambda book: book.find_one_and_replace({}, an_entry(key="other")),
    "find and delete": lambda book: book.find_one_and_delete({}),
    "drop": lambda book: book.drop(),
    "drop the database": lambda book: book.database.client.drop_database(book.database),
    "rename": lambda book: book.rename("elsewhere"),
    "no validator": lambda book: book.database.command("collMod", book.name, validator={}),
    "no index": lambda book: book.drop_indexes(),
    "an index that forgets": lambda book: book.create_index("posted_at", expireAfterSeconds=1),
    "write over": lambda book: book.aggregate([{"$out": book.name}]),
    "merge into": lambda book: book.aggregate([{"$merge": book.name}]),
    "cap": lambda book: book.database.command("convertToCapped", book.name, size=4096),
    "past the validator": lambda book: book.with_options().insert_one(
        an_entry(_id="1" * 24, key="x"), bypass_document_validation=True
    ),
    "more rights": lambda book: book.database.command(
        "grantRolesToUser", "app", roles=["readWrite"]
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_server_refuses_it_to_change_the_book(book, what):
    before = list(book.find({}))
    assert before
    assert code_of(lambda: REFUSED[what](book)) == UNAUTHORIZED
    assert list(book.find({})) == before


@pytest.mark.parametrize("name", sorted(NEVER_CHANGED))
def test_nothing_is_changed_in_a_transaction_either(guarded, name):
    with pymongo.MongoClient(guarded.app) as client, client.start_session() as session:
        stored = client.get_default_database()[name]
        session.start_transaction()
        change = {"$set": {"total": 0}}
        assert code_of(lambda: stored.update_one({}, change, session=session)) == UNAUTHORIZED


LEG = {"account": "budget:u9:general:2026:0", "currency": "FUB", "amount": Int64(5)}
UNSOUND = {
    "unbalanced": {"legs": [LEG, {**LEG, "account": "issued:350102:2026", "amount": Int64(-4)}]},
    "one leg": {"legs": [LEG]},
    "fractional": {"legs": [{**LEG, "amount": 0.5}, {**LEG, "amount": -0.5}]},
    "unknown field": {"note": "for a friend"},
    "wrong kind": {"kind": "order"},
    "counts ahead": {"effective_at": POSTED_AT + timedelta(seconds=1)},
}


@pytest.mark.parametrize("what", UNSOUND)
def test_the_validator_holds_for_it_as_for_everybody(book, what):
    bad = an_entry(_id="2" * 24, key="budget-grant:2", **UNSOUND[what])
    assert code_of(lambda: book.insert_one(bad)) == REFUSED_BY_VALIDATOR


@pytest.mark.slow
def test_making_it_again_gives_it_the_new_password_and_the_same_rights(guarded):
    again = make_user(guarded, password=PASSWORD + "-2")
    assert again.returncode == 0, again.stderr
    assert "entries" in again.stdout
    with pymongo.MongoClient(guarded.app, serverSelectionTimeoutMS=5000) as client:
        assert code_of(lambda: client.get_default_database()["entries"].find_one()) == 18
    assert make_user(guarded).returncode == 0
    with pymongo.MongoClient(guarded.app) as client:
        assert code_of(lambda: client.get_default_database()["entries"].delete_one({})) == 13


def test_a_user_with_other_roles_is_left_alone(guarded):
    with pymongo.MongoClient(guarded.admin) as admin:
        roles = ["readWrite"]
        admin["fuxun"].command("createUser", "reader", pwd=PASSWORD, roles=roles)
    refused = make_user(guarded, name="reader")
    assert refused.returncode == 1
    assert "reader has other roles" in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "password", "uri", "said"),
    [
        ("app", "short", "admin", "16 characters or more"),
        ("a b", PASSWORD, "admin", "letters, digits"),
        ("other", PASSWORD, "app", "MongoDB says no: not authorized"),
        ("other", PASSWORD, "bare", "MongoDB says no"),
    ],
)
def test_what_cannot_be_made_is_said_in_a_line(guarded, name, password, uri, said):
    refused = make_user(guarded, name, password, getattr(guarded, uri))
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
