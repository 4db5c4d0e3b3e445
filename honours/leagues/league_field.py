"""Which unit of a league's field somebody counts for: one at most, so nobody counts twice."""

from collections.abc import Iterable, Sequence

from honours.leagues.league import TEAMS
from people import Belonging, Role, Unit, UnitKind, units_of

# Who holds one of these at a team is a member of it; its staff and admins are not.
MEMBERS = (Role.RESIDENT, Role.CAPTAIN)


class LeagueField:
    """The units that compete under `unit_id`, of a civil level or of kinds of team (`field`).

    Units are read as they are first met, many at once, and kept.
    """

    def __init__(self, unit_id: str, field: str) -> None:
        self.unit_id = unit_id
        self.field = field
        self._known: dict[str, Unit | None] = {}

    def learn(self, unit_ids: Iterable[str]) -> None:
        """Read these units, and those above them where places compete."""
        met = self._read(unit_ids)
        if self.field not in TEAMS:
            self._read(above for unit in met for above in unit.lineage)

    def _read(self, unit_ids: Iterable[str]) -> list[Unit]:
        new = sorted({one for one in unit_ids if one not in self._known})
        found = units_of(new) if new else {}
        self._known.update({one: found.get(one) for one in new})
        return list(found.values())

    def unit_for(self, held: Sequence[Belonging]) -> str | None:
        """The unit that somebody who holds this (oldest first) counts for; None for no unit.

        Of several the one they have belonged to longest.
        """
        return next(iter(self.units_for(held)), None)

    def units_for(self, held: Sequence[Belonging]) -> list[str]:
        """Every unit of the field that somebody belongs to, the oldest belonging first."""
        found = [self._team(one) if self.field in TEAMS else self._place(one) for one in held]
        return list(dict.fromkeys(unit_id for unit_id in found if unit_id))

    def holds(self, unit_id: str) -> bool:
        """Whether a unit that was learnt competes here."""
        unit = self._known.get(unit_id)
        if unit is None or self.unit_id not in unit.lineage:
            return False
        if self.field in TEAMS:
            return unit.kind in TEAMS[self.field]
        return unit.kind == UnitKind.CIVIL and unit.level == self.field

    def around(self, unit_id: str) -> str | None:
        """The unit of the field that is a unit that was learnt, or lies above it."""
        unit = self._known.get(unit_id)
        above = reversed(unit.lineage) if unit is not None else ()
        return next((one for one in above if self.holds(one)), None)

    def _team(self, one: Belonging) -> str | None:
        belongs = one.is_home or one.role in MEMBERS
        return one.unit_id if belongs and self.holds(one.unit_id) else None

    def _place(self, one: Belonging) -> str | None:
        return self.around(one.unit_id) if one.is_home else None
