"""The redeeming benchmark measures what it says: bare writes what ours writes, and an oversold
drop is seen, whoever tells of it.
"""

import json
import os
import subprocess
import sys

import pytest
from commands_seen import LOG

from bench.parts import redeem_drop
from bench.parts.own_databases import with_database
from bench.parts.redeem_drop import DropFailed, drop_figures, oversold
from bench.parts.redeem_rates import (
    COPIED,
    NAMES,
    SIDES,
    calls_of,
    copy_to_bare,
    rate_figures,
    shown_for,
    vouchers_for_a_round,
)
from bench.parts.redeem_sides import Ours, Unfaithful, bare_side
from bench.parts.redeem_town import PRICE, RedeemTown
from children import ROOT
from settings import settings
from shared.database import all_documents, database

WRITES = {"insert", "update", "delete", "findAndModify", "bulkWrite", "commitTransaction"}
# What every document has for itself.
OWN = {"_id", "key", "about", "posted_at", "effective_at", "issued_at", "expires_at"}
OWN |= {"code_hash", "idempotency_key", "request_hash", "scan_key", "redeemed_at"}
OWN |= {"settled_entry_id"}
WRITTEN_BY_BUYERS = ("vouchers", "entries", "balances", "stocks", "pool_codes")
TINY_RUN = """
import json
from bench.redeem import Sizes, run
sizes = Sizes(clients=2, vouchers=4, buyers=40, pieces=5, ticket_buyers=12, tickets=3, threads=8)
print(json.dumps(run(rounds=1, slot_s=0.05, sizes=sizes)))
"""


@pytest.fixture
def town(app):
    with app.app_context():
        yield RedeemTown(clients=2)


@pytest.fixture
def sides(town):
    """Ours and bare, each with the same desks, buyers and vouchers to scan."""
    name = f"{database().name}_bare"
    client = database().client
    ours = Ours(town.reward.id)
    uri = with_database(settings().mongodb_uri, name)
    bare = bare_side(uri, ours, town.desks[0], shown_for)
    for document in all_documents():
        if document._get_collection_name() in COPIED:
            kept = document._get_collection_name()
            bare.db.create_collection(kept, validator=document.VALIDATOR or {})
            for index in database()[kept].list_indexes():
                keys, options = index["key"], {"name": index["name"]}
                more = ("unique", "partialFilterExpression")
                options |= {word: index[word] for word in more if word in index}
                if index["name"] != "_id_":
                    bare.db[kept].create_index(list(keys.items()), **options)
            copy_to_bare(bare, kept)
    yield {"ours": ours, "bare": bare}
    bare.client.close()
    client.drop_database(name)


@pytest.fixture
def held(town, sides):
    return vouchers_for_a_round(town, sides["ours"], sides["bare"], 3)


def kept_by(side):
    return side.db if hasattr(side, "db") else database()


@pytest.mark.parametrize("name", NAMES)
def test_bare_writes_what_ours_writes_in_the_same_order_and_transactions(name, town, sides, held):
    written = []
    for side in sides.values():
        mine = calls_of(name, side, town.desks, held)[0]
        next(mine)()  # the first may open what is used again
        sent = LOG.of(kept_by(side).name, next(mine))
        written.append([one for one in sent if one[0] in WRITES])
    assert written[0] == written[1]
    assert [one for one, *_ in written[0]].count("commitTransaction") == 1
    assert sent == written[1], "bare reads nothing"


def without_own(document):
    return {name: value for name, value in document.items() if name not in OWN}


def test_an_order_leaves_the_same_documents_on_both_sides(town, sides):
    left = []
    desk, buyer = town.desks[1], town.desks[1].buyers[1]
    for side in sides.values():
        db, voucher_id = kept_by(side), side.order(desk, buyer)
        entry = db["entries"].find_one({"key": f"order:{voucher_id}"})
        legs = [{**leg, "account": leg["account"].split(":")[0]} for leg in entry["legs"]]
        wallet = db["balances"].find_one({"_id": f"wallet:{buyer.person_id}|FUB"})
        escrow = db["balances"].find_one({"_id": f"voucher:{voucher_id}|FUB"})
        voucher = db["vouchers"].find_one({"_id": voucher_id})
        stock = db["stocks"].find_one({"point_id": desk.point.id})
        assert set(escrow) == {"_id", "posted", "entries"}
        assert (escrow["posted"], escrow["entries"]) == (PRICE, 1)
        named = sorted(voucher), sorted(entry)
        left.append(
            (without_own(voucher), without_own(entry | {"legs": legs}), wallet, stock, named)
        )
    assert left[0] == left[1]


def test_a_scan_leaves_the_same_documents_on_both_sides(town, sides, held):
    left = []
    desk, (voucher_id, owner) = town.desks[0], held[0][0]
    shown = shown_for(voucher_id, owner)
    for side in sides.values():
        side.scan(desk, voucher_id, shown)
        db = kept_by(side)
        voucher = db["vouchers"].find_one({"_id": voucher_id})
        entry = db["entries"].find_one({"_id": voucher["settled_entry_id"]})
        accounts = [f"merchant:{desk.point.id}|FUB", f"voucher:{voucher_id}|FUB"]
        balances = [db["balances"].find_one({"_id": account}) for account in accounts]
        named = sorted(voucher), sorted(entry)
        left.append((named, without_own(voucher), balances, without_own(entry)))
    assert left[0] == left[1]
    assert left[0][2][1]["posted"] == 0


def test_neither_side_hands_over_twice(town, sides, held):
    desk, (voucher_id, owner) = town.desks[0], held[0][0]
    shown = shown_for(voucher_id, owner)
    for side in sides.values():
        side.scan(desk, voucher_id, shown)
        with pytest.raises(Exception, match=r"(?i)handed over|bare found no voucher"):
            side.scan(desk, voucher_id, shown)


def test_bare_does_not_sell_what_is_not_there(town, sides):
    stocks = sides["bare"].db["stocks"]
    stocks.update_many({}, {"$set": {"available": 0}})
    with pytest.raises(Unfaithful):
        sides["bare"].order(town.desks[0], town.desks[0].buyers[0])
    assert stocks.find_one()["available"] == 0


def test_every_client_orders_at_its_own_desk_or_all_at_one(town, sides):
    places = {}
    for name in ("order", "order_one_stock"):
        for mine in calls_of(name, sides["ours"], town.desks, [[], []]):
            next(mine)()
        sold = database()["vouchers"].find({"state": "issued"}).sort("_id", -1).limit(2)
        places[name] = len({voucher["point_id"] for voucher in sold})
    assert places == {"order": 2, "order_one_stock": 1}


def test_the_figures_are_rates_of_both_sides(town, sides):
    figures = rate_figures(town, sides["ours"], sides["bare"], 1, 0.05, 2)
    assert set(figures) == set(NAMES)
    for name in NAMES:
        figure = figures[name]
        rates = [figure[f"{side}_per_s"] for side in SIDES]
        assert figure["rate_ratio"] == pytest.approx(rates[0] / rates[1], rel=0.02)


@pytest.mark.parametrize("tickets", [False, True])
def test_a_drop_sells_every_piece_once_whatever_the_processes(town, tickets):
    figures = drop_figures(town, 24, 3, threads=6, processes=2, tickets=tickets)
    assert (figures["oversold"], figures["sold"], figures["buyers"]) == (0, 3, 24)
    assert figures["seconds"] > 0
    assert figures["refused_ms_p99"] >= figures["refused_ms_p50"] > 0
    assert database()["vouchers"].count_documents({}) == 3
    for name in WRITTEN_BY_BUYERS:  # so that whoever proves and clears up knows of them
        database()[name].delete_one({"_id": "nobody"})


@pytest.fixture
def sold_out(town):
    """A reward of which two were sold, and no more are there."""
    point = town.point()
    reward = redeem_drop.goods(town, point, 2)
    desk = town.desks[0]._replace(point=point)
    return reward.id, [Ours(reward.id).order(desk, buyer) for buyer in desk.buyers[:2]]


def test_what_is_oversold_is_counted_whoever_tells_of_it(sold_out):
    reward_id, told = sold_out
    assert oversold(reward_id, 2, told) == 0
    assert oversold(reward_id, 1, []) == 1
    assert oversold(reward_id, 2, [*told, "one more"]) == 1
    db = database()
    db["stocks"].update_one({"reward_id": reward_id}, {"$inc": {"supplied": 3}})
    assert oversold(reward_id, 2, told) == 3
    db["stocks"].update_one({"reward_id": reward_id}, {"$inc": {"supplied": -3}})
    copied = db["vouchers"].find_one({"_id": told[0]})
    own = {"_id": "c" * 24, "idempotency_key": "another", "code_hash": "another"}
    db["vouchers"].insert_one({**copied, **own})
    assert oversold(reward_id, 2, told) == 1
    db["vouchers"].delete_one({"_id": "c" * 24})


def test_an_order_that_fails_is_no_figure(town, monkeypatch):
    monkeypatch.setattr(redeem_drop, "PRICE", PRICE - 1)  # too few coins for anybody
    with pytest.raises(DropFailed, match="InsufficientCoins"):
        drop_figures(town, 3, 1, threads=2, processes=1, tickets=False)


@pytest.mark.slow
def test_one_short_round_says_everything_and_leaves_nothing(app):
    client = database().client
    before = set(client.list_database_names())
    ended = subprocess.run(
        [sys.executable, "-c", TINY_RUN],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    figures = json.loads(ended.stdout.splitlines()[-1])
    for name in NAMES:
        assert figures[name]["rate_ratio"] > 0
    drop = figures["drop"]
    for one, sold in ((drop, 5), (drop["two_processes"], 5), (drop["tickets"], 3)):
        assert (one["oversold"], one["sold"]) == (0, sold)
        assert one["seconds"] > 0
    assert set(client.list_database_names()) == before
