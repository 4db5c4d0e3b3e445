"""The servers, the clean database, and the proofs that every test stands on.

`dev.py test` starts the servers; pytest run by itself starts its own. Each xdist worker has a
database and a Valkey number of its own. What a test wrote is found by listening to the commands
it sent, so that a pure test costs nothing.
"""

import os
import shutil
import tempfile
import threading
from pathlib import Path

import pymongo
import pytest
from pymongo import monitoring

from embedded import start_mongodb, start_valkey

WRITES = {"insert", "update", "delete", "findAndModify", "bulkWrite"}
BOOK = {"entries", "balances", "holds", "reversal_requests", "seals"}
BOOK |= {"book_closing", "month_balances"}
# Whatever else of the catalogue a test writes by hand, no voucher speaks of it.
CATALOGUE = {"vouchers"}
HOME = pytest.StashKey()


def pytest_configure(config):
    if "PYTEST_XDIST_WORKER" in os.environ:
        _own_corner(int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) + 1)
    elif "MONGODB_URI" not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="fuxun-test-"))
        mongodb, valkey = start_mongodb(folder), start_valkey(folder)
        config.stash[HOME] = (folder, mongodb, valkey)
        os.environ["MONGODB_URI"] = mongodb.uri.replace("/fuxun?", "/fuxun_test?")
        os.environ["REDIS_URL"] = valkey.uri
    os.environ.setdefault("KEYS_DIR", tempfile.mkdtemp(prefix="fuxun-keys-"))
    os.environ["DEMO"] = "1"
    os.environ["LIMIT_CODES_PER_ADDRESS"] = "100000 per hour"
    os.environ["LIMIT_CODES_PER_PHONE"] = "1000 per hour"
    os.environ["LIMIT_SIGN_INS_PER_ADDRESS"] = "100000 per minute"
    os.environ["LOG_LEVEL"] = "CRITICAL"


def pytest_unconfigure(config):
    if HOME in config.stash:
        folder, mongodb, valkey = config.stash[HOME]
        valkey.stop()
        mongodb.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _own_corner(number):
    """This xdist worker's own database and Valkey number."""
    parts = pymongo.uri_parser.parse_uri(os.environ["MONGODB_URI"])
    name = parts["database"]
    os.environ["MONGODB_URI"] = os.environ["MONGODB_URI"].replace(
        f"/{name}", f"/{name}_{number}", 1
    )
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rpartition("/")[0] + f"/{number}"


class WriteListener(monitoring.CommandListener):
    """Remembers which collections were written, by any thread of this process."""

    def __init__(self):
        self.lock = threading.Lock()
        self.written = set()

    def started(self, event):
        if event.command_name in WRITES:
            with self.lock:
                self.written.add(event.command[event.command_name])
        elif event.command_name == "aggregate":
            steps = event.command["pipeline"]
            with self.lock:
                self.written |= {step["$merge"]["into"] for step in steps if "$merge" in step}

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


LISTENER = WriteListener()
monitoring.register(LISTENER)


@pytest.fixture(scope="session")
def app():
    """The web application on a database with its indexes and validators, in the demo's mode."""
    from api.app import create_app  # noqa: PLC0415 - settings are read first
    from shared.database import database, prepare  # noqa: PLC0415

    made = create_app()
    made.config["TESTING"] = False
    database().client.drop_database(database().name)
    prepare()
    LISTENER.written.clear()
    return made


@pytest.fixture(scope="session")
def prepared(app):
    """The database with every collection, index and validator."""
    return app


@pytest.fixture(autouse=True)
def clean_world(request):
    """Prove book and catalogue after a test that touched them, then take away what it wrote.

    A module that sets `PURE = True` needs no servers and gets none; one whose vouchers were never
    ordered sets `VOUCHERS_BY_HAND = True`, for no stock and no coins stand behind them.
    """
    if not getattr(request.module, "PURE", False):
        request.getfixturevalue("app")
    yield
    if not LISTENER.written:
        return
    from catalog import prove_catalogue  # noqa: PLC0415
    from ledger import prove  # noqa: PLC0415
    from shared.database import database  # noqa: PLC0415
    from shared.queue import valkey  # noqa: PLC0415

    by_hand = getattr(request.module, "VOUCHERS_BY_HAND", False)
    try:
        findings = prove() if LISTENER.written & BOOK else []
        flaws = prove_catalogue() if LISTENER.written & CATALOGUE and not by_hand else []
    finally:  # what one test left must not fail the next
        # A copy: what another thread still writes may not keep the rest from being taken away.
        for name in list(LISTENER.written):
            database()[name].delete_many({})
        LISTENER.written.clear()
        valkey().flushdb()
    assert findings == [], "the book no longer agrees"
    assert flaws == [], "the catalogue no longer agrees with the book"
