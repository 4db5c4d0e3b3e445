"""The levels that every city starts with, as data; an admin's table replaces them.

Sample: no programme publishes thresholds for levels, so these are ours, to be set by each city.
"""

from typing import Any

_LINES = (
    ("Neighbour", "热心邻里", 1, 1),
    ("Watchful neighbour", "平安守望者", 10, 3),
    ("Street guardian", "街巷守护者", 40, 8),
    ("Pillar of the street", "群防骨干", 120, 20),
    ("Light of the city", "福城之光", 400, 50),
)
STANDARD_LEVELS: tuple[dict[str, Any], ...] = tuple(
    {"name": {"en": en, "zh": zh}, "least_hours": hours, "least_weeks": weeks}
    for en, zh, hours, weeks in _LINES
)
