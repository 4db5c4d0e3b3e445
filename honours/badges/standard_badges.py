"""The badges that every city starts with, as data; an admin's version replaces one.

Samples: their figures are ours, chosen so that a first one comes at once and a last one in years.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

STANDARD_BADGES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "first_duty": {
            "name": {"en": "First duty", "zh": "初次上岗"},
            "words": {
                "en": "For the first duty that was verified.",
                "zh": "首次通过核验的志愿服务。",
            },
            "rule": {"rule": "threshold", "measure": "count", "at_least": 1},
        },
        "hundred_hours": {
            "name": {"en": "A hundred hours", "zh": "百时守护"},
            "words": {
                "en": "For a hundred hours of verified work.",
                "zh": "通过核验的服务满 100 小时。",
            },
            "rule": {"rule": "threshold", "measure": "hours", "at_least": 100},
        },
        "thousand_hours": {
            "name": {"en": "A thousand hours", "zh": "千时守护"},
            "words": {
                "en": "For a thousand hours of verified work.",
                "zh": "通过核验的服务满 1000 小时。",
            },
            "rule": {"rule": "threshold", "measure": "hours", "at_least": 1_000},
        },
        "long_walker": {
            "name": {"en": "Long walker", "zh": "百里巡行"},
            "words": {
                "en": "For fifty kilometres walked on patrol: a hundred li.",
                "zh": "巡逻里程满 50 公里，即一百里。",
            },
            "rule": {
                "rule": "threshold",
                "measure": "kilometres",
                "kind": "patrol",
                "at_least": 50,
            },
        },
        "four_weeks": {
            "name": {"en": "Four weeks running", "zh": "四周连续"},
            "words": {
                "en": "For verified work in each of four weeks running.",
                "zh": "连续四周都有通过核验的服务。",
            },
            "rule": {"rule": "threshold", "measure": "streak_weeks", "at_least": 4},
        },
        "half_a_year": {
            "name": {"en": "Half a year running", "zh": "半年坚守"},
            "words": {
                "en": "For verified work in each of twenty-six weeks running.",
                "zh": "连续二十六周都有通过核验的服务。",
            },
            "rule": {"rule": "threshold", "measure": "streak_weeks", "at_least": 26},
        },
        "hundred_days": {
            "name": {"en": "A hundred days", "zh": "百日平安"},
            "words": {
                "en": "For verified work on a hundred different days.",
                "zh": "在一百个不同的日子完成通过核验的服务。",
            },
            "rule": {"rule": "threshold", "measure": "days", "at_least": 100},
        },
        "school_friend": {
            "name": {"en": "Friend of the school", "zh": "护学之友"},
            "words": {
                "en": "For twenty verified duties at a school's gate.",
                "zh": "完成二十次通过核验的护学岗。",
            },
            "rule": {
                "rule": "threshold",
                "measure": "count",
                "kind": "school_guard",
                "at_least": 20,
            },
        },
        "first_visit": {
            "name": {"en": "First visit", "zh": "初次探访"},
            "words": {
                "en": "For the first verified visit to an older neighbour.",
                "zh": "首次通过核验的关爱探访。",
            },
            "rule": {"rule": "first_of_kind", "kind": "care_visit"},
        },
        "all_hands": {
            "name": {"en": "All hands", "zh": "多面手"},
            "words": {
                "en": "For patrol, publicity, traffic direction and a care visit: each of them.",
                "zh": "巡逻、宣传、交通劝导、关爱探访四类服务均有参与。",
            },
            "rule": {
                "rule": "set",
                "of": "kinds",
                "names": ["patrol", "publicity", "traffic_direction", "care_visit"],
            },
        },
        "pioneer": {
            "name": {"en": "Pioneer", "zh": "先行者"},
            "words": {
                "en": "For the first verified work ever done for a unit.",
                "zh": "某单位有史以来第一次通过核验的服务。",
            },
            "rule": {"rule": "first_in_unit"},
        },
        "pillar": {
            "name": {"en": "Pillar of the street", "zh": "街坊栋梁"},
            "words": {
                "en": "For a hundred hours, half a year running, and all hands.",
                "zh": "集齐“百时守护”“半年坚守”“多面手”三枚徽章。",
            },
            "rule": {
                "rule": "set",
                "of": "badges",
                "names": ["hundred_hours", "half_a_year", "all_hands"],
            },
        },
        "quest_done": {
            "name": {"en": "Quest done", "zh": "任务达人"},
            "words": {
                "en": "For completing a quest that gives it.",
                "zh": "完成授予该徽章的主题行动。",
            },
            "rule": {"rule": "quest"},
        },
        "good_neighbour": {
            "name": {"en": "Good neighbour", "zh": "好街坊"},
            "words": {
                "en": "Given by an officer for what no count can know.",
                "zh": "由综治中心授予，表彰数据无法体现的付出。",
            },
            "rule": {"rule": "by_hand"},
        },
    }
)
