"""A drop: many buyers order at the same instant what there is little of; none may be sold twice."""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import click

from bench.parts.commanded import Commanded, commanded
from bench.parts.ledger_figures import percentile
from bench.parts.redeem_town import PRICE, RedeemTown
from catalog import Reward, RewardKind, import_codes, stock_point
from people import Unit
from settings import settings
from shared.database import database
from shared.ids import new_id, random_id

# Both processes have heard of it by then, and their threads stand in line.
LINE_UP_S = 1.0
BUYERS = (sys.executable, "-m", "bench.parts.redeem_buyers")


class DropFailed(click.ClickException):
    """Raised when an order of a drop ends otherwise than with a voucher or a refusal."""


def drop_figures(
    town: RedeemTown, buyers: int, pieces: int, *, threads: int, processes: int, tickets: bool
) -> dict[str, Any]:
    """`oversold`, `sold`, `seconds` from the opening to the last answer, `refused_ms` p50, p99.

    `buyers` people, each with coins for one, order a reward of which there are `pieces`, by so
    many threads in each of so many processes. Raises DropFailed.
    """
    point = town.point()
    reward = a_ticket(town, point, pieces) if tickets else goods(town, point, pieces)
    people = [one.person_id for one in town.people(buyers, PRICE)]
    with ExitStack() as running:
        env = {**os.environ, "MONGODB_URI": settings().mongodb_uri}
        ready = [running.enter_context(commanded(BUYERS, env)) for _ in range(processes)]
        for process in ready:
            process.hear()
        begins_at, answers = _let_go(ready, reward, point, people, threads)
    if failures := [text for answer in answers for text in answer["failures"]]:
        raise DropFailed(f"orders failed: {failures[:3]}")
    sold = [one for answer in answers for one in answer["sold"]]
    refused_ms = [one for answer in answers for one in answer["refused_ms"]]
    if len(sold) + len(refused_ms) != buyers:
        raise DropFailed(f"{buyers} ordered, {len(sold)} + {len(refused_ms)} were answered")
    return {
        "oversold": oversold(reward.id, pieces, sold),
        "sold": len(sold),
        "pieces": pieces,
        "buyers": buyers,
        "processes": processes,
        "threads_a_process": threads,
        "seconds": round(max(answer["ended_at"] for answer in answers) - begins_at, 2),
        "refused_ms_p50": round(percentile(refused_ms, 50), 2),
        "refused_ms_p99": round(percentile(refused_ms, 99), 2),
        "tried_again": sum(answer["tried_again"] for answer in answers),
    }


def _let_go(
    ready: Sequence[Commanded], reward: Reward, point: Unit, people: list[str], threads: int
) -> tuple[float, list[dict[str, Any]]]:
    """When it opened, and what each process tells of its share of the people."""
    begins_at = time.time() + LINE_UP_S
    asked = {"reward_id": reward.id, "point_id": point.id, "begins_at": begins_at}
    for number, process in enumerate(ready):
        process.tell(people=people[number :: len(ready)], threads=threads, **asked)
    return begins_at, [process.hear() for process in ready]


def goods(town: RedeemTown, point: Unit, pieces: int) -> Reward:
    """A reward on offer, so many of it at the point."""
    reward = town.draft()
    stock_point(reward.id, point.id, supplied=pieces, by=town.officer)
    return town.offer(reward)


def oversold(reward_id: str, pieces: int, told: Sequence[str]) -> int:
    """How many beyond `pieces` were sold, as buyers, vouchers, stock or coins have it."""
    db = database()
    vouchers = [one["_id"] for one in db["vouchers"].find({"reward_id": reward_id}, {"_id": 1})]
    (stock,) = db["stocks"].find({"reward_id": reward_id})
    paid = db["balances"].count_documents(
        {"_id": {"$in": [f"voucher:{one}|FUB" for one in vouchers]}, "posted": PRICE}
    )
    codes = db["pool_codes"].distinct("voucher_id", {"reward_id": reward_id})
    counted = (
        len(told),
        len(set(told)),
        len(vouchers),
        paid,
        stock["supplied"] - stock["available"],
        len([one for one in codes if one]),
    )
    return max(0, max(counted) - pieces)


def a_ticket(town: RedeemTown, point: Unit, pieces: int) -> Reward:
    """A ticket on offer, so many codes of it in the point's pool."""
    reward = town.draft(RewardKind.TICKET)
    rows = ["code,valid_until", *(f"BENCH-{random_id().upper()}," for _ in range(pieces))]
    import_codes(reward.id, point.id, "\n".join(rows).encode(), key=new_id(), by=town.officer)
    return town.offer(reward)
