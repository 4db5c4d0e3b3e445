"""The profile: changed at a version, repeated without harm, cleaned of what cannot be seen."""

import pytest
from people_town import resident

from people import Person, person_of, update_profile
from people.profiles import BadList, BadText, ProfileChanged, UnknownLanguage, UnknownProfileField
from tests.racing import at_once

CHANGES = {
    "nickname": "小福",
    "trade": "骑手",
    "language": "en",
    "organisations": ["鼓西街道志愿队"],
    "serves_as": ["red_armband"],
}


def test_a_change_at_the_seen_version_is_made():
    by = resident()
    person = update_profile(CHANGES, version=1, by=by)
    assert person.version == 2
    assert {field: getattr(person, field) for field in CHANGES} == CHANGES


def test_a_repeat_after_a_lost_answer_changes_nothing():
    by = resident()
    update_profile(CHANGES, version=1, by=by)
    assert update_profile(CHANGES, version=1, by=by).version == 2


def test_a_change_at_an_old_version_is_refused():
    by = resident()
    update_profile(CHANGES, version=1, by=by)
    with pytest.raises(ProfileChanged) as refused:
        update_profile({"nickname": "other"}, version=1, by=by)
    assert refused.value.facts == {"version": 2}
    assert person_of(by.person_id).nickname == "小福"


def test_of_threads_with_different_changes_one_wins():
    by = resident()
    answers = at_once(6, lambda one: update_profile({"nickname": f"n{one}"}, version=1, by=by))
    assert sum(isinstance(answer, Person) for answer in answers) == 1
    assert sum(isinstance(answer, ProfileChanged) for answer in answers) == 5


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"nickname": "x" * 61}, BadText),
        ({"nickname": "a\nb"}, BadText),
        ({"trade": "\ud800"}, BadText),
        ({"organisations": ["a"] * 2}, BadList),
        ({"organisations": [str(one) for one in range(11)]}, BadList),
        ({"serves_as": [" "]}, BadList),
        ({"language": "fr"}, UnknownLanguage),
        ({"level": 9}, UnknownProfileField),
        ({"memberships": []}, UnknownProfileField),
    ],
)
def test_what_cannot_be_meant_is_refused(changes, refusal):
    by = resident()
    with pytest.raises(refusal):
        update_profile(changes, version=1, by=by)
    assert person_of(by.person_id).version == 1
