"""Two hundred people claim one task at the same moment: no slot may be given twice."""

import threading
from copy import deepcopy
from datetime import timedelta
from typing import Any

import click

from fixtures.factories import a_resident, a_task, a_town, staff
from people import Actor, Role
from shared.clock import now
from shared.database import database
from shared.errors import Conflict
from shared.ids import random_id
from tasks import claim_task

SLOTS = 20
HOURS, LONG = timedelta(hours=3), timedelta(hours=2)


class ClaimFailed(click.ClickException):
    """Raised when a claim ends otherwise than with a slot or with "all are taken"."""


def claims_figures(threads: int, times: int) -> dict[str, int]:
    """`oversold`: claims that hold a slot beyond those there are, over `times` tasks."""
    town = a_town()
    officer = staff(Role.CENTRE_OFFICER, at=town.street)
    people = _people(threads)
    oversold = held = 0
    for number in range(times):
        # Nobody may claim two tasks of the same hours.
        begins_at = now() + number * HOURS
        task = a_task(at=town.street, by=officer, slots=SLOTS, window=(begins_at, begins_at + LONG))
        answered = _all_claim(task.id, people)
        kept = database()["tasks"].find_one({"_id": task.id})["claims"]
        went_on = database()["participations"].count_documents(
            {"task_id": task.id, "state": "claimed"}
        )
        held += len(kept)
        if len(kept) < SLOTS:
            raise ClaimFailed(f"only {len(kept)} of {SLOTS} slots were given to {threads} people")
        oversold += max(0, max(len(kept), went_on, answered) - SLOTS)
    return {"oversold": oversold, "threads": threads, "slots": SLOTS * times, "held": held}


def _people(number: int) -> list[Actor]:
    """So many residents like one who signed up, the real-name step done."""
    first = a_resident()
    model: dict[str, Any] = database()["people"].find_one({"_id": first.person_id})
    copies = []
    for _ in range(number):
        own = random_id()
        hashes = {"phone_hash": f"k1.{own}", "id_number_hash": f"k1.{own}"}
        copies.append({**deepcopy(model), "_id": own, **hashes})
    database()["people"].insert_many(copies)
    return [Actor(copy["_id"], "s") for copy in copies]


def _all_claim(task_id: str, people: list[Actor]) -> int:
    """How many were told that they have a slot. Raises ClaimFailed."""
    line, taken, failures = threading.Barrier(len(people)), [], []

    def claim(person: Actor) -> None:
        line.wait()
        try:
            claim_task(task_id, position=None, by=person)
            taken.append(person.person_id)
        except Conflict:  # all are taken
            return
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=claim, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise ClaimFailed(f"{len(failures)} claims failed, the first with {failures[0]!r}")
    return len(taken)
