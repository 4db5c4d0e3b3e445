"""The street of the tasks' tests over HTTP: callers with tokens for its officer and volunteers."""

from typing import Any

import pytest
from city_world import Caller
from flask import Flask

from api.signing_in import tokens_for
from people import Membership, Person, Role, Unit, actor_for
from people.tokens import open_session
from shared.clock import now
from shared.ids import new_id, random_id
from tasks import draft_task, publish_task
from tests.tasks.street import content, town

__all__ = ["street_callers", "town"]


class StreetCallers:
    """The officer of the street, and others who can be asked."""

    def __init__(self, app: Flask, unit: Unit) -> None:
        self.app, self.unit = app, unit
        self.officer = self.person(memberships=[self.held(Role.CENTRE_OFFICER)])

    def held(self, role: Role) -> Membership:
        """A role at the street."""
        return Membership(role=role, unit_id=self.unit.id, since=now(), is_home=True)

    def person(self, **more: Any) -> Caller:
        """Somebody signed in whose real name is known."""
        made = Person(id=random_id(), real_name_at=now(), **more).save(force_insert=True)
        opened = open_session(made.id)
        with self.app.app_context():
            return Caller(self.app, tokens_for(made.id, opened.session_id, opened.generation))

    def task(self, **changes: Any) -> Any:
        """A published task of the street."""
        by = actor_for(self.officer.person_id)
        return publish_task(
            draft_task(self.unit.id, content(**changes), key=new_id(), by=by).id, by=by
        )


@pytest.fixture
def street_callers(app: Flask, town: Any) -> StreetCallers:
    return StreetCallers(app, town.street)
