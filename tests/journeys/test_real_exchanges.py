"""Orders, scans and a provider's deliveries over real HTTP while web and job workers are killed and
Valkey is emptied at every step: afterwards each order is whole or undone, and delivered once.
"""

import json
import re
import signal
import threading
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_real_processes import (
    Caller,
    await_pay,
    kill_a_worker,
    prove,
    publish,
    resident,
    running,
    town,
    wait_until,
    walk,
)

from tests.dev.running import Run

__all__ = ["running", "town"]

PURE = True  # needs none of the servers the other tests share
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1000)]

SCANNED, TICKETS, PACKS = 10, 6, 8
EARNED = 50
# A killed worker's delivery waits for the end of its lease, and then for the next sweep: 75 to 90 s
# where nothing else runs. On a busy machine sweeps wait in the queue, and some are dropped there.
UNTIL_SWEPT_S = 640
CODES = "code,valid_until\n" + "".join(f"FILM-{number:04d},\n" for number in range(TICKETS))


def offered(town, kind: str, stock: Callable[[str], object], **more) -> str:
    """A reward for one coin, on offer once `stock(its id)` was brought; its id."""
    terms = {"unit_id": town.centre.unit_id, "title": kind, "price": 1, "validity_days": 30}
    reward = town.centre.post("/rewards", {**terms, "kind": kind, **more}, key=f"the-{kind}")
    stock(reward["id"])
    return town.centre.post(f"/rewards/{reward['id']}/offer")["id"]


def supplied(town, point_id: str, number: int) -> Callable[[str], object]:
    path = f"/stocks/{point_id}"
    return lambda reward_id: town.centre.ask(
        "PUT", f"/rewards/{reward_id}{path}", {"supplied": number}
    )


def brought(town, point_id: str) -> Callable[[str], object]:
    """Codes as a CSV file: the body is text, so it is not sent as JSON."""

    def bring(reward_id: str) -> None:
        url = f"{town.nobody.url}/api/v1/rewards/{reward_id}/codes?point_id={point_id}"
        headers = {"Authorization": f"Bearer {town.centre.token}", "Content-Type": "text/csv"}
        headers["Idempotency-Key"] = "the-codes"
        request = urllib.request.Request(url, CODES.encode(), headers, method="POST")
        urllib.request.urlopen(request, timeout=20).close()

    return bring


def while_killed(running: Run, part: str, acts: list[Callable[[], object]]) -> list:
    """What each act answers, all at once, a worker of `part` killed in the middle of them."""
    answered = threading.Semaphore(0)

    def kill() -> None:
        for _ in range(len(acts) // 3):
            answered.acquire()
        kill_a_worker(running, part)

    def do(act: Callable[[], object]) -> object:
        try:
            return act()
        finally:
            answered.release()

    with ThreadPoolExecutor(5) as pool:
        killing = pool.submit(kill)
        answers = list(pool.map(do, acts))
        killing.result()
    return answers


def orders(buyer: Caller, reward_id: str, number: int, **body) -> list[Callable[[], dict]]:
    """So many orders, each under a key of its own."""
    path = f"/rewards/{reward_id}/orders"
    return [
        lambda key=f"{reward_id}-{n:04d}": buyer.post(path, body, key=key) for n in range(number)
    ]


def said_again(acts: list[Callable[[], dict]], answers: list[dict]) -> None:
    """Each key answers what it answered, and no two the same."""
    ids = [answer["id"] for answer in answers]
    assert [act()["id"] for act in acts] == ids
    assert len(set(ids)) == len(acts)


def scans(town, buyer: Caller, ids: list[str]) -> list[Callable[[], dict]]:
    def scan(number: int, voucher_id: str) -> dict:
        shown = buyer.get(f"/vouchers/{voucher_id}/qr")["text"]
        body = {"code": shown, "point_id": town.clerk.unit_id}
        return town.clerk.post("/voucher-scans", body, key=f"scan-{number:04d}")

    return [lambda n=n, one=one: scan(n, one) for n, one in enumerate(ids)]


def sandbox_counts(running: Run, voucher_id: str) -> dict[str, int]:
    """What the provider really did under the voucher's key."""
    words = Path(f"/proc/{running.pids_of('sandbox_provider')[0]}/cmdline").read_text().split("\0")
    port = words[words.index("--port") + 1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/counts/{voucher_id}", timeout=5) as said:
        return json.load(said)


def state_of(buyer: Caller, voucher_id: str) -> str:
    return buyer.get(f"/vouchers/{voucher_id}")["state"]


def open_ones(buyer: Caller, ids: list[str]) -> list[str]:
    """Those of the vouchers that are not handed over yet."""
    return [one for one in ids if state_of(buyer, one) != "redeemed"]


@pytest.fixture
def buyer(town) -> SimpleNamespace:
    """Somebody who has walked for fifty coins."""
    made = resident(town)
    await_pay(made, walk(made, publish(town, slots=1)))
    return made


def test_what_is_bought_while_processes_die_is_whole_or_undone(running, town, buyer):
    point_id = town.clerk.unit_id
    goods = offered(town, "goods", supplied(town, point_id, SCANNED + 1))
    ticket = offered(town, "ticket", brought(town, point_id))
    packs = [one for one in town.centre.get("/rewards")["items"] if one["kind"] == "top_up"]
    provider_point = town.centre.get(f"/rewards/{packs[0]['id']}")["stocks"][0]["point"]["id"]
    more = {"provider_id": "sandbox", "product": "data-5gb:ok"}
    pack = offered(town, "top_up", supplied(town, provider_point, PACKS), **more)

    ordering = orders(buyer, goods, SCANNED, point_id=point_id)
    bought = while_killed(running, "gunicorn", ordering)
    said_again(ordering, bought)
    ids = [one["id"] for one in bought]
    handed = while_killed(running, "gunicorn", scans(town, buyer, ids))
    assert {one["state"] for one in handed} == {"redeemed"}
    assert {state_of(buyer, one) for one in ids} == {"redeemed"}

    ordering = orders(buyer, ticket, TICKETS, point_id=point_id)
    tickets = while_killed(running, "gunicorn", ordering)
    said_again(ordering, tickets)
    openings = [
        lambda one=one: buyer.post(f"/vouchers/{one['id']}/opening", key=f"open-{one['id']}")
        for one in tickets
    ]
    shown = [json.dumps(act()) for act in openings]
    assert len({re.search(r"FILM-\d{4}", text)[0] for text in shown}) == TICKETS

    ordering = orders(buyer, pack, PACKS)
    topped = while_killed(running, "worker.py jobs", ordering)
    said_again(ordering, topped)
    ids = [one["id"] for one in topped]
    wait_until(lambda: open_ones(buyer, ids) == [], UNTIL_SWEPT_S)
    assert {sandbox_counts(running, one)["deliveries"] for one in ids} == {1}

    assert buyer.get("/me/wallet")["balance"] == EARNED - SCANNED - TICKETS - PACKS
    assert town.auditor.get("/trial-balance")["agrees"]
    proof = prove(running)
    assert proof.returncode == 0, proof.stderr
    assert running.stop_by(signal.SIGTERM) == 0
    assert running.alive() == []
