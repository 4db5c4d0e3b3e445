"""What the API shows of a person to themselves: seals opened only far enough to be masked."""

from dataclasses import dataclass

from people.person import Person
from people.phones import masked_phone
from people.real_names import masked_name
from shared.sealing import unseal


@dataclass(frozen=True)
class OwnProfile:
    """A person as they see themselves; phone and name masked, empty where not given."""

    person: Person
    phone: str
    real_name: str


def own_profile(person: Person) -> OwnProfile:
    """The person with phone and real name masked: opened for their owner, so not on the trail."""
    phone = name = ""
    if person.phone_sealed:
        phone = masked_phone(unseal(person.phone_sealed, bound_to=person.seal_place("phone")))
    if person.real_name_sealed:
        place = person.seal_place("real_name")
        name = masked_name(unseal(person.real_name_sealed, bound_to=place))
    return OwnProfile(person, phone, name)
