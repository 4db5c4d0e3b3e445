"""The proof as a whole: silent beside running traffic, and the command that prints both proofs."""

import threading

import pytest
from catalog_town import add_person
from proof_world import an_order, owner_of, redeem

import cli
from catalog import Stock, cancel_voucher, order_reward, prove_catalogue
from catalog.proof import proving
from shared.database import collection
from shared.errors import Unavailable
from shared.ids import new_id


@pytest.fixture
def command(monkeypatch):
    monkeypatch.setattr(cli, "connect", lambda: None)  # the suite is connected
    return lambda: cli.app.test_cli_runner().invoke(args=["prove"])


def test_a_sound_catalogue_has_nothing_to_be_found(world):
    assert prove_catalogue() == []


def test_it_finds_nothing_beside_orders_cancellations_and_hand_overs(world):
    over, failed = threading.Event(), []

    def trade():
        try:
            while not over.is_set():
                kept, given_up = an_order(world), an_order(world)
                cancel_voucher(given_up, by=owner_of(given_up))
                redeem(kept, settled=False)
        except Exception as error:
            failed.append(error)

    Stock.objects(reward_id=world.goods).update(inc__supplied=10_000, inc__available=10_000)
    traders = [threading.Thread(target=trade) for _ in range(3)]
    for trader in traders:
        trader.start()
    found = [prove_catalogue() for _ in range(8)]
    over.set()
    for trader in traders:
        trader.join()
    assert (failed, found) == ([], [[]] * 8)


def test_what_healed_by_the_second_look_is_no_finding(world, monkeypatch):
    """As where a stock is written in two steps: between them it differs, and not for long."""
    looks = []

    def one_more(count):
        collection(Stock).update_one({"reward_id": world.goods}, {"$inc": {"supplied": count}})

    def heal_afterwards(seconds):
        looks.append(seconds)
        one_more(-1)

    monkeypatch.setattr(proving, "sleep", heal_afterwards)
    one_more(1)
    assert prove_catalogue() == []
    assert len(looks) == 1


@pytest.mark.usefixtures("spoilt")
def test_the_command_prints_both_proofs_and_fails_on_a_finding_of_either(world, command):
    sound = command()
    assert sound.exit_code == 0, sound.output
    assert "the book agrees" in sound.output
    assert "the catalogue agrees with the book" in sound.output
    Stock.objects(reward_id=world.goods).update(inc__supplied=1)
    odd = command()
    assert odd.exit_code == 1
    assert "the book agrees" in odd.output
    assert "THE CATALOGUE DIFFERS" in odd.output
    assert "are gone from the stock" in odd.output


def test_a_proof_that_takes_too_long_says_so(world, monkeypatch):
    monkeypatch.setattr(proving, "PROOF_TIMEOUT_S", 0.000_001)
    with pytest.raises(Unavailable):
        prove_catalogue()


def test_an_order_by_the_caller_alone_is_sound(town, offer):
    reward_id = offer()
    order_reward(reward_id, town.point.id, key=new_id(), by=add_person(100))
    assert prove_catalogue() == []
