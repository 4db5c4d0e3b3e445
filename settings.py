"""Every setting, read once from the environment. The defaults run on a laptop.

Each field is an environment variable of the same name in capitals (`mongodb_uri` is
`MONGODB_URI`); README lists them all, and a test keeps that list complete.
"""

import os
import re
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Settings:
    """The process's settings; see README for what each one means."""

    mongodb_uri: str = "mongodb://127.0.0.1:27017/fuxun?replicaSet=fuxun"
    redis_url: str = "redis://127.0.0.1:6379/0"
    keys_dir: str = "var/keys"
    demo: bool = False
    production: bool = False
    business_time_zone: str = "Asia/Shanghai"
    budget_slices: int = 1
    reversal_second_officer_above: int = 1_000
    second_look_percent: int = 5
    track_days: int = 90
    nearby_from_memory: bool = True
    web_workers: int = 2
    web_threads: int = 4
    job_workers: int = 1
    max_body_bytes: int = 1_000_000
    max_photo_bytes: int = 5_000_000
    access_token_minutes: int = 15
    refresh_token_days: int = 30
    sms_sender: str = "log"
    sms_url: str = ""
    trusted_proxies: int = 0
    public_url: str = "http://127.0.0.1:8000"
    limit_codes_per_address: str = "20 per hour"
    limit_codes_per_phone: str = "5 per hour"
    limit_sign_ins_per_address: str = "60 per minute"
    limit_fixes_per_device: str = "1200 per minute"
    limit_scans_per_point: str = "60 per minute"
    limit_hand_overs_per_person: str = "20 per hour; 60 per day"
    log_level: str = "INFO"


class BadSetting(Exception):
    """Raised when an environment variable cannot be read as what the setting needs."""


# The least and the most that each number may be; beyond lies a slip, not a wish.
RANGES = {
    "budget_slices": (1, 64),
    "reversal_second_officer_above": (0, 2**53 - 1),
    "second_look_percent": (0, 100),
    # No shorter than a refusal may be appealed.
    "track_days": (15, 3_660),
    "web_workers": (1, 256),
    "web_threads": (1, 256),
    "job_workers": (1, 256),
    "max_body_bytes": (10_000, 1_000_000_000),
    "max_photo_bytes": (100_000, 50_000_000),
    "access_token_minutes": (1, 1_440),
    "refresh_token_days": (1, 366),
    "trusted_proxies": (0, 10),
}
SCHEMES = {
    "mongodb_uri": ("mongodb", "mongodb+srv"),
    "redis_url": ("redis", "rediss"),
    "sms_url": ("http", "https"),
    "public_url": ("http", "https"),
}
WORDS = {
    "sms_sender": ("log", "http"),
    "log_level": ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
}
_ONE_LIMIT = r"[1-9][0-9]{0,8} per (second|minute|hour|day)"
LIMITS = re.compile(rf"{_ONE_LIMIT}(; ?{_ONE_LIMIT})*")
# Where the keys of laptops and demos are made, seen from where the programme lies.
DEMO_KEYS = Path(__file__).resolve().parent / Settings.keys_dir


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Raises BadSetting, and refuses an unsafe production."""
    given = {
        field.name: _read(field.name, field.default, os.environ[field.name.upper()])
        for field in fields(Settings)
        if field.name.upper() in os.environ
    }
    loaded = Settings(**given)
    if loaded.sms_sender == "http" and not loaded.sms_url:
        raise BadSetting("SMS_SENDER=http needs SMS_URL: where codes are sent to")
    if loaded.production:
        _refuse_unsafe(loaded)
    return loaded


def _read(name: str, default: Any, raw: str) -> Any:
    try:
        if isinstance(default, bool):
            value = {"1": True, "true": True, "0": False, "false": False, "": False}[raw.lower()]
        else:
            value = type(default)(raw)
    except (KeyError, ValueError):
        kind = "0 or 1" if isinstance(default, bool) else "a whole number"
        raise BadSetting(f"{name.upper()}={raw!r} cannot be read; it must be {kind}") from None
    needed = _lacks(name, value)
    if needed:
        # Addresses hold passwords, which do not belong into a log.
        said = name.upper() if name in SCHEMES else f"{name.upper()}={raw!r}"
        raise BadSetting(f"{said} cannot be used; it must be {needed}")
    return value


def _lacks(name: str, value: Any) -> str:
    """What the value of a setting must be and is not; nothing where it is."""
    if name in RANGES:
        least, most = RANGES[name]
        return "" if least <= value <= most else f"from {least} to {most}"
    if name in WORDS:
        # Levels of a log are written in small letters as often.
        known = value in WORDS[name] or (name == "log_level" and value.upper() in WORDS[name])
        return "" if known else f"one of {', '.join(WORDS[name])}"
    if name in SCHEMES:
        if name == "public_url" and not _is_site(value):
            return "an address as https://fuxun.example.org, without a path"
        if name == "mongodb_uri" and _reads_elsewhere(value):
            return "without readPreference: what was just decided is read of the primary"
        empty = name == "sms_url" and not value
        return "" if empty or _is_url(value, SCHEMES[name]) else _begins(SCHEMES[name])
    if name.startswith("limit_"):
        return "" if LIMITS.fullmatch(value) else 'as in "5 per hour" or "5 per hour; 20 per day"'
    if name == "business_time_zone":
        return "" if _is_time_zone(value) else "a time zone known here, say Asia/Shanghai"
    return "the path of a folder" if name == "keys_dir" and not value.strip() else ""


def _begins(schemes: tuple[str, ...]) -> str:
    return "an address beginning " + " or ".join(f"{scheme}://" for scheme in schemes)


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.netloc)


def _reads_elsewhere(value: str) -> bool:
    """Whether the address asks for reads of other members than the primary."""
    said = re.findall(r"[?&]readpreference=([^&]*)", value.lower())
    return any(preference != "primary" for preference in said)


def _is_site(value: str) -> bool:
    """Whether it is scheme, host and perhaps port, as printed before the path of a page."""
    return bool(re.fullmatch(r"https?://[0-9A-Za-z.:\[\]-]+", value))


def _is_time_zone(value: str) -> bool:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder of them
        return False
    return True


def _refuse_unsafe(loaded: Settings) -> None:
    """Production must not run with what only a demo may have."""
    if loaded.demo:
        raise BadSetting("PRODUCTION=1 and DEMO=1 exclude each other")
    if loaded.sms_sender == "log":
        raise BadSetting(
            "PRODUCTION=1 needs SMS_SENDER=http and SMS_URL: codes may not go to a log"
        )
    if not loaded.public_url.startswith("https://"):
        raise BadSetting(
            "PRODUCTION=1 needs PUBLIC_URL=https://…: where strangers check what is printed"
        )
    # However it is spelt: ./var/keys, a link, the whole path.
    if Path(loaded.keys_dir).resolve() in (Path(Settings.keys_dir).resolve(), DEMO_KEYS.resolve()):
        raise BadSetting("PRODUCTION=1 needs KEYS_DIR: a folder with keys of your own")
