"""People on the wire: phone, name and identity number masked, but to who opened them for cause."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID, moment_out
from people import Act, Role
from shared.i18n import LANGUAGES

SHORT = validate.Length(max=60)


class RoleAtUnitSchema(ma.Schema):
    """A role and the unit at which it is held."""

    role = fields.Enum(Role, by_value=True, required=True)
    unit_id = fields.String(required=True, validate=ID)


class MembershipSchema(RoleAtUnitSchema):
    """A role held, reaching down the unit's subtree."""

    since = fields.AwareDateTime(format="iso", dump_only=True)


class PersonSchema(ma.Schema):
    """A person as those who give roles see them."""

    id = fields.String()
    login = fields.String(allow_none=True)
    nickname = fields.String()
    memberships = fields.List(fields.Nested(MembershipSchema))
    created_at = fields.AwareDateTime(format="iso")
    version = fields.Integer(metadata={"description": "send it back as If-Match"})


class MeSchema(PersonSchema):
    """The caller as they see themselves."""

    phone = fields.String(metadata={"description": "masked, as 138****1234"})
    real_name = fields.String(metadata={"description": "masked; empty before the step"})
    is_real_name_known = fields.Boolean()
    real_name_at = fields.AwareDateTime(format="iso", allow_none=True)
    language = fields.String()
    trade = fields.String()
    organisations = fields.List(fields.String())
    serves_as = fields.List(fields.String())
    recruited_by = fields.String(allow_none=True)
    groups = fields.List(fields.String())
    level = fields.Integer()


class ProfileSchema(ma.Schema):
    """What people may change of themselves; what is left out stays."""

    nickname = fields.String(validate=SHORT)
    language = fields.String(validate=validate.OneOf(LANGUAGES))
    trade = fields.String(validate=SHORT)
    organisations = fields.List(fields.String(validate=SHORT), validate=validate.Length(max=10))
    serves_as = fields.List(fields.String(validate=SHORT), validate=validate.Length(max=10))


class RealNameSchema(ma.Schema):
    """The real-name step: stored sealed, never shown again."""

    real_name = fields.String(required=True, load_only=True, validate=validate.Length(1, 60))
    id_number = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(1, 40),
        metadata={"description": "18-digit resident identity number"},
    )
    home_unit_id = fields.String(
        load_default="",
        validate=ID,
        metadata={"description": "a civil unit; makes the caller a resident there"},
    )


class OpeningSchema(ma.Schema):
    """Why sealed data must be opened; kept on the trail."""

    reason = fields.String(required=True, validate=SHORT)


class IdentitySchema(ma.Schema):
    """Who a person is; empty where they never said."""

    phone = fields.String()
    real_name = fields.String()
    id_number = fields.String()


class TrailRecordSchema(ma.Schema):
    """One act upon a person."""

    id = fields.String()
    act = fields.Enum(Act, by_value=True)
    by_id = fields.String(metadata={"description": "empty where the server itself acted"})
    about_id = fields.String()
    role = fields.String()
    unit_id = fields.String()
    opened = fields.List(fields.String(), metadata={"description": "the sealed fields opened"})
    reason = fields.String()
    at = moment_out()


class TrailPageSchema(ma.Schema):
    """A page of the trail, newest first; `next_cursor` is null on the last one."""

    items = fields.List(fields.Nested(TrailRecordSchema))
    next_cursor = fields.String(allow_none=True)


class NewStaffSchema(ma.Schema):
    """A member of staff to add."""

    login = fields.String(required=True, validate=validate.Length(3, 32))
    password = fields.String(required=True, load_only=True, validate=validate.Length(10, 200))
    nickname = fields.String(required=True, validate=SHORT)
    roles = fields.List(
        fields.Nested(RoleAtUnitSchema), required=True, validate=validate.Length(1, 50)
    )
