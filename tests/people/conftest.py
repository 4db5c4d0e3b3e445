"""A city to act in: its root, its first admin, and territory where a test asks for it."""

from types import SimpleNamespace

import pytest
from people_town import board

from people import Actor, Held, Role, UnitKind, found_city, import_territory, unit_with_code
from shared.database import database

ADMIN_PASSWORD = "correct horse battery"
KEPT = ("units", "layers", "people", "trail")


def kept_or_made(request, name, make):
    """What `make()` wrote the first time, put back each time after: hashing passwords is slow."""
    found = request.session.stash.setdefault(_STASH, {})
    if name in found:
        for collection, rows in found[name].items():
            database()[collection].delete_many({})
            if rows:
                database()[collection].insert_many(rows)
    else:
        make()
        found[name] = {one: list(database()[one].find()) for one in KEPT}


_STASH = pytest.StashKey[dict]()


@pytest.fixture
def city(request) -> SimpleNamespace:
    """A founded city: `root` (a unit), `admin` (an actor), `login` and `password`."""

    def make():
        found_city(
            "350100", "福州市", "Fuzhou", login="admin", password=ADMIN_PASSWORD, nickname="管理员"
        )

    kept_or_made(request, "city", make)
    root = unit_with_code(UnitKind.CITY, "350100")
    person_id = database()["people"].find_one({"login": "admin"})["_id"]
    admin = Actor(person_id, "s", (Held(Role.ADMIN, root.id),))
    return SimpleNamespace(root=root, admin=admin, login="admin", password=ADMIN_PASSWORD)


@pytest.fixture
def town(request, city) -> SimpleNamespace:
    """The city with a district of four grids: `district`, `street`, `community`, `grid` too."""

    def make():
        import_territory(board(), "civil", city.root.id, by=city.admin)

    kept_or_made(request, "town", make)
    city.district = unit_with_code(UnitKind.CIVIL, "350102")
    city.street = unit_with_code(UnitKind.CIVIL, "350102001")
    city.community = unit_with_code(UnitKind.CIVIL, "350102001001")
    city.grid = unit_with_code(UnitKind.CIVIL, "35010200100100")
    return city
