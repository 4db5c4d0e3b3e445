"""People on the wire: never a phone, a name or an identity number unmasked."""

import marshmallow as ma
from marshmallow import fields, validate

from api.common_schemas import ID
from people import Role
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


class NewStaffSchema(ma.Schema):
    """A member of staff to add."""

    login = fields.String(required=True, validate=validate.Length(3, 32))
    password = fields.String(required=True, load_only=True, validate=validate.Length(10, 200))
    nickname = fields.String(required=True, validate=SHORT)
    roles = fields.List(
        fields.Nested(RoleAtUnitSchema), required=True, validate=validate.Length(1, 50)
    )
