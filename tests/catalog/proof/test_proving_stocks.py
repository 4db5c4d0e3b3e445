"""The proof of stocks and pools: every item on the shelf or in a voucher, every code in one."""

import pytest
from proof_world import assert_found

from catalog import Stock, Voucher, prove_catalogue
from catalog.pools.pool_code import PoolCode
from shared.database import collection


def test_a_stock_of_which_more_or_less_is_gone_is_found(world):
    goods = {"reward_id": world.goods, "point_id": world.town.point.id}
    assert_found(
        [
            ("are gone from the stock", Stock, goods, {"$inc": {"available": 1}}),
            ("are gone from the stock", Stock, goods, {"$inc": {"supplied": 1}}),
            ("but vouchers were issued for 5", Voucher, world.redeemed, None),
            ("0 are gone from the stock", Stock, goods, None),
            (
                "are gone from the stock",
                Voucher,
                world.issued,
                {"$set": {"point_id": world.town.far_point.id}},
            ),
        ]
    )


def test_a_pool_that_is_not_its_stock_is_found(world):
    free = {"state": "free"}
    at = {"reward_id": world.reward}
    assert_found(
        [
            ("but the pool has 0 free codes of 2", PoolCode, free, None),
            ("but the pool has 0 free codes of 2", PoolCode, free, {"$set": {"state": "void"}}),
            ("1 of 4 tickets are on sale", Stock, at, {"$inc": {"supplied": 1}}),
            ("2 of 3 tickets are on sale", Stock, at, {"$inc": {"available": 1}}),
        ]
    )


def test_a_code_that_not_exactly_one_voucher_holds_is_found(world):
    taken, opened = {"voucher_id": world.ticket}, {"voucher_id": world.opened}
    code_id = collection(PoolCode).find_one(opened)["_id"]
    assert_found(
        [
            ("is not given to it", PoolCode, taken, None),
            ("is not given to it", PoolCode, taken, {"$set": {"state": "free"}}),
            ("and 0 hold it", Voucher, world.ticket, {"$set": {"state": "cancelled"}}),
            ("and 0 hold it", Voucher, world.ticket, {"$unset": {"pool_code_id": ""}}),
            ("and 2 hold it", Voucher, world.ticket, {"$set": {"pool_code_id": code_id}}),
            ("is given to voucher somebody", PoolCode, taken, {"$set": {"voucher_id": "somebody"}}),
            ("is not opened", PoolCode, opened, {"$set": {"state": "taken"}}),
            ("is opened", PoolCode, taken, {"$set": {"state": "opened"}}),
        ]
    )


@pytest.mark.usefixtures("spoilt")
def test_hundreds_of_flaws_are_told_a_hundred_at_a_time(prepared):
    collection(Stock).insert_many(
        {"_id": f"s{n}", "reward_id": f"r{n}", "point_id": "p", "supplied": 2, "available": 1}
        | {"version": 1}
        for n in range(150)
    )
    assert len(prove_catalogue()) == 100
