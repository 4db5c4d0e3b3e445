"""A file of codes is read line by line: each gives a code or says why not, none is lost."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pools.code_file import (
    LONGEST_CODE,
    MOST_CODE_BYTES,
    MOST_LINES,
    CodeFileNotText,
    CodeFileTooLong,
    CodeFileUnreadable,
    CodeLine,
    FlawedLine,
    LineFlaw,
    read_code_file,
)

PURE = True

ZONE = ZoneInfo("Asia/Shanghai")
MOMENT = datetime(2017, 12, 4, 3, 0, tzinfo=UTC)
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=4, max_size=64)


def read(text, *, moment=MOMENT):
    raw = text.encode() if isinstance(text, str) else text
    return read_code_file(raw, moment=moment, zone=ZONE)


def test_each_line_gives_its_code_and_the_end_of_its_last_day():
    assert read("code,valid_until\nFILM-0001,2017-12-31\nFILM-0002,\n") == [
        CodeLine(2, "FILM-0001", datetime(2017, 12, 31, 16, 0, tzinfo=UTC)),
        CodeLine(3, "FILM-0002", None),
    ]


def test_a_time_with_its_offset_is_meant_to_the_second():
    (line,) = read("code,valid_until\nFILM-0001,2017-12-31T20:00:00+08:00\n")
    assert line.valid_until == datetime(2017, 12, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("day", ["2017/12/31", "2017.12.31", "2017-12-31", "２０１７-１２-３１"])
def test_days_are_read_as_spreadsheets_and_chinese_keyboards_write_them(day):
    (line,) = read(f"code,valid_until\nFILM-0001,{day}\n")
    assert line.valid_until == datetime(2017, 12, 31, 16, 0, tzinfo=UTC)


def test_byte_order_mark_windows_line_ends_quotes_and_full_width_signs_change_nothing():
    plain = read("code,valid_until\nFILM1234,2018-01-01\n")
    dressed = b'\xef\xbb\xbf"Code","valid_until"\r\n"' + "ＦＩＬＭ１２３４".encode()
    assert read(dressed + b'","2018-01-01"\r\n') == plain


def test_a_spreadsheets_gb_18030_is_read_like_utf_8():
    text = "code,valid_until\r\nＦＩＬＭ１２３４,2018-01-01\r\n"
    assert read(text.encode("gb18030")) == read(text)


def test_the_second_column_may_be_left_out_and_blank_lines_are_nothing():
    assert read("\ncode\n\nFILM-0001\n , \n") == [CodeLine(4, "FILM-0001", None)]


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        (",2018-01-01", LineFlaw.NO_CODE),
        ("abc", LineFlaw.BAD_CODE),
        ("x" * (LONGEST_CODE + 1), LineFlaw.BAD_CODE),
        ("电影票一二三四", LineFlaw.BAD_CODE),
        ("two words", LineFlaw.BAD_CODE),
        ('"two\nlines"', LineFlaw.BAD_CODE),
        ("6.90112E+15", LineFlaw.ROUNDED_BY_SPREADSHEET),
        ("FILM-0001,soon", LineFlaw.BAD_VALID_UNTIL),
        ("FILM-0001,2018-02-30", LineFlaw.BAD_VALID_UNTIL),
        ("FILM-0001,2018-01-01T10:00:00", LineFlaw.BAD_VALID_UNTIL),
        ("FILM-0001,0001-01-01T00:00:00+08:00", LineFlaw.BAD_VALID_UNTIL),
        ("FILM-0001,9999-12-31", LineFlaw.BAD_VALID_UNTIL),
        ("FILM-0001,2017-12-03", LineFlaw.NO_LONGER_VALID),
        ("FILM-0001,2018-01-01,more", LineFlaw.TOO_MANY_COLUMNS),
    ],
)
def test_a_line_that_gives_nothing_says_why_and_the_next_one_counts(line, flaw):
    found = read(f"code,valid_until\n{line}\nFILM-0009,\n")
    assert found[0] == FlawedLine(2, flaw)
    assert [one.code for one in found[1:]] == ["FILM-0009"]


def test_a_code_valid_on_a_day_is_valid_through_it():
    (line,) = read("code,valid_until\nFILM-0001,2017-12-05\n")
    assert line.valid_until == datetime(2017, 12, 5, 16, 0, tzinfo=UTC)


def test_the_second_line_of_a_code_is_a_duplicate_however_it_is_written():
    found = read("code\nFILM1234\nＦＩＬＭ１２３４\n")
    assert found == [CodeLine(2, "FILM1234", None), FlawedLine(3, LineFlaw.DUPLICATE)]


@pytest.mark.parametrize("text", ["", "\n\n", "FILM-0001\n", "code,price\nFILM-0001,3\n"])
def test_a_file_without_its_header_is_refused(text):
    with pytest.raises(CodeFileUnreadable):
        read(text)


def test_an_unclosed_quote_is_refused_with_its_line():
    with pytest.raises(CodeFileUnreadable) as refused:
        read('code\nFILM-0001\n"FILM-0002\nFILM-0003\n')
    assert refused.value.facts == {"line": 3}


@pytest.mark.parametrize("raw", ["code\nFILM-0001\n".encode("utf-16"), b"code\n\xff\xff\xff\n"])
def test_bytes_that_are_no_text_are_refused(raw):
    with pytest.raises(CodeFileNotText):
        read(raw)


def test_a_file_of_too_many_lines_or_bytes_is_refused():
    most = "".join(f"C{number:06}\n" for number in range(MOST_LINES))
    assert len(read("code\n" + most)) == MOST_LINES
    with pytest.raises(CodeFileTooLong):
        read("code\n" + most + "ONE-MORE\n")
    with pytest.raises(CodeFileTooLong):
        read(b"code\n" + b" " * MOST_CODE_BYTES)


@given(st.lists(VISIBLE, max_size=30))
def test_every_visible_code_comes_out_as_it_went_in_once_each(codes):
    quoted = "".join('"' + code.replace('"', '""') + '",\r\n' for code in codes)
    found = read("code,valid_until\r\n" + quoted)
    assert [one.line for one in found] == list(range(2, len(codes) + 2))
    given_codes = [one.code for one in found if isinstance(one, CodeLine)]
    rounded = [one for one in found if getattr(one, "flaw", "") == "rounded_by_spreadsheet"]
    assert rounded or set(given_codes) == set(codes)
    assert set(given_codes) <= set(codes)
    assert len(set(given_codes)) == len(given_codes)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(raw):
    try:
        found = read(b"code\n" + raw)
    except (CodeFileUnreadable, CodeFileNotText):
        return
    assert all(isinstance(one, CodeLine | FlawedLine) for one in found)


def test_a_code_that_ends_within_a_day_is_told_as_such():
    read_lines = read(
        "code,valid_until\nFILM-0001,2017-12-05T02:59:00Z\nFILM-0002,2017-12-05T03:00:00Z\n"
    )
    assert read_lines[0].flaw == LineFlaw.ENDS_TOO_SOON
    assert read_lines[1].code == "FILM-0002"
