"""Every setting, read once from the environment. The defaults run on a laptop.

Each field is an environment variable of the same name in capitals (`mongodb_uri` is
`MONGODB_URI`); README lists them all, and a test keeps that list complete.
"""

import os
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any


@dataclass(frozen=True)
class Settings:
    """The process's settings; see README for what each one means."""

    mongodb_uri: str = "mongodb://127.0.0.1:27017/fuxun?replicaSet=fuxun"
    redis_url: str = "redis://127.0.0.1:6379/0"
    keys_dir: str = "var/keys"
    demo: bool = False
    production: bool = False
    business_time_zone: str = "Asia/Shanghai"
    web_workers: int = 2
    web_threads: int = 4
    job_workers: int = 1
    max_body_bytes: int = 1_000_000
    access_token_minutes: int = 15
    refresh_token_days: int = 30
    sms_sender: str = "log"
    sms_url: str = ""
    trusted_proxies: int = 0
    limit_codes_per_address: str = "20 per hour"
    limit_codes_per_phone: str = "5 per hour"
    limit_sign_ins_per_address: str = "60 per minute"
    log_level: str = "INFO"


class BadSetting(Exception):
    """Raised when an environment variable cannot be read as what the setting needs."""


def _read(name: str, default: Any, raw: str) -> Any:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "0": False, "false": False, "": False}[raw.lower()]
        return type(default)(raw)
    except (KeyError, ValueError):
        kind = "0 or 1" if isinstance(default, bool) else type(default).__name__
        raise BadSetting(f"{name.upper()}={raw!r} cannot be read; it must be {kind}") from None


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process. Raises BadSetting, and refuses an unsafe production."""
    given = {
        field.name: _read(field.name, field.default, os.environ[field.name.upper()])
        for field in fields(Settings)
        if field.name.upper() in os.environ
    }
    loaded = Settings(**given)
    if loaded.sms_sender not in ("log", "http"):
        raise BadSetting(f"SMS_SENDER={loaded.sms_sender!r} is none of log, http")
    if loaded.sms_sender == "http" and not loaded.sms_url:
        raise BadSetting("SMS_SENDER=http needs SMS_URL: where codes are sent to")
    if loaded.production:
        _refuse_unsafe(loaded)
    return loaded


def _refuse_unsafe(loaded: Settings) -> None:
    """Production must not run with what only a demo may have."""
    if loaded.demo:
        raise BadSetting("PRODUCTION=1 and DEMO=1 exclude each other")
    if loaded.sms_sender == "log":
        raise BadSetting(
            "PRODUCTION=1 needs SMS_SENDER=http and SMS_URL: codes may not go to a log"
        )
    if loaded.keys_dir == Settings.keys_dir:
        raise BadSetting("PRODUCTION=1 needs KEYS_DIR: a folder with keys of your own")
