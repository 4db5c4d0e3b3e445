"""People with a phone or a desk, who know the API and nothing behind it."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from evenings import street
from flask.testing import FlaskClient
from rq import SimpleWorker

from fixtures.factories import ADMIN_LOGIN, PASSWORD, a_town, sample_id_number
from shared.queue import queue, worker_connection

__all__ = ["street"]


@dataclass(frozen=True)
class Caller:
    """Somebody at the API: says what they want, gets the JSON, or the status where it differs."""

    client: FlaskClient
    token: str = ""
    person_id: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 0, **headers: Any):
        """The answer's JSON; `status` is what is expected, by default 200 or 201."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | self.headers
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        answer = self.client.open(f"/api/v1{path}", method=method, json=body, headers=sent)
        wanted = (status,) if status else (200, 201, 204)
        assert answer.status_code in wanted, answer.get_data(as_text=True)
        return answer.get_json(silent=True)

    def get(self, path: str, **more: Any):
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any):
        return self.ask("POST", path, {} if body is None else body, **more)

    def at(self, moment):
        """The same caller at another moment of the demo clock."""
        return replace(self, headers={"X-Demo-Now": moment.isoformat()})


@pytest.fixture
def nobody(app):
    """Somebody not signed in, who reads English."""
    return Caller(app.test_client(), headers={"Accept-Language": "en"})


@pytest.fixture
def desk(nobody):
    """Signs staff in with login and password."""

    def sign_in(login, password=PASSWORD):
        tokens = nobody.post("/staff-sessions", {"login": login, "password": password})
        return replace(nobody, token=tokens["access_token"], person_id=tokens["person_id"])

    return sign_in


@pytest.fixture
def phone(nobody):
    """Signs a resident up; with `number`, the real-name step follows."""

    def sign_up(phone_number, number=None):
        code = nobody.post("/phone-codes", {"phone": phone_number})["demo_code"]
        tokens = nobody.post("/sessions", {"phone": phone_number, "code": code})
        caller = replace(nobody, token=tokens["access_token"], person_id=tokens["person_id"])
        if number is not None:
            identity = {"real_name": "林小福", "id_number": sample_id_number(number)}
            caller.post("/me/real-name", identity)
        return caller

    return sign_up


@pytest.fixture
def admin(desk):
    """The admin of a city that was just founded."""
    a_town()
    return desk(ADMIN_LOGIN)


@pytest.fixture
def town(admin):
    """The units of the small town, by level or kind."""
    units = admin.get("/units")["items"]
    return {unit["level"] or unit["kind"]: unit for unit in units}


@pytest.fixture
def hire(admin, desk):
    """Adds a member of staff and signs them in."""

    def add(login, role, unit):
        roles = [{"role": role, "unit_id": unit["id"]}]
        admin.post(
            "/people",
            {"login": login, "password": PASSWORD, "nickname": login, "roles": roles},
        )
        return desk(login)

    return add


@pytest.fixture
def work():
    """Lets a worker do all that is queued, as the job process does."""

    def burst():
        SimpleWorker([queue()], connection=worker_connection()).work(
            burst=True, logging_level="ERROR"
        )

    return burst
