"""The proof of hand-overs: each paid its point once, and the point holds what it was paid."""

from bson import Int64
from proof_world import assert_found

from catalog import Voucher
from catalog.settlement.point_statement import PointStatement
from ledger import Balance, Entry, accounts


def leg_to(account):
    """A leg as stored, of five fen that nobody owes."""
    return {"account": account, "amount": Int64(5), "currency": "CNY"}


def test_a_point_that_holds_other_coins_than_it_earned_is_found(world):
    held = f"{accounts.merchant(world.town.point.id)}|FUB"
    assert_found(
        [
            ("hand-overs not settled for come to", Balance, held, {"$inc": {"posted": Int64(1)}}),
            ("hand-overs not settled for come to", Balance, held, None),
            ("hand-overs not settled for come to", Voucher, world.redeemed, {"$inc": {"price": 1}}),
            ("hand-overs not settled for come to", Voucher, world.redeemed, None),
            ("hand-overs not settled for come to", Voucher, world.delivered, None),
        ]
    )


def test_a_point_that_is_owed_other_fen_than_its_statements_say_is_found(world):
    words = "statements not paid come to"
    stray = accounts.payable(world.town.point.id)
    settled = PointStatement.objects.get(id=world.statement).settlement_entry_id
    assert_found(
        [
            (words, Entry, settled, None),
            (words, Entry, settled, {"$push": {"legs": leg_to(stray)}}),
            (words, PointStatement, world.statement, {"$set": {"state": "settled"}}),
        ]
    )


def test_a_hand_over_that_names_another_entry_or_none_is_found(world):
    entry_id = Voucher.objects.get(id=world.redeemed).settled_entry_id
    others = Voucher.objects.get(id=world.delivered).settled_entry_id
    words = f"voucher {world.redeemed} says that entry"
    assert_found(
        [
            (words, Entry, entry_id, None),
            (words, Entry, entry_id, {"$set": {"about.id": "another"}}),
            (words, Entry, entry_id, {"$set": {"kind": "order"}}),
            (words, Entry, entry_id, {"$set": {"legs.1.amount": Int64(99)}}),
            (words, Voucher, world.redeemed, {"$set": {"settled_entry_id": others}}),
            (words, Voucher, world.redeemed, {"$set": {"state": "cancelled"}}),
            (
                words,
                Voucher,
                world.redeemed,
                {"$set": {"redeemed_point_id": world.town.far_point.id}},
            ),
        ]
    )


def test_a_refund_that_gave_nothing_back_is_found(world):
    given_back = {"$set": {"kind": "refund"}}
    entry_id = Voucher.objects.get(id=world.redeemed).settled_entry_id
    assert_found(
        [
            ("is refunded 1 times", Voucher, world.redeemed, {"$set": {"state": "refunded"}}),
            ("is refunded 0 times", Entry, entry_id, given_back),
        ]
    )
