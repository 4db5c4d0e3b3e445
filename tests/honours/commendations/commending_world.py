"""A town with a neighbour, a hero and officers, for tests of commendations."""

from types import SimpleNamespace

from fixtures.factories import a_resident, a_town, staff
from honours import (
    CommendationKind,
    ShownName,
    award_commendation,
    check_commendation,
    give_consent,
    nominate,
)
from notices.notice import Notice
from people import Role

TITLE, WORDS = "勇救落水儿童", "十月三日傍晚，他跳入晋安河，救起一名落水儿童。"


def a_city():
    """Who takes part in a commendation of the street."""
    town = a_town()
    return SimpleNamespace(
        town=town,
        neighbour=a_resident(),
        hero=a_resident(home=town.street, nickname="热心人"),
        checker=staff(Role.POLICE_OFFICER, at=town.street),
        awarder=staff(Role.CENTRE_OFFICER, at=town.district),
    )


def nominated(city, key="nomination-0001", by=None, **more):
    """A brave deed of the hero, nominated by the neighbour."""
    wish = {
        "kind": CommendationKind.BRAVE_DEED,
        "unit_id": city.town.street.id,
        "title": TITLE,
        "words": WORDS,
    } | more
    if not {"card", "subject_unit_id"} & set(more):
        wish.setdefault("person_id", city.hero.person_id)
    return nominate(wish.pop("kind"), **wish, key=key, by=by or city.neighbour)


def checked(city, made=None, **more):
    """The same, checked."""
    made = made or nominated(city, **more)
    return check_commendation(made.id, found="已走访目击者，情况属实。", by=city.checker)


def awarded(city, **more):
    """The same, awarded."""
    return award_commendation(checked(city, **more).id, why="事迹突出", by=city.awarder)


def public(city, with_words=True, **more):
    """The same, public under the hero's nickname."""
    made = awarded(city, **more)
    return give_consent(made.id, shown_as=ShownName.NICKNAME, with_words=with_words, by=city.hero)


def told(who):
    """The names of the notices that somebody was told, in order."""
    found = Notice.objects(person_id=who.person_id).order_by("id")
    return [one.name for one in found if "commendation" in one.name or "nomination" in one.name]
