"""The eight kinds of task that every city starts with, as data; an admin's version replaces one.

Their hours and shares are ours, to be set by each city; the school guard's "3+N" and its quarter
of an hour, and the mixed make-up of duties, are as published programmes do them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_WALKING: list[dict[str, Any]] = [
    {"check": "inside_time", "parameters": {"min_s": 1_800.0}},
    {"check": "inside_distance", "parameters": {"min_m": 1_000.0}},
    {"check": "window"},
    {"check": "plausible_speed"},
]
_STAYING: list[dict[str, Any]] = [
    {"check": "inside_time", "parameters": {"min_s": 1_800.0}},
    {"check": "start_on_time"},
    {"check": "window"},
    {"check": "plausible_speed"},
]

STANDARD_KINDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "patrol": {
            "name": {"en": "Patrol", "zh": "治安巡逻"},
            "moves": "walks",
            "needs_track": True,
            "required_checks": [],
            "default_checks": _WALKING,
            "review": "suspicion",
            "review_guide": {
                "en": "Look at the path on the map and at each signal. Ask the volunteer before "
                "you refuse a walk that only looks unusual.",
                "zh": "在地图上查看轨迹和可疑信号。若只是看起来异常，驳回前请先向志愿者了解情况。",
            },
        },
        "publicity": {
            "name": {"en": "Publicity", "zh": "安全宣传"},
            "moves": "walks",
            "needs_track": True,
            "required_checks": ["handed_out"],
            "default_checks": [
                {"check": "inside_time", "parameters": {"min_s": 1_200.0}},
                {"check": "handed_out", "parameters": {"least_total": 20}},
                {"check": "photos", "parameters": {"count": 1}},
                {"check": "window"},
                {"check": "plausible_speed"},
            ],
            "review": "suspicion",
            "review_guide": {
                "en": "Compare the photos with the hand-outs counted: each shows the place and the "
                "poster or leaflet. See which compounds were not reached.",
                "zh": "将照片与发放数量对照：照片须能看出地点和海报或传单。查看哪些小区未到达。",
            },
        },
        "traffic_direction": {
            "name": {"en": "Traffic direction", "zh": "交通劝导"},
            "moves": "stays",
            "needs_track": True,
            "required_checks": ["inside_time"],
            "default_checks": _STAYING,
            "review": "suspicion",
            "review_guide": {
                "en": "Look whether the volunteer stood at the crossing during the hours.",
                "zh": "查看志愿者在规定时间内是否在路口值守。",
            },
        },
        "care_visit": {
            "name": {"en": "Care visit to an older person", "zh": "关爱老人探访"},
            "moves": "stays",
            "needs_track": True,
            "private_place": True,
            "required_checks": ["inside_time"],
            "default_checks": [
                {"check": "inside_time", "parameters": {"min_s": 1_200.0}},
                {"check": "window"},
                {"check": "plausible_speed"},
                {"check": "confirmation"},
            ],
            "review": "suspicion",
            "review_guide": {
                "en": "Ring the person visited, or their family, and ask whether somebody came and "
                "whether anything is needed. Do not ask for photos of people at home.",
                "zh": "致电受访老人或其家属，确认是否有人上门、是否有需要。请勿索取老人居家照片。",
            },
        },
        "on_duty_post": {
            "name": {"en": "On-duty post", "zh": "岗亭值守"},
            "moves": "stays",
            "needs_track": True,
            "required_checks": ["inside_time"],
            "default_checks": [
                {"check": "inside_time", "parameters": {"min_s": 3_600.0}},
                {"check": "start_on_time"},
                {"check": "window"},
                {"check": "plausible_speed"},
                {"check": "duty_log"},
            ],
            "review": "suspicion",
            "review_guide": {
                "en": "Read the duty log and look whether the post was held; who sits still at a "
                "post is doing it right.",
                "zh": "阅读值守日志，查看是否在岗。在岗亭静止不动属正常情况。",
            },
        },
        "school_guard": {
            "name": {"en": "School guard", "zh": "护学岗"},
            "moves": "stays",
            "needs_track": True,
            "required_checks": ["inside_time", "start_on_time", "duty_log"],
            "default_checks": [
                {"check": "inside_time", "parameters": {"min_s": 1_500.0}},
                {"check": "start_on_time"},
                {"check": "window"},
                {"check": "plausible_speed"},
                {"check": "make_up"},
                {"check": "duty_log"},
            ],
            "roles_needed": [
                {"crew_role": "school_leader", "at_least": 1},
                {"crew_role": "teacher", "at_least": 1},
                {"crew_role": "school_guard", "at_least": 1},
            ],
            "review": "suspicion",
            "review_guide": {
                "en": "See who of the school was missing and what the log says. Police, city "
                "management and parents who came are welcome, and nobody fails for their absence.",
                "zh": "查看校方缺哪类人员及日志内容。公安、城管、家委会未到场不影响核验。",
            },
        },
        "training": {
            "name": {"en": "Training", "zh": "培训"},
            "moves": "none",
            "needs_track": False,
            "required_checks": ["attendance", "test"],
            "default_checks": [{"check": "attendance"}, {"check": "test"}],
            "review": "suspicion",
            "review_guide": {
                "en": "Check the instructor's list against those who read the code at the place.",
                "zh": "将讲师名单与现场扫码签到记录核对。",
            },
            "certificate": {"name": "safety_basics", "lasts_months": 24},
        },
        "drill": {
            "name": {"en": "Drill", "zh": "演练"},
            "moves": "none",
            "needs_track": False,
            "required_checks": ["attendance"],
            "default_checks": [{"check": "start_on_time"}, {"check": "attendance"}],
            "review": "suspicion",
            "review_guide": {
                "en": "Check the leader's list against those who read the code at the place.",
                "zh": "将演练负责人名单与现场扫码签到记录核对。",
            },
            "certificate": {"name": "drill", "lasts_months": 12},
        },
    }
)
