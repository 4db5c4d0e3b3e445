"""Sound requests about commendations and certificates of service, for the fuzzed API to spoil."""

from typing import Any
from zoneinfo import ZoneInfo

from sound_world import Sound

from fixtures.factories import a_resident
from honours import (
    CommendationKind,
    ShownName,
    award_commendation,
    certify_service,
    check_commendation,
    give_consent,
    nominate,
)
from people import Actor
from settings import settings
from shared.clock import now
from shared.ids import new_id
from tests.worked import work


def of_commendations(world: Any) -> dict[str, Sound]:
    """Operation → a sound request; each about a commendation that stands where it should."""
    town, actors = world.town, world.actors
    new = {
        "kind": "brave_deed",
        "unit_id": town.street.id,
        "person_id": actors["claimer"].person_id,
        "title": "见义勇为",
        "words": "sample",
        "deed_on": "2026-01-01",
    }
    why = {"why": "sample"}
    waiting, to_award, to_decline, to_withdraw, to_consent = (_nominated(world) for _ in range(5))
    for one in (to_award, to_consent):
        check_commendation(one, found="sample", by=actors["admin"])
    award_commendation(to_consent, why="sample", by=actors["officer"])
    give_consent(to_consent, shown_as=ShownName.MASKED_NAME, with_words=True, by=actors["resident"])
    at = "/commendations/{commendation_id}"
    wish = {"since": "2026-01-01", "until": "2026-01-31", "kinds": ["patrol"]}
    _worked(world)
    return {
        "POST /commendations": Sound("resident", new),
        f"POST {at}/check": Sound("officer", {"found": "x"}, at={"commendation_id": waiting}),
        f"POST {at}/award": Sound("officer", why, at={"commendation_id": to_award}),
        f"POST {at}/decline": Sound("officer", why, at={"commendation_id": to_decline}),
        f"POST {at}/withdrawal": Sound("claimer", why, at={"commendation_id": to_withdraw}),
        f"PUT {at}/consent": Sound(
            "resident",
            {"shown_as": "masked_name", "with_words": True},
            at={"commendation_id": to_consent},
        ),
        "POST /me/service-certificates": Sound("resident", wish),
        "POST /service-certificates/{certificate_id}/name-check": Sound(
            "resident", {"name": "sample", "name_key": "sample"}
        ),
    }


def _nominated(world: Any) -> str:
    """The id of a nomination of the resident, by the claimer."""
    made = nominate(
        CommendationKind.PERSON,
        unit_id=world.town.street.id,
        person_id=world.actors["resident"].person_id,
        title="sample",
        words="sample",
        key=new_id(),
        by=world.actors["claimer"],
    )
    world.ids.setdefault("commendation_id", []).append(made.id)
    return str(made.id)


def _worked(world: Any) -> None:
    """Work of the resident in January 2026, and a certificate of what a neighbour did today."""
    january = now().replace(year=2026, month=1, day=10)
    work(world.actors["resident"], world.town.street, starts_at=january)
    other: Actor = a_resident()
    work(other, world.town.street, starts_at=now())
    day = now().astimezone(ZoneInfo(settings().business_time_zone)).date()
    made = certify_service(since=day, until=day, key=new_id(), by=other)
    world.ids.setdefault("certificate_id", []).append(made.id)
