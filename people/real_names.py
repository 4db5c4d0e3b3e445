"""What a real name and a resident identity number look like, and how a name is shown."""

import re
import unicodedata
from datetime import date

from shared.errors import Invalid
from shared.i18n import Text

SHORTEST_NAME, LONGEST_NAME = 2, 30
OLDEST_YEARS = 130

# Han characters (with the extensions), and the middle dot of transcribed names.
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+(·[\u3400-\u9fff]+)*")
_LATIN = re.compile(r"[^\W\d_]+([ '’.-]+[^\W\d_]+)*\.?")

# GB 11643-1999, section 4: the weight of place i is 2^(i-1) mod 11, counted from the right.
_WEIGHTS = tuple(2 ** (18 - place) % 11 for place in range(1, 18))
_CHECK_DIGITS = "10X98765432"
# The provinces of GB/T 2260; 81, 82, 83 are Hong Kong, Macao, Taiwan residence permits.
_PROVINCES = frozenset(
    str(number)
    for first, last in [
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    ]
    for number in range(first, last + 1)
)


class BadRealName(Invalid):
    """Raised when a name is not 2 to 30 Chinese or Latin letters."""

    message = Text(
        "A name has 2 to 30 Chinese or Latin letters.", "姓名须为 2 至 30 个汉字或拉丁字母。"
    )


class BadIdNumber(Invalid):
    """Raised when a resident identity number has a wrong form or check digit."""

    message = Text(
        "This is not an 18-digit resident identity number: please check it digit by digit.",
        "居民身份证号码有误，请逐位核对。",
    )


class BadBirthDate(BadIdNumber):
    """Raised when the birth date inside a resident identity number cannot be one."""

    message = Text(
        "The birth date in the identity number cannot be right.", "身份证号码中的出生日期有误。"
    )


def cleaned_real_name(name: str) -> str:
    """The name composed (NFC), with single spaces. Raises BadRealName."""
    if len(name) > 4 * LONGEST_NAME:
        raise BadRealName("real_name")
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not SHORTEST_NAME <= len(cleaned) <= LONGEST_NAME:
        raise BadRealName("real_name")
    if not (_HAN.fullmatch(cleaned) or (_LATIN.fullmatch(cleaned) and _is_latin(cleaned))):
        raise BadRealName("real_name")
    return cleaned


def _is_latin(name: str) -> bool:
    letters = [letter for letter in name if letter.isalpha()]
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)


def masked_name(name: str) -> str:
    """A name as its owner is shown it: the first letter, then one star each."""
    return name[:1] + "*" * (len(name) - 1)


def check_digit(first_17: str) -> str:
    """The 18th place for 17 digits (GB 11643-1999 after ISO 7064, MOD 11-2): 0-9 or X."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11]


def validated_id_number(number: str, *, today: date) -> str:
    """The identity number with a capital X. Raises BadIdNumber, BadBirthDate."""
    cleaned = number.strip().upper()
    if not re.fullmatch(r"[0-9]{17}[0-9X]", cleaned) or cleaned[:2] not in _PROVINCES:
        raise BadIdNumber("id_number")
    if check_digit(cleaned[:17]) != cleaned[17]:
        raise BadIdNumber("id_number")
    try:
        born = date(int(cleaned[6:10]), int(cleaned[10:12]), int(cleaned[12:14]))
    except ValueError:
        raise BadBirthDate("id_number") from None
    if born > today or today.year - born.year > OLDEST_YEARS:
        raise BadBirthDate("id_number")
    return cleaned
