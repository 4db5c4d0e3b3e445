"""Opening sealed data: for those whose duty it is, and never without a record of it."""

from dataclasses import dataclass, field

from people.actor import Actor
from people.profiles import cleaned_text
from people.questions import person_of
from people.reach import must_reach
from people.roles import Role
from people.trail import record_act
from people.trail_record import Act
from shared.errors import Invalid
from shared.i18n import Text
from shared.sealing import unseal

SEALED = ("phone", "real_name", "id_number")


class NoReason(Invalid):
    """Raised when sealed data would be opened without a reason."""

    message = Text("Say why it must be opened.", "请填写查看原因。")


@dataclass(frozen=True)
class Identity:
    """Who a person is; empty where they never said."""

    phone: str = field(default="", repr=False)
    real_name: str = field(default="", repr=False)
    id_number: str = field(default="", repr=False)


def open_identity(person_id: str, *, reason: str, by: Actor) -> Identity:
    """Open what a person's seals hide, for an ombudsman or admin whose role reaches them.

    The trail is written first. A role granted to the person does not bring them within reach;
    who has no home is reached from the root only. Raises NotAllowed, PersonNotFound, NoReason,
    BadText.
    """
    by.must_hold(Role.OMBUDSMAN, Role.ADMIN)
    why = cleaned_text(reason, "reason")
    if not why:
        raise NoReason("reason")
    person = person_of(person_id)
    must_reach(person, Role.OMBUDSMAN, Role.ADMIN, by=by)
    sealed = {name: getattr(person, f"{name}_sealed") for name in SEALED}
    present = {name: value for name, value in sealed.items() if value}
    record_act(Act.SEAL_OPENED, person_id, by_id=by.person_id, opened=sorted(present), reason=why)
    opened = {
        name: unseal(value, bound_to=person.seal_place(name)) for name, value in present.items()
    }
    return Identity(**opened)
