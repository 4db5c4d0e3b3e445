"""Kills, stops and restarts: members of the replica set and posters, as a seed says.

At most one member is away at a time, or all of them at once: two away would only stand still.
The posters are struck at any moment, also while there is no primary.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from bench.torture.journals import Progress
from children import VENV_PYTHON, Child, start_child
from embedded import Member, ReplicaSet

LOOK_TIMEOUT_MS = 500
# Until a new primary stands and an entry has been acknowledged again.
RECOVERY_TIMEOUT_S = 90
BETWEEN_LOOKS_S = 0.25
CALM_S = (0.5, 2.5)
AWAY_S = (0.3, 3.0)
STOPPED_S = (3.0, 7.0)
POSTER_CALM_S = (1.0, 4.0)
POSTER_STOPPED_S = (0.5, 7.0)
STOP_SHARE = 0.25

# The blows to the set; each round of them comes in an order of its own, the first as it stands.
BLOWS = (
    "kill_primary",
    "kill_primary",
    "stop_primary",
    "kill_secondary",
    "kill_primary",
    "kill_all",
)


class StoodStill(Exception):
    """Raised when the set or the posters did not come back to work in time."""


class Posters:
    """The posting processes, each with the number of its generation."""

    def __init__(self, journals: Path, seed: int, mark: str, env: dict[str, str]) -> None:
        self._journals, self._seed, self._mark, self._env = journals, seed, mark, env
        self._generations: Counter[int] = Counter()
        self.running: dict[int, Child] = {}

    def start(self, poster: int) -> None:
        """Start the next generation of a poster."""
        self._generations[poster] += 1
        words = [str(self._journals), str(self._seed), str(poster)]
        words.append(str(self._generations[poster]))
        self.running[poster] = start_child(
            f"poster {poster}",
            [str(VENV_PYTHON), "-m", "bench.torture.posting", *words],
            mark=self._mark,
            log=self._journals / f"poster-{poster}.log",
            env=self._env,
        )

    def kill(self, poster: int) -> None:
        """`kill -9`, and the next generation at once."""
        child = self.running[poster]
        child.popen.kill()
        child.popen.wait()
        self.start(poster)

    def signal(self, poster: int, number: int) -> None:
        """Stop it or let it go on."""
        child = self.running[poster]
        if child.is_alive():
            child.popen.send_signal(number)

    def fallen(self) -> list[int]:
        """Those that ended by themselves, which none may."""
        return [poster for poster, child in self.running.items() if not child.is_alive()]

    def finish(self, timeout_s: float) -> None:
        """Ask all to end what they are at; whoever does not in time is killed."""
        ends_at = time.monotonic() + timeout_s
        for poster, child in self.running.items():
            self.signal(poster, signal.SIGCONT)
            if child.is_alive():
                child.popen.terminate()
        for child in self.running.values():
            child.stop(grace_s=max(0.1, ends_at - time.monotonic()))


class Tormentor:
    """Strikes until the time is up; `blows` counts what it did."""

    def __init__(
        self, replica_set: ReplicaSet, posters: Posters, journals: Path, seed: int
    ) -> None:
        self._set, self._posters = replica_set, posters
        self._progress = Progress(journals)
        self._rng_members = random.Random(f"{seed}/members")
        self._rng_posters = random.Random(f"{seed}/posters")
        self._round: list[str] = list(BLOWS)
        self._due: list[tuple[float, Callable[[], None]]] = []
        self._away = False
        self.blows: Counter[str] = Counter()
        self.longest_still_s = 0.0

    def torment(self, seconds: float, say: Callable[[str], None]) -> None:
        """Strike for so long, then heal. Raises StoodStill."""
        ends_at = time.monotonic() + seconds
        strike_set_at = time.monotonic() + 1.0
        strike_poster_at = time.monotonic() + 1.5
        still_since, seen = time.monotonic(), 0
        struck_seen = 0
        while (now := time.monotonic()) < ends_at:
            self._do_what_is_due(now)
            if (acknowledged := self._progress.look()) > seen:
                self.longest_still_s = max(self.longest_still_s, now - still_since)
                still_since, seen = now, acknowledged
            if now - still_since > RECOVERY_TIMEOUT_S:
                raise StoodStill(f"nothing was acknowledged for {RECOVERY_TIMEOUT_S} s")
            if now > strike_poster_at:
                self._strike_poster(say)
                strike_poster_at = now + self._rng_posters.uniform(*POSTER_CALM_S)
            if now > strike_set_at and not self._away:
                if seen > struck_seen and self._is_whole():
                    struck_seen = seen
                    self._strike_set(say)
                strike_set_at = now + self._rng_members.uniform(*CALM_S)
            time.sleep(0.05)
        self.heal()

    def heal(self) -> None:
        """Bring back whatever is away, and wait until the set is whole. Raises StoodStill."""
        self._do_what_is_due(float("inf"))
        ends_at = time.monotonic() + RECOVERY_TIMEOUT_S
        while not self._is_whole():
            if time.monotonic() > ends_at:
                raise StoodStill(f"the replica set was not whole again in {RECOVERY_TIMEOUT_S} s")
            for member in self._set.members:
                if not member.server.child.is_alive():
                    member.start()
            time.sleep(BETWEEN_LOOKS_S)

    def _do_what_is_due(self, now: float) -> None:
        due = [act for at, act in self._due if at <= now]
        self._due = [(at, act) for at, act in self._due if at > now]
        for act in due:
            act()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._due.append((time.monotonic() + seconds, act))

    def _strike_poster(self, say: Callable[[str], None]) -> None:
        for poster in self._posters.fallen():
            self.blows["posters_fallen"] += 1
            self._posters.start(poster)
        poster = self._rng_posters.choice(sorted(self._posters.running))
        if self._rng_posters.random() < STOP_SHARE:
            seconds = self._rng_posters.uniform(*POSTER_STOPPED_S)
            self._posters.signal(poster, signal.SIGSTOP)
            self._later(seconds, lambda: self._posters.signal(poster, signal.SIGCONT))
            self.blows["posters_stopped"] += 1
            say(f"stopped poster {poster} for {seconds:.1f} s")
        else:
            self._posters.kill(poster)
            self.blows["posters_killed"] += 1
            say(f"killed poster {poster}")

    def _strike_set(self, say: Callable[[str], None]) -> None:
        primary = self._primary()
        if primary is None:
            return
        if not self._round:
            self._round = self._rng_members.sample(BLOWS, len(BLOWS))
        blow = self._round.pop(0)
        self._away = True
        if blow == "stop_primary":
            self._stop_for(primary, self._rng_members.uniform(*STOPPED_S))
            self.blows["primaries_stopped"] += 1
        else:
            others = [member for member in self._set.members if member is not primary]
            struck = {
                "kill_primary": [primary],
                "kill_secondary": [self._rng_members.choice(others)],
                "kill_all": self._set.members,
            }[blow]
            self._kill_for(struck, self._rng_members.uniform(*AWAY_S))
            self.blows["primaries_killed"] += primary in struck
            self.blows["secondaries_killed"] += len(struck) - (primary in struck)
        say(f"{blow.replace('_', ' ')} (acknowledged so far: {self._progress.acknowledged})")

    def _stop_for(self, member: Member, seconds: float) -> None:
        os.kill(member.server.child.popen.pid, signal.SIGSTOP)
        self._later(seconds, lambda: self._continue(member))

    def _continue(self, member: Member) -> None:
        os.kill(member.server.child.popen.pid, signal.SIGCONT)
        self._away = False

    def _kill_for(self, members: list[Member], seconds: float) -> None:
        for member in members:  # all at once: the signals first, the waiting afterwards
            member.server.child.popen.kill()
        for member in members:
            member.kill()
        self._later(seconds, lambda: self._start(members))

    def _start(self, members: list[Member]) -> None:
        for member in members:
            member.start()
        self._away = False

    def _primary(self) -> Member | None:
        """Who says it is the primary; of two who do, the one elected last."""
        answers = [(member, _hello(member.port)) for member in self._set.members]
        claims = [one for one in answers if one[1].get("isWritablePrimary")]
        latest = max(claims, key=lambda one: str(one[1].get("electionId")), default=None)
        return latest[0] if latest else None

    def _is_whole(self) -> bool:
        answers = [_hello(member.port) for member in self._set.members]
        primaries = sum(bool(answer.get("isWritablePrimary")) for answer in answers)
        secondaries = sum(bool(answer.get("secondary")) for answer in answers)
        return (primaries, secondaries) == (1, len(answers) - 1)


def _hello(port: int) -> dict[str, Any]:
    """What the member says of itself; nothing where it does not answer."""
    try:
        with pymongo.MongoClient[dict[str, Any]](
            f"127.0.0.1:{port}",
            directConnection=True,
            serverSelectionTimeoutMS=LOOK_TIMEOUT_MS,
            socketTimeoutMS=LOOK_TIMEOUT_MS,
        ) as client:
            return client.admin.command("hello")
    except PyMongoError:
        return {}
