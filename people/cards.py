"""The printed card of a person: a QR text and a short code, known again when they are read.

A card says whose it is and which issue of it, under a keyed hash; issuing the next makes it void.
"""

import hmac
import re
import secrets
from typing import NamedTuple

from pymongo.errors import DuplicateKeyError

from people.actor import Actor
from people.person import Person
from people.questions import person_of
from people.reach import must_reach
from people.roles import Role
from people.trail import record_act
from people.trail_record import Act
from shared.errors import Conflict, Refused
from shared.i18n import Text
from shared.sealing import keyed_hash, keyed_hashes, seal, unseal

# Without what is read wrongly: 0 O, 1 I L.
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LETTERS = 10
_TEXT = re.compile(r"FXC\.([0-9a-f]{24})\.([0-9]{1,9})\.([0-9a-f]{24})")
_TRIES = 5


class UnknownCard(Refused):
    """Raised when a card or its code is none of ours, or a newer one took its place."""

    message = Text("This card is not known, or is no longer valid.", "卡片无效或已作废。")


class CardChanged(Conflict):
    """Raised when a card is to be reissued that is no longer the one the caller has seen."""

    message = Text("The card is at issue {version} now.", "卡片现为第 {version} 版。")


class Card(NamedTuple):
    """What is printed: the QR's text, the code to read out, whose it is and which issue."""

    person_id: str
    nickname: str
    version: int
    text: str
    code: str


def card_of(person_id: str, *, by: Actor) -> Card:
    """The person's card, issued where there is none yet; on the trail where staff looks.

    Raises PersonNotFound, NotAllowed.
    """
    person = _reached(person_id, by)
    if not person.card_version:
        person = _issued(person)
    if person.id != by.person_id:
        record_act(Act.CARD_SHOWN, person.id, by_id=by.person_id)
    return _card(person)


def reissue_card(person_id: str, version: int, *, by: Actor) -> Card:
    """The person's next card, after the one of `version`, which is void from now on.

    Repeating it issues no second one. Raises PersonNotFound, NotAllowed, CardChanged.
    """
    person = _reached(person_id, by)
    if person.card_version == version:
        person = _issued(person)
        record_act(Act.CARD_REISSUED, person.id, by_id=by.person_id)
    if person.card_version != version + 1:
        raise CardChanged(version=person.card_version)
    return _card(person)


def person_with_card(shown: str) -> Person:
    """Whose card was read: its QR text, or its code however it is written. Raises UnknownCard."""
    shape = _TEXT.fullmatch(shown.strip())
    found: Person | None = _of_text(shape) if shape else _of_code(shown)
    if found is None:
        raise UnknownCard
    return found


def _of_text(shape: re.Match[str]) -> Person | None:
    person_id, version, mac = shape[1], int(shape[2]), shape[3]
    known = keyed_hashes(_said(person_id, version))
    if not any(hmac.compare_digest(_short(one), mac) for one in known):
        return None
    found: Person | None = Person.objects(id=person_id, card_version=version).first()
    return found


def _of_code(shown: str) -> Person | None:
    code = re.sub(r"[\s-]", "", shown).upper()
    if len(code) != CODE_LETTERS or any(letter not in LETTERS for letter in code):
        return None
    hashes = keyed_hashes(f"card-code:{code}")
    found: Person | None = Person.objects(card_code_hash__in=hashes).first()
    return found


def _reached(person_id: str, by: Actor) -> Person:
    person = person_of(person_id)
    if person.id != by.person_id:
        must_reach(person, Role.CENTRE_OFFICER, by=by)
    return person


def _issued(person: Person) -> Person:
    """The person with the next card; of two issued at once, the first one's stands."""
    seen = person.card_version or 0
    for _ in range(_TRIES):
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))
        try:
            Person.objects(id=person.id, card_version__in=[seen] if seen else [0, None]).update_one(
                set__card_version=seen + 1,
                set__card_code_sealed=seal(code, bound_to=person.seal_place("card_code_sealed")),
                set__card_code_hash=keyed_hash(f"card-code:{code}"),
            )
        except DuplicateKeyError:  # somebody else's code: draw another
            continue
        break
    return person_of(person.id)


def _card(person: Person) -> Card:
    mac = _short(keyed_hash(_said(person.id, person.card_version)))
    code = unseal(person.card_code_sealed, bound_to=person.seal_place("card_code_sealed"))
    return Card(
        person.id,
        person.nickname,
        person.card_version,
        f"FXC.{person.id}.{person.card_version}.{mac}",
        f"{code[:5]}-{code[5:]}",
    )


def _said(person_id: str, version: int) -> str:
    return f"card:{person_id}:{version}"


def _short(hashed: str) -> str:
    return hashed.rpartition(".")[2][:24]
