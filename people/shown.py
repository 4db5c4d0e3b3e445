"""What the API shows of a person to themselves: seals opened only far enough to be masked."""

from typing import Any

from people.person import Person
from people.phones import masked_phone
from people.real_names import masked_name
from shared.sealing import unseal

SHOWN = (
    "id",
    "login",
    "nickname",
    "language",
    "trade",
    "organisations",
    "serves_as",
    "recruited_by",
    "groups",
    "level",
    "memberships",
    "is_real_name_known",
    "real_name_at",
    "created_at",
    "version",
)


def own_profile(person: Person) -> dict[str, Any]:
    """A person as they see themselves, phone and real name masked (empty where not given).

    Opened for their owner alone, so it is not on the trail.
    """
    phone = name = ""
    if person.phone_sealed:
        phone = masked_phone(unseal(person.phone_sealed, bound_to=person.seal_place("phone")))
    if person.real_name_sealed:
        place = person.seal_place("real_name")
        name = masked_name(unseal(person.real_name_sealed, bound_to=place))
    shown = {field: getattr(person, field) for field in SHOWN}
    return {**shown, "phone": phone, "real_name": name}
