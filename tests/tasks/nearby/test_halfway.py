"""A reader met by a change at any step of its way answers as it was before or as it is after.

A change is made between two lines of the index, and between two steps of the interpreter where
most can go wrong; for each two in turn.
"""

import sys
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from near_world import FUZHOU, place_at, plain, plain_near

from tasks.nearby import open_tasks
from tasks.nearby.open_tasks import OpenTask, OpenTasks
from tasks.nearby.question import Nearby

PURE = True

T0 = datetime(2026, 5, 1, 12, tzinfo=UTC)
T0_MS = int(T0.timestamp() * 1000)
HOUR_MS = 3_600_000


def task_at(number, metres, *, kind="patrol", hours=2, card=b"old"):
    place = place_at(FUZHOU, metres, 40 * number)
    return OpenTask(f"{number:024x}", *place, T0_MS, T0_MS + hours * HOUR_MS, kind, card)


STANDING = [task_at(number, 150 * number) for number in range(8)]
SUBJECT = STANDING[3]
ASKED = Nearby(*FUZHOU, 2_000, 20)

CHANGES = {
    "a new one": task_at(9, 500),
    "a new card": SUBJECT._replace(card=b"new"),
    "a new window": SUBJECT._replace(ends_ms=SUBJECT.ends_ms + HOUR_MS, card=b"new"),
    "a shorter window": SUBJECT._replace(ends_ms=SUBJECT.ends_ms - HOUR_MS, card=b"new"),
    "a later window": SUBJECT._replace(
        starts_ms=SUBJECT.starts_ms + HOUR_MS, ends_ms=SUBJECT.ends_ms + HOUR_MS, card=b"new"
    ),
    "a new kind": SUBJECT._replace(kind="care_visit", card=b"new"),
    "moved nearer": task_at(3, 60, card=b"new"),
    "moved farther": task_at(3, 1_700, card=b"new"),
    "moved away": task_at(3, 9_000, card=b"new"),
    "dropped": SUBJECT.id,
}
QUESTIONS = {
    "all": ASKED,
    "a first page": Nearby(*FUZHOU, 2_000, 3),
    "what ends late": Nearby(*FUZHOU, 2_000, 20, ends_after=T0 + timedelta(hours=1.5)),
    "what ends later": Nearby(*FUZHOU, 2_000, 20, ends_after=T0 + timedelta(hours=2.5)),
    "what begins soon": Nearby(*FUZHOU, 2_000, 20, starts_before=T0 + timedelta(hours=0.5)),
    "a later page of a kind": Nearby(*FUZHOU, 2_000, 3, ("patrol",), after=(300_000, "0" * 24)),
}


def changed(index, change):
    """Let the index know of the change."""
    if isinstance(change, str):
        index.drop(change)
    else:
        index.put(change)


def interrupted(run, step, act, by="line"):
    """What `run()` gives, with `act()` before the given step inside open_tasks.py; and whether
    there was such a step."""
    seen, before = [0], sys.gettrace()

    def trace(frame, event, _argument):
        if frame.f_code.co_filename != open_tasks.__file__:
            return None
        frame.f_trace_opcodes = by == "opcode"
        if event == by:
            seen[0] += 1
            if seen[0] == step:
                act()  # the interpreter traces nothing in here
        return trace

    sys.settrace(trace)
    try:
        result = run()
    finally:
        sys.settrace(before)
    return result, seen[0] >= step


def made(tail, came_late):
    """The index, and its rows as a plain loop needs them: all loaded, or some come since."""
    index = OpenTasks(STANDING[: len(STANDING) - came_late])
    for task in STANDING[len(STANDING) - came_late :]:
        index.put(task)
    return index


@pytest.fixture(params=[(4_096, 0), (4_096, 6), (6, 6)], ids=["sorted", "tail", "full tail"])
def make(request, monkeypatch):
    """Makes the index anew, the task that changes sorted in, or in the tail, or that full."""
    tail, came_late = request.param
    monkeypatch.setattr(open_tasks, "TAIL", tail)
    return lambda: made(tail, came_late)


def answer_after(changes, asked):
    """What a plain loop answers once all these changes are made."""
    rows = {task.id: task for task in STANDING}
    for change in changes:
        if isinstance(change, str):
            rows.pop(change)
        else:
            rows[change.id] = change
    return plain_near(rows.values(), asked, T0_MS)


def answers_met(make, changes, asked, by="line"):
    """What one asks while the changes are made, at each step of the question in turn."""
    step, is_amid = 1, True
    while is_amid:
        index = make()
        found, is_amid = interrupted(
            lambda index=index: index.near(asked, T0_MS),
            step,
            lambda index=index: [changed(index, change) for change in changes],
            by,
        )
        yield plain(found)
        step += 1
    assert step > 15


def answers_given(make, change, asked, by="line"):
    """What one asks while a change is made, at each step of the change in turn."""
    step, is_amid, answers = 1, True, []
    while is_amid:
        index = make()
        _, is_amid = interrupted(
            lambda index=index: changed(index, change),
            step,
            lambda index=index: answers.append(plain(index.near(asked, T0_MS))),
            by,
        )
        step += 1
    assert len(answers) > 2
    return answers


@pytest.mark.parametrize("question", sorted(QUESTIONS))
@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_change_amid_a_question_is_in_the_answer_whole_or_not_at_all(make, name, question):
    change, asked = CHANGES[name], QUESTIONS[question]
    whole = answer_after([], asked), answer_after([change], asked)
    assert all(answer in whole for answer in answers_met(make, [change], asked))


@pytest.mark.parametrize("question", sorted(QUESTIONS))
@pytest.mark.parametrize("name", sorted(CHANGES))
def test_a_question_amid_a_change_is_answered_as_before_it_or_after_it(make, name, question):
    change, asked = CHANGES[name], QUESTIONS[question]
    before, after = answer_after([], asked), answer_after([change], asked)
    answers = answers_given(make, change, asked)
    assert all(answer in (before, after) for answer in answers)
    # Once it was in an answer, it is in every later one.
    is_after = [answer == after for answer in answers]
    assert is_after == sorted(is_after) or before == after


@pytest.mark.parametrize("question", sorted(QUESTIONS))
@pytest.mark.parametrize("moves", [1, 3])
def test_several_that_move_amid_a_question_leave_no_page_short(make, question, moves):
    asked = QUESTIONS[question]
    moved = [task_at(number, 10 + 10 * number, card=b"new") for number in range(moves)]
    subsets = (chosen for size in range(moves + 1) for chosen in combinations(moved, size))
    whole = [answer_after(chosen, asked) for chosen in subsets]
    assert all(answer in whole for answer in answers_met(make, moved, asked))


@pytest.mark.parametrize("question", sorted(QUESTIONS))
def test_one_that_was_taken_and_is_free_again_at_another_time_is_shown_whole(make, question):
    asked = QUESTIONS[question]
    changes = [SUBJECT.id, CHANGES["a shorter window"]]
    whole = [answer_after(changes[:number], asked) for number in range(3)]
    assert all(answer in whole for answer in answers_met(make, changes, asked))


def test_nor_does_a_single_step_of_the_interpreter_matter(make):
    change, whole = CHANGES["moved nearer"], [answer_after([], ASKED)]
    whole.append(answer_after([change], ASKED))
    assert all(answer in whole for answer in answers_met(make, [change], ASKED, "opcode"))
    assert all(answer in whole for answer in answers_given(make, change, ASKED, "opcode"))
