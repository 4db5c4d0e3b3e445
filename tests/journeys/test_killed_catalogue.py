"""Every verb of the catalogue, killed at each of its writes: each world ends as an undisturbed one,
nothing is sold, handed over, delivered or paid twice, and the book and the catalogue are proven.
"""

import killed_shops as shops
import pytest
from killed_city import city, zygote
from killing import finished_by_sweeps, finished_everywhere

from catalog import prove_catalogue
from catalog.providers.delivery import DeliveryState, TopUpDelivery
from ledger import prove
from tests.catalog.providers.running_sandbox import RunningSandbox

__all__ = ["city", "zygote"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(170)]

WALLET, OWNER = "wallet:person_id|FUB", "wallet:owner_id|FUB"
POINT = "merchant:point_id|FUB"
# Who makes the world, and what its guarded accounts hold in the end.
VERBS = {
    "order_reward": (shops.to_order, {WALLET: 40, "voucher:voucher|FUB": 60}),
    "order_ticket": (shops.to_order_ticket, {WALLET: 40, "voucher:voucher|FUB": 60}),
    "cancel_voucher": (shops.to_cancel, {WALLET: 100}),
    "cancel_ticket": (shops.to_cancel_ticket, {WALLET: 100}),
    "substitute": (shops.to_substitute, {WALLET: 55, "voucher:voucher|FUB": 45}),
    "gift": (shops.to_give, {WALLET: 40, "voucher:voucher_id|FUB": 60}),
    "recall": (shops.to_recall, {OWNER: 100, "wallet:claimant_id|FUB": 100}),
    "scan_voucher": (shops.to_scan, {OWNER: 40, POINT: 60}),
    "confirm_look": (shops.to_confirm, {OWNER: 40, POINT: 60}),
    "bring_in": (shops.to_bring_in, {OWNER: 40, POINT: 60}),
    "open_ticket": (shops.to_open, {WALLET: 40, POINT: 60}),
    "award": (
        shops.to_award,
        {"wallet:receiver_id|FUB": 100, "fund_id": 8_500, "voucher:voucher|CNY": 1_500},
    ),
    "scan_award": (shops.to_hand_over_award, {OWNER: 100, "fund_id": 8_500}),
    "refund": (shops.to_refund, {OWNER: 100}),
    "stock_point": (shops.to_stock, {WALLET: 0}),
    "count_stock": (shops.to_count, {}),
    "accept_count": (shops.to_accept, {}),
    "import_codes": (shops.to_import, {}),
    "settle": (shops.to_settle, {OWNER: 40}),
    "pay": (shops.to_pay, {OWNER: 40, "fund_id": 9_880}),
}
SAID_AS = {
    "order_ticket": "order_reward",
    "cancel_ticket": "cancel_voucher",
    "scan_award": "scan_voucher",
}


def held(balances: dict) -> dict:
    """What the accounts hold; a fund's by the word for it, whatever the year."""
    named = {"fund_id" if name.startswith("fund:") else name: n for name, n in balances.items()}
    return {name.replace("voucher:voucher_id", "voucher:voucher"): n for name, n in named.items()}


def wanted(coins: dict) -> dict:
    return {name: n for name, n in held(coins).items() if n}


def proven() -> bool:
    assert prove() == []
    assert prove_catalogue() == []
    return True


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_killed_at_any_write_is_finished_by_its_repeat_and_the_sweeps(verb, zygote, city):
    make, coins = VERBS[verb]
    balances = finished_everywhere(zygote, SAID_AS.get(verb, verb), lambda: make(city))
    assert held(balances) == wanted(coins)
    assert proven()


SWEEPS = {
    "sweep_catalog": (shops.to_expire, {WALLET: 100}),
    "close_days": (shops.to_close, {OWNER: 40, POINT: 60}),
}


@pytest.mark.parametrize("verb", SWEEPS)
def test_a_pass_killed_at_any_write_is_finished_by_the_next(verb, zygote, city):
    make, coins = SWEEPS[verb]
    assert held(finished_by_sweeps(zygote, verb, lambda: make(city))) == coins
    assert proven()


@pytest.fixture(scope="module")
def sandbox():
    running = RunningSandbox("")
    yield running
    running.stop()


def test_an_order_of_a_top_up_killed_at_any_write_is_delivered_once_or_undone(
    zygote, city, sandbox
):
    make = lambda: shops.to_top_up(city, sandbox.url)  # noqa: E731 - made anew for each kill
    balances = finished_everywhere(zygote, "order_reward", make)
    assert held(balances) == {WALLET: 40, POINT: 60}
    assert each_delivered_once(sandbox) > 4
    assert proven()


def test_a_delivery_killed_at_any_write_is_made_exactly_once(zygote, city, sandbox):
    make = lambda: shops.to_deliver(city, sandbox.url)  # noqa: E731 - made anew for each kill
    assert held(finished_by_sweeps(zygote, "deliver", make)) == {WALLET: 40, POINT: 60}
    assert each_delivered_once(sandbox) > 4
    assert proven()


def each_delivered_once(sandbox) -> int:
    """How many deliveries there are, each of which the provider really made once."""
    made = list(TopUpDelivery.objects)
    assert {one.state for one in made} == {DeliveryState.DELIVERED}
    assert {sandbox.counts(one.id)["deliveries"] for one in made} == {1}
    return len(made)
