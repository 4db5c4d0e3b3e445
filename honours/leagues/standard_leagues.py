"""The leagues that every city starts with, as data; an admin's version replaces one.

They compete in the whole city (no unit is named); which units, by what, how long is ours to
begin with and each city's to set.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

STANDARD_LEAGUES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "grid_hours": {
            "name": {"en": "Grids by hours", "zh": "网格志愿时长联赛"},
            "field": "grid",
            "measure": "hours",
            "season": "month",
        },
        "community_hours": {
            "name": {"en": "Communities by hours", "zh": "社区志愿时长联赛"},
            "field": "community",
            "measure": "hours",
            "season": "quarter",
        },
        "team_hours": {
            "name": {"en": "Teams by hours", "zh": "团队志愿时长联赛"},
            "field": "team",
            "measure": "hours",
            "season": "quarter",
        },
    }
)
