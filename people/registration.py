"""How people come in: sign-up and sign-in by phone and code, and the real-name step."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people.actor import Actor
from people.counting_attempts import count_attempt
from people.person import Person
from people.phone_codes import use_code
from people.phones import normalised_phone
from people.questions import person_of
from people.real_names import cleaned_real_name, validated_id_number
from people.roles import Role
from people.tokens import OpenSession, open_session
from people.trail import record_act
from people.trail_record import Act
from people.unit import Unit, UnitKind
from settings import settings
from shared.clock import now, real_now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid
from shared.i18n import DEFAULT_LANGUAGE, Text
from shared.sealing import keyed_hash, keyed_hashes, seal, unseal

# The step tells whether an identity number has an account, so it is no tool to ask after many.
REAL_NAME_TRIES = "10 per day"


class UnknownRecruiter(Invalid):
    """Raised when the person named as recruiter does not exist."""

    message = Text("There is no such recruiter.", "推荐人不存在。")


class UnknownHome(Invalid):
    """Raised when the home named is no unit of the civil territory."""

    message = Text("The home must be a unit of the civil territory.", "居住地须为行政区划单位。")


class IdNumberTaken(Conflict):
    """Raised when the identity number already belongs to another account."""

    message = Text(
        "This identity number already has an account; one person has one account.",
        "该身份证号码已注册，一人只能有一个账号。",
    )


class RealNameRecorded(Conflict):
    """Raised when the real-name step was done before, with other content."""

    message = Text(
        "The real-name step is done; ask an officer to correct it.",
        "实名信息已登记，如需更正请联系工作人员。",
    )


def sign_in_with_code(
    phone: str, code: str, *, recruited_by: str = "", language: str = DEFAULT_LANGUAGE
) -> OpenSession:
    """Open a session for the owner of a phone, who becomes a person at the first time.

    `recruited_by` (a person's id) counts at that first time only. Raises BadPhone,
    UnknownRecruiter, WrongCode, NoCode, CodeBlocked.
    """
    phone = normalised_phone(phone)
    # Before the code is used up: a wrong recruiter may be mended and sent again.
    if recruited_by and not collection(Person).count_documents({"_id": recruited_by}, limit=1):
        raise UnknownRecruiter("recruited_by")
    use_code(phone, code)
    person_id = _person_id_with(phone)
    if person_id:
        return open_session(person_id)
    person_id, is_new = _add_person(phone, recruited_by, language)
    return open_session(person_id, is_new_person=is_new)


def _person_id_with(phone: str) -> str:
    hashes = keyed_hashes(phone)
    found = collection(Person).find_one({"phone_hash": {"$in": hashes}}, {"_id": 1})
    return found["_id"] if found else ""


def _add_person(phone: str, recruited_by: str, language: str) -> tuple[str, bool]:
    """The id of the person with this phone, and whether this call made them."""
    person = Person(
        phone_hash=keyed_hash(phone),
        recruited_by=recruited_by or None,
        language=language,
        created_at=real_now(),
    )
    person.phone_sealed = seal(phone, bound_to=person.seal_place("phone"))
    try:
        collection(Person).insert_one(person.to_mongo().to_dict())
    except DuplicateKeyError:
        return _person_id_with(phone), False
    return str(person.id), True


def record_real_name(
    real_name: str, id_number: str, *, home_unit_id: str = "", by: Actor
) -> Person:
    """Take the caller's real-name step: sealed, once, one account an identity number.

    With `home_unit_id` (a civil unit) the caller becomes RESIDENT there. The same content again
    changes nothing. Raises BadRealName, BadIdNumber, BadBirthDate, UnknownHome, IdNumberTaken,
    RealNameRecorded, and TooMany at the eleventh try of a day.
    """
    name = cleaned_real_name(real_name)
    today = now().astimezone(ZoneInfo(settings().business_time_zone)).date()
    number = validated_id_number(id_number, today=today)
    if home_unit_id:
        _refuse_other_than_civil(home_unit_id)
    # Losing to another write of this person means reading again, twice at most.
    for again in range(3):
        person = person_of(by.person_id)
        if person.is_real_name_known:
            return _same_or_refuse(person, name, number, home_unit_id)
        if not again:
            count_attempt(f"real-name:{person.id}", REAL_NAME_TRIES)
        if _recorded(person, name, number, home_unit_id):
            return person_of(by.person_id)
    raise Conflict


def _refuse_other_than_civil(unit_id: str) -> None:
    found = collection(Unit).find_one({"_id": unit_id}, {"kind": 1})
    if found is None or found["kind"] != UnitKind.CIVIL:
        raise UnknownHome("home_unit_id")


def _same_or_refuse(person: Person, name: str, number: str, home_unit_id: str) -> Person:
    is_home_known = not home_unit_id or person.is_member(Role.RESIDENT, home_unit_id)
    is_same = (
        person.id_number_hash in keyed_hashes(number)
        and unseal(person.real_name_sealed, bound_to=person.seal_place("real_name")) == name
    )
    if is_same and is_home_known:
        return person
    raise RealNameRecorded


def _recorded(person: Person, name: str, number: str, home_unit_id: str) -> bool:
    """Write the step where the person is still as read; the number's unique hash decides."""
    # The unique index knows the current key only; accounts from before a rotation are asked here.
    if collection(Person).count_documents(
        {"id_number_hash": {"$in": keyed_hashes(number)}, "_id": {"$ne": person.id}}, limit=1
    ):
        raise IdNumberTaken
    moment = real_now()
    change: dict[str, Any] = {
        "$set": {
            "real_name_sealed": seal(name, bound_to=person.seal_place("real_name")),
            "id_number_sealed": seal(number, bound_to=person.seal_place("id_number")),
            "id_number_hash": keyed_hash(number),
            "real_name_at": moment,
        },
        "$inc": {"version": 1},
    }
    granted = _place_of_residence(person, home_unit_id)
    home = home_unit_id if granted is None else ""
    if home:
        change["$push"] = {"memberships": _residence(home, moment)}
    elif home_unit_id:
        # The place in the list holds: memberships change together with the version.
        change["$set"][f"memberships.{granted}.is_home"] = True
    unchanged = {"_id": person.id, "version": person.version, "real_name_at": {"$exists": False}}

    def decide(session: ClientSession) -> bool:
        written = collection(Person).update_one(unchanged, change, session=session)
        if written.matched_count and home:
            facts: dict[str, Any] = {"role": Role.RESIDENT.value, "unit_id": home}
            record_act(Act.ROLE_GRANTED, person.id, by_id=person.id, session=session, **facts)
        return bool(written.matched_count)

    try:
        return in_transaction(decide)
    except DuplicateKeyError:
        raise IdNumberTaken from None


def _place_of_residence(person: Person, unit_id: str) -> int | None:
    """Where among the memberships RESIDENT at the unit stands, granted before the step."""
    for place, held in enumerate(person.memberships):
        if held.role == Role.RESIDENT and held.unit_id == unit_id:
            return place
    return None


def _residence(unit_id: str, since: datetime) -> dict[str, Any]:
    return {"role": Role.RESIDENT.value, "unit_id": unit_id, "since": since, "is_home": True}
