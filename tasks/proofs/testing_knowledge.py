"""How a participation is shown the test that its task asks for, and how its answers score."""

from dataclasses import dataclass

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people import Actor, unit_of
from shared.clock import now
from shared.database import collection
from shared.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from shared.i18n import Text
from shared.ids import new_id
from tasks.participation import Participation
from tasks.proofs.question_sheet import Question, QuestionSheet, TestAttempt
from tasks.proofs.scoring import on_the_sheet, option_order, share_right
from tasks.proofs.sheets import sheet_for
from tasks.proofs.under_way import bring, must_be_under_way, parameters_of
from tasks.publishing import task_of
from tasks.taking_part import own_participation

MAX_ATTEMPTS = 3


class NoTestAsked(NotFound):
    """Raised when the task of a participation asks for no test, or its sheet is not there."""

    message = Text("This task asks for no test.", "该任务没有测验。")


class AnswersDoNotFit(Invalid):
    """Raised when there are not as many answers as questions, or one names no option."""

    message = Text(
        "Answer every question with places of the options shown.",
        "请逐题作答，答案须为所示选项序号。",
    )


class AnswerKeyReused(Conflict):
    """Raised when a key comes again with other answers."""

    message = Text("This key was already used for other answers.", "该编号已用于其他答案。")


class NoAttemptLeft(Refused):
    """Raised when a test was answered as often as it may be."""

    message = Text("A test may be answered {most} times.", "每次测验最多作答 {most} 次。")


@dataclass(frozen=True)
class ShownQuestion:
    """A question as somebody is asked it: no word of which options are right."""

    text: str
    options: list[str]
    # Whether more than one option is right.
    several: bool


@dataclass(frozen=True)
class ShownTest:
    """A test as one participation is shown it, and what it has made of it so far."""

    sheet_id: str
    title: str
    min_share: float | None
    questions: list[ShownQuestion]
    attempts_left: int
    best_share: float | None


def shown_test(participation_id: str, *, by: Actor) -> ShownTest:
    """The test that the caller's participation has to answer, its options in an own order.

    Raises ParticipationNotFound, WrongParticipationState, NoTestAsked.
    """
    found = own_participation(participation_id, by)
    sheet, min_share = _asked_of(found)
    attempts = _attempts_of(found.id)
    # Nobody studies the questions before the training begins.
    if not attempts:
        must_be_under_way(found)
    return ShownTest(
        sheet_id=sheet.id,
        title=sheet.title,
        min_share=min_share,
        questions=[_shown(one, found.id, n) for n, one in enumerate(sheet.questions)],
        attempts_left=max(0, MAX_ATTEMPTS - len(attempts)),
        best_share=max((one.share for one in attempts), default=None),
    )


def _asked_of(found: Participation) -> tuple[QuestionSheet, float | None]:
    task = task_of(found.task_id)
    asked = parameters_of(task, "test")
    if asked is None:
        raise NoTestAsked
    # What stood when it was published: everybody on one task answers the same questions.
    sheet = sheet_for(unit_of(task.unit_id), asked.get("sheet_id") or None, task.published_at)
    if sheet is None:
        raise NoTestAsked
    return sheet, asked.get("min_share")


def _shown(question: Question, participation_id: str, number: int) -> ShownQuestion:
    order = option_order(participation_id, number, len(question.options))
    options = [question.options[place] for place in order]
    return ShownQuestion(question.text, options, len(question.right) > 1)


def _attempts_of(participation_id: str) -> list[TestAttempt]:
    return list(TestAttempt.objects(participation_id=participation_id).order_by("number"))


def best_share(participation_id: str) -> float | None:
    """The best score of a participation's attempts, 0 to 1; None where there is none."""
    return max((one.share for one in _attempts_of(participation_id)), default=None)


def answer_test(
    participation_id: str, *, answers: list[list[int]], key: str, by: Actor
) -> TestAttempt:
    """One attempt: for each question the places of the chosen options as they were shown.

    The same key again answers the same attempt; the best of three counts. Raises
    ParticipationNotFound, WrongParticipationState, NoTestAsked, AnswersDoNotFit, AnswerKeyReused,
    NoAttemptLeft.
    """
    found = own_participation(participation_id, by)
    sheet, _ = _asked_of(found)
    chosen = _chosen(sheet, found.id, answers)
    earlier = _earlier(found.id, key, chosen)
    if earlier is not None:
        return earlier
    must_be_under_way(found)
    attempt = TestAttempt(
        id=new_id(),
        participation_id=found.id,
        key=key,
        sheet_id=sheet.id,
        chosen=chosen,
        share=share_right(chosen, [list(one.right) for one in sheet.questions]),
        taken_at=now(),
    )
    return _keep(attempt)


def _chosen(
    sheet: QuestionSheet, participation_id: str, answers: list[list[int]]
) -> list[list[int]]:
    if len(answers) != len(sheet.questions):
        raise AnswersDoNotFit("answers")
    chosen = []
    for number, (question, shown) in enumerate(zip(sheet.questions, answers, strict=True)):
        order = option_order(participation_id, number, len(question.options))
        if any(not 0 <= place < len(order) for place in shown):
            raise AnswersDoNotFit(f"answers.{number}")
        chosen.append(on_the_sheet(order, shown))
    return chosen


def _earlier(participation_id: str, key: str, chosen: list[list[int]]) -> TestAttempt | None:
    earlier: TestAttempt | None = TestAttempt.objects(
        participation_id=participation_id, key=key
    ).first()
    if earlier is not None and [list(one) for one in earlier.chosen] != chosen:
        raise AnswerKeyReused
    return earlier


def _keep(attempt: TestAttempt) -> TestAttempt:
    def insert(session: ClientSession) -> None:
        of_this = {"participation_id": attempt.participation_id}
        held = collection(TestAttempt).count_documents(of_this, session=session)
        if held >= MAX_ATTEMPTS:
            raise NoAttemptLeft(most=MAX_ATTEMPTS)
        attempt.number = held + 1
        collection(TestAttempt).insert_one(attempt.to_mongo().to_dict(), session=session)

    try:
        bring(attempt.participation_id, insert)
    except DuplicateKeyError:
        chosen = [list(one) for one in attempt.chosen]
        earlier = _earlier(attempt.participation_id, attempt.key, chosen)
        if earlier is None:
            raise Unavailable from None
        return earlier
    return attempt
