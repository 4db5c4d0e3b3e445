"""What a kind of check is, what it is held against, what it answers, and how it says so."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from shared.i18n import LANGUAGES, Text
from tasks.judging.check_parameters import Parameter
from tasks.judging.proof import NOTHING, Proof
from tasks.judging.track_measures import Evidence

KMH = 3.6
DAY_S = 86_400.0


@dataclass(frozen=True)
class Hours:
    """When a task runs, and when its walker started and finished, all in s since 1970.

    `pauses` are the stretches (from, until) that a reported incident took.
    """

    starts_at: float
    ends_at: float
    started_at: float
    finished_at: float
    pauses: tuple[tuple[float, float], ...] = ()

    def counted_s(self, begin: float, end: float) -> float:
        """The seconds from `begin` to `end` that no pause took."""
        paused_s, done_to = 0.0, begin
        for since, until in sorted(self.pauses):
            since = max(since, done_to)
            until = min(until, end)
            if until > since:
                paused_s += until - since
                done_to = until
        return max(end - begin - paused_s, 0.0)


@dataclass(frozen=True)
class Case:
    """All that a check may look at: the walk in its area, the hours, what else was brought."""

    evidence: Evidence
    hours: Hours
    proof: Proof = NOTHING


@dataclass(frozen=True)
class CheckResult:
    """One check held against one walk, and the sentence that tells the walker.

    `awaits` is true where only a person can say: it is not passed, and refuses nobody.
    """

    check: str
    passed: bool
    measured: float
    needed: float
    unit: str
    reason: Mapping[str, str]
    awaits: bool = False

    def plain(self) -> dict[str, Any]:
        """As a plain dict, which is how a verdict keeps it."""
        return {**vars(self), "reason": dict(self.reason)}


Judge: TypeAlias = Callable[[Case, Mapping[str, Any]], CheckResult]


@dataclass(frozen=True)
class CheckKind:
    """What a check is called, its parameters, what it measures, and what it needs of the area.

    `of_track` is true where positions decide; the others are judged without any. `of_area` is
    true where only the place decides, so that a wrong datum would fail it.
    """

    name: str
    parameters: Mapping[str, Parameter]
    result: Judge
    of_track: bool = True
    of_area: bool = False
    needs_route: bool = False
    needs_cells: bool = False


def spoken(text: Text, **facts: Any) -> dict[str, str]:
    """Both sentences; a fact that is itself a Text is said in the sentence's language."""
    return {
        language: text.say(
            language,
            **{k: v.say(language) if isinstance(v, Text) else v for k, v in facts.items()},
        )
        for language in LANGUAGES
    }


def duration_text(seconds: float) -> Text:
    """`1 h 5 min 20 s`, cut down to whole seconds so that it never looks like enough."""
    left = max(int(seconds), 0)
    hours, minutes, left = left // 3600, left % 3600 // 60, left % 60
    parts = [(hours, "h", "小时"), (minutes, "min", "分钟"), (left, "s", "秒")]
    told = [part for part in parts if part[0]] or [parts[2]]
    english = " ".join(f"{number} {unit}" for number, unit, _ in told)
    return Text(english, " ".join(f"{number} {unit}" for number, _, unit in told))


def distance_text(metres: float) -> Text:
    """`850 m` or `1.25 km`, cut down so that it never looks like enough."""
    if metres < 1000:
        return Text(f"{int(metres)} m", f"{int(metres)} 米")
    kilometres = math.floor(metres / 10) / 100
    return Text(f"{kilometres:g} km", f"{kilometres:g} 公里")


def percent(share: float, up: bool = False) -> str:
    """`71.4 %`, cut down, or up where a share must stay below a limit."""
    tenths = math.ceil(share * 1000 - 1e-6) if up else math.floor(share * 1000 + 1e-6)
    return f"{tenths / 10:g} %"


def share_result(check: str, measured: float, needed: float, said: Text) -> CheckResult:
    """The result of a check that wants at least a share; `said` tells {measured} and {needed}."""
    told = spoken(said, measured=percent(measured), needed=percent(needed))
    # Ten walks in ten that end where the task ends should not fail on the last float bit.
    passed = measured >= needed - 1e-9
    return CheckResult(
        check, passed, math.floor(measured * 1e4 + 1e-6) / 1e4, needed, "share", told
    )


def cut(value: float) -> float:
    """One decimal, cut down: a shown figure is never larger than the one that was judged."""
    return math.floor(value * 10 + 1e-6) / 10


def raised(value: float) -> float:
    """One decimal, cut up: for a figure that must stay below a limit."""
    return math.ceil(value * 10 - 1e-6) / 10
