"""The loop over real HTTP while its processes are killed, its database stands still, and Valkey
is emptied at every step: whoever repeats with the same key gets what one undisturbed try gives.
"""

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from redis import Redis

from children import ROOT, VENV_PYTHON
from fixtures.demo_people import OFFICER_LOGIN, OFFICER_PASSWORD
from fixtures.factories import CENTRE, sample_id_number
from fixtures.walk_simulator import simulate_deliveries, simulate_walk
from rates import budget_year_of
from shared.ids import new_id
from tests.dev.running import Run, a_run

PURE = True  # needs none of the servers the other tests share
pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PATIENCE_S = 30
_walks = count(1)
STILL_S = 2
# Longer than any command may take: whoever waits for MongoDB gets an error.
OUTAGE_S = 11
SLOTS, CLAIMERS = 3, 6
ORDERS, GRANTS = 24, 8
LAT, LON = CENTRE
ROUTE = [(LAT - 0.001, LON - 0.001), (LAT + 0.001, LON - 0.001), (LAT + 0.001, LON + 0.001)]
OURS = ("MONGODB_URI", "REDIS_URL", "KEYS_DIR", "DEMO", "LOG_LEVEL", "PROMETHEUS_MULTIPROC_DIR")


class Caller:
    """Somebody at the API who, unanswered, says the same again."""

    def __init__(self, url: str, between: Callable[[], object], token: str = "") -> None:
        self.url, self.between, self.token = url, between, token

    def ask(self, method: str, path: str, body=None, *, at=None, key="", status=0):
        """The answer's JSON; the status must be `status`, by default one that says yes."""
        answer = self.answer(method, path, body, at=at, key=key)
        wanted = {status} if status else {200, 201, 204}
        assert answer.status_code in wanted, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def answer(self, method: str, path: str, body=None, *, at=None, key="") -> requests.Response:
        """The answer, asked for again while nobody is there to give one."""
        headers = {"Accept-Language": "en"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"X-Demo-Now": at.isoformat()} if at else {}
        give_up_at = time.monotonic() + PATIENCE_S
        while True:
            answer = self._try(method, path, body, headers)
            if answer is not None and answer.status_code != 503:
                self.between()
                return answer
            assert time.monotonic() < give_up_at, f"{method} {path}: no answer"

    def _try(self, method, path, body, headers):
        with requests.Session() as session:  # a killed server must not poison the next try
            session.trust_env = False
            try:
                return session.request(
                    method, f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=20
                )
            except requests.RequestException:
                return None

    def get(self, path: str, **more):
        return self.ask("GET", path, **more)

    def post(self, path: str, body=None, **more):
        return self.ask("POST", path, {} if body is None else body, **more)

    def signed_in(self, path: str, body: dict) -> "Caller":
        return Caller(self.url, self.between, self.post(path, body)["access_token"])


@pytest.fixture
def running(tmp_path) -> Iterator[Run]:
    """A `dev.py run` of its own, which is gone after the test."""
    folder = (tmp_path / "var").resolve()
    limits = [name for name in os.environ if name.startswith("LIMIT_")]
    env = {name: value for name, value in os.environ.items() if name not in (*OURS, *limits)}
    with a_run(folder, env, wait_until) as run:
        yield run


def wait_until(holds: Callable[[], object], bound_s: float = PATIENCE_S) -> None:
    ends_at = time.monotonic() + bound_s
    while not holds():
        assert time.monotonic() < ends_at, "it never came to hold"
        time.sleep(0.05)


# ---- the processes


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def workers_of(running: Run, part: str) -> tuple[list[int], list[int]]:
    """The pids of a part: what was started, and its own children, the workers it keeps."""
    pids = running.pids_of(part)
    heads = [pid for pid in pids if parent_of(pid) not in pids]
    return heads, [pid for pid in pids if parent_of(pid) in heads]


def kill_a_worker(running: Run, part: str) -> None:
    """Kill one worker of a part; another takes its place, and nothing of the first stays."""
    heads, before = workers_of(running, part)
    os.kill(before[0], signal.SIGKILL)

    def is_replaced() -> bool:
        _, workers = workers_of(running, part)
        return before[0] not in workers and len(workers) == len(before)

    wait_until(is_replaced)
    # A child of the dead one that lives on has no parent here any more.
    wait_until(lambda: workers_of(running, part)[0] == heads, 10)


def hold_still(running: Run, part: str, seconds: float) -> None:
    """Let a part stand still for so long, as a stalled disk would."""
    pid = running.pids_of(part)[0]
    os.kill(pid, signal.SIGSTOP)
    try:
        threading.Event().wait(seconds)
    finally:
        os.kill(pid, signal.SIGCONT)


# ---- the people and what they do


@pytest.fixture
def town(running) -> SimpleNamespace:
    """The demo town's people; Valkey is emptied after whatever anyone asks."""
    valkey = Redis(port=int((running.folder / "valkey.port").read_text()))
    nobody = Caller(f"http://127.0.0.1:{running.port}", valkey.flushall)
    made = SimpleNamespace(nobody=nobody, valkey=valkey, people=0)
    for login in (OFFICER_LOGIN, "centre", "clerk", "rates", "auditor"):
        desk = nobody.signed_in("/staff-sessions", {"login": login, "password": OFFICER_PASSWORD})
        desk.unit_id = desk.get("/me")["memberships"][0]["unit_id"]
        setattr(made, login, desk)
    yield made
    valkey.close()


def resident(town) -> Caller:
    """Somebody new, the real-name step done."""
    town.people += 1
    phone = f"1370000{town.people:04d}"
    code = town.nobody.post("/phone-codes", {"phone": phone})["demo_code"]
    caller = town.nobody.signed_in("/sessions", {"phone": phone, "code": code})
    identity = {"real_name": "林小福", "id_number": sample_id_number(500 + town.people)}
    caller.post("/me/real-name", identity)
    return caller


def publish(town, slots: int) -> dict:
    """A patrol from 40 minutes ago until in 20, worth 50 coins; repeated with its key."""
    began = datetime.now(UTC) - timedelta(minutes=40)
    place = {"type": "Point", "coordinates": [LON, LAT]}
    content = {
        "unit_id": town.officer.unit_id,
        "kind": "patrol",
        "title": "平安巡防",
        "address": "鼓西派出所",
        "area": {"shape": "circle", "geometry": place, "radius_m": 500},
        "starts_at": began.isoformat(),
        "ends_at": (began + timedelta(hours=1)).isoformat(),
        "slots": slots,
        "checks": [
            {"check": "inside_time", "parameters": {"min_s": 1_200}},
            {"check": "plausible_speed", "parameters": {}},
        ],
    }
    key = new_id()
    drafts = [town.officer.post("/tasks", content, key=key) for _ in range(2)]
    assert drafts[0]["id"] == drafts[1]["id"]
    for _ in range(2):
        published = town.officer.post(f"/tasks/{drafts[0]['id']}/publication")
    return published


def walk(caller: Caller, task: dict) -> str:
    """Claim, start, walk, upload and finish; the participation's id."""
    began = datetime.fromisoformat(task["starts_at"]) + timedelta(minutes=1)
    path = f"/tasks/{task['id']}/claims"
    participation_id = caller.post(path, at=began)["id"]
    base = f"/participations/{participation_id}"
    caller.post(f"{base}/start", at=began)
    # Nobody's line and pace are those of somebody else.
    seed = next(_walks)
    size = 1 - 0.12 * (seed % 6)
    route = [(LAT + (lat - LAT) * size, LON + (lon - LON) * size) for lat, lon in ROUTE]
    deliveries = simulate_deliveries(simulate_walk(route, began, seed, duration_s=1_800), 1)
    for delivery in [*deliveries, deliveries[0]]:
        points = [point | {"at": point["at"].isoformat()} for point in delivery.points]
        body = {"upload_key": delivery.upload_key, "datum": "wgs84", "points": points}
        assert caller.post(f"{base}/track-points", body, at=delivery.at)["rejected"] == []
    caller.post(f"{base}/finish", at=max(delivery.at for delivery in deliveries))
    return participation_id


def await_pay(caller: Caller, participation_id: str) -> None:
    wait_until(lambda: caller.get(f"/participations/{participation_id}")["settled"])
    assert caller.get(f"/participations/{participation_id}")["state"] == "verified"
    assert caller.get("/me/wallet")["balance"] == 50


def stocked_reward(town) -> dict:
    """A reward for one coin, more of it than will be ordered, at the clerk's point."""
    terms = {"unit_id": town.centre.unit_id, "title": "纸巾", "price": 1, "validity_days": 30}
    reward = town.centre.post("/rewards", terms, key="tissues-1")
    path = f"/rewards/{reward['id']}"
    town.centre.ask("PUT", f"{path}/stocks/{town.clerk.unit_id}", {"supplied": ORDERS + 5})
    return town.centre.post(f"{path}/offer")


# ---- the story


def orders_and_grants_while_a_web_worker_is_killed(running, town, buyer) -> list[dict]:
    """Many keyed requests at once, one worker killed among them: each key counts once."""
    reward, unit_id = stocked_reward(town), town.officer.unit_id
    year = budget_year_of(datetime.now(UTC))
    granted_before = town.rates.get(f"/units/{unit_id}/budgets/{year}")["granted"]
    killed, answered = threading.Event(), threading.Semaphore(0)

    def order(number):
        body, key = {"point_id": town.clerk.unit_id}, f"order-{number:04d}"
        made = buyer.post(f"/rewards/{reward['id']}/orders", body, key=key)
        answered.release()
        return made

    def grant(number):
        body = {"year": year, "coins": 10, "authorisation": "示例"}
        return town.rates.post(f"/units/{unit_id}/budget-grants", body, key=f"grant-{number:04d}")

    def kill():
        for _ in range(ORDERS // 4):
            answered.acquire()
        kill_a_worker(running, "gunicorn")
        killed.set()

    with ThreadPoolExecutor(5) as pool:
        killing = pool.submit(kill)
        vouchers = list(pool.map(order, range(ORDERS)))
        grants = list(pool.map(grant, range(GRANTS)))
        killing.result()
    assert killed.is_set()
    assert [order(number)["id"] for number in range(ORDERS)] == [one["id"] for one in vouchers]
    assert len({one["id"] for one in vouchers}) == ORDERS
    assert len({one["id"] for one in grants}) == GRANTS
    assert len(buyer.get("/me/vouchers?limit=100")["items"]) == ORDERS
    assert buyer.get("/me/wallet")["balance"] == 50 - ORDERS
    assert buyer.get(f"/rewards/{reward['id']}")["stocks"][0]["available"] == 5
    granted = town.rates.get(f"/units/{unit_id}/budgets/{year}")["granted"]
    assert granted - granted_before == 10 * GRANTS
    return vouchers


def claims_while_the_database_stands_still(running, town) -> None:
    """More claimers than slots, MongoDB stopped among them: every slot is taken once."""
    task, crowd = publish(town, SLOTS), [resident(town) for _ in range(CLAIMERS)]
    began = threading.Event()

    def stop():
        began.wait(PATIENCE_S)
        hold_still(running, "mongod", STILL_S)

    def claim(caller):
        began.set()
        return caller.answer("POST", f"/tasks/{task['id']}/claims", {})

    stopper = threading.Thread(target=stop)
    stopper.start()
    with ThreadPoolExecutor(CLAIMERS) as pool:
        answers = list(pool.map(claim, crowd))
    stopper.join()
    assert sorted(answer.status_code for answer in answers) == [201] * SLOTS + [409] * (
        CLAIMERS - SLOTS
    )
    assert town.officer.get(f"/tasks/{task['id']}")["slots_left"] == 0
    held = [len(one.get("/me/participations")["items"]) for one in crowd]
    assert sorted(held) == [0] * (CLAIMERS - SLOTS) + [1] * SLOTS


def prove(running: Run) -> subprocess.CompletedProcess:
    port = (running.folder / "mongodb.port").read_text()
    env = {
        **os.environ,
        "MONGODB_URI": f"mongodb://127.0.0.1:{port}/fuxun?replicaSet=fuxun",
        # Its own: the seals were signed with them.
        "KEYS_DIR": str(running.folder / "keys"),
    }
    command = [str(VENV_PYTHON), "-m", "flask", "--app", "cli", "prove"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False, timeout=60)


def test_the_loop_while_its_processes_die_stand_still_and_forget(running, town):
    task = publish(town, slots=3)
    first, second, third = (resident(town) for _ in range(3))
    await_pay(first, walk(first, task))

    kill_a_worker(running, "worker.py jobs")
    second.between = lambda: None  # so that a job reaches the new worker
    await_pay(second, walk(second, task))

    vouchers = orders_and_grants_while_a_web_worker_is_killed(running, town, first)
    claims_while_the_database_stands_still(running, town)
    hold_still(running, "mongod", OUTAGE_S)
    third.between = town.valkey.flushall  # the job is lost, so the timetable must be alive
    await_pay(third, walk(third, task))
    assert not running.ended(), running.output.read_text()

    shown = first.get(f"/vouchers/{vouchers[0]['id']}/qr")["text"]
    scan = {"code": shown, "point_id": town.clerk.unit_id}
    for _ in range(2):
        assert town.clerk.post("/voucher-scans", scan, key="scan-0001")["state"] == "redeemed"
    refusal = town.clerk.post("/voucher-scans", scan, key="scan-0002", status=409)
    assert refusal["code"] == "AlreadyHandedOver"
    assert town.auditor.get("/trial-balance")["agrees"]
    proof = prove(running)
    assert proof.returncode == 0, proof.stderr
    assert running.stop_by(signal.SIGTERM) == 0
    assert running.alive() == []


def test_when_the_pool_of_job_workers_is_killed_everything_stops_and_says_why(running):
    (pool,), _ = workers_of(running, "worker.py jobs")
    os.kill(pool, signal.SIGKILL)
    assert running.popen.wait(60) == 1
    assert re.search("jobs ended with code -9", running.output.read_text())
    assert running.alive() == []
