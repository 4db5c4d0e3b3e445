"""A certificate is given once for each participation, ends when it says, and can be taken back."""

from datetime import UTC, datetime

import pytest

from people import (
    Person,
    PersonNotFound,
    certificates_of,
    give_certificate,
    take_certificate_back,
)
from people.certificates import MAX_CERTIFICATES
from shared.ids import new_id, random_id
from tests.racing import at_once

AT = datetime(2017, 12, 31, 11, 0, tzinfo=UTC)


@pytest.fixture
def person(app):
    return Person(id=random_id()).save(force_insert=True)


def give(person, about_id="a" * 24, *, name="first_aid", lasts_months=2, given_at=AT):
    return give_certificate(
        person.id, name, lasts_months=lasts_months, about_id=about_id, given_at=given_at
    )


def test_it_ends_so_many_months_later_on_the_last_day_where_there_is_no_such_day(person):
    assert give(person).ends_at == datetime(2018, 2, 28, 11, 0, tzinfo=UTC)
    held = Person.objects(id=person.id).get()
    assert held.has_certificate("first_aid", datetime(2018, 2, 28, 10, 59, tzinfo=UTC))
    assert not held.has_certificate("first_aid", datetime(2018, 2, 28, 11, 0, tzinfo=UTC))
    assert not held.has_certificate("driving", AT)


def test_without_months_it_does_not_end(person):
    assert give(person, lasts_months=None).ends_at is None
    held = Person.objects(id=person.id).get()
    assert held.has_certificate("first_aid", datetime(2100, 1, 1, tzinfo=UTC))


def test_one_participation_gives_one_however_often_and_at_once(person):
    got = at_once(8, lambda _: give(person))
    assert len({one.given_at for one in got}) == 1
    again = give(person, lasts_months=99, name="other")
    assert (again.name, again.ends_at) == ("first_aid", got[0].ends_at)
    assert len(certificates_of(person.id)) == 1


def test_another_participation_gives_another_and_the_newest_stands_first(person):
    give(person)
    give(person, "b" * 24, given_at=datetime(2018, 1, 1, tzinfo=UTC))
    assert [one.about_id[0] for one in certificates_of(person.id)] == ["b", "a"]


def test_one_is_taken_back_alone_and_once(person):
    give(person)
    give(person, "b" * 24)
    assert take_certificate_back(person.id, about_id="a" * 24) is True
    assert take_certificate_back(person.id, about_id="a" * 24) is False
    assert [one.about_id for one in certificates_of(person.id)] == ["b" * 24]


def test_who_is_not_there_gets_none():
    with pytest.raises(PersonNotFound):
        give(Person(id=random_id()))


def test_a_document_does_not_grow_without_end(person):
    rows = [
        {"name": "x", "given_at": AT, "about_id": new_id(), "ends_at": AT}
        for _ in range(MAX_CERTIFICATES)
    ]
    Person.objects(id=person.id).update_one(set__certificates=rows)
    give(person)
    held = Person.objects(id=person.id).get().certificates
    assert (len(held), held[-1].name) == (MAX_CERTIFICATES, "first_aid")
