"""Staff: logins, argon2id, one refusal for unknown and wrong, ten tries an address."""

import pytest
from argon2 import PasswordHasher

from people import (
    Act,
    Actor,
    Held,
    Person,
    Role,
    TrailRecord,
    add_staff,
    person_of,
    sign_in_with_password,
    staff,
    staff_with_login,
)
from people.attempts import Attempts
from people.passwords import WeakPassword
from people.profiles import BadText
from people.questions import UnitNotFound
from people.staff import BadLogin, LoginTaken, NoRoles, WrongPassword
from shared.database import collection
from shared.errors import NotAllowed, TooMany
from shared.ids import random_id
from tests.racing import at_once

PASSWORD = "a long enough one"


def add(town, login="officer", *, by=None, **more):
    given = {"nickname": "网格中心", "roles": [Held(Role.CENTRE_OFFICER, town.street.id)], **more}
    return add_staff(login, given.pop("password", PASSWORD), by=by or town.admin, **given)


def test_staff_are_added_with_their_roles_and_the_trail_of_it(town):
    person = add(town)
    assert person_of(person.id).is_member(Role.CENTRE_OFFICER, town.street.id)
    acts = [
        (record.act, record.by_id)
        for record in TrailRecord.objects(about_id=person.id).order_by("id")
    ]
    assert acts == [
        (Act.STAFF_ADDED, town.admin.person_id),
        (Act.ROLE_GRANTED, town.admin.person_id),
    ]


def test_staff_sign_in_with_any_case_of_their_login(town):
    person = add(town)
    assert sign_in_with_password(" Officer ", PASSWORD).person_id == person.id


def test_the_password_is_stored_as_argon2id_only(town):
    person = add(town)
    stored = collection(Person).find_one({"_id": person.id})
    assert stored["password_hash"].startswith("$argon2id$")
    assert PASSWORD not in repr(stored)


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("officer", "wrong password"),
        ("nobody", PASSWORD),
        ("!", PASSWORD),
        ("officer", "x" * 10**6),
    ],
)
def test_unknown_and_wrong_get_the_same_refusal(town, login, password):
    add(town)
    with pytest.raises(WrongPassword) as refused:
        sign_in_with_password(login, password)
    assert refused.value.facts == {}


def test_ten_failures_make_the_login_wait_even_for_the_right_password(city):
    answers = at_once(14, lambda _one: sign_in_with_password(city.login, "wrong password"))
    assert sum(isinstance(answer, WrongPassword) for answer in answers) == 10
    assert sum(isinstance(answer, TooMany) for answer in answers) == 4
    with pytest.raises(TooMany) as refused:
        sign_in_with_password(city.login, city.password)
    assert 0 < refused.value.facts["retry_after_s"] <= 901


def test_failures_from_one_address_do_not_keep_the_owner_out_at_another(city):
    for _ in range(10):
        with pytest.raises(WrongPassword):
            sign_in_with_password(city.login, "wrong password", address="192.0.2.1")
    with pytest.raises(TooMany):
        sign_in_with_password(city.login, city.password, address="192.0.2.1")
    assert sign_in_with_password(city.login, city.password, address="192.0.2.2")
    assert "192.0.2" not in repr(list(collection(Attempts).find()))


def test_failures_from_many_addresses_make_the_login_wait_everywhere(city, monkeypatch):
    monkeypatch.setattr(staff, "SIGN_INS_PER_LOGIN", "4 per 15 minutes")

    def guess(number):
        with pytest.raises(WrongPassword):
            sign_in_with_password(city.login, "wrong password", address=f"192.0.2.{number}")

    guess(1)
    guess(2)
    for _ in range(3):
        sign_in_with_password(city.login, city.password, address="192.0.2.9")
    # The owner's successes are no guesses, and forgive none.
    guess(3)
    guess(4)
    with pytest.raises(TooMany):
        sign_in_with_password(city.login, city.password, address="192.0.2.9")


def test_the_limits_are_those_that_are_told():
    assert staff.SIGN_INS_PER_ADDRESS == "10 per 15 minutes"
    assert staff.SIGN_INS_PER_LOGIN == "100 per 15 minutes"


def test_a_success_starts_the_count_anew(city):
    for _ in range(2):
        for _ in range(6):
            with pytest.raises(WrongPassword):
                sign_in_with_password(city.login, "wrong password")
        sign_in_with_password(city.login, city.password)


def test_a_hash_of_weaker_parameters_is_renewed_at_sign_in(city):
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(city.password)
    collection(Person).update_one({"login": city.login}, {"$set": {"password_hash": weak}})
    sign_in_with_password(city.login, city.password)
    stored = collection(Person).find_one({"login": city.login})["password_hash"]
    assert stored != weak
    assert not PasswordHasher().check_needs_rehash(stored)
    sign_in_with_password(city.login, city.password)


def test_a_login_belongs_to_one(town):
    add(town)
    with pytest.raises(LoginTaken):
        add(town, "OFFICER")
    assert collection(Person).count_documents({"login": "officer"}) == 1


def test_of_admins_that_race_for_a_login_one_gets_it(town):
    answers = at_once(6, lambda _one: add(town))
    assert sum(isinstance(answer, Person) for answer in answers) == 1
    assert sum(isinstance(answer, LoginTaken) for answer in answers) == 5
    person = staff_with_login("officer")
    assert TrailRecord.objects(act=Act.STAFF_ADDED, about_id=person.id).count() == 1


@pytest.mark.parametrize("login", ["ab", "1abc", "a b c", "a" * 33, "登录名", ""])
def test_a_bad_login_is_refused(town, login):
    with pytest.raises(BadLogin):
        add(town, login)


@pytest.mark.parametrize("password", ["short", "x" * 201, "Long.enough.one"])
def test_a_weak_password_is_refused(town, password):
    with pytest.raises(WeakPassword):
        add(town, "long.enough.one", password=password)


def test_roles_are_needed_and_must_be_within_reach(town):
    with pytest.raises(NoRoles):
        add(town, roles=[])
    with pytest.raises(UnitNotFound):
        add(town, roles=[Held(Role.CLERK, random_id())])
    local = Actor(random_id(), "s", (Held(Role.ADMIN, town.street.id),))
    with pytest.raises(NotAllowed):
        add(town, by=local, roles=[Held(Role.CLERK, town.district.id)])
    officer = Actor(random_id(), "s", (Held(Role.CENTRE_OFFICER, town.root.id),))
    with pytest.raises(NotAllowed):
        add(town, by=officer)
    assert staff_with_login("officer") is None
    assert add(town, by=local, roles=[Held(Role.CLERK, town.grid.id)])


def test_a_nickname_is_visible_text(town):
    with pytest.raises(BadText):
        add(town, nickname="网\x00格")
