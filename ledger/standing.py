"""A balance while a batch is walked: what it held, and what the batch has done to it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bson import Int64

from ledger.lots import Lots, less, together


@dataclass
class Standing:
    """A balance as the batch finds it (`read`), or from zero where only changes are known.

    `net` and `lowest` are the sum of the batch's changes so far and the least it ever was.
    """

    id: str
    read: bool
    posted: int = 0
    held: int = 0
    owes: int = 0
    lots: Lots = field(default_factory=dict)
    entries: int = 0
    net: int = 0
    lowest: int = 0
    held_net: int = 0
    owes_net: int = 0
    lots_moved: bool = False

    @classmethod
    def of(cls, name: str, read: bool, kept: Mapping[str, Any] | None) -> "Standing":
        """The balance as its stored document has it; empty where there is none."""
        if not kept:
            return cls(name, read)
        lots = {month: int(coins) for month, coins in kept.get("lots", {}).items() if coins}
        posted, held, owes = (int(kept.get(name, 0)) for name in ("posted", "held", "owes"))
        return cls(name, read, posted, held, owes, lots)

    @property
    def free(self) -> int:
        """What is not held, coins whose month is over included."""
        return self.posted - self.held

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.entries or self.held_net or self.owes_net or self.lots_moved)

    def move(self, amount: int, lots: Lots | None = None) -> None:
        """Add to what is posted; `lots` are those that the coins come with or are drawn from."""
        self.posted += amount
        self.net += amount
        self.lowest = min(self.lowest, self.net)
        if lots:
            self.lots = together(self.lots, lots) if amount > 0 else less(self.lots, lots)
            self.lots_moved = True

    def hold(self, amount: int, lots: Lots) -> None:
        """Set free coins of these lots aside."""
        self.held += amount
        self.held_net += amount
        self.lots = less(self.lots, lots)
        self.lots_moved |= bool(lots)

    def free_hold(self, amount: int, lots: Lots) -> None:
        """Bring held coins back as free ones of these lots."""
        self.held -= amount
        self.held_net -= amount
        self.lots = together(self.lots, lots)
        self.lots_moved |= bool(lots)

    def owe(self, amount: int) -> None:
        """Add to what the wallet's owner owes."""
        self.owes += amount
        self.owes_net += amount

    def update(self) -> dict[str, Any]:
        """The statement of an `update` command that writes what changed.

        A balance that was not read is guarded by the collection's validator, which sees only
        where it ends; one that was lower in between says in its filter what it needs.
        """
        added = {"posted": Int64(self.net), "entries": Int64(self.entries)}
        if self.held_net:
            added["held"] = Int64(self.held_net)
        if self.owes_net:
            added["owes"] = Int64(self.owes_net)
        change: dict[str, Any] = {"$inc": added}
        if self.lots_moved:
            change |= self._lots_written() if self.read else self._lots_added(added)
        dips = not self.read and self.lowest < min(0, self.net)
        wanted = {"_id": self.id} | ({"posted": {"$gte": -self.lowest}} if dips else {})
        return {"q": wanted, "u": change, "upsert": not dips}

    def _lots_written(self) -> dict[str, Any]:
        if not self.lots:
            return {"$unset": {"lots": "", "earliest_lot": ""}}
        lots = {month: Int64(coins) for month, coins in self.lots.items()}
        return {"$set": {"lots": lots, "earliest_lot": min(lots)}}

    def _lots_added(self, added: dict[str, Int64]) -> dict[str, Any]:
        for month, coins in self.lots.items():
            added[f"lots.{month}"] = Int64(coins)
        return {"$min": {"earliest_lot": min(self.lots)}}
