"""Who acts: people, the units of the territory they act in, and the roles that join the two.

A person signs up with a phone and a code, proves a real name once, and holds roles at units; a
role reaches down its unit's subtree. Staff sign in with a password. Every verb takes the acting
person as `by`, an `Actor`. Changes of roles and openings of sealed data are on the trail.
"""

from people.actor import Actor, HasLineage, Held
from people.cards import Card, card_of, person_with_card, reissue_card
from people.certificates import certificates_of, give_certificate, take_certificate_back
from people.change_record import ChangeRecord
from people.changes import (
    ChangePage,
    WhyMissing,
    changes_page,
    changes_since,
    record_change,
    sound_why,
)
from people.counting_attempts import count_attempt, take_attempt_back
from people.coverage import Finding, Flaw
from people.everybody import people_after
from people.founding import NewUnit, create_unit, found_city
from people.granting import grant_role, revoke_role
from people.ground import Ground, ids_below
from people.holders import holders_around
from people.homes import Belonging, belongings_at, belongings_of, moved_since
from people.identity import Identity, open_identity
from people.layer import Layer, Level
from people.levels import LEVELLED_ROLES, set_level, set_role_levels
from people.nearby_units import units_near
from people.own_name import own_name_of
from people.own_phone import NoPhone, own_phone_of
from people.person import Certificate, Membership, Person, Session
from people.phone_code import PhoneCode
from people.phone_codes import CodeSent, request_code
from people.phones import masked_phone, normalised_phone
from people.profiles import update_profile
from people.questions import (
    PersonNotFound,
    RealNameMissing,
    UnitNotFound,
    UnitPage,
    actor_for,
    actor_with_login,
    district_code_of,
    holders_at,
    holders_of,
    known_person_of,
    must_be_known,
    people_of,
    person_of,
    root_unit_id,
    staff_with_login,
    unit_of,
    unit_with_code,
    units_in,
    units_of,
    units_page,
)
from people.reach import must_hold_at_root
from people.real_names import check_digit, masked_name
from people.registration import record_real_name, sign_in_with_code
from people.remembered_sessions import actor_lately, forget_everybody, forget_person
from people.roles import Role
from people.second_check import HolderHasNoPhone, phone_ends_with
from people.shown import own_profile
from people.staff import add_staff, sign_in_with_password
from people.territory import grids_at, layers, top_with_code
from people.territory_import import FindingAt, TerritoryReport, import_territory
from people.tokens import (
    OpenSession,
    actor_of,
    end_all_sessions,
    end_session,
    rotate_session,
)
from people.trail import trail_about
from people.trail_record import Act, TrailRecord
from people.unit import LAYERS, Unit, UnitKind, unit_id_for

__all__ = [
    "LAYERS",
    "LEVELLED_ROLES",
    "Act",
    "Actor",
    "Belonging",
    "Card",
    "Certificate",
    "ChangePage",
    "ChangeRecord",
    "CodeSent",
    "Finding",
    "FindingAt",
    "Flaw",
    "Ground",
    "HasLineage",
    "Held",
    "HolderHasNoPhone",
    "Identity",
    "Layer",
    "Level",
    "Membership",
    "NewUnit",
    "NoPhone",
    "OpenSession",
    "Person",
    "PersonNotFound",
    "PhoneCode",
    "RealNameMissing",
    "Role",
    "Session",
    "TerritoryReport",
    "TrailRecord",
    "Unit",
    "UnitKind",
    "UnitNotFound",
    "UnitPage",
    "WhyMissing",
    "actor_for",
    "actor_lately",
    "actor_of",
    "actor_with_login",
    "add_staff",
    "belongings_at",
    "belongings_of",
    "card_of",
    "certificates_of",
    "changes_page",
    "changes_since",
    "check_digit",
    "count_attempt",
    "create_unit",
    "district_code_of",
    "end_all_sessions",
    "end_session",
    "forget_everybody",
    "forget_person",
    "found_city",
    "give_certificate",
    "grant_role",
    "grids_at",
    "holders_around",
    "holders_at",
    "holders_of",
    "ids_below",
    "import_territory",
    "known_person_of",
    "layers",
    "masked_name",
    "masked_phone",
    "moved_since",
    "must_be_known",
    "must_hold_at_root",
    "normalised_phone",
    "open_identity",
    "own_name_of",
    "own_phone_of",
    "own_profile",
    "people_after",
    "people_of",
    "person_of",
    "person_with_card",
    "phone_ends_with",
    "record_change",
    "record_real_name",
    "reissue_card",
    "request_code",
    "revoke_role",
    "root_unit_id",
    "rotate_session",
    "set_level",
    "set_role_levels",
    "sign_in_with_code",
    "sign_in_with_password",
    "sound_why",
    "staff_with_login",
    "take_attempt_back",
    "take_certificate_back",
    "top_with_code",
    "trail_about",
    "unit_id_for",
    "unit_of",
    "unit_with_code",
    "units_in",
    "units_near",
    "units_of",
    "units_page",
    "update_profile",
]
