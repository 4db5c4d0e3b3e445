"""The level a person stands at."""

import pytest

from fixtures.factories import a_resident
from people import people_after, person_of, set_level
from shared.database import in_transaction


def test_a_level_goes_up_and_down_and_says_whether_it_moved():
    person_id = a_resident().person_id
    version = person_of(person_id).version
    assert set_level(person_id, 3) is True
    assert set_level(person_id, 3) is False
    assert person_of(person_id).level == 3
    assert set_level(person_id, 1) is True
    # The person's own edits are not in its way.
    assert (person_of(person_id).level, person_of(person_id).version) == (1, version)


def test_somebody_unknown_has_no_level():
    assert set_level("0" * 24, 1) is False


def test_it_is_written_with_the_transaction_or_not_at_all():
    person_id = a_resident().person_id

    def decide(session):
        set_level(person_id, 2, session=session)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        in_transaction(decide)
    assert person_of(person_id).level == 0


def test_everybody_is_met_once_in_steps():
    everybody = sorted(a_resident(real_name=False).person_id for _ in range(5))
    met, last = [], ""
    while step := people_after(last, limit=2):
        assert len(step) <= 2
        met, last = met + step, step[-1]
    assert [one for one in met if one in everybody] == everybody
    assert len(met) == len(set(met))
