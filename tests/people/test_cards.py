"""Printed cards: known again when read, void once reissued, shown to whom they concern."""

import pytest

from people import (
    Act,
    Actor,
    Held,
    Membership,
    Person,
    Role,
    TrailRecord,
    Unit,
    UnitKind,
    card_of,
    person_with_card,
    reissue_card,
)
from people.cards import LETTERS, CardChanged, UnknownCard
from shared.clock import now
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once


@pytest.fixture
def street():
    unit_id = new_id()
    return Unit(
        id=unit_id, kind=UnitKind.CITY, name="福州市", code=unit_id, parent_id="", lineage=[unit_id]
    ).save()


@pytest.fixture
def member(street):
    """Somebody who lives in the street: who they are as an actor."""
    home = Membership(role=Role.RESIDENT, unit_id=street.id, since=now(), is_home=True)
    return Actor(Person(nickname="王阿姨", memberships=[home]).save().id)


def test_the_card_and_its_code_name_the_person(member):
    card = card_of(member.person_id, by=member)
    assert (card.version, card.nickname) == (1, "王阿姨")
    shown = (card.text, f" {card.text}\n", card.code, card.code.lower().replace("-", " "))
    assert {person_with_card(one).id for one in shown} == {member.person_id}
    assert card_of(member.person_id, by=member) == card


def test_twenty_first_looks_at_once_issue_one_card(member):
    cards = at_once(20, lambda _: card_of(member.person_id, by=member))
    assert len(set(cards)) == 1
    assert cards[0].version == 1


def test_a_reissued_card_makes_the_old_one_void(member):
    old = card_of(member.person_id, by=member)
    new = reissue_card(member.person_id, 1, by=member)
    assert (new.version, reissue_card(member.person_id, 1, by=member)) == (2, new)
    assert new.code != old.code
    for void in (old.text, old.code):
        with pytest.raises(UnknownCard):
            person_with_card(void)
    assert person_with_card(new.text).id == person_with_card(new.code).id == member.person_id


def test_twenty_reissues_of_one_card_at_once_are_one(member):
    card_of(member.person_id, by=member)
    cards = at_once(20, lambda _: reissue_card(member.person_id, 1, by=member))
    assert len(set(cards)) == 1
    assert cards[0].version == 2


@pytest.mark.parametrize("version", [2, 7])
def test_a_reissue_of_another_than_the_newest_is_refused(member, version):
    card_of(member.person_id, by=member)
    with pytest.raises(CardChanged):
        reissue_card(member.person_id, version, by=member)


def test_nothing_is_read_from_what_is_no_card(member):
    card = card_of(member.person_id, by=member)
    head, person_id, version, mac = card.text.split(".")
    altered = mac[:-1] + ("0" if mac[-1] != "0" else "1")
    for junk in (
        "",
        "FXC",
        f"{head}.{person_id}.{version}.{altered}",
        f"{head}.{'0' * 24}.{version}.{mac}",
        f"{head}.{person_id}.2.{mac}",
        "2" * len(card.code.replace("-", "")),
        "x" * 5_000,
    ):
        with pytest.raises(UnknownCard):
            person_with_card(junk)


def test_a_code_has_no_letter_that_is_read_wrongly(member):
    assert not set("0O1IL") & set(LETTERS)
    assert set(card_of(member.person_id, by=member).code) <= {*LETTERS, "-"}


def test_an_officer_of_the_home_sees_it_and_the_trail_says_so(street, member):
    officer = Actor("f" * 24, roles=(Held(Role.CENTRE_OFFICER, street.id),))
    card = card_of(member.person_id, by=officer)
    assert card == card_of(member.person_id, by=member)
    reissue_card(member.person_id, 1, by=officer)
    acts = [
        (one.act, one.by_id)
        for one in TrailRecord.objects(about_id=member.person_id).order_by("id")
    ]
    assert acts == [(Act.CARD_SHOWN, officer.person_id), (Act.CARD_REISSUED, officer.person_id)]


def test_nobody_else_sees_or_reissues_it(member):
    card_of(member.person_id, by=member)
    for other in (Actor("e" * 24), Actor("e" * 24, roles=(Held(Role.CENTRE_OFFICER, new_id()),))):
        with pytest.raises(NotAllowed):
            card_of(member.person_id, by=other)
        with pytest.raises(NotAllowed):
            reissue_card(member.person_id, 1, by=other)
