"""A district with months of verified work, written in bulk, and a draft card to try on it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from typing import Any

from bench.parts.rates_pricing import CARD, GAP_UNIT, KINDS
from fixtures.factories import CARD_TITLE, SAMPLE_WHY, a_resident, a_town, rated, staff
from people import Actor, Role, Unit, UnitKind, import_territory, unit_with_code
from rates import Occasion, RateCard, declare_weather, draft_card
from shared.clock import now, pretending
from shared.database import database
from tasks import ParticipationState, TaskState

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 90
PER_TASK = 5
WEST, SOUTH, STEP = 119.20, 26.00, 0.004
# Fields of the district's chess board along each side; a street is a column of them.
SIDE = 20
GAP_GRIDS = 8
STORMS = 6
DISTRICT = "350102"
AT_ONCE = 5_000


class RatesTown:
    """Twenty streets of twenty grids, people, tasks in the grids and who did them."""

    def __init__(self, participations: int, people: int, *, side: int = SIDE) -> None:
        self._drawn = random.Random(6)
        self._numbers = count(1)
        self._side = side
        town = a_town()
        self.district = town.district
        self.rate_admin = staff(Role.RATE_ADMIN, at=self.district)
        rated(self.district, by=self.rate_admin)
        import_territory(_board(side), "civil", town.city.id, by=town.admin)
        self.streets = [self._unit(_street_code(x)) for x in range(side)]
        self._storms()
        self._people(people)
        self._work(participations)

    def draft(self) -> RateCard:
        """A card that uses everything: caps, nights, holidays, weather, gap areas, a key day."""
        grids = [self._unit(_grid_code(0, y)).id for y in range(min(GAP_GRIDS, self._side))]
        multipliers = [
            {**one, "unit_ids": grids} if GAP_UNIT in one.get("unit_ids", ()) else one
            for one in CARD["multipliers"]
        ]
        content = {**CARD, "multipliers": multipliers, "title": CARD_TITLE}
        content["in_force_from"] = now() + timedelta(days=1)
        key = f"bench-card-{next(self._numbers)}"
        return draft_card(self.district.id, content, why=SAMPLE_WHY, key=key, by=self.rate_admin)

    def _unit(self, code: str) -> Unit:
        return unit_with_code(UnitKind.CIVIL, code)

    def _storms(self) -> None:
        """Some days of heat and storm over single streets, declared when they came."""
        for number in range(STORMS):
            begins = FIRST + timedelta(days=number * DAYS // STORMS)
            with pretending(begins):
                declare_weather(
                    self.streets[number % len(self.streets)].id,
                    Occasion.HEAT if number % 2 else Occasion.STORM,
                    begins,
                    begins + timedelta(days=3),
                    why=SAMPLE_WHY,
                    key=f"bench-storm-{number}",
                    by=self.rate_admin,
                )

    def _people(self, number: int) -> None:
        resident: Actor = a_resident(nickname="示例")
        model = database()["people"].find_one({"_id": resident.person_id}) or {}
        # What makes somebody findable is each person's own.
        for name in ("phone_hash", "login", "id_number_hash", "card_code_hash"):
            model.pop(name, None)
        self.person_ids = [f"{one:024x}" for one in range(1, number + 1)]
        rows = ({**model, "_id": one, "memberships": [], "sessions": []} for one in self.person_ids)
        _insert("people", rows)

    def _work(self, participations: int) -> None:
        tasks = [self._task(number) for number in range(max(1, participations // PER_TASK))]
        _insert("tasks", iter(tasks))
        _insert(
            "participations",
            (self._walk(number, tasks[number % len(tasks)]) for number in range(participations)),
        )

    def _task(self, number: int) -> dict[str, Any]:
        drawn = self._drawn
        x, y = drawn.randrange(self._side), drawn.randrange(self._side)
        lon, lat = (WEST + STEP * (x + drawn.random()), SOUTH + STEP * (y + drawn.random()))
        starts_at = FIRST + timedelta(minutes=15 * drawn.randrange(DAYS * 96))
        hours = drawn.randint(4, 16) / 4
        return {
            "_id": f"{number:024x}",
            "unit_id": self.streets[x].id,
            "kind": drawn.choice(KINDS),
            "title": "示例任务",
            "address": "示例路 1 号",
            "place": "示例街道",
            "location": {"type": "Point", "coordinates": [round(lon, 7), round(lat, 7)]},
            "area": {"shape": "circle", "radius_m": 300.0},
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=hours),
            "distance_m": 500.0 * drawn.randint(0, 6),
            "slots": PER_TASK,
            "slots_left": 0,
            "claim_from": "anywhere",
            "checks": [{"check": "window", "parameters": {}}],
            "claims": [],
            "state": TaskState.CLOSED.value,
            "created_by": self.rate_admin.person_id,
            "draft_key": f"bench-{number}",
            "draft_hash": "",
            "created_at": starts_at - timedelta(days=2),
            "published_at": starts_at - timedelta(days=1),
            "published_by": self.rate_admin.person_id,
            "coins": round(50 * hours),
            "breakdown": [],
            "caps": [],
            "settled": True,
            "version": 2,
        }

    def _walk(self, number: int, task: dict[str, Any]) -> dict[str, Any]:
        # A few do much: the square of an even draw.
        place = int(len(self.person_ids) * self._drawn.random() ** 2)
        return {
            "_id": f"{number:024x}",
            "task_id": task["_id"],
            "unit_id": task["unit_id"],
            "person_id": self.person_ids[place],
            "state": ParticipationState.VERIFIED.value,
            "kind": task["kind"],
            "starts_at": task["starts_at"],
            "ends_at": task["ends_at"],
            "coins": task["coins"],
            "paid_coins": task["coins"],
            "claimed_at": task["starts_at"],
            "started_at": task["starts_at"],
            "finished_at": task["ends_at"],
            "worked_s": (task["ends_at"] - task["starts_at"]) // timedelta(seconds=1),
            "worked_m": task["distance_m"],
            "on_duty": self._drawn.random() < 0.05,
            "settled": True,
            "settled_at": task["ends_at"],
        }


def _insert(name: str, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, AT_ONCE)):
        database()[name].insert_many(some, ordered=False)


def _street_code(x: int) -> str:
    return f"{DISTRICT}1{x:02}"


def _grid_code(x: int, y: int) -> str:
    return f"{_street_code(x)}001{y:02}"


def _board(side: int) -> dict[str, Any]:
    """The district as columns that are streets of one community, cut into square grids."""
    features = [_feature(DISTRICT, "district", (0, 0, side, side), "")]
    for x in range(side):
        column, street = (x, 0, 1, side), _street_code(x)
        features.append(_feature(street, "street", column, DISTRICT))
        features.append(_feature(f"{street}001", "community", column, street))
        features += [
            _feature(_grid_code(x, y), "grid", (x, y, 1, 1), f"{street}001") for y in range(side)
        ]
    return {"type": "FeatureCollection", "features": features}


def _feature(
    code: str, level: str, field: tuple[int, int, int, int], parent: str
) -> dict[str, Any]:
    x, y, width, height = field
    west, south = WEST + x * STEP, SOUTH + y * STEP
    east, north = west + width * STEP, south + height * STEP
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    ring = [[round(lon, 7), round(lat, 7)] for lon, lat in corners]
    properties = {"code": code, "level": level, "name": f"示例{code}", "name_en": code}
    if parent:
        properties["parent_code"] = parent
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
