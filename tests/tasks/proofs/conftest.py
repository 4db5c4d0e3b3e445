"""A volunteer on duty, to bring proof: started by the demo clock in the middle of the street."""

from datetime import timedelta

import pytest

from shared.clock import pretending
from tasks import claim_task, start_participation, write_sheet
from tests.tasks.proofs.questions import QUESTIONS


@pytest.fixture
def begun(published, volunteer):
    """Starts a fresh volunteer on a task (a fresh one, or `task`): (participation, actor)."""

    def start(task=None, actor=None, *, late_s=0, **changes):
        task, actor = task or published(**changes), actor or volunteer()
        with pretending(task.starts_at + timedelta(seconds=late_s)):
            taken = claim_task(task.id, position=None, by=actor)
            return start_participation(taken.id, by=actor), actor

    return start


@pytest.fixture
def written(town):
    """Writes a sheet of the street."""

    def write(key="sheet-01", unit=None, by=None, title="防诈", questions=QUESTIONS):
        unit = unit or town.street
        by = by or town.officer
        return write_sheet(unit.id, title=title, questions=questions, key=key, by=by)

    return write
