"""The proof of escrow: set aside is what outstanding vouchers are worth, in coins and in fen."""

from bson import Int64
from proof_world import assert_found, changed

from catalog import TopUpDelivery, Voucher, prove_catalogue
from ledger import Balance, Entry, Hold


def test_an_account_of_a_voucher_that_holds_something_else_is_found(world):
    def escrow(voucher_id, currency="FUB"):
        return f"voucher:{voucher_id}|{currency}"

    nothing, odd = {"$set": {"posted": Int64(0)}}, {"$inc": {"posted": Int64(1)}}
    stray = {"$set": {"posted": Int64(5)}}
    assert_found(
        [
            ("holds 0, but its voucher is worth 100", Balance, escrow(world.issued), nothing),
            ("holds 101, but its voucher is worth 100", Balance, escrow(world.issued), odd),
            ("holds 0, but its voucher is worth 100", Balance, escrow(world.issued), None),
            ("holds 100, but its voucher is worth 0", Voucher, world.issued, None),
            ("is worth 0", Voucher, world.issued, {"$set": {"state": "expired"}}),
            ("is worth 101", Voucher, world.issued, {"$inc": {"price": 1}}),
            ("is worth 100", Voucher, world.cancelled, {"$set": {"state": "issued"}}),
            ("holds 5, but its voucher is worth 0", Balance, escrow(world.redeemed), stray),
            ("|CNY holds 0, but its voucher is", Balance, escrow(world.award, "CNY"), nothing),
            ("worth 1501", Voucher, world.award, {"$inc": {"cost_fen": 1}}),
            ("holds 1500, but its voucher is worth 0", Voucher, world.award, None),
        ]
    )


def test_a_hand_over_whose_coins_are_neither_here_nor_there_is_found(world):
    escrow = f"voucher:{world.on_the_way}|FUB"
    unsettled = {"$unset": {"settled_entry_id": ""}}
    assert_found(
        [
            ("is not settled, but 0 of its 100", Balance, escrow, {"$set": {"posted": Int64(0)}}),
            ("is not settled, but 40 of its 100", Balance, escrow, {"$set": {"posted": Int64(40)}}),
            ("no entry paid its point", Voucher, world.delivered, unsettled),
        ]
    )


def test_a_hand_over_whose_tail_was_cut_off_on_either_side_is_sound(world):
    """Posted and not yet noted, or not yet posted: the sweep finishes both."""
    with changed(Voucher, world.redeemed, {"$unset": {"settled_entry_id": ""}}):
        assert prove_catalogue() == []


def test_a_top_up_without_its_hold_or_a_hold_without_its_top_up_is_found(world):
    hold = {"about_id": world.top_up}
    ended = {"about_id": world.delivered}
    odd = {"$inc": {"amount": Int64(1)}}
    assert_found(
        [
            ("keeps 0 of None", Hold, hold, None),
            ("keeps 0 of None", Hold, hold, {"$set": {"state": "released"}}),
            ("keeps 101", Hold, hold, odd),
            ("keeps 100", Hold, hold, {"$set": {"account": "wallet:somebody"}}),
            ("for voucher somebody", Hold, hold, {"$set": {"about_id": "somebody"}}),
            ("but 0 top-ups", Hold, ended, {"$set": {"state": "active"}}),
            ("but 0 top-ups", Voucher, world.top_up, {"$set": {"state": "cancelled"}}),
            ("need 101 there", Voucher, world.top_up, {"$inc": {"price": 1}}),
            ("hold none of voucher", Voucher, world.top_up, {"$unset": {"hold_id": ""}}),
        ]
    )


def test_a_top_up_that_its_delivery_contradicts_is_found(world):
    assert_found(
        [
            ("is sent, but", TopUpDelivery, world.top_up, {"$set": {"state": "sent"}}),
            ("is refunded, but", TopUpDelivery, world.delivered, {"$set": {"state": "refunded"}}),
            ("is missing, but", TopUpDelivery, world.delivered, None),
            ("voucher is missing", Voucher, world.delivered, None),
            ("voucher is cancelled", Voucher, world.delivered, {"$set": {"state": "cancelled"}}),
        ]
    )


def test_entries_of_other_rooms_are_no_concern_of_it(world):
    assert Entry.objects.count() > 10
    assert_found([])
