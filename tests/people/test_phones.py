"""Phone numbers: one form for all spellings, and masks that hide enough."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.phones import BadPhone, masked_phone, normalised_phone

PURE = True

chinese = st.builds(
    lambda head, rest: f"+86{head}{rest:08d}",
    st.sampled_from(["138", "139", "150", "186", "199"]),
    st.integers(0, 99_999_999),
)
abroad = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)).map(
    lambda region: phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
)


@pytest.mark.parametrize(
    "spelling", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "008613800138000"]
)
def test_all_spellings_are_one_number(spelling):
    assert normalised_phone(spelling) == "+8613800138000"


@pytest.mark.parametrize(
    "phone", ["", "10086", "02087654321", "abc", "+", "13800138000;ext=5", "1" * 5000, "１"]
)
def test_what_no_text_message_reaches_is_refused(phone):
    with pytest.raises(BadPhone):
        normalised_phone(phone)


def test_a_chinese_number_is_shown_as_people_know_it():
    assert masked_phone("+8613812341234") == "138****1234"


@given(chinese)
def test_normalising_twice_changes_nothing(phone):
    assert normalised_phone(normalised_phone(phone)) == phone


@given(
    st.one_of(
        chinese,
        abroad.filter(bool).map(
            lambda number: phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        ),
    )
)
def test_a_mask_hides_four_digits_and_shows_seven_at_most(phone):
    number = phonenumbers.parse(phone)
    digits = phonenumbers.national_significant_number(number)
    shown = masked_phone(phone).rpartition(" ")[2]
    head, tail = shown.split("****")
    assert digits.startswith(head)
    assert digits.endswith(tail)
    assert len(head + tail) <= min(7, max(len(digits) - 4, 0))
