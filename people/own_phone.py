"""The phone number of a person, for what goes to that phone: a top-up, never a list or a log."""

from people.person import Person
from shared.errors import Refused
from shared.i18n import Text
from shared.sealing import unseal


class NoPhone(Refused):
    """Raised when the person has no phone number of their own: say which one is meant."""

    message = Text(
        "You have no phone number here: please say which one is meant.",
        "您尚未登记手机号码，请填写接收号码。",
    )


def own_phone_of(person: Person) -> str:
    """The person's own number, E.164. Raises NoPhone."""
    if not person.phone_sealed:
        raise NoPhone
    return unseal(person.phone_sealed, bound_to=person.seal_place("phone"))
