"""The yardstick stays honest: it sends the commands that ours sends and leaves what ours leaves."""

import pytest
from commands_seen import LOG
from pymongo.read_concern import ReadConcern

from bench.parts import bare_app, calls
from bench.parts.calls import NAMES, SIDES
from bench.parts.prepared_town import Sizes, claims_for_a_round, codes_for_a_round, prepare_town
from shared.database import database

TINY = Sizes(tasks=60, walkers=2, readers=2, claims=2, vouchers=2, clients=2)


@pytest.fixture
def bare_database():
    found = database()
    uri_parts = found.client.address
    uri = f"mongodb://{uri_parts[0]}:{uri_parts[1]}/{found.name}_bare"
    yield uri
    found.client.drop_database(f"{found.name}_bare")


@pytest.fixture
def sides(app, bare_database):
    """A town in both databases, and how each side is asked: `sides.ask(side, call)`."""
    return Sides(app, bare_database)


class Sides:
    def __init__(self, app, bare_uri):
        bare = bare_app.create_app(bare_uri)
        self.bare_database = bare_app.connect(bare_uri)
        self.databases = {"ours": database(), "bare": self.bare_database}
        self.clients = {"ours": app.test_client(), "bare": bare.test_client()}
        with app.app_context():
            self.town = prepare_town(TINY, self.bare_database)
            self.claims = claims_for_a_round(self.town)
            self.codes = codes_for_a_round(self.town)

    def calls(self, name, side):
        made = {
            "claim": lambda: calls.claim_calls(side, self.claims),
            "scan": lambda: calls.scan_calls(side, self.town, self.codes),
            "nearby": lambda: calls.nearby_calls(side, self.town),
            "upload_batch": lambda: calls.upload_calls(side, self.town),
        }
        return made[name]()

    def ask(self, side, call):
        """The answer's JSON to a request given as bytes."""
        head, _, body = call.payload.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split(" ")
        headers = dict(line.split(": ", 1) for line in lines)
        answer = self.clients[side].open(path, method=method, headers=headers, data=body)
        assert answer.status_code == call.wanted, answer.get_data(as_text=True)
        return answer.get_json()

    def commands(self, name, side):
        """What the second request of its kind sends: (name, collection, statements) in order."""
        client = self.calls(name, side)[0]
        self.ask(side, next(client))
        return LOG.of(self.databases[side].name, lambda: self.ask(side, next(client)))


@pytest.mark.parametrize("name", NAMES)
def test_both_sides_send_the_same_commands_in_the_same_order(sides, name):
    ours, bare = (sides.commands(name, side) for side in SIDES)
    assert ours == bare
    assert ours[0] == ("find", "people", 1)
    assert len(ours) >= 2


def test_a_scan_is_one_transaction_on_both_sides(sides):
    for side in SIDES:
        names = [name for name, _, _ in sides.commands("scan", side)]
        assert names.count("commitTransaction") == 1
        assert names.index("insert") < names.index("commitTransaction")


def test_a_claim_leaves_the_same_behind_on_both_sides(sides):
    for side in SIDES:
        sides.ask(side, next(sides.calls("claim", side)[0]))
    task_id, claimer = sides.claims[0][0]
    left = []
    for held in sides.databases.values():
        task = held["tasks"].find_one({"_id": task_id})
        participation = held["participations"].find_one({"person_id": claimer.person_id})
        agenda = held["agendas"].find_one({"_id": claimer.person_id})
        assert task["claims"][0]["participation_id"] == participation["_id"]
        assert agenda["engagements"][0]["participation_id"] == participation["_id"]
        own = ("_id", "claimed_at")
        kept = {key: value for key, value in participation.items() if key not in own}
        left.append((task["slots_left"], kept, sorted(agenda["engagements"][0])))
    assert left[0] == left[1]


def test_an_upload_counts_the_same_points_on_both_sides(sides):
    for side in SIDES:
        client = sides.calls("upload_batch", side)[0]
        assert sides.ask(side, next(client))["accepted"] == calls.BATCH_POINTS
        participation_id = sides.town.walkers[0][0]
        held = sides.databases[side]
        # Neither side waits for a majority to know the count.
        newest = held["participations"].with_options(read_concern=ReadConcern("local"))
        assert newest.find_one({"_id": participation_id})["points"] == calls.BATCH_POINTS
        chunk = held["track_chunks"].find_one({"participation_id": participation_id})
        assert chunk["n"] == calls.BATCH_POINTS


def test_the_nearest_tasks_are_the_same_on_both_sides(sides):
    ours, bare = (sides.ask(side, next(sides.calls("nearby", side)[0])) for side in SIDES)
    found = [card["id"] for card in ours["items"]]
    assert found
    assert {card["_id"] for card in bare["items"]} == set(found)


def test_a_scan_moves_the_same_coins_on_both_sides(sides):
    for side in SIDES:
        sides.ask(side, next(sides.calls("scan", side)[0]))
        held, point_id = sides.databases[side], sides.town.desks[0].point.id
        voucher = held["vouchers"].find_one({"point_id": point_id, "state": "redeemed"})
        entry = held["entries"].find_one({"_id": voucher["settled_entry_id"]})
        assert voucher["untold"] == ["fetched"]
        assert entry["key"] == f"redemption:{voucher['_id']}"
        assert entry["unit"] == point_id
        assert (entry["kind"], entry["about"]["id"]) == ("redemption", voucher["_id"])
        merchant = held["balances"].find_one({"_id": f"merchant:{point_id}|FUB"})
        paid = held["balances"].find_one({"_id": f"voucher:{voucher['_id']}|FUB"})
        assert (merchant["posted"], paid["posted"]) == (voucher["price"], 0)
        assert merchant["entries"] == 1


def test_a_scan_writes_the_same_fields_into_the_book_on_both_sides(sides):
    written = []
    for side in SIDES:
        sides.ask(side, next(sides.calls("scan", side)[0]))
        held, point_id = sides.databases[side], sides.town.desks[0].point.id
        entry = held["entries"].find_one({"legs.account": f"merchant:{point_id}"})
        merchant = held["balances"].find_one({"_id": f"merchant:{point_id}|FUB"})
        # What a repeat is held against: the bare one knows a repeat by its key alone.
        kept = {name: type(value) for name, value in entry.items() if name != "request_hash"}
        written.append((kept, merchant, sorted(map(sorted, entry["legs"]))))
    assert written[0] == written[1]


@pytest.mark.parametrize("name", ["claim", "scan"])
def test_the_bare_app_too_does_nothing_twice(sides, name):
    call = next(sides.calls(name, "bare")[0])
    sides.ask("bare", call)
    sides.ask("bare", call._replace(wanted=409))


def test_the_bare_app_knows_no_stranger(sides):
    call = next(sides.calls("nearby", "bare")[0])
    stranger = call.payload.replace(sides.town.readers[0].bare.encode(), b"nobody.nothing")
    sides.ask("bare", call._replace(payload=stranger, wanted=401))
