"""What the counter's tests share: a holder with a phone, their live QR, scans by the clerk."""

from types import SimpleNamespace
from typing import Any

from catalog import Voucher, live_qr, order_reward, scan_voucher
from catalog.code_keys import code_of
from people import Actor, Person, Role, grant_role
from shared.ids import new_id
from shared.sealing import keyed_hash, seal
from tests.catalog.catalog_town import add_person, staff

PHONE = "+8613800138042"
LAST4 = "8042"


def a_holder(coins: int = 100, *, phone: str | None = PHONE) -> Actor:
    """A resident with coins, and a phone unless None."""
    holder = add_person(coins)
    if phone:
        person = Person.objects.get(id=holder.person_id)
        person.phone_sealed = seal(phone, bound_to=person.seal_place("phone"))
        person.phone_hash = keyed_hash(f"{phone}:{holder.person_id}")
        person.save()
    return holder


def ordered(town: SimpleNamespace, reward_id: str, holder: Actor) -> Voucher:
    """A voucher for the first point."""
    return order_reward(reward_id, town.point.id, key=new_id(), by=holder)


def qr_of(voucher: Voucher, holder: Actor) -> str:
    """What the holder's phone shows now."""
    return live_qr(voucher.id, by=holder).text


def scan(town: SimpleNamespace, code: str, key: str = "scan-0001", **more: Any) -> Voucher:
    """The scan by the first point's clerk, unless `more` says otherwise."""
    named = {"point_id": town.point.id, "by": town.clerk, **more}
    return scan_voucher(code, key=key, **named)


def bare_code(voucher: Voucher) -> str:
    """The letters that a voucher's holder may have written down."""
    return code_of(voucher)


def officer_above(town: SimpleNamespace) -> str:
    """The id of somebody stored who is told what happens in the district."""
    officer = a_holder(phone=None)
    admin = staff(Role.ADMIN, town.city)
    grant_role(officer.person_id, Role.CENTRE_OFFICER, town.district.id, by=admin)
    return officer.person_id
