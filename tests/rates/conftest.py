"""A city, a district with a street and a grid, and the staff who set rates there."""

from types import SimpleNamespace

import pytest

from people import Actor, Held, Role, Unit, UnitKind
from shared.ids import new_id, random_id


def add_unit(code, kind, level, parent=None):
    unit_id = new_id()
    return Unit(
        id=unit_id,
        kind=kind,
        level=level,
        name=f"{level or 'unit'} {code}",
        code=code,
        parent_id=parent.id if parent else "",
        lineage=[*(parent.lineage if parent else []), unit_id],
    ).save()


def staff(role, unit):
    return Actor(random_id(), "s", (Held(role, unit.id),))


@pytest.fixture
def staff_at():
    """`staff_at("auditor", unit)` is somebody signed in who holds that role there."""
    return lambda role, unit: staff(Role(role), unit)


@pytest.fixture
def town() -> SimpleNamespace:
    city = add_unit("350100", UnitKind.CITY, "")
    district = add_unit("350102", UnitKind.CIVIL, "district", city)
    other = add_unit("350103", UnitKind.CIVIL, "district", city)
    street = add_unit("350102002", UnitKind.CIVIL, "street", district)
    grid = add_unit("350102002001", UnitKind.CIVIL, "grid", street)
    return SimpleNamespace(
        city=city,
        district=district,
        other=other,
        street=street,
        grid=grid,
        rate_admin=staff(Role.RATE_ADMIN, district),
        other_rate_admin=staff(Role.RATE_ADMIN, other),
        officer=staff(Role.CENTRE_OFFICER, street),
        resident=Actor(random_id(), "s", ()),
    )
