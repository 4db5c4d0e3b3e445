"""Sound requests around badges and quests."""

from datetime import timedelta
from typing import Any

from sound_world import Sound

from honours import draft_quest
from shared.clock import now

BADGE = {
    "name": {"en": "Good neighbour", "zh": "好街坊"},
    "words": {"en": "For what no count knows.", "zh": "表彰数据无法体现的付出。"},
    "rule": {"rule": "by_hand"},
}
QUEST = {
    "name": {"en": "Safe autumn", "zh": "平安金秋"},
    "words": {"en": "Three patrols.", "zh": "三次巡逻。"},
    "steps": [{"kind": "patrol", "times": 3}],
    "badge_id": "quest_done",
}


def of_badges(world: Any) -> dict[str, Sound]:
    """Operation → a sound request; a draft of a quest is made for those about one."""
    street_id = world.town.street.id
    span = {"from_at": now(), "until_at": now() + timedelta(days=7)}
    drafted = draft_quest(street_id, QUEST | span, key="quest-0001", by=world.actors["officer"])
    world.ids |= {"badge_id": ["good_neighbour", "quest_done"], "quest_id": [drafted.id]}
    quest = QUEST | {name: moment.isoformat() for name, moment in span.items()}
    given = {"badge_id": "good_neighbour", "why": "热心"}
    return {
        "POST /people/{person_id}/badges": Sound("officer", given),
        "PUT /me/badges/{badge_id}": Sound("resident", {"hidden": True}),
        "POST /people/{person_id}/badges/revocation": Sound("admin", given),
        "PUT /badges/{badge_id}": Sound("admin", BADGE | {"why": "试行"}),
        "POST /quests": Sound("officer", quest | {"unit_id": street_id}),
        "PATCH /quests/{quest_id}": Sound("officer", quest),
        "POST /quests/{quest_id}/withdrawal": Sound("officer", {"why": "试行"}),
    }
