"""Passwords: argon2id with the library's current parameters; unknown logins cost the same."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.errors import Invalid
from shared.i18n import Text

SHORTEST, LONGEST = 10, 200

_hasher = PasswordHasher()


class WeakPassword(Invalid):
    """Raised when a password is too short, too long, or is the login itself."""

    message = Text(
        "A password has 10 to 200 characters and is not the login.",
        "密码须为 10 至 200 个字符，且不得与登录名相同。",
    )


def hashed_password(password: str, *, login: str) -> str:
    """The password as it may be stored. Raises WeakPassword."""
    if not SHORTEST <= len(password) <= LONGEST or password.lower() == login.lower():
        raise WeakPassword("password")
    return _hasher.hash(password)


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the stored one; without a stored one, a No that takes as long."""
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def fresh_hash(password: str, password_hash: str) -> str | None:
    """A new hash of a password just verified, where the parameters have risen since; else None."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(password_hash) else None


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher.hash("nobody's password")
