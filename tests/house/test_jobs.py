"""Every job name, wherever said, is a function of a room's jobs.py that takes what is sent."""

import ast
import importlib
import inspect

import pytest
from source_tree import (
    ROOMS,
    UPPER_ROOMS,
    Source,
    assert_none,
    last_name,
    room_sources,
    snippet,
    sources,
)

import worker

PURE = True

ASKS = {"enqueue": 0, "enqueue_call": 0, "enqueue_at": 1, "enqueue_in": 1}
# Where the name is a parameter handed on, not a name said.
FLOOR = "shared/queue.py"


def enqueued(source: Source) -> list[tuple[str, int | None, str]]:
    """(job name, how many arguments, where) for every call that enqueues; "" for no literal."""
    found = []
    for node in source.nodes:
        if isinstance(node, ast.Call) and last_name(node.func) in ASKS:
            place = ASKS[last_name(node.func)]
            named = node.args[place] if len(node.args) > place else None
            literal = isinstance(named, ast.Constant) and isinstance(named.value, str)
            sent = node.args[place + 1 :]
            starred = any(isinstance(one, ast.Starred) for one in sent)
            count = None if starred or node.keywords else len(sent)
            name = named.value if literal else ""
            found.append((name, count, f"{source.path}:{node.lineno}"))
    return found


def job_named(name: str):
    """The function behind a job name. Raises LookupError where there is none in a room's jobs."""
    room, _, rest = name.partition(".")
    module, _, function = rest.partition(".")
    if (
        room not in ROOMS + UPPER_ROOMS
        or module != "jobs"
        or not function
        or function.startswith("_")
    ):
        raise LookupError(f"{name!r} is no <room>.jobs.<function>")
    try:
        found = getattr(importlib.import_module(f"{room}.jobs"), function)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"{name!r}: {error}") from error
    if not inspect.isfunction(found) or found.__module__ != f"{room}.jobs":
        raise LookupError(f"{name!r} is no function of {room}/jobs.py")
    return found


def flaw(name: str, count: int | None, where: str) -> str:
    """What is wrong with one enqueued name; nothing where it resolves and takes what is sent."""
    if not name:
        return f"{where} enqueues no literal name"
    try:
        job = job_named(name)
        if count is not None:
            inspect.signature(job).bind(*range(count))
    except (LookupError, TypeError) as error:
        return f"{where} {name}: {error}"
    return ""


def test_every_enqueued_name_is_a_job_that_takes_what_is_sent():
    said = [one for source in sources() if source.path != FLOOR for one in enqueued(source)]
    by_rooms = [name for name, _, where in said if not where.startswith("tests/")]
    assert "tasks.jobs.verify_participation" in by_rooms
    assert_none(filter(None, (flaw(*one) for one in said if not one[2].startswith("tests/"))))


def test_every_line_of_the_timetable_is_a_job_that_needs_nothing():
    assert {"tasks.jobs.sweep", "catalog.jobs.sweep"} <= set(worker.TIMETABLE)
    assert_none(filter(None, (flaw(name, 0, "worker.py") for name in worker.TIMETABLE)))
    assert all(isinstance(seconds, int) and seconds > 0 for seconds in worker.TIMETABLE.values())


def test_every_room_with_jobs_is_known_to_the_worker():
    with_jobs = {one.module for one in room_sources() if one.path.endswith("/jobs.py")}
    assert {module.__name__ for module in worker.JOB_MODULES} == with_jobs


def test_every_room_with_jobs_has_its_sweep_in_the_timetable():
    with_jobs = {one.module for one in room_sources() if one.path.endswith("/jobs.py")}
    assert {name.rpartition(".")[0] for name in worker.TIMETABLE} == with_jobs


# ---- the checker itself, on made-up files


@pytest.mark.parametrize(
    "call",
    [
        "enqueue('tasks.jobs.no_such_job', 1)",
        "enqueue('tasks.closing.sweep')",
        "enqueue('tasks.jobs.verify_participation')",
        "enqueue('tasks.jobs.sweep', 1)",
        "enqueue(name, 1)",
        "queue().enqueue_call('worker.jobs.x')",
        "enqueue('tasks.jobs.verification')",
    ],
)
def test_the_checker_sees_a_name_that_leads_nowhere(call):
    assert [bool(flaw(*one)) for one in enqueued(snippet("tasks/a.py", call))] == [True]


def test_the_checker_lets_a_good_name_be():
    good = snippet("tasks/a.py", "enqueue('tasks.jobs.verify_participation', found.id)")
    assert [flaw(*one) for one in enqueued(good)] == [""]
