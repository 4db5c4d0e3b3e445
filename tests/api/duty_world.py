"""A volunteer on duty to call over HTTP, by the demo clock, and the officer of the unit."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from api.signing_in import tokens_for
from fixtures.factories import CENTRE, a_resident, a_task, a_town, staff, walking_checks
from people import Actor, Role
from tasks import Task, claim_task, start_participation

POSITION = {"lat": CENTRE[0], "lon": CENTRE[1], "datum": "wgs84"}
HANDED_OUT = {
    "check": "handed_out",
    "parameters": {"items": ["传单"], "places": [{"name": "鼓西一村", "least": 20}]},
}
TEST = {"check": "test", "parameters": {"min_share": 0.5}}


@dataclass
class Caller:
    """Somebody with a token, or nobody without one, who calls the API in a language."""

    app: Flask
    actor: Actor | None = None
    language: str = "en"

    def call(self, method: str, path: str, **sent: Any) -> Any:
        """The answer to one request below /api/v1; `key` is its Idempotency-Key."""
        headers = {"Accept-Language": self.language}
        if "key" in sent:
            headers["Idempotency-Key"] = sent.pop("key")
        if self.actor:
            with self.app.app_context():
                tokens = tokens_for(self.actor.person_id, self.actor.session_id, 1)
            headers["Authorization"] = f"Bearer {tokens['access_token']}"
        client = self.app.test_client()
        return client.open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def get(self, path: str, **query: Any) -> Any:
        """The answer to a GET."""
        return self.call("GET", path, query_string=query)

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """The answer to a POST, with a JSON body where there is one."""
        return self.call("POST", path, **({} if body is None else {"json": body}), **more)


class Duty:
    """A street with an officer, a task under way, and the volunteer who has started it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.town = a_town()
        self.officer = self.caller(staff(Role.CENTRE_OFFICER, at=self.town.street))
        self.nobody = Caller(app)
        checks = [*walking_checks(), HANDED_OUT, TEST]
        self.task: Task = a_task(at=self.town.street, checks=checks)
        self.walker = self.resident()
        self.id = self.begun(self.walker)
        self.path = f"/participations/{self.id}"

    def caller(self, actor: Actor) -> Caller:
        """Somebody signed in."""
        return Caller(self.app, actor)

    def resident(self) -> Caller:
        """A resident who has nothing to do with the duty."""
        return self.caller(a_resident())

    def begun(self, caller: Caller) -> str:
        """The caller's participation in the task, started."""
        taken = claim_task(self.task.id, position=None, by=caller.actor)
        return start_participation(taken.id, by=caller.actor).id
