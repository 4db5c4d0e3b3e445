"""Settings: what cannot be meant stops the process and is named, and production is no demo."""

from pathlib import Path

import pytest

from settings import DEMO_KEYS, BadSetting, Settings, settings

PURE = True
PRODUCTION = {
    "PRODUCTION": "1",
    "DEMO": "0",
    "SMS_SENDER": "http",
    "SMS_URL": "https://sms.example.org/send",
    "KEYS_DIR": "/etc/fuxun/keys",
    "PUBLIC_URL": "https://fuxun.example.org",
}

# Of these the value is not said: it can hold a password.
SCHEMES_SAID = ("MONGODB_URI", "REDIS_URL", "SMS_URL", "PUBLIC_URL")


@pytest.fixture
def read(monkeypatch):
    """`read(WEB_WORKERS="4")` is what a process started in that environment reads."""
    for name in Settings.__dataclass_fields__:
        monkeypatch.delenv(name.upper(), raising=False)

    def read_anew(**environment):
        with monkeypatch.context() as given:
            for name, value in environment.items():
                given.setenv(name, value)
            return settings.__wrapped__()

    return read_anew


def test_the_defaults_are_settings_that_can_be_used(read):
    assert read() == Settings()
    spelt_out = {name.upper(): str(value) for name, value in vars(Settings()).items()}
    assert read(**spelt_out) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUSINESS_TIME_ZONE", "Asia/Fuzhou"),
        ("BUSINESS_TIME_ZONE", "Asia"),
        ("BUSINESS_TIME_ZONE", ""),
        ("BUSINESS_TIME_ZONE", "../../etc/passwd"),
        ("LIMIT_CODES_PER_PHONE", "five per hour"),
        ("LIMIT_CODES_PER_PHONE", "5 per fortnight"),
        ("LIMIT_CODES_PER_ADDRESS", ""),
        ("LIMIT_CODES_PER_ADDRESS", "0 per hour"),
        ("LIMIT_SIGN_INS_PER_ADDRESS", "-5 per minute"),
        ("LIMIT_SIGN_INS_PER_ADDRESS", "5 per minute;"),
        ("MONGODB_URI", "mongodb://db/fuxun?replicaSet=fuxun&readPreference=secondaryPreferred"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_LEVEL", ""),
        ("WEB_WORKERS", "0"),
        ("WEB_THREADS", "-1"),
        ("JOB_WORKERS", "1000000"),
        ("MAX_BODY_BYTES", "0"),
        ("MAX_BODY_BYTES", "1e6"),
        ("ACCESS_TOKEN_MINUTES", "0"),
        ("ACCESS_TOKEN_MINUTES", "99999999999"),
        ("REFRESH_TOKEN_DAYS", "-30"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "200"),
        ("SMS_SENDER", "pigeon"),
        ("SMS_URL", "ftp://sms.example.org"),
        ("SMS_URL", "sms.example.org/send"),
        ("SMS_URL", "http://"),
        ("SMS_URL", "http://[::1"),
        ("PUBLIC_URL", "fuxun.example.org"),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "https://fuxun.example.org/app/"),
        ("PUBLIC_URL", "https://user:word@fuxun.example.org"),
        ("MONGODB_URI", "127.0.0.1:27017"),
        ("REDIS_URL", "http://127.0.0.1:6379"),
        ("KEYS_DIR", " "),
        ("DEMO", "yes"),
    ],
)
def test_a_value_that_cannot_be_meant_is_named_with_what_it_must_be(read, name, value):
    with pytest.raises(BadSetting, match=f"^{name}.* must be ") as bad:
        read(**{name: value})
    assert repr(value) in str(bad.value) or name in SCHEMES_SAID


def test_a_password_in_an_address_is_not_said(read):
    with pytest.raises(BadSetting) as bad:
        read(REDIS_URL="valkey://user:hunter2@cache/0")
    assert "hunter2" not in str(bad.value)


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("LIMIT_CODES_PER_PHONE", "5 per hour; 20 per day", "5 per hour; 20 per day"),
        ("LIMIT_SIGN_INS_PER_ADDRESS", "100000 per minute", "100000 per minute"),
        ("LOG_LEVEL", "debug", "debug"),
        ("BUSINESS_TIME_ZONE", "Asia/Urumqi", "Asia/Urumqi"),
        ("MONGODB_URI", "mongodb+srv://db.example.org/fuxun", "mongodb+srv://db.example.org/fuxun"),
        (
            "MONGODB_URI",
            "mongodb://db/x?readPreference=primary",
            "mongodb://db/x?readPreference=primary",
        ),
        ("WEB_WORKERS", "256", 256),
        ("TRUSTED_PROXIES", "0", 0),
        ("DEMO", "TRUE", True),
    ],
)
def test_what_can_be_meant_is_read(read, name, value, meant):
    assert getattr(read(**{name: value}), name.lower()) == meant


def test_a_sender_by_http_needs_its_address(read):
    with pytest.raises(BadSetting, match="SMS_URL"):
        read(SMS_SENDER="http")


def test_production_with_all_that_it_needs_starts(read):
    assert read(**PRODUCTION).production


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"DEMO": "1"}, "DEMO=1"),
        ({"SMS_SENDER": "log"}, "SMS_SENDER=http"),
        ({"PUBLIC_URL": "http://fuxun.example.org"}, "PUBLIC_URL=https"),
        ({"PUBLIC_URL": Settings.public_url}, "PUBLIC_URL=https"),
        ({"KEYS_DIR": "var/keys"}, "KEYS_DIR"),
        ({"KEYS_DIR": "./var/keys"}, "KEYS_DIR"),
        ({"KEYS_DIR": "var/../var/keys/"}, "KEYS_DIR"),
        ({"KEYS_DIR": str(Path("var/keys").resolve())}, "KEYS_DIR"),
        ({"KEYS_DIR": str(DEMO_KEYS)}, "KEYS_DIR"),
    ],
)
def test_production_refuses_what_only_a_demo_may_have(read, change, said):
    with pytest.raises(BadSetting, match=said):
        read(**{**PRODUCTION, **change})


def test_production_knows_the_demos_keys_from_any_folder_and_by_a_link(read, monkeypatch, tmp_path):
    (tmp_path / "link").symlink_to(DEMO_KEYS)
    monkeypatch.chdir(tmp_path)
    for spelling in ("link", str(DEMO_KEYS)):
        with pytest.raises(BadSetting, match="KEYS_DIR"):
            read(**{**PRODUCTION, "KEYS_DIR": spelling})
