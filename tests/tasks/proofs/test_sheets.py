"""A unit writes a question sheet once; only its staff reads the right answers."""

import pytest
from street import staff

from people import Role
from shared.errors import NotAllowed
from shared.ids import new_id
from tasks import sheet_of, sheets_of_unit
from tasks.proofs.question_sheet import QuestionSheet
from tasks.proofs.sheets import BadQuestion, SheetKeyReused, SheetNotFound
from tests.racing import at_once
from tests.tasks.proofs.questions import QUESTIONS


def test_a_sheet_is_written_once_however_often_it_is_sent(written):
    got = at_once(5, lambda _: written().id)
    assert len(set(got)) == 1
    with pytest.raises(SheetKeyReused):
        written(title="别的")
    assert QuestionSheet.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"right": []}, "right"),
        ({"right": [4]}, "right"),
        ({"right": [-1]}, "right"),
        ({"options": ["110", "110"]}, "options"),
    ],
)
def test_a_question_needs_right_options_of_its_own(written, change, field):
    with pytest.raises(BadQuestion) as refused:
        written(questions=[QUESTIONS[1], QUESTIONS[0] | change])
    assert refused.value.field == f"questions.1.{field}"


def test_only_the_units_staff_writes_and_reads_sheets(written, town, volunteer):
    sheet = written()
    stranger = volunteer()
    auditor = staff(Role.AUDITOR, town.city)
    with pytest.raises(NotAllowed):
        written("sheet-02", by=stranger)
    with pytest.raises(NotAllowed):
        written("sheet-02", by=auditor)
    with pytest.raises(NotAllowed):
        sheets_of_unit(town.street.id, by=stranger)
    for sheet_id, by in ((sheet.id, stranger), (new_id(), town.officer)):
        with pytest.raises(SheetNotFound):
            sheet_of(sheet_id, by=by)
    assert sheet_of(sheet.id, by=auditor).questions[1].right == [0, 1]
    assert [one.id for one in sheets_of_unit(town.street.id, by=auditor)] == [sheet.id]
