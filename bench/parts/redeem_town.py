"""Where the redeeming benchmark happens: desks with stock, and buyers who have coins."""

from collections.abc import Sequence
from copy import deepcopy
from itertools import count
from typing import Any, NamedTuple

from catalog import Reward, RewardKind, offer_reward, stock_point
from fixtures.factories import a_point, a_resident, a_reward, a_town, staff
from ledger import EntryKind, Leg, NewEntry, Posted, budget, issued, post, wallet
from people import Actor, Role, Unit
from shared.database import database
from shared.ids import new_id, random_id

PRICE = 10
COINS = 1_000_000
# So many that nobody fetches more than a person does in an hour.
BUYERS_A_DESK = 16
# One leg of an entry pays, the others are paid.
PAID_AT_ONCE = 99

_numbers = count(1)


class Desk(NamedTuple):
    """One redemption point: its clerk, and people with coins who order there."""

    point: Unit
    clerk: Actor
    buyers: list[Actor]


class RedeemTown:
    """A street with an officer, a reward, and a desk for each client."""

    def __init__(self, clients: int) -> None:
        self.street = a_town().street
        self.officer = staff(Role.CENTRE_OFFICER, at=self.street)
        self.reward = self.draft()
        self._model: dict[str, Any] = database()["people"].find_one({"_id": a_resident().person_id})
        people = self.people(clients * BUYERS_A_DESK, COINS)
        self.desks = [self._desk(people[client::clients]) for client in range(clients)]
        self.offer(self.reward)

    def _desk(self, buyers: list[Actor]) -> Desk:
        point = self.point()
        stock_point(self.reward.id, point.id, supplied=COINS, by=self.officer)
        return Desk(point, staff(Role.CLERK, at=point), buyers)

    def point(self) -> Unit:
        """Another redemption point."""
        return a_point(self.street, code=f"bench-point-{next(_numbers)}")

    def draft(self, kind: RewardKind = RewardKind.GOODS) -> Reward:
        """Another reward, to be offered once there is something of it."""
        return a_reward(at=self.street, by=self.officer, price=PRICE, kind=kind, offered=False)

    def offer(self, reward: Reward) -> Reward:
        """Put it on offer."""
        return offer_reward(reward.id, by=self.officer)

    def people(self, number: int, coins: int) -> list[Actor]:
        """So many residents like one who signed up, real-name step and all, with coins each."""
        copies = []
        for _ in range(number):
            own = random_id()
            hashes = {"phone_hash": f"k1.{own}", "id_number_hash": f"k1.{own}"}
            copies.append({**deepcopy(self._model), "_id": own, **hashes})
        database()["people"].insert_many(copies)
        actors = [Actor(copy["_id"], "s") for copy in copies]
        pay(actors, coins)
        return actors


def pay(people: Sequence[Actor], coins: int) -> None:
    """Put coins into the wallets as they come there: granted to a unit, then rewarded."""
    source, about = budget("350102", 2026, fund="bench"), ("person", people[0].person_id)
    whole = coins * len(people)
    granted = [Leg(issued("350102", 2026), -whole), Leg(source, whole)]
    entries = [NewEntry(f"bench-grant:{new_id()}", EntryKind.BUDGET_GRANT, granted, about)]
    for first in range(0, len(people), PAID_AT_ONCE):
        some = people[first : first + PAID_AT_ONCE]
        legs = [Leg(wallet(one.person_id), coins) for one in some]
        legs.append(Leg(source, -coins * len(some)))
        entries.append(NewEntry(f"bench-reward:{new_id()}", EntryKind.REWARD, legs, about))
    for entry in entries:
        (outcome,) = post([entry])
        if not isinstance(outcome, Posted):
            raise LookupError(f"the ledger answered {outcome}")
