"""A file of codes as sent by an officer: each line a code, or said why it is none. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.errors import Invalid
from shared.i18n import Text

MOST_CODE_BYTES = 2_000_000
MOST_LINES = 20_000
LONGEST_CODE = 64
# No ticket is good for longer, and beyond it a calendar cannot be turned to UTC.
LAST_YEAR = 2100
# A ticket is bought to be used, and with some rewards its coins are lost when it ends: one that
# serves for less than a day leaves no fair chance, so it is neither taken in nor sold any more.
SERVES_AT_LEAST = timedelta(hours=24)

_CODE = re.compile(rf"[\x21-\x7e]{{4,{LONGEST_CODE}}}")
# What a spreadsheet makes of a long number: its last digits are lost for good.
_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?[eE]\+[0-9]+")
_DATE = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")


class CodeFileUnreadable(Invalid):
    """Raised when the file is no CSV with the line `code,valid_until` at its top."""

    message = Text(
        "This must be a CSV file whose first line is code,valid_until (the second may be left "
        "out); line {line} cannot be read so.",
        "文件须为 CSV，首行为 code,valid_until（第二列可省略）；第 {line} 行无法解析。",
    )


class CodeFileNotText(Invalid):
    """Raised when the file's bytes are no text in UTF-8 (or GB 18030)."""

    message = Text("This is no text file in UTF-8.", "该文件不是 UTF-8 编码的文本文件。")


class CodeFileTooLong(Invalid):
    """Raised when the file has more lines or bytes than one import takes."""

    message = Text(
        "One file holds at most {most_lines} codes and {most_bytes} bytes: please split it.",
        "单个文件最多 {most_lines} 个兑换码、{most_bytes} 字节，请拆分后导入。",
    )


class LineFlaw(StrEnum):
    """Why a line gave no code to the pool."""

    NO_CODE = "no_code"
    BAD_CODE = "bad_code"
    ROUNDED_BY_SPREADSHEET = "rounded_by_spreadsheet"
    BAD_VALID_UNTIL = "bad_valid_until"
    NO_LONGER_VALID = "no_longer_valid"
    # Within a day: it could not fairly be sold.
    ENDS_TOO_SOON = "ends_too_soon"
    TOO_MANY_COLUMNS = "too_many_columns"
    DUPLICATE = "duplicate"


@dataclass(frozen=True)
class CodeLine:
    """A code to import; `valid_until` is the first moment at which it serves no more."""

    line: int
    code: str
    valid_until: datetime | None


@dataclass(frozen=True)
class FlawedLine:
    """A line that gave nothing, and why; never the code itself."""

    line: int
    flaw: LineFlaw


def read_code_file(raw: bytes, *, moment: datetime, zone: ZoneInfo) -> list[CodeLine | FlawedLine]:
    """The lines of a CSV file, in order, blank ones left out; a code's second line is a DUPLICATE.

    A plain date is valid through the end of that day in `zone`; a time needs its offset. Full-width
    letters and digits are read as plain ones. Raises CodeFileNotText,
    CodeFileUnreadable, CodeFileTooLong.
    """
    if len(raw) > MOST_CODE_BYTES:
        raise _too_long()
    read: list[CodeLine | FlawedLine] = []
    seen: set[str] = set()
    for line, cells in _rows(_text_of(raw)):
        if len(read) == MOST_LINES:
            raise _too_long()
        found = _read_line(line, cells, moment, zone)
        if isinstance(found, CodeLine):
            if found.code in seen:
                found = FlawedLine(line, LineFlaw.DUPLICATE)
            else:
                seen.add(found.code)
        read.append(found)
    return read


def _too_long() -> CodeFileTooLong:
    return CodeFileTooLong(most_lines=MOST_LINES, most_bytes=MOST_CODE_BYTES)


def _text_of(raw: bytes) -> str:
    """The text, without its byte order mark; a spreadsheet in Chinese may have written GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:  # UTF-16, or no text at all
            break
        return text
    raise CodeFileNotText


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of each line below the header that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    has_header, began = False, 1
    try:
        for cells in reader:
            line, began = began, reader.line_num + 1
            plain = [_plain(cell) for cell in cells]
            if not any(plain):
                continue
            if has_header:
                yield line, plain
            else:
                _refuse_header(line, plain)
                has_header = True
    except csv.Error:
        raise CodeFileUnreadable(line=began) from None
    if not has_header:
        raise CodeFileUnreadable(line=1)


def _refuse_header(line: int, plain: list[str]) -> None:
    named = [cell.lower() for cell in plain if cell]
    if named not in (["code"], ["code", "valid_until"]):
        raise CodeFileUnreadable(line=line)


def _plain(cell: str) -> str:
    """The cell in plain letters and digits, without blanks and marks around it."""
    return unicodedata.normalize("NFKC", cell).strip(" \t\r\n\ufeff\u200b")


def _read_line(
    line: int, cells: list[str], moment: datetime, zone: ZoneInfo
) -> CodeLine | FlawedLine:
    code, until, *more = [*cells, ""] if len(cells) < 2 else cells
    if any(more):
        return FlawedLine(line, LineFlaw.TOO_MANY_COLUMNS)
    if not code:
        return FlawedLine(line, LineFlaw.NO_CODE)
    if _ROUNDED.fullmatch(code):
        return FlawedLine(line, LineFlaw.ROUNDED_BY_SPREADSHEET)
    if not _CODE.fullmatch(code):
        return FlawedLine(line, LineFlaw.BAD_CODE)
    if not until:
        return CodeLine(line, code, None)
    try:
        valid_until = _moment_of(until, zone)
    except (ValueError, OverflowError):
        return FlawedLine(line, LineFlaw.BAD_VALID_UNTIL)
    if valid_until <= moment:
        return FlawedLine(line, LineFlaw.NO_LONGER_VALID)
    if valid_until < moment + SERVES_AT_LEAST:
        return FlawedLine(line, LineFlaw.ENDS_TOO_SOON)
    return CodeLine(line, code, valid_until)


def _moment_of(until: str, zone: ZoneInfo) -> datetime:
    """The first moment that is no longer meant. Raises ValueError, OverflowError."""
    day = _DATE.fullmatch(until)
    if day:
        last = date(*(int(part) for part in day.groups()))
        ends = datetime.combine(last + timedelta(days=1), time(), zone)
    else:
        ends = datetime.fromisoformat(until)
        if ends.tzinfo is None:
            raise ValueError("a time without its offset")
    if not 2000 <= ends.year <= LAST_YEAR:
        raise ValueError("a year that nobody means")
    ends = ends.astimezone(UTC)
    # As the database keeps it.
    return ends.replace(microsecond=ends.microsecond // 1000 * 1000)
