"""Signing keys: every key of a purpose signs, after a rotation too, and nothing else fits."""

from hypothesis import given
from hypothesis import strategies as st

from shared import signing_keys as files
from shared.canonical import plain_text
from shared.sealing import Keyring
from shared.signing_keys import current_signing_key, is_signed, signing_keys

PURE = True

RING = Keyring("k2", {"k1": bytes(32), "k2": bytes(range(32))})


def test_the_current_key_signs_and_every_held_one_is_known_by_its_name(monkeypatch):
    monkeypatch.setattr(files, "keyring", {"seals": RING}.get)
    held = signing_keys("seals")
    assert list(held) == ["k1", "k2"]
    assert current_signing_key("seals") == held["k2"]
    signature = current_signing_key("seals").sign(b"said")
    assert is_signed(b"said", signature, held["k2"].public)
    assert not is_signed(b"said", signature, held["k1"].public)


def test_the_first_vector_of_the_standard_is_met(monkeypatch):
    """RFC 8032, section 7.1, test 1: the empty message."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    monkeypatch.setattr(files, "keyring", {"seals": Keyring("k1", {"k1": seed})}.get)
    key = current_signing_key("seals")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert key.public.hex() == public
    assert key.sign(b"").startswith(
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    )


@given(st.binary(max_size=70), st.text(max_size=140))
def test_whatever_is_shown_instead_of_a_signature_is_none(data, shown):
    key = files._from_seed(bytes(32))
    assert not is_signed(data, shown, key.public)
    assert not is_signed(data, key.sign(data + b"!"), key.public)
    assert not is_signed(data, key.sign(data), b"short")


def test_canonical_texts_keep_no_order_of_their_own():
    assert plain_text({"b": {"d": 1, "c": 2}, "a": "福"}) == '{"a":"\\u798f","b":{"c":2,"d":1}}'
