"""The second check of a code that anybody may have read: the end of its holder's phone number."""

import hmac

from people.questions import person_of
from shared.errors import Refused
from shared.i18n import Text
from shared.sealing import unseal

DIGITS = 4


class HolderHasNoPhone(Refused):
    """Raised when there is no phone whose last digits the holder could be asked for."""

    message = Text(
        "The holder has no phone here, so this code cannot be checked: please ask for the live QR.",
        "持券人未登记手机号码，无法核对，请出示实时二维码。",
    )


def phone_ends_with(person_id: str, digits: str) -> bool:
    """Whether the person's phone number ends with these four digits; nothing else is told of it.

    Opened without a line on the trail: nobody gets to see it, and who asks must be told the
    digits by its owner. Whoever calls this counts the wrong ones. Raises PersonNotFound,
    HolderHasNoPhone.
    """
    person = person_of(person_id)
    if not person.phone_sealed:
        raise HolderHasNoPhone
    phone = unseal(person.phone_sealed, bound_to=person.seal_place("phone"))
    return hmac.compare_digest(phone[-DIGITS:].encode(), digits.encode())
