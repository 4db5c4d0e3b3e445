"""Real names and resident identity numbers: GB 11643's check digit, plausible dates, masks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.real_names import (
    BadBirthDate,
    BadIdNumber,
    BadRealName,
    check_digit,
    cleaned_real_name,
    masked_name,
    validated_id_number,
)

PURE = True
TODAY = date(2026, 1, 1)

first_17s = st.builds(
    lambda province, area, born, sequence: f"{province}{area:04d}{born:%Y%m%d}{sequence:03d}",
    st.sampled_from(["11", "35", "44", "65"]),
    st.integers(0, 9999),
    st.dates(date(1900, 1, 1), date(2025, 12, 31)),
    st.integers(0, 999),
)


def test_the_check_digit_is_that_of_the_published_example():
    # The example printed in GB 11643-1999 itself, annex A.
    assert check_digit("11010519491231002") == "X"
    assert validated_id_number("11010519491231002x", today=TODAY) == "11010519491231002X"


@given(first_17s)
def test_a_number_with_its_check_digit_is_taken(first_17):
    number = first_17 + check_digit(first_17)
    assert validated_id_number(f" {number.lower()} ", today=TODAY) == number


@given(first_17s, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(first_17, place, change):
    digits = list(first_17 + check_digit(first_17))
    old = 10 if digits[place] == "X" else int(digits[place])
    digits[place] = str((old + change) % 10)
    with pytest.raises(BadIdNumber):
        validated_id_number("".join(digits), today=TODAY)


@given(first_17s, st.integers(0, 15))
def test_two_neighbours_swapped_are_always_found(first_17, place):
    digits = list(first_17 + check_digit(first_17))
    if digits[place] == digits[place + 1]:
        return
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    with pytest.raises(BadIdNumber):
        validated_id_number("".join(digits), today=TODAY)


@pytest.mark.parametrize("born", ["20230229", "19901301", "20260102", "18951231", "00000000"])
def test_an_impossible_birth_date_is_refused(born):
    first_17 = f"350102{born}123"
    with pytest.raises(BadBirthDate):
        validated_id_number(first_17 + check_digit(first_17), today=TODAY)


@pytest.mark.parametrize("number", ["", "123", "99" + "0" * 16, "３５" + "0" * 16, "x" * 10_000])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(BadIdNumber):
        validated_id_number(number, today=TODAY)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("林小福", "林小福"),
        (" 林 ", None),
        ("阿不都热合曼·吐尔逊", "阿不都热合曼·吐尔逊"),
        ("Ada  King-Noel", "Ada King-Noel"),
        ("José O'Neil", "José O'Neil"),
        ("林2", None),
        ("Анна", None),
        ("林林\u202e", None),
        ("林Ada", None),
        ("", None),
        ("字" * 31, None),
        ("<b>林</b>", None),
    ],
)
def test_names_are_chinese_or_latin_letters(name, cleaned):
    if cleaned is None:
        with pytest.raises(BadRealName):
            cleaned_real_name(name)
    else:
        assert cleaned_real_name(name) == cleaned


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=2, max_size=30))
def test_a_masked_name_shows_its_first_letter_only(name):
    assert masked_name(cleaned_real_name(name)) == name[0] + "*" * (len(name) - 1)
