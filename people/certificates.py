"""Certificates: what a training gave somebody, once for each participation, until it ends."""

from datetime import datetime

from dateutil.relativedelta import relativedelta

from people.person import Certificate, Person
from people.questions import PersonNotFound, person_of
from shared.clock import real_now
from shared.database import collection

# A person is one document, so what is embedded in it is bounded; the oldest go first.
MAX_CERTIFICATES = 100


def give_certificate(
    person_id: str,
    name: str,
    *,
    lasts_months: int | None,
    about_id: str,
    given_at: datetime | None = None,
) -> Certificate:
    """The certificate that `about_id` (a participation) earns; repeating it changes nothing.

    It ends so many months later, never where `lasts_months` is None. Raises PersonNotFound.
    """
    moment = given_at or real_now()
    ends_at = moment + relativedelta(months=lasts_months) if lasts_months is not None else None
    given = Certificate(name=name, given_at=moment, ends_at=ends_at, about_id=about_id)
    written = collection(Person).update_one(
        {"_id": person_id, "certificates.about_id": {"$ne": about_id}},
        {
            "$push": {
                "certificates": {
                    "$each": [given.to_mongo().to_dict()],
                    "$slice": -MAX_CERTIFICATES,
                }
            }
        },
    )
    if written.modified_count:
        return given
    held = [one for one in person_of(person_id).certificates if one.about_id == about_id]
    if not held:
        raise PersonNotFound  # erased between the write and the look
    return held[0]


def take_certificate_back(person_id: str, *, about_id: str) -> bool:
    """Take away what `about_id` gave, where that did not stand; whether there was anything."""
    written = collection(Person).update_one(
        {"_id": person_id}, {"$pull": {"certificates": {"about_id": about_id}}}
    )
    return bool(written.modified_count)


def certificates_of(person_id: str) -> list[Certificate]:
    """The person's certificates, newest first, ended ones too. Raises PersonNotFound."""
    return sorted(person_of(person_id).certificates, key=lambda one: one.given_at, reverse=True)
