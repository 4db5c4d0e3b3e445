"""Codes: every voucher's letters can be read back, and what a tired voice garbles is caught."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.codes import ALPHABET, CodeMistyped, code_from, grouped, parse

PURE = True

secrets = st.binary(min_size=10, max_size=10)
places = st.integers(0, 17)


@given(secrets)
def test_a_code_shown_in_groups_is_read_back(secret):
    code = code_from(secret)
    assert parse(grouped(code)) == code
    assert len(code) == 18
    assert grouped(code).count("-") == 5


@given(secrets, secrets)
def test_different_secrets_have_different_codes(one, other):
    assert (code_from(one) == code_from(other)) == (one == other)


@given(secrets, places, st.sampled_from(ALPHABET))
def test_any_one_wrong_letter_is_caught(secret, place, wrong):
    code = code_from(secret)
    assume(code[place] != wrong)
    with pytest.raises(CodeMistyped):
        parse(code[:place] + wrong + code[place + 1 :])


@given(secrets, st.integers(0, 16))
def test_any_two_swapped_neighbours_are_caught(secret, place):
    code = code_from(secret)
    assume(code[place] != code[place + 1])
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    with pytest.raises(CodeMistyped):
        parse(swapped)


@given(secrets, places, places, st.sampled_from(ALPHABET), st.sampled_from(ALPHABET))
def test_any_two_wrong_letters_are_caught(secret, first, second, one, other):
    code = code_from(secret)
    letters = list(code)
    letters[first], letters[second] = one, other
    assume("".join(letters) != code)
    with pytest.raises(CodeMistyped):
        parse("".join(letters))


@given(secrets, st.data())
def test_case_spaces_dashes_and_look_alikes_do_not_matter(secret, data):
    code = code_from(secret)
    spoken = {"0": "0Oo０", "1": "1IiLl", "A": "AaＡ"}
    typed = [data.draw(st.sampled_from(spoken.get(one, one + one.lower()))) for one in code]
    gaps = data.draw(st.lists(st.sampled_from(["", " ", "-", "–", "　"]), min_size=18, max_size=18))
    assert parse("".join(a + b for a, b in zip(gaps, typed, strict=True))) == code


@given(st.text(max_size=200).filter(lambda typed: len(typed.replace("-", "")) != 18))
def test_text_of_another_length_is_refused_by_field(typed):
    with pytest.raises(CodeMistyped) as refusal:
        parse(typed)
    assert refusal.value.field == "code"


@pytest.mark.parametrize("place", range(18))
def test_a_letter_left_out_or_doubled_is_caught(place):
    code = code_from(bytes(range(10)))
    for wrong in (code[:place] + code[place + 1 :], code[: place + 1] + code[place:]):
        with pytest.raises(CodeMistyped):
            parse(wrong)


def test_a_code_needs_exactly_ten_bytes():
    with pytest.raises(ValueError):
        code_from(b"short")
