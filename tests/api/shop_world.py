"""A shop to call over HTTP: a district's units, and people signed in with tokens of their own."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask

from api.signing_in import tokens_for
from people import Membership, Person, Role, Session, Unit, UnitKind
from shared.clock import now
from shared.ids import new_id, random_id
from tests.catalog.catalog_town import earn

TERMS = {"title": "洗衣液", "title_en": "Laundry liquid", "price": 100, "validity_days": 30}


@dataclass
class Caller:
    """Somebody with a token, who calls the API in English."""

    app: Flask
    person_id: str
    token: str

    def call(self, method: str, path: str, *, key: str | None = None, **sent: Any) -> Any:
        """The answer to one request below /api/v1; a POST gets a fresh key unless one is given."""
        headers = {"Accept-Language": "en", "Authorization": f"Bearer {self.token}"}
        headers["Idempotency-Key"] = key or new_id()
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def get(self, path: str, **query: Any) -> Any:
        """The answer to a GET."""
        return self.call("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """The answer to a POST, with a JSON body where there is one."""
        sent = {} if body is None else {"json": body}
        return self.call("POST", path, **sent, **more)

    def put(self, path: str, body: Any) -> Any:
        """The answer to a PUT of a JSON body."""
        return self.call("PUT", path, json=body)


class Shop:
    """One district with two redemption points, an officer, their clerks, and residents."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.district = self._unit("鼓楼区", UnitKind.CIVIL, None, level="district")
        self.point = self._point("鼓西街道兑换点", 119.29, 26.09)
        self.far_point = self._point("洪山兑换点", 119.26, 26.07)
        self.officer = self.caller(Role.CENTRE_OFFICER, self.district)
        self.clerk = self.caller(Role.CLERK, self.point)
        self.far_clerk = self.caller(Role.CLERK, self.far_point)

    def _unit(self, name: str, kind: UnitKind, parent: Unit | None, **more: Any) -> Unit:
        unit_id = new_id()
        lineage = [*(parent.lineage if parent else []), unit_id]
        parent_id = parent.id if parent else ""
        unit = Unit(id=unit_id, kind=kind, name=name, code=unit_id, parent_id=parent_id, **more)
        unit.lineage = lineage
        return unit.save()

    def _point(self, name: str, lon: float, lat: float) -> Unit:
        location = {"type": "Point", "coordinates": [lon, lat]}
        return self._unit(
            name, UnitKind.REDEMPTION_POINT, self.district, location=location, address="鼓西路 1 号"
        )

    def caller(self, role: Role | None = None, unit: Unit | None = None) -> Caller:
        """Somebody signed in, holding `role` at `unit`."""
        session = Session(
            id=new_id(), generation=1, expires_at=now() + timedelta(days=1), rotated_at=now()
        )
        person = Person(id=random_id(), real_name_at=now(), sessions=[session])
        if role and unit:
            person.memberships = [Membership(role=role, unit_id=unit.id, since=now())]
        person.save()
        with self.app.app_context():
            token = tokens_for(person.id, session.id, 1)["access_token"]
        return Caller(self.app, person.id, token)

    def resident(self, coins: int = 0) -> Caller:
        """A resident with coins in the wallet."""
        caller = self.caller(Role.RESIDENT, self.district)
        if coins:
            earn(caller.person_id, coins)
        return caller

    def offered(self, *, supplied: int = 10, **terms: Any) -> str:
        """The id of a reward put on offer over HTTP, stocked at the first point."""
        body = {"unit_id": self.district.id, **TERMS, **terms}
        reward_id = self.officer.post("/rewards", body).json["id"]
        self.supply(reward_id, max(1, supplied))
        answer = self.officer.post(f"/rewards/{reward_id}/offer")
        assert answer.status_code == 201, answer.json
        # Nothing is offered of which there is nothing; what is there may be gone again.
        self.supply(reward_id, supplied)
        return reward_id

    def supply(self, reward_id: str, supplied: int) -> None:
        """Say over HTTP how many of a reward the first point was given in total."""
        path = f"/rewards/{reward_id}/stocks/{self.point.id}"
        answer = self.officer.put(path, {"supplied": supplied})
        assert answer.status_code == 200, answer.json

    def ordered(self, resident: Caller) -> dict[str, Any]:
        """A voucher that the resident ordered over HTTP, as it was answered."""
        path = f"/rewards/{self.offered()}/orders"
        answer = resident.post(path, {"point_id": self.point.id})
        assert answer.status_code == 201, answer.json
        return answer.json
