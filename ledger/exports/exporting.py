"""The book as files that an accountant can open: CSV, XLSX, Beancount; all of it or some months.

Each is written as a stream of one moment. The server keeps that moment for 300 s: whoever exports
a book that takes longer asks for fewer months, or lets the server keep it for longer.
"""

import contextlib
import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ledger.exports.export_beancount import beancount_chunks
from ledger.exports.export_csv import csv_chunks
from ledger.exports.export_reading import BookReading, Months, reading_book
from ledger.exports.export_xlsx import xlsx_chunks
from shared.errors import Invalid, Unavailable
from shared.i18n import Text

# What is asked for over HTTP: a year and the month before it, one export at a time in a process.
MAX_MONTHS = 13
# Whoever asks for no further piece for so long has stopped reading, and blocks nobody any longer.
STALL_S = 20
RETRY_AFTER_S = 10


class ExportFormat(StrEnum):
    """What kind of file the book is exported as."""

    CSV = "csv"
    XLSX = "xlsx"
    BEANCOUNT = "beancount"


class TooManyMonths(Invalid):
    """Raised when more months are asked for at once than one request may take."""

    message = Text("At most {most} months at a time.", "一次最多导出 {most} 个月。")


class ExportUnderWay(Unavailable):
    """Raised when another export is still being written by this process."""

    message = Text("Another export is under way.", "另一项导出正在进行，请稍后重试。")


class ExportStalled(Unavailable):
    """Raised when an export was not read for so long that its turn went to another."""

    message = Text(
        "The export was not read for too long and another one has begun.",
        "导出长时间未被读取，已让位于另一项导出。",
    )


@dataclass(frozen=True)
class Exported:
    """How much an export wrote."""

    entries: int
    legs: int


_WRITERS: dict[ExportFormat, Callable[[BookReading], Iterator[bytes]]] = {
    ExportFormat.CSV: csv_chunks,
    ExportFormat.XLSX: xlsx_chunks,
    ExportFormat.BEANCOUNT: beancount_chunks,
}


def export_to_file(
    path: Path,
    file_format: ExportFormat,
    *,
    first: str | None = None,
    last: str | None = None,
    overwrite: bool = False,
) -> Exported:
    """Write the entries effective from month `first` to `last` ("2026-10") to a file, whole or not.

    It is written beside under another name, readable by its owner alone, then renamed. Raises
    FileExistsError without `overwrite`, BadMonths, ExportTooLong and Unavailable.
    """
    months = Months(first, last)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already")
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with open(descriptor, "wb") as file, reading_book(months) as book:
            for chunk in _WRITERS[file_format](book):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(part, path, overwrite)
    finally:
        part.unlink(missing_ok=True)
    return Exported(book.entries_read, book.legs_read)


def _put_in_place(part: Path, path: Path, overwrite: bool) -> None:
    if not overwrite:
        # A link fails where somebody else was faster.
        try:
            os.link(part, path)
        except FileExistsError:
            raise FileExistsError(f"{path} is there already") from None
        except OSError:  # not every file system knows links
            if path.exists():
                raise FileExistsError(f"{path} is there already") from None
        else:
            return
    part.replace(path)


def export_in_turn(file_format: ExportFormat, *, first: str, last: str) -> "ExportInTurn":
    """The file in pieces, for a request: what is wrong is raised here, before the first piece.

    One at a time in a process, 13 months at most. Close it where it is not read to its end. Raises
    BadMonths, TooManyMonths, ExportUnderWay, ExportTooLong and Unavailable.
    """
    months = Months(first, last)
    if months.count is None or months.count > MAX_MONTHS:
        raise TooManyMonths("to", most=MAX_MONTHS)
    return ExportInTurn(file_format, months)


class ExportInTurn(Iterator[bytes]):
    """The pieces of one file, given while it is this export's turn.

    Whoever asks for none for 20 s can lose the turn to another export: the next piece then raises
    ExportStalled, so that what was written is not taken for the whole file.
    """

    def __init__(self, file_format: ExportFormat, months: Months) -> None:
        self._turn = _Turn()
        self._pieces = _written(self._turn, file_format, months)
        next(self._pieces)  # up to here it could be refused
        _turns.rests(self._turn)

    def __next__(self) -> bytes:
        if not self._turn.is_over and not _turns.goes_on(self._turn):
            self.close()
            raise ExportStalled(retry_after_s=RETRY_AFTER_S)
        piece = next(self._pieces)
        _turns.rests(self._turn)
        return piece

    def close(self) -> None:
        """Give up what is not read yet, and the turn."""
        self._pieces.close()


@dataclass(eq=False)
class _Turn:
    """One export's turn; it is over when there is nothing more to read."""

    is_over: bool = False


# Not a method: an export that nobody closes is then freed, and its turn, with its last reference.
def _written(
    turn: _Turn, file_format: ExportFormat, months: Months
) -> Generator[bytes, None, None]:
    with _turns.taken(turn), reading_book(months) as book:
        pieces = _WRITERS[file_format](book)
        begun = next(pieces)
        yield b""
        yield begun
        yield from pieces


class _Turns:
    """Whose turn it is to export, and until when its reader must have asked for more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: _Turn | None = None
        self._until = 0.0

    @contextlib.contextmanager
    def taken(self, turn: _Turn) -> Iterator[None]:
        """Hold the turn inside the block, unless it lapses. Raises ExportUnderWay."""
        with self._lock:
            if self._holder is not None and time.monotonic() < self._until:
                raise ExportUnderWay(retry_after_s=RETRY_AFTER_S)
            self._holder, self._until = turn, math.inf
        try:
            yield
        finally:
            turn.is_over = True
            with self._lock:
                if self._holder is turn:
                    self._holder = None

    def goes_on(self, turn: _Turn) -> bool:
        """Whether it is still this one's turn, which then lasts while the next piece is made."""
        with self._lock:
            if self._holder is turn:
                self._until = math.inf
            return self._holder is turn

    def rests(self, turn: _Turn) -> None:
        """The reader has a piece: the time in which to ask for the next one begins."""
        with self._lock:
            if self._holder is turn:
                self._until = time.monotonic() + STALL_S


_turns = _Turns()
