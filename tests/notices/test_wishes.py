"""Wishes: quiet hours and muted notices, each one's own, in part or whole."""

import pytest

from notices import change_notice_settings, notice_settings_of
from notices.wishes import NotMutable


def test_who_never_said_has_the_usual_night_and_nothing_muted(somebody):
    wishes = notice_settings_of(somebody().person_id)
    assert (wishes.quiet_from_minute, wishes.quiet_until_minute) == (22 * 60, 7 * 60)
    assert wishes.muted == []


def test_what_is_left_out_stays_and_a_repeat_changes_nothing(somebody):
    me, other = somebody(), somebody()
    for _ in range(2):
        change_notice_settings({"quiet_from_minute": 60}, by=me)
    muted = change_notice_settings({"muted": ["claim_lapsed", "claim_lapsed"]}, by=me).muted
    assert muted == ["claim_lapsed"]
    wishes = change_notice_settings({}, by=me)
    assert (wishes.quiet_from_minute, wishes.quiet_until_minute) == (60, 7 * 60)
    assert wishes.muted == ["claim_lapsed"]
    assert notice_settings_of(other.person_id).muted == []
    assert change_notice_settings({"muted": []}, by=me).muted == []


@pytest.mark.parametrize("name", ["order_asked", "no_such_notice", ""])
def test_what_is_urgent_or_unknown_cannot_be_muted(somebody, name):
    me = somebody()
    with pytest.raises(NotMutable) as refused:
        change_notice_settings({"quiet_from_minute": 5, "muted": ["claim_lapsed", name]}, by=me)
    assert refused.value.field == "muted.1"
    assert notice_settings_of(me.person_id).quiet_from_minute == 22 * 60
