"""A unit writes a sheet once; a participation answers it at most three times, the best counts."""

from datetime import timedelta

import pytest
from street import staff

from people import Role
from shared.clock import now, pretending
from shared.ids import new_id
from tasks import answer_test, shown_test
from tasks.participation import Participation, ParticipationState
from tasks.proofs.question_sheet import TestAttempt
from tasks.proofs.testing_knowledge import (
    AnswerKeyReused,
    AnswersDoNotFit,
    NoAttemptLeft,
    NoTestAsked,
    best_share,
)
from tasks.taking_part import ParticipationNotFound, WrongParticipationState
from tasks.task import Task
from tests.racing import at_once
from tests.tasks.proofs.questions import QUESTIONS


@pytest.fixture
def tested(begun, published):
    """A participation whose task asks for a test: (participation, actor)."""

    def start(**parameters):
        task = published()
        asked = {"check": "test", "parameters": {"min_share": 0.8} | parameters}
        Task.objects(id=task.id).update_one(push__checks=asked)
        return begun(task)

    return start


def answers_to(test, wanted):
    """The places, as shown, of the options with these texts."""
    return [
        [question.options.index(text) for text in texts]
        for question, texts in zip(test.questions, wanted, strict=True)
    ]


RIGHT = [["110"], ["刷单", "中奖"]]
HALF = [["119"], ["刷单", "中奖"]]


def answer(taken, actor, wanted, key="answer-1"):
    answers = answers_to(shown_test(taken.id, by=actor), wanted)
    return answer_test(taken.id, answers=answers, key=key, by=actor)


def put(taken, state):
    Participation.objects(id=taken.id).update_one(set__state=state)


def test_the_questions_are_shown_without_the_answers_in_an_own_order(written, tested):
    sheet = written()
    orders = set()
    for _ in range(6):
        taken, actor = tested()
        test = shown_test(taken.id, by=actor)
        assert test == shown_test(taken.id, by=actor)
        assert test.sheet_id == sheet.id
        assert (test.attempts_left, test.best_share, test.min_share) == (3, None, 0.8)
        assert [one.several for one in test.questions] == [False, True]
        assert not hasattr(test.questions[0], "right")
        assert sorted(test.questions[0].options) == sorted(QUESTIONS[0]["options"])
        orders.add(tuple(test.questions[0].options))
    assert len(orders) > 1


def test_right_answers_score_one_and_the_best_attempt_counts(written, tested):
    written()
    taken, actor = tested()
    assert best_share(taken.id) is None
    assert answer(taken, actor, HALF).share == 0.5
    assert answer(taken, actor, RIGHT, "answer-2").share == 1.0
    assert answer(taken, actor, HALF, "answer-3").number == 3
    assert best_share(taken.id) == 1.0
    test = shown_test(taken.id, by=actor)
    assert (test.attempts_left, test.best_share) == (0, 1.0)
    with pytest.raises(NoAttemptLeft):
        answer(taken, actor, RIGHT, "answer-4")


def test_the_same_key_again_is_the_same_attempt_also_at_once(written, tested):
    written()
    taken, actor = tested()
    got = at_once(5, lambda _: answer(taken, actor, HALF).id)
    assert len(set(got)) == 1
    with pytest.raises(AnswerKeyReused):
        answer(taken, actor, RIGHT)
    put(taken, ParticipationState.VERIFIED)
    assert answer(taken, actor, HALF).id == got[0]
    assert TestAttempt.objects.count() == 1


def test_no_more_attempts_than_three_even_at_once(written, tested):
    written()
    taken, actor = tested()
    got = at_once(6, lambda n: answer(taken, actor, HALF, f"answer-{n}"))
    assert sorted(one.number for one in got if isinstance(one, TestAttempt)) == [1, 2, 3]
    assert sum(isinstance(one, NoAttemptLeft) for one in got) == 3


@pytest.mark.parametrize("answers", [[], [[0]], [[0], [0], [0]], [[4], [0]], [[0], [-1]]])
def test_answers_that_do_not_fit_the_questions_are_refused(written, tested, answers):
    written()
    taken, actor = tested()
    with pytest.raises(AnswersDoNotFit):
        answer_test(taken.id, answers=answers, key="answer-1", by=actor)
    assert TestAttempt.objects.count() == 0


@pytest.mark.parametrize("state", [ParticipationState.CLAIMED, ParticipationState.VERIFIED])
def test_nobody_reads_or_answers_outside_start_and_verdict(written, tested, state):
    written()
    taken, actor = tested()
    answers = answers_to(shown_test(taken.id, by=actor), RIGHT)
    put(taken, state)
    with pytest.raises(WrongParticipationState):
        shown_test(taken.id, by=actor)
    with pytest.raises(WrongParticipationState):
        answer_test(taken.id, answers=answers, key="answer-1", by=actor)


def test_nobody_reads_or_answers_for_somebody_else(written, tested, volunteer):
    written()
    taken, _ = tested()
    stranger = volunteer()
    with pytest.raises(ParticipationNotFound):
        shown_test(taken.id, by=stranger)
    with pytest.raises(ParticipationNotFound):
        answer_test(taken.id, answers=[[0], [0]], key="answer-1", by=stranger)


# ---- which sheet


def test_a_task_without_a_test_or_a_unit_without_a_sheet_asks_none(begun, tested):
    for taken, actor in (begun(), tested(), tested(sheet_id=new_id())):
        with pytest.raises(NoTestAsked):
            shown_test(taken.id, by=actor)


def test_a_task_asks_the_sheet_that_it_names_out_of_its_unit_or_above(written, tested, town):
    above = written(unit=town.district, by=staff(Role.CENTRE_OFFICER, town.district))
    written()
    taken, actor = tested(sheet_id=above.id)
    assert shown_test(taken.id, by=actor).sheet_id == above.id


def test_without_a_name_it_asks_the_newest_that_stood_at_publication(written, tested, town):
    written(unit=town.district, by=staff(Role.CENTRE_OFFICER, town.district))
    written()
    newest = written("sheet-02", title="新版")
    taken, actor = tested()
    with pretending(now() + timedelta(minutes=1)):
        written("sheet-03", title="更新版")
    assert shown_test(taken.id, by=actor).sheet_id == newest.id


def test_a_unit_without_a_sheet_of_its_own_asks_that_of_the_unit_above(written, tested, town):
    above = written(unit=town.district, by=staff(Role.CENTRE_OFFICER, town.district))
    taken, actor = tested()
    assert shown_test(taken.id, by=actor).sheet_id == above.id
