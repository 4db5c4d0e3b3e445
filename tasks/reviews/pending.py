"""Coins that wait: earned by walks that nobody has finally decided on."""

from dataclasses import dataclass

from shared.database import collection
from tasks.participation import Participation, ParticipationState

PENDING = (
    ParticipationState.FINISHED,
    ParticipationState.IN_REVIEW,
    ParticipationState.APPEALED,
)


@dataclass(frozen=True)
class PendingCoins:
    """What all walks of a person that wait would pay, and how many they are."""

    coins: int
    walks: int


def coins_pending_of(person_id: str) -> PendingCoins:
    """The coins that the person's finished and not finally decided walks wait for."""
    waiting = collection(Participation).find(
        {"person_id": person_id, "state": {"$in": [state.value for state in PENDING]}},
        {"coins": 1},
    )
    coins = [row["coins"] for row in waiting]
    return PendingCoins(sum(coins), len(coins))
