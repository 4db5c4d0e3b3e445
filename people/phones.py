"""Phone numbers: one form for all spellings (E.164), and how one is shown."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from shared.errors import Invalid
from shared.i18n import Text

HOME_REGION = "CN"
# Beyond this nobody means a phone number; the parser need not see it.
LONGEST_INPUT = 40
_TEXTABLE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class BadPhone(Invalid):
    """Raised when a phone number is none that a text message can reach."""

    message = Text("This is not a mobile number.", "手机号码无效。")


def normalised_phone(phone: str) -> str:
    """The number in E.164 (`+8613800138000`); without a country code it is Chinese.

    Raises BadPhone.
    """
    if len(phone) > LONGEST_INPUT:
        raise BadPhone("phone")
    try:
        number = phonenumbers.parse(phone, HOME_REGION)
    except NumberParseException:
        raise BadPhone("phone") from None
    # An extension would let one phone be many; such a number is not a mobile anyway.
    if number.extension or not phonenumbers.is_valid_number(number):
        raise BadPhone("phone")
    if phonenumbers.number_type(number) not in _TEXTABLE:
        raise BadPhone("phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked_phone(phone: str) -> str:
    """An E.164 number as it may be shown: `138****8000`, abroad with its country code.

    At least four digits are hidden, at most seven shown.
    """
    number = phonenumbers.parse(phone)
    digits = phonenumbers.national_significant_number(number)
    spare = max(len(digits) - 4, 0)
    head = min(3, spare // 2)
    tail = min(4, spare - head)
    shown = f"{digits[:head]}****{digits[len(digits) - tail :]}"
    return shown if number.country_code == 86 else f"+{number.country_code} {shown}"
