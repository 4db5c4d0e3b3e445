"""An export is whole or not there, of one moment, of sound months, and one at a time."""

import csv
import io
import threading

import pymongo
import pytest
from click.testing import CliRunner
from pymongo.errors import NetworkTimeout, OperationFailure

import cli
from ledger import (
    BadMonths,
    EntryKind,
    ExportFormat,
    ExportStalled,
    ExportTooLong,
    ExportUnderWay,
    TooManyMonths,
    budget,
    export_in_turn,
    export_to_file,
    issued,
    post_one,
)
from ledger.exports import export_reading as reading
from ledger.exports import exporting
from ledger.exports.export_reading import Months, reading_book
from shared.errors import Unavailable
from tests.racing import at_once

YEAR = {"first": "2025-12", "last": "2026-12"}
CSV = ExportFormat.CSV


@pytest.fixture
def granted(moving):
    """`granted(slice)` posts one entry of two legs, into a budget whose name it returns."""

    def grant(slice_number=0):
        account = budget("u1", 2026, slice_number)
        source = issued("350102", 2026)
        post_one(moving(100, source, account, kind=EntryKind.BUDGET_GRANT))
        return account

    return grant


class TestMonths:
    @pytest.mark.parametrize(
        ("first", "last", "field"),
        [
            ("2026-13", None, "from"),
            (None, "26-01", "to"),
            ("0000-01", None, "from"),
            (None, "9999-12", "to"),
            ("2026-02", "2026-01", "to"),
            ("2026-01\n", None, "from"),
        ],
    )
    def test_that_are_none_are_refused(self, first, last, field):
        with pytest.raises(BadMonths) as refused:
            Months(first, last)
        assert refused.value.field == field

    def test_begin_and_end_in_the_business_time_zone(self):
        months = Months("2026-12", "2027-01")
        assert months.starts_at.isoformat() == "2026-11-30T16:00:00+00:00"
        assert months.ends_at.isoformat() == "2027-01-31T16:00:00+00:00"
        assert (months.count, str(months)) == (2, "2026-12..2027-01")

    def test_may_have_no_bound(self):
        assert (Months().starts_at, Months().ends_at, Months().count) == (None, None, None)
        assert [str(one) for one in (Months(), Months("2026-01"))] == ["all", "2026-01..now"]


class TestAFile:
    def test_is_told_by_its_entries_and_legs(self, granted, tmp_path):
        granted()
        done = export_to_file(tmp_path / "a.csv", CSV)
        assert (done.entries, done.legs) == (1, 2)

    def test_is_not_overwritten_unless_asked_to(self, granted, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("mine")
        with pytest.raises(FileExistsError):
            export_to_file(path, CSV)
        assert path.read_text() == "mine"
        export_to_file(path, CSV, overwrite=True)
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert list(tmp_path.iterdir()) == [path]

    def test_that_appears_meanwhile_is_not_overwritten(self, tmp_path, monkeypatch):
        path = tmp_path / "a.csv"

        def slower(book):
            path.write_text("theirs")
            yield b"ours"

        monkeypatch.setitem(exporting._WRITERS, CSV, slower)
        with pytest.raises(FileExistsError):
            export_to_file(path, CSV)
        assert path.read_text() == "theirs"
        assert list(tmp_path.iterdir()) == [path]

    def test_has_one_writer_of_many_who_come_at_once(self, granted, tmp_path):
        granted()
        came = at_once(4, lambda _: export_to_file(tmp_path / "a.csv", CSV))
        assert sorted(type(one).__name__ for one in came) == ["Exported"] + ["FileExistsError"] * 3
        assert len((tmp_path / "a.csv").read_bytes().splitlines()) == 3
        assert len(list(tmp_path.iterdir())) == 1

    @pytest.mark.parametrize("kind", list(ExportFormat))
    def test_that_breaks_off_leaves_nothing(self, granted, tmp_path, monkeypatch, kind):
        granted()

        def broken(_):
            raise OperationFailure("too old", code=239)
            yield

        monkeypatch.setattr(reading, "_in_batches", broken)
        with pytest.raises(OperationFailure):
            export_to_file(tmp_path / "a", kind)
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("kind", list(ExportFormat))
    def test_of_an_empty_book_is_sound(self, tmp_path, kind):
        assert export_to_file(tmp_path / "a", kind).legs == 0
        assert (tmp_path / "a").stat().st_size > 0


class TestTheReading:
    def test_is_of_one_moment_whatever_is_posted_meanwhile(self, granted):
        granted()
        with reading_book(Months()) as book:
            before = {one.account: one.closing for one in book.totals()}
            granted()
            assert len(list(book.entries())) == 1
            assert {one.account: one.closing for one in book.totals()} == before

    def test_goes_on_over_many_batches(self, granted, monkeypatch):
        monkeypatch.setattr(reading, "BATCH", 3)
        accounts = {granted(number) for number in range(10)}
        with reading_book(Months()) as book:
            assert len({one["_id"] for one in book.entries()}) == 10
            assert {one.account for one in book.totals()} > accounts

    def test_that_outlasts_the_server_s_memory_of_it_is_refused(self):
        with pytest.raises(ExportTooLong), reading._answered(1):
            raise OperationFailure("snapshot too old", code=239)

    def test_that_gets_no_answer_in_time_is_unavailable(self):
        with pytest.raises(Unavailable), reading._answered(1):
            raise NetworkTimeout("timed out")
        with pytest.raises(OperationFailure), reading._answered(1):
            raise OperationFailure("no such thing", code=59)

    def test_leaves_no_time_limit_behind(self, granted):
        granted()
        chunks = export_in_turn(CSV, **YEAR)
        assert pymongo._csot.get_timeout() is None
        chunks.close()


class TestATurn:
    def test_is_one_at_a_time_and_ends_with_the_last_piece(self, granted):
        granted()
        chunks = export_in_turn(CSV, **YEAR)
        with pytest.raises(ExportUnderWay) as refused:
            export_in_turn(ExportFormat.XLSX, **YEAR)
        assert refused.value.facts["retry_after_s"] > 0
        text = b"".join(chunks).decode("utf-8-sig")
        assert len(list(csv.DictReader(io.StringIO(text)))) == 2
        export_in_turn(CSV, **YEAR).close()

    def test_ends_where_the_caller_goes_away(self):
        export_in_turn(CSV, **YEAR).close()
        export_in_turn(CSV, **YEAR).close()

    def test_ends_where_the_export_breaks(self, monkeypatch):
        def broken(_):
            raise ExportTooLong
            yield

        with monkeypatch.context() as breaking:
            breaking.setitem(exporting._WRITERS, CSV, broken)
            with pytest.raises(ExportTooLong):
                export_in_turn(CSV, **YEAR)
        export_in_turn(CSV, **YEAR).close()

    def test_lapses_where_the_caller_stopped_reading(self, monkeypatch):
        monkeypatch.setattr(exporting, "STALL_S", 0)
        forgotten = export_in_turn(CSV, **YEAR)
        monkeypatch.undo()
        mine = export_in_turn(CSV, **YEAR)
        forgotten.close()
        with pytest.raises(ExportUnderWay):
            export_in_turn(CSV, **YEAR)
        mine.close()

    def test_lapses_after_any_piece_and_the_stream_does_not_end_as_if_it_were_whole(
        self, granted, monkeypatch
    ):
        granted()
        stalled = export_in_turn(CSV, **YEAR)
        monkeypatch.setattr(exporting, "STALL_S", 0)
        assert next(stalled)
        monkeypatch.undo()
        mine = export_in_turn(CSV, **YEAR)
        with pytest.raises(ExportStalled):
            next(stalled)
        assert list(stalled) == []
        with pytest.raises(ExportUnderWay):
            export_in_turn(CSV, **YEAR)
        assert b"".join(mine).count(b"\n") == 3

    def test_goes_on_where_nobody_else_wanted_it(self, granted, monkeypatch):
        granted()
        slow = export_in_turn(CSV, **YEAR)
        monkeypatch.setattr(exporting, "STALL_S", 0)
        assert b"".join(slow).count(b"\n") == 3

    def test_does_not_lapse_while_a_piece_is_made(self, monkeypatch):
        refused = []

        def slowly(_):
            for piece in (b"a", b"b"):
                with pytest.raises(ExportUnderWay):
                    export_in_turn(ExportFormat.XLSX, **YEAR)
                refused.append(piece)
                yield piece

        monkeypatch.setitem(exporting._WRITERS, CSV, slowly)
        monkeypatch.setattr(exporting, "STALL_S", 0)
        assert list(export_in_turn(CSV, **YEAR)) == refused == [b"a", b"b"]

    def test_of_many_who_come_at_once_goes_to_one(self):
        came = at_once(8, lambda _: export_in_turn(CSV, **YEAR))
        taken = [one for one in came if not isinstance(one, ExportUnderWay)]
        assert len(taken) == 1
        taken[0].close()

    def test_may_be_given_back_by_another_thread(self):
        chunks = export_in_turn(CSV, **YEAR)
        reading_on = threading.Thread(target=lambda: list(chunks))
        reading_on.start()
        reading_on.join()
        export_in_turn(CSV, **YEAR).close()

    def test_takes_thirteen_months_at_most(self):
        with pytest.raises(TooManyMonths) as refused:
            export_in_turn(CSV, first="2025-11", last="2026-12")
        assert refused.value.facts == {"most": 13}


class TestTheCommand:
    def run(self, *words):
        return CliRunner().invoke(cli.export_ledger, [str(word) for word in words])

    def test_writes_a_file_once(self, granted, tmp_path):
        granted()
        path = tmp_path / "a.beancount"
        first = self.run("--format", "beancount", path)
        assert (first.exit_code, first.output) == (0, f"wrote 2 legs of 1 entries to {path}\n")
        again = self.run("--format", "beancount", path)
        assert again.exit_code == 1
        assert "--force" in again.output
        assert self.run("--format", "beancount", "--force", path).exit_code == 0

    def test_says_what_is_wrong(self, tmp_path):
        nowhere = self.run("--format", "csv", tmp_path / "none" / "a.csv")
        assert (nowhere.exit_code, "cannot be written" in nowhere.output) == (1, True)
        months = self.run("--format", "csv", "--from", "2026-13", tmp_path / "a.csv")
        assert (months.exit_code, "Months are written as 2026-10" in months.output) == (1, True)
        assert list(tmp_path.iterdir()) == []
