"""The proof of statements: each hand-over in one line, and the money as the book has it."""

from bson import Int64
from proof_world import assert_found, changed

from catalog import Voucher, prove_catalogue
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.statement_line import StatementLine
from ledger import Entry
from shared.database import collection


def test_a_voucher_in_no_line_in_two_or_in_another_is_found(world):
    line = {"voucher_id": world.stated}
    assert_found(
        [
            ("it has 0 lines", StatementLine, line, None),
            ("it has 0 lines", Voucher, world.issued, {"$set": {"statement_id": "x"}}),
            ("it has 1 lines", Voucher, world.stated, {"$unset": {"statement_id": ""}}),
            ("it has 1 lines", Voucher, world.stated, {"$set": {"statement_id": world.statement}}),
            ("of 101 coins", StatementLine, line, {"$inc": {"coins": Int64(1)}}),
            ("and 1 fen", StatementLine, line, {"$inc": {"in_kind_fen": Int64(1)}}),
        ]
    )


def test_a_voucher_stated_twice_is_found_where_the_index_is_gone(world):
    lines = collection(StatementLine)
    (index,) = (
        name
        for name, made in lines.index_information().items()
        if made["key"][0][0] == "voucher_id"
    )
    lines.drop_index(index)
    try:
        double = {**lines.find_one({"voucher_id": world.stated}), "_id": "x:9", "number": 9}
        lines.insert_one(double)
        assert any("it has 2 lines" in sentence for sentence in prove_catalogue())
        lines.delete_one({"_id": "x:9"})
    finally:
        StatementLine.ensure_indexes()


def test_a_statement_that_its_lines_or_its_entries_contradict_is_found(world):
    found = PointStatement.objects.get(id=world.statement)
    words = f"statement {world.statement} is paid"
    one, dearer = Int64(1), {"$inc": {"fen_per_10000_coins": 999}}
    assert_found(
        [
            (words, PointStatement, found.id, {"$inc": {"sums.coins": one}}),
            (words, PointStatement, found.id, {"$inc": {"sums.coin_fen": one}}),
            (words, PointStatement, found.id, {"$inc": {"sums.total_fen": one}}),
            (
                words,
                StatementLine,
                {"voucher_id": world.paid},
                dearer,
            ),
            (words, PointStatement, found.id, {"$unset": {"payment_entry_id": ""}}),
            (words, PointStatement, found.id, {"$unset": {"settlement_entry_id": ""}}),
            (words, Entry, found.settlement_entry_id, None),
            (words, Entry, found.payment_entry_id, {"$set": {"legs.3.amount": Int64(1)}}),
            (words, StatementLine, {"voucher_id": world.paid}, {"$inc": {"coins": one}}),
            (words, StatementLine, {"voucher_id": world.paid}, {"$set": {"state": "refunded"}}),
            (
                f"statement {found.id} is settled",
                PointStatement,
                found.id,
                {"$set": {"state": "settled"}},
            ),
        ]
    )


def test_a_statement_not_settled_yet_owes_the_book_nothing(world):
    with changed(PointStatement, world.waiting, {"$inc": {"version": 1}}):
        assert prove_catalogue() == []
