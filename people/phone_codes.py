"""One-time codes to phones: kept as keyed hashes, for five minutes and five tries."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from people.counting_attempts import count_attempt
from people.phone_code import PhoneCode
from people.phones import masked_phone, normalised_phone
from people.text_messages import sender
from settings import settings
from shared.clock import real_now
from shared.database import collection
from shared.errors import Conflict, Refused
from shared.i18n import DEFAULT_LANGUAGE, Text
from shared.sealing import keyed_hash

LIFE_S = 300
MAX_TRIES = 5
DIGITS = 6
WORDS = Text(
    "Fuxun code: {code}. It is good for 5 minutes. Give it to nobody.",
    "【福巡】验证码 {code}，5 分钟内有效，请勿告诉他人。",
)


class WrongCode(Refused):
    """Raised when the code is not the one that was sent last."""

    message = Text(
        "The code is wrong. Tries left: {tries_left}.",
        "验证码错误，还可尝试 {tries_left} 次。",
    )


class NoCode(Refused):
    """Raised when no code is open for the phone: none sent, too old, or used already."""

    message = Text("Please ask for a new code.", "验证码已失效，请重新获取。")


class CodeBlocked(Conflict):
    """Raised when a code was tried five times; only a new one helps."""

    message = Text(
        "This code was tried 5 times and is void. Please ask for a new one.",
        "验证码已输错 5 次，已作废，请重新获取。",
    )


@dataclass(frozen=True)
class CodeSent:
    """Where a code went and until when it is good; `code` itself is for the demo only."""

    phone: str
    expires_at: datetime
    code: str = field(repr=False)


def request_code(phone: str, *, language: str = DEFAULT_LANGUAGE) -> CodeSent:
    """Send a fresh code to `phone`, which voids the one before.

    Raises BadPhone, TooMany (the limit per phone), MessageNotSent.
    """
    phone = normalised_phone(phone)
    phone_hash = keyed_hash(phone)
    count_attempt(f"code:{phone_hash}", settings().limit_codes_per_phone)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    expires_at = real_now() + timedelta(seconds=LIFE_S)
    collection(PhoneCode).replace_one(
        {"_id": phone_hash},
        {"code_hash": _code_hash(phone, code), "tries": 0, "expires_at": expires_at},
        upsert=True,
    )
    sender().send(phone, WORDS.say(language, code=code))
    return CodeSent(masked_phone(phone), expires_at, code)


def use_code(phone: str, code: str) -> None:
    """Use up the code sent to an E.164 phone: one guarded write counts the try and decides.

    Raises WrongCode, NoCode, CodeBlocked.
    """
    given = _code_hash(phone, code)
    before = collection(PhoneCode).find_one_and_update(
        {
            "_id": keyed_hash(phone),
            "code_hash": {"$exists": True},
            "tries": {"$lt": MAX_TRIES},
            "expires_at": {"$gt": real_now()},
        },
        [
            {
                "$set": {
                    "tries": {"$add": ["$tries", 1]},
                    # The right code is gone by the very write that finds it right.
                    "code_hash": {
                        "$cond": [{"$eq": ["$code_hash", given]}, "$$REMOVE", "$code_hash"]
                    },
                }
            }
        ],
        return_document=ReturnDocument.BEFORE,
    )
    if before is None:
        raise _why_not(phone)
    if before["code_hash"] != given:
        raise WrongCode(tries_left=MAX_TRIES - before["tries"] - 1)


def _why_not(phone: str) -> NoCode | CodeBlocked:
    found = collection(PhoneCode).find_one({"_id": keyed_hash(phone)})
    is_open = found and "code_hash" in found and found["expires_at"] > real_now()
    return CodeBlocked() if is_open else NoCode()


def _code_hash(phone: str, code: str) -> str:
    return keyed_hash(f"code {phone} {code}")
