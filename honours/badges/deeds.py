"""What the rules of badges look at in a person: their counted work, and what else is known."""

from honours.badges.badge_rules import Deeds, Sums
from honours.badges.unit_firsts import first_in_of
from honours.levels.streak_freezes import frozen_weeks_of
from honours.levels.streaks import runs_of
from honours.quests.quest_progress import QuestProgress
from honours.service import Service
from people import units_of


def deeds_of(service: Service, *, badges: frozenset[str] = frozenset()) -> Deeds:
    """The person's deeds; `badges` are those of theirs that rules of others may count on."""
    person_id = service.id
    runs = runs_of(service.weeks, frozen_weeks_of(person_id))
    worked_for = units_of(list(service.unit_ids)).values()
    completed = QuestProgress.objects(person_id=person_id, completed_at__ne=None, badge_id__ne="")
    return Deeds(
        total=Sums(service.count, service.seconds, service.metres),
        days=service.days,
        streak_weeks=max((len(run) for run in runs), default=0),
        kinds={
            kind: Sums(sums["count"], sums["seconds"], sums["metres"])
            for kind, sums in service.kinds.items()
        },
        unit_ids=frozenset(above for unit in worked_for for above in unit.lineage),
        first_in=first_in_of(person_id),
        quest_badges=frozenset(completed.scalar("badge_id")),
        badges=badges,
    )
