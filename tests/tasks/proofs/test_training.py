"""A training from the code on the wall to the certificate, and a publicity walk's photos judged."""

from datetime import timedelta

import pytest

from fixtures.factories import CENTRE, a_resident, a_task, a_town, staff
from people import Role, certificates_of
from shared.clock import now, pretending
from tasks import (
    SentPhoto,
    answer_test,
    attend,
    attendance_code,
    claim_task,
    finish_participation,
    shown_test,
    start_participation,
    store_photo,
    write_sheet,
)
from tasks.participation import Participation
from tasks.verification import verify_participation
from tests.pictures import photo_file
from tests.tasks.proofs.questions import QUESTIONS

RIGHT = {"报警电话？": ["110"], "哪些是诈骗？": ["刷单", "中奖"]}


@pytest.fixture
def officer(app):
    return staff(Role.CENTRE_OFFICER, at=a_town().street)


def begun(task):
    walker = a_resident()
    taken = claim_task(task.id, position=None, by=walker)
    return start_participation(taken.id, by=walker), walker


def judged(taken, walker):
    finish_participation(taken.id, by=walker)
    verify_participation(taken.id)
    return Participation.objects(id=taken.id).get()


def outcomes(participation):
    return {one["check"]: one["passed"] for one in participation.verdict.checks}


@pytest.fixture
def lesson(officer):
    """A training whose unit wrote its sheet before."""
    street = a_town().street
    write_sheet(street.id, title="防诈", questions=QUESTIONS, key="sheet-01", by=officer)
    return a_task(at=street, kind="training", checks=None, by=officer)


def test_who_attended_and_answered_rightly_holds_a_certificate_that_ends(lesson, officer):
    taken, walker = begun(lesson)
    code = attendance_code(lesson.id, by=officer)
    attend(taken.id, code=code, position=CENTRE, by=walker)
    test = shown_test(taken.id, by=walker)
    answers = [[one.options.index(text) for text in RIGHT[one.text]] for one in test.questions]
    answer_test(taken.id, answers=answers, key="answer-01", by=walker)
    done = judged(taken, walker)
    assert (done.state, outcomes(done)) == ("verified", {"attendance": True, "test": True})
    for _ in range(2):
        verify_participation(taken.id)
    (held,) = certificates_of(walker.person_id)
    assert (held.name, held.about_id) == ("safety_basics", taken.id)
    assert held.ends_at > now() + timedelta(days=700)


def test_who_only_finished_is_refused_and_holds_none(lesson):
    taken, walker = begun(lesson)
    done = judged(taken, walker)
    assert (done.state, outcomes(done)) == ("refused", {"attendance": False, "test": False})
    assert certificates_of(walker.person_id) == []


def test_a_photo_counts_once_and_a_borrowed_one_does_not(officer):
    checks = [{"check": "photos", "parameters": {"count": 1}}, {"check": "window"}]
    task = a_task(at=a_town().street, checks=checks, by=officer)
    found = []
    for seed in (1, 1, 2):
        taken, walker = begun(task)
        sent = SentPhoto(photo_file(seed), "image/jpeg", taken_at=taken.started_at, position=CENTRE)
        store_photo(taken.id, "p1", sent, by=walker)
        with pretending(taken.started_at + timedelta(minutes=1)):
            found.append(outcomes(judged(taken, walker))["photos"])
    assert found == [True, False, True]
