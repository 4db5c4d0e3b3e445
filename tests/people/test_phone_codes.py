"""Codes by phone: five minutes, five tries, once; exact under fifty guessing threads."""

import dataclasses
from datetime import timedelta

import pytest
from people_town import PHONE

from people import PhoneCode, normalised_phone, phone_codes, request_code
from people.phone_codes import CodeBlocked, NoCode, WrongCode, use_code
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.errors import TooMany
from tests.racing import at_once

E164 = normalised_phone(PHONE)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_opens_once():
    code = request_code(PHONE).code
    use_code(E164, code)
    with pytest.raises(NoCode):
        use_code(E164, code)


def test_a_code_is_six_digits_and_its_phone_is_masked():
    sent = request_code(PHONE)
    assert len(sent.code) == 6
    assert sent.code.isdigit()
    assert sent.phone == "138****8000"
    assert sent.code not in repr(sent)


def test_neither_code_nor_phone_stands_in_the_database():
    sent = request_code(PHONE)
    stored = repr(list(collection(PhoneCode).find()))
    assert sent.code not in stored.replace(str(sent.expires_at), "")
    assert "13800138000" not in stored


def test_asking_again_voids_the_code_before():
    first = request_code(PHONE).code
    second = request_code(PHONE).code
    if first != second:
        with pytest.raises(WrongCode):
            use_code(E164, first)
    use_code(E164, second)


def test_the_right_code_still_opens_at_the_fifth_try():
    code = request_code(PHONE).code
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongCode) as refused:
            use_code(E164, wrong(code))
        assert refused.value.facts == {"tries_left": left}
        assert refused.value.say("en") == f"The code is wrong. Tries left: {left}."
    use_code(E164, code)


def test_a_sixth_try_is_refused_even_with_the_right_code():
    code = request_code(PHONE).code
    for _ in range(5):
        with pytest.raises(WrongCode):
            use_code(E164, wrong(code))
    with pytest.raises(CodeBlocked):
        use_code(E164, code)


def test_a_new_code_helps_after_five_wrong_tries():
    code = request_code(PHONE).code
    for _ in range(5):
        with pytest.raises(WrongCode):
            use_code(E164, wrong(code))
    use_code(E164, request_code(PHONE).code)


def test_a_code_is_void_after_five_minutes():
    sent = request_code(PHONE)
    left_s = (sent.expires_at - real_now()).total_seconds()
    assert 290 < left_s <= 300
    collection(PhoneCode).update_many({}, {"$set": {"expires_at": real_now()}})
    with pytest.raises(NoCode):
        use_code(E164, sent.code)


def test_a_phone_that_asked_for_nothing_has_no_code():
    with pytest.raises(NoCode):
        use_code(E164, "000000")


def test_a_code_sent_to_one_phone_does_not_open_another():
    code = request_code(PHONE).code
    request_code("13800138001")
    other = "+8613800138001"
    collection(PhoneCode).update_many({}, {"$set": {"tries": 0}})
    stored = {row["code_hash"] for row in collection(PhoneCode).find()}
    assert len(stored) == 2
    if code != request_code("13800138001").code:
        with pytest.raises(WrongCode):
            use_code(other, code)


def test_fifty_threads_get_five_tries():
    code = request_code(PHONE).code
    answers = at_once(50, lambda _number: use_code(E164, wrong(code)))
    assert sum(isinstance(answer, WrongCode) for answer in answers) == 5
    assert sum(isinstance(answer, CodeBlocked) for answer in answers) == 45
    assert collection(PhoneCode).find_one()["tries"] == 5


def test_of_many_threads_with_the_right_code_one_gets_in():
    code = request_code(PHONE).code
    answers = at_once(20, lambda _number: use_code(E164, code))
    assert answers.count(None) == 1
    assert sum(isinstance(answer, NoCode) for answer in answers) == 19


def test_a_phone_gets_so_many_codes_an_hour_and_no_more(monkeypatch):
    strict = dataclasses.replace(settings(), limit_codes_per_phone="3 per hour")
    monkeypatch.setattr(phone_codes, "settings", lambda: strict)
    answers = at_once(12, lambda _number: request_code(PHONE))
    refused = [answer for answer in answers if isinstance(answer, TooMany)]
    assert len(refused) == 9
    assert all(3500 < one.facts["retry_after_s"] <= 3601 for one in refused)
    request_code("13800138001")


def test_an_hour_later_the_phone_may_ask_again(monkeypatch):
    strict = dataclasses.replace(settings(), limit_codes_per_phone="2 per hour")
    monkeypatch.setattr(phone_codes, "settings", lambda: strict)
    request_code(PHONE)
    request_code(PHONE)
    with pytest.raises(TooMany):
        request_code(PHONE)
    later = real_now() + timedelta(minutes=61)
    monkeypatch.setattr("people.counting_attempts.real_now", lambda: later)
    request_code(PHONE)
