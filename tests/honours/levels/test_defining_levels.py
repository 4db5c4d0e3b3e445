"""The table of levels: versioned, with its reasons, and never worth a coin."""

import pytest

from fixtures.factories import a_resident, a_task, a_town, rated, staff
from honours import level_table, put_levels
from honours.levels.defining_levels import BadLevelRoles, BadLevels, LevelsChanged, LevelsDoNotRise
from people import ChangeRecord, Role, WhyMissing, grant_role, person_of, set_level
from people.levels import LevelTooLowForRole
from shared.errors import NotAllowed
from tasks import Participation, claim_task
from tests.racing import at_once

LINE = {"name": {"en": "One", "zh": "一"}, "least_hours": 2, "least_weeks": 1, "roles": []}
HIGHER = {**LINE, "name": {"en": "Two", "zh": "二"}, "least_hours": 9}


@pytest.fixture
def admin(prepared):
    return a_town().admin


def put(admin, lines=(LINE,), version=0, why="试行"):
    return put_levels(list(lines), version=version, why=why, by=admin)


def test_the_standard_table_holds_until_an_admin_puts_one(admin):
    assert (level_table().version, len(level_table().lines)) == (0, 5)
    made = put(admin, [LINE, HIGHER])
    assert (made.version, made.put_by) == (1, admin.person_id)
    assert [line.least_hours for line in level_table().lines] == [2, 9]
    assert put(admin, version=1).version == 2
    assert len(level_table().lines) == 1


def test_the_change_is_logged_with_before_after_who_and_why(admin):
    put(admin, why=" 试行一年 ")
    put(admin, version=0, why="试行一年")
    (record,) = ChangeRecord.objects(subject="levels")
    assert (record.why, record.by_id, record.verb) == ("试行一年", admin.person_id, "put")
    assert len(record.before["lines"]) == 5
    assert record.after["lines"] == [LINE]


def test_only_the_citys_admin_puts_levels(admin):
    town = a_town()
    for actor in (
        a_resident(),
        staff(Role.RATE_ADMIN, at=town.city),
        staff(Role.ADMIN, at=town.street),
    ):
        with pytest.raises(NotAllowed):
            put(actor)
    with pytest.raises(WhyMissing):
        put(admin, why=" ")
    assert level_table().version == 0


def test_a_repeat_answers_the_same_and_another_table_is_a_conflict(admin):
    assert put(admin).version == put(admin).version == 1
    with pytest.raises(LevelsChanged) as refusal:
        put(admin, [HIGHER])
    assert refusal.value.facts == {"version": 1}
    with pytest.raises(LevelsChanged):
        put(admin, version=7)


def test_of_several_at_once_one_is_put(admin):
    got = at_once(4, lambda number: put(admin, [{**LINE, "least_hours": number + 1}]))
    assert sorted(type(one).__name__ for one in got) == ["LevelTable", *["LevelsChanged"] * 3]
    assert ChangeRecord.objects(subject="levels").count() == 1


@pytest.mark.parametrize(
    ("lines", "refusal", "field"),
    [
        ([], BadLevels, "levels"),
        ([LINE] * 101, BadLevels, "levels"),
        ([{**LINE, "name": {"en": "One"}}], BadLevels, "levels.0.name"),
        ([{**LINE, "name": {"en": " ", "zh": "一"}}], BadLevels, "levels.0.name"),
        ([{**LINE, "least_hours": -1}], BadLevels, "levels.0.least_hours"),
        ([{**LINE, "least_hours": True}], BadLevels, "levels.0.least_hours"),
        ([{**LINE, "least_weeks": 10**6}], BadLevels, "levels.0.least_weeks"),
        ([LINE, LINE], LevelsDoNotRise, "levels.1"),
        ([{**LINE, "roles": ["admin"]}], BadLevelRoles, "levels.0.roles"),
        (
            [{**LINE, "roles": ["clerk"]}, {**HIGHER, "roles": ["clerk"]}],
            BadLevelRoles,
            "levels.1.roles",
        ),
        ([HIGHER, LINE], LevelsDoNotRise, "levels.1"),
    ],
)
def test_what_is_no_table_is_refused_by_field(admin, lines, refusal, field):
    with pytest.raises(refusal) as raised:
        put(admin, lines)
    assert raised.value.field == field
    assert level_table().version == 0


def test_a_level_opens_roles_and_who_has_one_keeps_it(admin):
    street, low, high = a_town().street, a_resident(), a_resident()
    set_level(high.person_id, 2)
    put(admin, [LINE, {**HIGHER, "roles": ["captain"]}])
    with pytest.raises(LevelTooLowForRole) as refusal:
        grant_role(low.person_id, Role.CAPTAIN, street.id, by=admin)
    assert refusal.value.facts == {"least_level": 2, "level": 0}
    assert grant_role(low.person_id, Role.AUXILIARY, street.id, by=admin)
    for level in (2, 0):
        set_level(high.person_id, level)
        held = grant_role(high.person_id, Role.CAPTAIN, street.id, by=admin)
        assert held.is_member(Role.CAPTAIN, street.id)
    put(admin, [LINE], version=1)
    assert grant_role(low.person_id, Role.CAPTAIN, street.id, by=admin)


def test_a_level_is_worth_no_coins(admin):
    street = a_town().street
    rated(a_town().city)
    task = a_task(at=street)
    low, high = a_resident(), a_resident()
    set_level(high.person_id, 5)
    for actor in (low, high):
        claim_task(task.id, position=None, by=actor)
    assert person_of(high.person_id).level == 5
    coins = {one.person_id: one.coins for one in Participation.objects(task_id=task.id)}
    assert coins[low.person_id] == coins[high.person_id] == task.coins > 0
