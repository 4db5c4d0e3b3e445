"""`dev.py bench redeem`: orders and scans beside the same writes in bare PyMongo, and drops."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import click

from api.app import create_app
from bench.parts.machine import cores, cpu_model, load_average
from bench.parts.own_databases import environment, own_databases
from bench.parts.redeem_drop import drop_figures
from bench.parts.redeem_rates import COPIED, SIDES, copy_to_bare, rate_figures, shown_for
from bench.parts.redeem_sides import Ours, Unfaithful, bare_side
from bench.parts.redeem_town import RedeemTown
from catalog import prove_catalogue
from ledger import prove
from shared.database import connect, prepare

SLOT_S = 0.5
SHOWN_FINDINGS = 5
NOTES = {
    "rate_ratio": "ours ÷ bare a second, same round, a thread for each desk; higher is better, "
    "aim 0.6 of order and scan",
    "ours": "order_reward and scan_voucher as the routes call them, within this process, on "
    "MongoDB with w=majority, journaled: questions, limits, checks, ledger and answers included",
    "bare": "PyMongo doing every write of ours in the same transactions and nothing else: entry, "
    "both balances, voucher, stock for an order; the desk's count, voucher, entry and balances, "
    "mark for a scan. It looks nothing up, checks no code; same validators and indexes, a "
    "database of its own",
    "order_one_stock": "the same with every thread at one stock, where bare's transactions abort "
    "one another; no aim",
    "scan": "the live QR off the owner's phone, signed just before the slot, each voucher once",
    "drop": "buyers with coins for one each order the same reward at one instant; seconds: from "
    "the opening to the last answer; refused_ms: one refused call; oversold: what was sold beyond "
    "the pieces, the most of buyers told, vouchers, coins in escrow, stock and codes gone; aim 0",
    "drop.two_processes": "the same with the threads in each of two processes",
    "drop.tickets": "the same for tickets out of a pool of codes, fewer of both",
}


@dataclass(frozen=True)
class Sizes:
    """How much there is of everything; `vouchers` for each client and round."""

    clients: int = 8
    vouchers: int = 40
    buyers: int = 5_000
    pieces: int = 100
    ticket_buyers: int = 500
    tickets: int = 20
    threads: int = 64


def run(rounds: int = 5, *, slot_s: float = SLOT_S, sizes: Sizes | None = None) -> dict[str, Any]:
    """Measure both sides in rotated slots, then the drops; the figures, nested at the dots.

    Uses the servers of the environment, there only databases of its own, dropped afterwards.
    """
    if rounds < 1:
        raise click.UsageError("a benchmark needs at least one round")
    sizes, load_before = sizes or Sizes(), load_average()
    with own_databases(SIDES) as uris:
        with environment(MONGODB_URI=uris["bare"]):
            connect()
            prepare()
        with _connected(uris["ours"]):
            town = RedeemTown(sizes.clients)
            figures = _rates(town, uris["bare"], rounds, slot_s, sizes)
            figures["drop"] = _drops(town, sizes)
            _prove()
    machine = {
        "cpu_model": cpu_model(),
        "cores": cores(),
        "load_before": load_before,
        "load_after": load_average(),
    }
    notes = {"rounds": rounds, "slot_s": slot_s, "sizes": asdict(sizes), "notes": NOTES}
    return figures | {"machine": machine} | notes


def _rates(
    town: RedeemTown, bare_uri: str, rounds: int, slot_s: float, sizes: Sizes
) -> dict[str, Any]:
    _say("ordering and scanning ...")
    ours = Ours(town.reward.id)
    bare = bare_side(bare_uri, ours, town.desks[0], shown_for)
    try:
        for name in COPIED:
            copy_to_bare(bare, name)
        return rate_figures(town, ours, bare, rounds, slot_s, sizes.vouchers)
    finally:
        bare.client.close()


def _drops(town: RedeemTown, sizes: Sizes) -> dict[str, Any]:
    def dropped(buyers: int, pieces: int, processes: int, *, tickets: bool = False) -> Any:
        _say(f"{buyers:,} buyers of {pieces}, {processes} processes ...")
        of_all = {"threads": sizes.threads, "processes": processes, "tickets": tickets}
        return drop_figures(town, buyers, pieces, **of_all)

    figures = dropped(sizes.buyers, sizes.pieces, 1)
    figures["two_processes"] = dropped(sizes.buyers, sizes.pieces, 2)
    figures["tickets"] = dropped(sizes.ticket_buyers, sizes.tickets, 2, tickets=True)
    return figures


def _prove() -> None:
    """Raises Unfaithful where book and catalogue no longer agree after all that."""
    _say("proving the book and the catalogue ...")
    if findings := [*prove(), *prove_catalogue()]:
        raise Unfaithful(f"the books no longer agree: {findings[:SHOWN_FINDINGS]}")


@contextmanager
def _connected(uri: str) -> Iterator[None]:
    """The rooms on a database of their own, as the web process has them."""
    # Desks scan faster here than clerks can hand over.
    limits = {"LIMIT_SCANS_PER_POINT": "1000000 per minute"}
    limits |= {"LIMIT_HAND_OVERS_PER_PERSON": "1000 per hour"}
    with environment(MONGODB_URI=uri, LOG_LEVEL="WARNING", **limits):
        app = create_app()
        prepare()
        with app.app_context():
            yield


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
