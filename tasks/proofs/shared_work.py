"""Whose proof counts for whom: a captain's for those vouched for, a leader's for the team."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.database import collection
from tasks.participation import Participation, ParticipationState
from tasks.proofs.crews import PRESENT

_LOOKED_AT = {"state": 1, "proofs": 1}


@dataclass(frozen=True)
class SharedWork:
    """Who worked as one: the ids whose proof stands for a participation, and all of the group.

    `lenders` are its own id, the captain's, the leader's, in the order they are asked in;
    `members` are {state, proofs} by id, of everybody in the group.
    """

    lenders: tuple[str, ...]
    members: Mapping[str, Mapping[str, Any]]

    @property
    def has_proof(self) -> bool:
        """Whether anybody in the group brought anything."""
        return any(one.get("proofs") for one in self.members.values())

    @property
    def bringers(self) -> list[str]:
        """Whose hand-outs add up, sorted: who is or was there, and the lenders in any state."""
        return sorted(
            member_id
            for member_id, one in self.members.items()
            if one["state"] in PRESENT or member_id in self.lenders
        )

    @property
    def waiting(self) -> list[str]:
        """Who has finished and is not judged yet, sorted."""
        return sorted(
            member_id
            for member_id, one in self.members.items()
            if one["state"] == ParticipationState.FINISHED
        )


def alone(participation: Participation) -> SharedWork:
    """The work of who neither joined a team nor is vouched for; nothing is looked up."""
    row = {"state": participation.state, "proofs": participation.proofs}
    return SharedWork((participation.id,), {participation.id: row})


def shared_work(participation: Participation) -> SharedWork:
    """The group of a participation: its team, with those whom the members' captains vouch for."""
    lenders = lenders_of(participation)
    joined = collection(Participation).distinct("_id", {"team_of": lenders[-1]})
    walkers = [*lenders, *joined]
    rows = collection(Participation).find(
        {"$or": [{"_id": {"$in": walkers}}, {"vouched_by": {"$in": walkers}}]}, _LOOKED_AT
    )
    members = {row["_id"]: row for row in rows}
    # As it was read by the caller, who decides upon just that.
    return SharedWork(lenders, members | dict(alone(participation).members))


def lenders_of(participation: Participation) -> tuple[str, ...]:
    """Whose proof stands for a participation, by id: its own, the captain's, the leader's."""
    led = _captain_of(participation) or participation
    return tuple(dict.fromkeys((participation.id, led.id, led.team_of or led.id)))


def _captain_of(participation: Participation) -> Participation | None:
    if participation.vouched_by is None:
        return None
    captain: Participation | None = Participation.objects(id=participation.vouched_by).first()
    return captain
