"""Trainings over HTTP: the code on the wall, the test, the certificate."""

import re

import pytest
import zxingcpp
from duty_world import POSITION, Duty
from PIL import Image

from people import give_certificate
from shared.ids import new_id
from tasks import attendance_code
from tests.racing import at_once
from tests.tasks.proofs.questions import QUESTIONS

RIGHT = {"报警电话？": ["110"], "哪些是诈骗？": ["刷单", "中奖"]}


@pytest.fixture
def duty(app):
    return Duty(app)


@pytest.fixture
def lesson(app):
    """A duty whose unit had written its sheet before the task was published."""
    first = Duty(app)
    made = write(first.officer, first)
    assert made.status_code == 201, made.json
    second = Duty(app)
    second.sheet = made.json
    return second


def write(caller, duty, key="sheet-0001", **changes):
    body = {"unit_id": duty.town.street.id, "title": "防诈", "questions": QUESTIONS}
    return caller.post("/question-sheets", body | changes, key=key)


def code_of(duty):
    return attendance_code(duty.task.id, by=duty.officer.actor)


def attend(caller, duty, code, **where):
    return caller.post(f"{duty.path}/attendance", {"code": code, "position": POSITION | where})


def drawn(svg):
    """The modules that the one stroked path of an SVG draws, as a picture; M, m and h alone."""
    side = int(re.search(r'width="(\d+)"', svg)[1]) // 8
    picture = Image.new("L", (side, side), 255)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", re.search(r' d="(M[^z"]+)"', svg)[1]):
        move = [float(one) for one in numbers.split()]
        if command == "h":
            for step in range(int(move[0])):
                picture.putpixel((int(x) + step, int(y)), 0)
            x += move[0]
        else:
            x, y = (move[0], move[1]) if command == "M" else (x + move[0], y + move[1])
    return picture.resize((side * 8, side * 8))


def answers_to(test):
    return [
        [question["options"].index(text) for text in RIGHT[question["text"]]]
        for question in test["questions"]
    ]


# ---- attendance


def test_the_officers_code_is_a_picture_that_no_cache_keeps(duty):
    path = f"/tasks/{duty.task.id}/attendance-code.svg"
    shown = duty.officer.get(path)
    assert (shown.status_code, shown.mimetype) == (200, "image/svg+xml")
    assert shown.headers["Cache-Control"] == "no-store"
    assert b"<script" not in shown.data
    assert duty.nobody.get(path).status_code == 401
    assert duty.walker.get(path).status_code == 403
    assert duty.officer.get(f"/tasks/{new_id()}/attendance-code.svg").status_code == 404


def test_the_code_is_read_once_at_the_place(duty):
    code = code_of(duty)
    got = at_once(4, lambda _: attend(duty.walker, duty, code))
    assert {answer.status_code for answer in got} == {201}
    assert len({answer.json["id"] for answer in got}) == 1
    assert "lat" not in got[0].json


def test_who_and_where_and_what_is_refused(duty):
    code = code_of(duty)
    assert attend(duty.nobody, duty, code).status_code == 401
    assert attend(duty.resident(), duty, code).status_code == 404
    far = attend(duty.walker, duty, code, lat=26.3)
    assert (far.status_code, far.json["code"]) == (409, "NotAtThePlace")
    wrong = attend(duty.walker, duty, code[:-1] + "x")
    assert (wrong.status_code, wrong.json["code"]) == (422, "AttendanceCodeWrong")
    for body in ({"code": code}, {"position": POSITION}, {"code": code, "position": {"lat": 1}}):
        assert duty.walker.post(f"{duty.path}/attendance", body).status_code == 422


def test_the_picture_holds_the_code_that_is_taken(duty):
    svg = duty.officer.get(f"/tasks/{duty.task.id}/attendance-code.svg").get_data(as_text=True)
    read = zxingcpp.read_barcodes(drawn(svg))[0].text
    assert attend(duty.walker, duty, read).status_code == 201


# ---- sheets and tests


def test_a_sheet_is_written_once_and_read_by_staff_alone(duty):
    got = at_once(4, lambda _: write(duty.officer, duty))
    assert {answer.status_code for answer in got} == {201}
    assert len({answer.json["id"] for answer in got}) == 1
    sheet_id, unit_id = got[0].json["id"], duty.town.street.id
    assert duty.officer.get(f"/question-sheets/{sheet_id}").json == got[0].json
    listed = duty.officer.get("/question-sheets", unit_id=unit_id, limit=1).json
    assert [one["id"] for one in listed["items"]] == [sheet_id]
    further = duty.officer.get("/question-sheets", unit_id=unit_id, cursor=listed["next_cursor"])
    assert further.json == {"items": [], "next_cursor": None}
    for caller, status in ((duty.nobody, 401), (duty.walker, 403)):
        assert caller.get(f"/question-sheets/{sheet_id}").status_code == status
        assert caller.get("/question-sheets", unit_id=unit_id).status_code == status
    assert write(duty.nobody, duty).status_code == 401
    assert write(duty.walker, duty).status_code == 403
    assert write(duty.officer, duty, "sheet-0002", unit_id=duty.town.city.id).status_code == 403
    assert write(duty.officer, duty, title="别的").status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"questions": []},
        {"title": ""},
        {"questions": [{"text": "?", "options": ["a"], "right": [0]}]},
        {"questions": [{"text": "?", "options": ["a", "b"], "right": [2]}]},
        {"questions": [{"text": "?", "options": ["a", "a"], "right": [0]}]},
        {"questions": [{"text": "?", "options": ["a", "b"], "right": []}]},
    ],
)
def test_an_unsound_sheet_is_refused(duty, wrong):
    assert write(duty.officer, duty, **wrong).status_code == 422


def test_a_test_shows_no_answers_and_scores_them_once(lesson):
    path = f"{lesson.path}/test"
    shown = lesson.walker.get(path)
    assert shown.status_code == 200, shown.json
    assert shown.json["sheet_id"] == lesson.sheet["id"]
    assert "right" not in shown.text
    body = {"answers": answers_to(shown.json)}
    got = at_once(4, lambda _: lesson.walker.post(path, body, key="answer-01"))
    assert {answer.status_code for answer in got} == {201}
    assert {(answer.json["number"], answer.json["share"]) for answer in got} == {(1, 1.0)}
    assert (lesson.walker.get(path).json["attempts_left"]) == 2


def test_who_may_not_see_or_answer_a_test(lesson):
    path = f"{lesson.path}/test"
    body = {"answers": answers_to(lesson.walker.get(path).json)}
    for caller, status in ((lesson.nobody, 401), (lesson.resident(), 404), (lesson.officer, 404)):
        assert caller.get(path).status_code == status
        assert caller.post(path, body, key="answer-01").status_code == status
    assert lesson.walker.post(path, body).status_code == 422
    for answers in ([], [[0]], [["a"], [0]], [[9], [0]], "x"):
        answer = lesson.walker.post(path, {"answers": answers}, key="answer-02")
        assert answer.status_code == 422


def test_a_task_whose_unit_has_no_sheet_has_no_test(duty):
    answer = duty.walker.get(f"{duty.path}/test")
    assert (answer.status_code, answer.json["code"]) == (404, "NoTestAsked")


# ---- certificates


def test_everybody_sees_their_own_certificates(duty):
    person_id = duty.walker.actor.person_id
    give_certificate(person_id, "first_aid", lasts_months=12, about_id=duty.id)
    (held,) = duty.walker.get("/me/certificates").json["items"]
    assert (held["name"], held["participation_id"]) == ("first_aid", duty.id)
    assert held["ends_at"] > held["given_at"]
    assert duty.resident().get("/me/certificates").json["items"] == []
    assert duty.nobody.get("/me/certificates").status_code == 401
