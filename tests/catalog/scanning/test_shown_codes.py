"""The QR's text: what was signed is read back; bent, cut, re-signed or replayed, it is refused."""

import base64
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.scanning.shown_codes import (
    DOMAIN,
    PREFIX,
    STEP_S,
    TEXT_LETTERS,
    QrExpired,
    QrForged,
    QrOfOtherPoint,
    QrOfOtherTown,
    QrOutdated,
    ShownCode,
    accepted_at_point,
    genuine,
    key_id_of,
    looks_shown,
    signed_text,
    step_of,
    step_start,
    town_of,
)

PURE = True

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY_ID = key_id_of(KEY.public_key().public_bytes_raw())
KEYS = {KEY_ID: KEY.public_key()}
TOWN, POINT = town_of("1" * 24), "2" * 24
NOW = datetime(2017, 12, 4, 19, 0, tzinfo=UTC)
SHOWN = ShownCode(KEY_ID, TOWN, "3" * 24, POINT, 1, int(NOW.timestamp()) + 86_400, step_of(NOW))
TEXT = signed_text(SHOWN, KEY)
RECORD_BYTES = 47

ids = st.binary(min_size=12, max_size=12).map(bytes.hex)
shown_codes = st.builds(
    ShownCode,
    key_id=st.just(KEY_ID),
    town=st.binary(min_size=8, max_size=8).map(bytes.hex),
    voucher_id=ids,
    point_id=ids,
    code_turn=st.integers(0, 2**16 - 1),
    expires_at_s=st.integers(0, 2**32 - 1),
    step=st.integers(0, 2**32 - 1),
)


def at_point(text=TEXT, *, town=TOWN, point_id=POINT, moment=NOW, keys=KEYS):
    return accepted_at_point(text, keys, town=town, point_id=point_id, moment=moment)


def raw_of(text):
    letters = text[len(PREFIX) :]
    return base64.b32decode(letters + "=" * (-len(letters) % 8))


def text_of(raw):
    return PREFIX + base64.b32encode(raw).decode().rstrip("=")


@given(shown_codes)
def test_what_was_signed_is_read_back_in_letters_that_a_qr_packs_well(shown):
    text = signed_text(shown, KEY)
    assert genuine(text, KEYS) == shown
    assert len(text) == TEXT_LETTERS
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    assert looks_shown(text)
    assert looks_shown(f" {text.lower()}")


def test_a_point_without_network_takes_a_genuine_fresh_one():
    assert at_point() == SHOWN
    assert at_point(f" {TEXT}\n") == SHOWN


@pytest.mark.parametrize("place", range(RECORD_BYTES + 64))
def test_any_byte_bent_is_a_forgery(place):
    raw = bytearray(raw_of(TEXT))
    for bit in range(8):
        raw[place] ^= 1 << bit
        with pytest.raises(QrForged):
            genuine(text_of(bytes(raw)), KEYS)
        raw[place] ^= 1 << bit


@pytest.mark.parametrize(
    "bent",
    [
        {"town": "0" * 16},
        {"voucher_id": "4" * 24},
        {"point_id": "5" * 24},
        {"code_turn": 0},
        {"expires_at_s": SHOWN.expires_at_s + 86_400},
        {"step": SHOWN.step + 1},
    ],
)
def test_a_field_altered_under_the_old_signature_is_a_forgery(bent):
    altered = raw_of(signed_text(SHOWN._replace(**bent), KEY))[:RECORD_BYTES]
    with pytest.raises(QrForged):
        genuine(text_of(altered + raw_of(TEXT)[RECORD_BYTES:]), KEYS)


@given(st.integers(0, TEXT_LETTERS - 1))
def test_a_text_that_is_cut_is_a_forgery(length):
    for cut in (TEXT[:length], TEXT[length + 1 :], TEXT + TEXT[:length]):
        assume(cut != TEXT)
        with pytest.raises(QrForged):
            genuine(cut, KEYS)


@given(st.integers(0, TEXT_LETTERS - 1), st.characters(codec="utf-8"))
def test_any_other_letter_anywhere_is_a_forgery(place, letter):
    bent = TEXT[:place] + letter + TEXT[place + 1 :]
    assume(bent.strip() != TEXT)
    with pytest.raises(QrForged):
        genuine(bent, KEYS)


def test_signed_anew_with_another_key_it_is_a_forgery():
    named_as_ours = signed_text(SHOWN, OTHER)
    named_as_theirs = signed_text(
        SHOWN._replace(key_id=key_id_of(OTHER.public_key().public_bytes_raw())), OTHER
    )
    for text in (named_as_ours, named_as_theirs):
        with pytest.raises(QrForged):
            genuine(text, KEYS)


def test_a_signature_of_ours_over_something_else_is_no_qr():
    record = raw_of(TEXT)[:RECORD_BYTES]
    for signed in (record, b"fuxun head\x00" + record, DOMAIN[:-1] + record):
        with pytest.raises(QrForged):
            genuine(text_of(record + KEY.sign(signed)), KEYS)


def test_another_version_is_not_read_as_this_one():
    record = bytes([2]) + raw_of(TEXT)[1:RECORD_BYTES]
    with pytest.raises(QrForged):
        genuine(text_of(record + KEY.sign(DOMAIN + record)), KEYS)


def test_a_second_spelling_of_the_same_bytes_is_refused():
    # 111 bytes fill 178 letters but for two bits, which a reader might overlook.
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".index(TEXT[-1])
    for other in range(last - last % 4, last - last % 4 + 4):
        respelt = TEXT[:-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[other]
        if respelt != TEXT:
            with pytest.raises(QrForged):
                genuine(respelt, KEYS)


@pytest.mark.parametrize(("late_s", "is_taken"), [(-31, False), (-30, True), (59, True)])
def test_a_screenshot_serves_for_its_step_and_the_next_one(late_s, is_taken):
    moment = NOW + timedelta(seconds=late_s)
    if is_taken:
        assert at_point(moment=moment) == SHOWN
    else:
        with pytest.raises(QrOutdated):
            at_point(moment=moment)


@given(st.integers(-(10**6), 10**6))
def test_no_text_is_taken_for_longer_than_three_steps(offset_s):
    moment = NOW + timedelta(seconds=offset_s)
    is_near = -STEP_S <= (moment - step_start(SHOWN.step)).total_seconds() < 2 * STEP_S
    if not is_near and moment < SHOWN.expires_at:
        with pytest.raises(QrOutdated):
            at_point(moment=moment)


def test_a_point_without_network_says_what_is_wrong():
    with pytest.raises(QrOfOtherTown):
        at_point(town=town_of("9" * 24))
    with pytest.raises(QrOfOtherPoint):
        at_point(point_id="9" * 24)
    ended = signed_text(SHOWN._replace(expires_at_s=int(NOW.timestamp())), KEY)
    with pytest.raises(QrExpired):
        at_point(ended)
    with pytest.raises(QrForged):
        at_point(keys={})


def test_of_a_hundred_thousand_made_up_texts_none_is_taken():
    taken = 0
    for number in range(100_000):
        if number % 2:
            raw = secrets.token_bytes(RECORD_BYTES + 64)
        else:  # the record of a genuine one, under a made-up signature
            raw = raw_of(TEXT)[:RECORD_BYTES] + secrets.token_bytes(64)
        try:
            genuine(text_of(raw), KEYS)
        except QrForged:
            continue
        taken += 1
    assert taken == 0


@pytest.mark.parametrize(
    "text", ["", "FX1", "FX2AAAA", "FX1" + "!" * 178, "fx1" + "A" * 178, "福" * 181]
)
def test_text_of_any_kind_gets_an_answer(text):
    with pytest.raises(QrForged):
        genuine(text, KEYS)
