"""Quests: drafted, changed, opened and withdrawn by officers of the unit, and by nobody else."""

from datetime import timedelta

import pytest

from fixtures.factories import a_unit, staff
from honours import Quest, change_quest, draft_quest, open_quest, quest_of, withdraw_quest
from honours.quests.quest_rules import QuestStepBad
from honours.quests.quests import (
    QuestBadgeUnfit,
    QuestChanged,
    QuestKeyUsed,
    QuestKindUnknown,
    QuestNotDraft,
    QuestNotFound,
    QuestOver,
    QuestStepElsewhere,
)
from people import ChangeRecord, Role, UnitKind, UnitNotFound, WhyMissing
from shared.clock import now, pretending
from shared.errors import NotAllowed
from tests.honours.badge_world import WHY, BadgeTown
from tests.racing import at_once


@pytest.fixture
def town():
    return BadgeTown()


def content(**changes):
    return {
        "name": {"en": "Safe autumn", "zh": "平安金秋"},
        "words": {"en": "Three patrols.", "zh": "三次巡逻。"},
        "from_at": now() - timedelta(days=1),
        "until_at": now() + timedelta(days=7),
        "steps": [{"kind": "patrol", "times": 3}],
    } | changes


def draft(town, key="quest-0001", by=None, unit=None, **changes):
    unit_id = (unit or town.street).id
    return draft_quest(unit_id, content(**changes), key=key, by=by or town.officer)


class TestDrafting:
    def test_the_same_key_answers_the_same_draft(self, town):
        said = content()
        first = draft_quest(town.street.id, said, key="quest-0001", by=town.officer)
        again = draft_quest(town.street.id, said, key="quest-0001", by=town.officer)
        assert (first.id, Quest.objects.count()) == (again.id, 1)
        with pytest.raises(QuestKeyUsed):
            draft(town, steps=[{"times": 1}])
        other = staff(Role.CENTRE_OFFICER, at=town.street)
        assert draft(town, by=other).id != first.id

    def test_ten_at_once_make_one(self, town):
        said = content()
        made = at_once(
            10, lambda _: draft_quest(town.street.id, said, key="quest-0001", by=town.officer)
        )
        assert len({one.id for one in made}) == 1

    @pytest.mark.parametrize(
        ("changes", "kind", "field"),
        [
            ({"steps": [{"times": 1, "kind": "juggling"}]}, QuestKindUnknown, "steps.0.kind"),
            ({"steps": [{"times": 0}]}, QuestStepBad, "steps.0.times"),
            (
                {"steps": [{"times": 1}, {"times": 1, "unit_id": "0" * 24}]},
                QuestStepElsewhere,
                "steps.1.unit_id",
            ),
            ({"badge_id": "nothing"}, QuestBadgeUnfit, "badge_id"),
            ({"badge_id": "first_duty"}, QuestBadgeUnfit, "badge_id"),
        ],
    )
    def test_what_cannot_be_meant_says_where(self, town, changes, kind, field):
        with pytest.raises(kind) as refusal:
            draft(town, **changes)
        assert refusal.value.field == field
        assert Quest.objects.count() == 0

    def test_a_step_elsewhere_is_refused_and_one_below_is_not(self, town):
        elsewhere = a_unit(UnitKind.CIVIL, town.district, level="street")
        with pytest.raises(QuestStepElsewhere):
            draft(town, steps=[{"times": 1, "unit_id": elsewhere.id}])
        assert draft(town, steps=[{"times": 1, "unit_id": town.first.id}]).steps[0].times == 1

    def test_only_officers_of_the_unit_draft(self, town):
        below = staff(Role.CENTRE_OFFICER, at=town.first)
        for by in (below, town.volunteer(), staff(Role.RATE_ADMIN, at=town.city)):
            with pytest.raises(NotAllowed):
                draft(town, by=by)
        with pytest.raises(UnitNotFound):
            draft_quest("0" * 24, content(), key="quest-0001", by=town.officer)


class TestChanging:
    def test_a_draft_is_written_anew_from_the_version_seen(self, town):
        made = draft(town)
        said = content(steps=[{"times": 2}], badge_id="quest_done")
        changed = change_quest(made.id, said, version=1, by=town.officer)
        assert (changed.version, changed.steps[0].times, changed.badge_id) == (2, 2, "quest_done")
        with pytest.raises(QuestChanged) as refusal:
            change_quest(made.id, said, version=1, by=town.officer)
        assert refusal.value.facts == {"version": 2}

    def test_an_open_quest_stays_as_it_is(self, town):
        made = draft(town)
        open_quest(made.id, by=town.officer)
        with pytest.raises(QuestNotDraft):
            change_quest(made.id, content(), version=2, by=town.officer)
        with pytest.raises(QuestNotFound):
            change_quest("0" * 24, content(), version=1, by=town.officer)
        with pytest.raises(NotAllowed):
            change_quest(made.id, content(), version=1, by=town.volunteer())


class TestOpening:
    def test_it_is_opened_once(self, town):
        made = draft(town)
        opened = at_once(6, lambda _: open_quest(made.id, by=town.officer))
        assert {(one.state.value, one.version) for one in opened} == {("open", 2)}
        assert open_quest(made.id, by=town.officer).opened_at == quest_of(made.id).opened_at

    def test_what_is_over_withdrawn_or_of_others_is_not_opened(self, town):
        made = draft(town)
        with pytest.raises(NotAllowed):
            open_quest(made.id, by=staff(Role.CENTRE_OFFICER, at=town.first))
        with pretending(now() + timedelta(days=8)), pytest.raises(QuestOver):
            open_quest(made.id, by=town.officer)
        withdraw_quest(made.id, why=WHY, by=town.officer)
        with pytest.raises(QuestNotDraft):
            open_quest(made.id, by=town.officer)

    def test_a_badge_retired_since_is_not_promised(self, town):
        made = draft(town, badge_id="quest_done")
        town.badge("quest_done", version=1, active=False, rule="quest")
        with pytest.raises(QuestBadgeUnfit):
            open_quest(made.id, by=town.officer)

    def test_its_phase_is_what_its_dates_say(self, town):
        made = draft(town, from_at=now() + timedelta(days=1))
        moments = [now() + timedelta(days=days) for days in (0, 2, 8)]
        assert {made.phase_at(moment).value for moment in moments} == {"draft"}
        opened = open_quest(made.id, by=town.officer)
        phases = [opened.phase_at(moment).value for moment in moments]
        assert phases == ["ahead", "open", "ended"]


class TestWithdrawing:
    def test_it_is_withdrawn_and_logged_once(self, town):
        made = draft(town)
        open_quest(made.id, by=town.officer)
        at_once(6, lambda _: withdraw_quest(made.id, why=WHY, by=town.officer))
        again = withdraw_quest(made.id, why="另一个原因", by=town.officer)
        assert (again.state.value, again.why, again.version) == ("withdrawn", WHY, 3)
        (record,) = ChangeRecord.objects(subject="quest")
        assert (record.before, record.after) == ({"state": "open"}, {"state": "withdrawn"})

    def test_only_its_officers_withdraw_and_say_why(self, town):
        made = draft(town)
        with pytest.raises(NotAllowed):
            withdraw_quest(made.id, why=WHY, by=town.volunteer())
        with pytest.raises(WhyMissing):
            withdraw_quest(made.id, why="", by=town.officer)
        assert quest_of(made.id).state.value == "draft"
