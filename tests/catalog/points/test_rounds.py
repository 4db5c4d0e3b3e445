"""Rounds: each run looks at the next few, none is passed over, and it begins anew."""

from catalog.points.rounds import next_in_round
from catalog.stock import Stock


def test_every_document_has_its_turn_in_each_round(prepared):
    ids = [f"{number:024x}" for number in range(5)]
    for one in ids:
        Stock(id=one, reward_id=one, point_id=one, supplied=1, available=1, version=1).save()
    rounds = [
        [row["_id"] for row in next_in_round("a-test", Stock, {}, {"_id": 1}, 2)] for _ in range(4)
    ]
    assert rounds == [ids[:2], ids[2:4], ids[4:], ids[:2]]
