"""bean-check itself accepts what we export, and finds the same balances as ours."""

import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import export_book as book
import pytest
from beancount import loader
from beancount.core import data, realization
from bson import Int64

from ledger import Balance, Entry, ExportFormat, export_to_file, wallet
from ledger.exports.export_names import account_name
from shared.database import collection

BEAN_CHECK = Path(sys.executable).with_name("bean-check")


@pytest.fixture
def exported(tmp_path):
    """`exported(first, last)` fills the book and is the path of its Beancount file."""
    book.fill_book()

    def export(first=None, last=None):
        path = tmp_path / "ledger.beancount"
        export_to_file(path, ExportFormat.BEANCOUNT, first=first, last=last, overwrite=True)
        return path

    return export


def bean_check(path):
    """What bean-check says of a file; nothing where it is sound."""
    done = subprocess.run(
        [BEAN_CHECK, "--no-cache", path], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode == 0) == (done.stdout + done.stderr == ""), done
    return done.stdout + done.stderr


def balances_in(path):
    """(our account, currency) → what Beancount's own loader makes of the file, in minor units."""
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    found = {}
    for node in realization.iter_children(realization.realize(entries), leaf_only=True):
        if node.account != "Equity:Opening-Balances":
            for position in node.balance:
                number = position.units.number * (100 if position.units.currency == "CNY" else 1)
                assert number == int(number)
                found[account_name(node.account), position.units.currency] = int(number)
    return found


def without_zeros(balances):
    return {key: value for key, value in balances.items() if value}


def test_bean_check_accepts_the_whole_book(exported):
    assert bean_check(exported()) == ""


def test_every_balance_is_ours(exported):
    found = balances_in(exported())
    assert without_zeros(found) == without_zeros(book.summed_legs())
    stored = without_zeros(book.stored_balances())
    assert len(stored) >= 5
    assert {key: found[key] for key in stored} == stored


def test_every_stored_balance_is_asserted(exported):
    entries, _, _ = loader.load_file(str(exported()))
    asserted = {
        (account_name(one.account), one.amount.currency): one.amount.number
        for one in entries
        if isinstance(one, data.Balance) and one.meta["source"] == "stored"
    }
    assert asserted == {
        key: Decimal(value) / (100 if key[1] == "CNY" else 1)
        for key, value in book.stored_balances().items()
    }


def test_an_entry_keeps_its_facts_and_its_day_in_the_business_time_zone(exported):
    entries, _, _ = loader.load_file(str(exported()))
    found = {one.meta["key"]: one for one in entries if isinstance(one, data.Transaction)}
    stored = {one["key"]: one for one in collection(Entry).find()}
    assert set(found) == set(stored)
    assert found["grant"].date == date(2026, 8, 31)
    assert found["r1"].date == date(2026, 9, 1)
    assert found["r1"].meta["effective-at"] == "2026-09-01T00:00:00.000+08:00"
    assert found["fund-task"].meta["unit"] == book.UNIT
    assert found["c2"].meta["returns"] == stored["o2"]["_id"]
    reversal = found["reversal:r1"].meta
    assert reversal["entry"] == stored["reversal:r1"]["_id"]
    assert (reversal["reverses"], reversal["reason"]) == (stored["r1"]["_id"], "posted_in_error")
    (given,) = [one for one in found["r1"].postings if one.units.number > 0]
    assert given.meta["lots"] == "2027-03=300"


class TestSomeMonths:
    @pytest.mark.parametrize(
        ("first", "last"),
        [
            ("2026-08", "2026-08"),
            ("2026-09", "2026-09"),
            ("2026-09", "2026-10"),
            ("2026-10", None),
            (None, "2026-09"),
            ("2025-01", "2025-03"),
            ("2099-01", "2099-02"),
        ],
    )
    def test_are_accepted_by_bean_check(self, exported, first, last):
        assert bean_check(exported(first, last)) == ""

    def test_open_with_what_was_held_before(self, exported):
        path = exported("2026-10", None)
        assert without_zeros(balances_in(path)) == without_zeros(book.summed_legs())
        opening = re.findall(r"^(\S+) \* \"期初余额", path.read_text("utf-8"), re.MULTILINE)
        assert set(opening) == {"2026-09-30"}

    def test_hold_the_entries_of_these_months_alone(self, exported):
        entries, _, _ = loader.load_file(str(exported("2026-09", "2026-09")))
        keys = {one.meta["key"] for one in entries if "key" in one.meta}
        assert keys == {"r1", "r2", "r3", "o1", "o2"}

    def test_end_with_the_balances_of_their_end(self, exported):
        found = balances_in(exported("2026-09", "2026-09"))
        assert found[wallet(book.PERSON), "FUB"] == 150
        assert found[wallet(book.OTHER), "FUB"] == 40
        assert found["task:t-1.a_B", "FUB"] == 300


class TestBeanCheckFindsOut:
    def test_an_amount_changed_in_both_postings(self, exported):
        path = exported()
        text = path.read_text("utf-8")
        changed = text.replace("  -300 FUB", "  -301 FUB").replace("  300 FUB", "  301 FUB")
        assert changed != text
        path.write_text(changed, "utf-8")
        assert "Balance failed" in bean_check(path)

    def test_a_single_fen(self, exported):
        path = exported()
        text = path.read_text("utf-8")
        changed = text.replace(" -5.05 CNY", " -5.06 CNY").replace(" 5.05 CNY", " 5.06 CNY")
        assert changed != text
        path.write_text(changed, "utf-8")
        assert "Balance failed" in bean_check(path)

    def test_a_file_that_was_cut_short(self, exported):
        path = exported()
        text = path.read_text("utf-8")
        path.write_text(text[: text.rindex("\n2026-")], "utf-8")
        assert "Balance failed" in bean_check(path)

    def test_a_stored_balance_that_was_changed(self, exported):
        where = {"_id": f"{wallet(book.OTHER)}|FUB"}
        collection(Balance).update_one(where, {"$inc": {"posted": Int64(1)}})
        said = bean_check(exported())
        collection(Balance).update_one(where, {"$inc": {"posted": Int64(-1)}})
        assert said.count("Balance failed") == 1

    def test_what_somebody_owes_that_was_changed(self, exported):
        where = {"_id": f"{wallet(book.PERSON)}|FUB"}
        owes = collection(Balance).find_one(where)["owes"]
        assert owes > 1
        collection(Balance).update_one(where, {"$inc": {"owes": Int64(-1)}})
        said = bean_check(exported())
        collection(Balance).update_one(where, {"$inc": {"owes": Int64(1)}})
        assert "Balance failed for 'Liabilities:Owed:" in said
