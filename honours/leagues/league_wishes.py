"""Being left out of leagues: asked for by the person, kept from the next edition on."""

from collections.abc import Iterable
from datetime import datetime

from honours.leagues.league_wish import LeagueWish
from people import Actor
from shared.clock import real_now
from shared.database import collection


def put_league_wish(*, is_left_out: bool, by: Actor) -> LeagueWish:
    """Say whether the caller wants to be left out of leagues; saying it again changes nothing.

    From the next edition on somebody left out is counted in no unit, and told of none.
    """
    changed = {"$set": {"is_left_out": is_left_out, "changed_at": real_now()}}
    other = {"_id": by.person_id, "is_left_out": not is_left_out}
    if not collection(LeagueWish).update_one(other, changed).matched_count:
        # Who never said anything; a wish that stands stays as old as it is.
        collection(LeagueWish).update_one(
            {"_id": by.person_id},
            {"$setOnInsert": changed["$set"]},
            upsert=True,
        )
    return league_wish_of(by.person_id)


def league_wish_of(person_id: str) -> LeagueWish:
    """The person's wish; to take part, where they never said any."""
    found: LeagueWish | None = LeagueWish.objects.with_id(person_id)
    return found or LeagueWish(id=person_id, is_left_out=False)


def left_out_of(person_ids: Iterable[str]) -> set[str]:
    """Who of these people wants to be left out."""
    wished = {"_id": {"$in": list(person_ids)}, "is_left_out": True}
    return {row["_id"] for row in collection(LeagueWish).find(wished, {"_id": 1})}


def wishes_changed_since(moment: datetime) -> set[str]:
    """Whose wish became another one since a moment."""
    changed = {"changed_at": {"$gte": moment}}
    return {row["_id"] for row in collection(LeagueWish).find(changed, {"_id": 1})}
