"""Coming in: one person a phone, one account an identity number, the real name sealed."""

from datetime import timedelta

import pytest
from people_town import PHONE, id_number, resident, signed_in

from people import (
    Act,
    Person,
    Role,
    TrailRecord,
    normalised_phone,
    own_profile,
    person_of,
    record_real_name,
    request_code,
    sign_in_with_code,
)
from people.phone_codes import NoCode, WrongCode, use_code
from people.phones import BadPhone
from people.real_names import BadBirthDate, BadIdNumber, BadRealName
from people.registration import (
    IdNumberTaken,
    RealNameRecorded,
    UnknownHome,
    UnknownRecruiter,
    _add_person,
)
from shared.clock import real_now
from shared.database import collection
from shared.errors import TooMany
from shared.ids import random_id
from tests.racing import at_once


def test_a_new_phone_makes_a_person_and_the_next_time_finds_it():
    first = signed_in()
    second = signed_in("+86 138-0013-8000")
    assert first.is_new_person
    assert not second.is_new_person
    assert first.person_id == second.person_id
    assert first.session_id != second.session_id
    assert len(person_of(first.person_id).sessions) == 2


def test_the_phone_is_stored_sealed_only():
    opened = signed_in()
    assert "13800138000" not in repr(collection(Person).find_one())
    assert own_profile(person_of(opened.person_id))["phone"] == "138****8000"


def test_a_wrong_code_makes_nobody():
    code = request_code(PHONE).code
    with pytest.raises(WrongCode):
        sign_in_with_code(PHONE, "000000" if code != "000000" else "111111")
    assert collection(Person).count_documents({}) == 0


def test_a_bad_phone_is_refused():
    with pytest.raises(BadPhone):
        sign_in_with_code("10086", "000000")


def test_a_code_used_twice_opens_one_session():
    code = request_code(PHONE).code
    opened = sign_in_with_code(PHONE, code)
    with pytest.raises(NoCode):
        sign_in_with_code(PHONE, code)
    assert len(person_of(opened.person_id).sessions) == 1


def test_the_recruiter_is_kept_from_the_first_time_only():
    recruiter = signed_in("13800138001").person_id
    other = signed_in("13800138002").person_id
    newcomer = signed_in(recruited_by=recruiter)
    signed_in(recruited_by=other)
    assert person_of(newcomer.person_id).recruited_by == recruiter


def test_an_unknown_recruiter_is_refused_and_the_code_stays_good():
    code = request_code(PHONE).code
    with pytest.raises(UnknownRecruiter):
        sign_in_with_code(PHONE, code, recruited_by=random_id())
    use_code(normalised_phone(PHONE), code)


def test_threads_that_sign_up_with_one_phone_make_one_person():
    answers = at_once(16, lambda _number: _add_person("+8613800138000", "", "zh-CN"))
    assert len({person_id for person_id, _ in answers}) == 1
    assert sum(is_new for _, is_new in answers) == 1
    assert collection(Person).count_documents({}) == 1


def test_the_real_name_is_sealed_and_shown_masked():
    by = resident()
    person = record_real_name("林小福", id_number(), by=by)
    stored = repr(collection(Person).find_one({"_id": by.person_id}))
    assert "林小福" not in stored
    assert id_number() not in stored
    assert person.is_real_name_known
    assert own_profile(person)["real_name"] == "林**"


def test_the_same_step_again_changes_nothing(town):
    by = resident()
    first = record_real_name("林小福", id_number(), home_unit_id=town.grid.id, by=by)
    again = record_real_name(" 林小福 ", id_number().lower(), home_unit_id=town.grid.id, by=by)
    assert again.version == first.version
    assert again.real_name_at == first.real_name_at
    assert len(again.memberships) == 1


def test_a_home_makes_a_resident_there(town):
    by = resident()
    person = record_real_name("林小福", id_number(), home_unit_id=town.grid.id, by=by)
    assert person.is_member(Role.RESIDENT, town.grid.id)
    record = TrailRecord.objects(about_id=by.person_id).get()
    assert (record.act, record.by_id) == (Act.ROLE_GRANTED, by.person_id)
    assert (record.role, record.unit_id) == ("resident", town.grid.id)


@pytest.mark.parametrize("other", [("林大福", None), (None, "35010219900101225")])
def test_other_content_after_the_step_is_refused(other):
    by = resident()
    record_real_name("林小福", id_number(), by=by)
    name, first_17 = other
    number = id_number(first_17) if first_17 else id_number()
    with pytest.raises(RealNameRecorded):
        record_real_name(name or "林小福", number, by=by)


def test_a_second_home_is_refused(town):
    by = resident()
    record_real_name("林小福", id_number(), home_unit_id=town.grid.id, by=by)
    with pytest.raises(RealNameRecorded):
        record_real_name("林小福", id_number(), home_unit_id=town.street.id, by=by)
    assert len(person_of(by.person_id).memberships) == 1


def test_one_identity_number_has_one_account():
    record_real_name("林小福", id_number(), by=resident())
    other = resident("13800138001")
    with pytest.raises(IdNumberTaken):
        record_real_name("林小福", id_number(), by=other)
    assert not person_of(other.person_id).is_real_name_known


def test_one_account_asks_after_ten_numbers_a_day(monkeypatch):
    record_real_name("林小福", id_number(), by=resident())
    prober = resident("13800138001")
    for _ in range(10):
        with pytest.raises(IdNumberTaken):
            record_real_name("林小福", id_number(), by=prober)
    free = id_number("35010219900101225")
    with pytest.raises(TooMany):
        record_real_name("林大福", free, by=prober)
    assert not person_of(prober.person_id).is_real_name_known
    # Somebody else, and the next day, is another count.
    record_real_name("陈小福", id_number("35010219900101321"), by=resident("13800138002"))
    tomorrow = real_now() + timedelta(hours=25)
    monkeypatch.setattr("people.counting_attempts.real_now", lambda: tomorrow)
    assert record_real_name("林大福", free, by=prober).is_real_name_known


def test_what_cannot_be_meant_and_what_is_known_already_count_as_no_tries():
    by = resident()
    for _ in range(12):
        with pytest.raises(BadIdNumber):
            record_real_name("林小福", "350102199001011234", by=by)
    for _ in range(12):
        assert record_real_name("林小福", id_number(), by=by).is_real_name_known


def test_of_accounts_that_race_for_one_number_one_gets_it():
    people = [resident(f"1380013800{digit}") for digit in range(8)]
    answers = at_once(8, lambda one: record_real_name("林小福", id_number(), by=people[one]))
    assert sum(isinstance(answer, Person) for answer in answers) == 1
    assert sum(isinstance(answer, IdNumberTaken) for answer in answers) == 7


def test_one_account_that_races_itself_takes_the_step_once():
    by = resident()
    answers = at_once(8, lambda _one: record_real_name("林小福", id_number(), by=by))
    assert all(isinstance(answer, Person) for answer in answers)
    assert person_of(by.person_id).version == 2


def test_bad_names_numbers_and_homes_are_refused_with_nothing_written(city):
    by = resident()
    with pytest.raises(BadRealName):
        record_real_name("林2", id_number(), by=by)
    with pytest.raises(BadIdNumber):
        record_real_name("林小福", "350102199001011234", by=by)
    with pytest.raises(BadBirthDate):
        record_real_name("林小福", id_number("35010299990101123"), by=by)
    for home in (city.root.id, random_id()):
        with pytest.raises(UnknownHome):
            record_real_name("林小福", id_number(), home_unit_id=home, by=by)
    assert person_of(by.person_id).version == 1
