"""Readers of the open tasks take no lock: what they see while a writer writes is whole."""

import random
import sys
import threading
from datetime import UTC, datetime

import pytest
from near_world import FUZHOU, mm_between, place_at

from tasks.nearby import open_tasks
from tasks.nearby.open_tasks import OpenTask, OpenTasks
from tasks.nearby.question import Nearby

PURE = True

T0_MS = int(datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000
READERS = 2
WRITES = 2_500
# What comes and goes, what only changes where it stands, and what moves.
FLEETING, STANDING, MOVING = range(3)
PLACES = [place_at(FUZHOU, 40 * number, 33 * number) for number in range(24)]


@pytest.fixture
def hasty():
    """Threads take turns so often that a change is met half-way."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def version_of(number, version):
    """A task whose every field follows from its number and version."""
    place = number % len(PLACES)
    if number % 3 == MOVING:
        place = (number + 5 * version) % len(PLACES)
    return OpenTask(
        f"{number:024x}",
        *PLACES[place],
        T0_MS + version % 7 * HOUR_MS,
        T0_MS + (version % 7 + 2) * HOUR_MS,
        "patrol" if version % 2 else "care_visit",
        b"%d:%d:%d" % (number, version, place),
    )


class Writer(threading.Thread):
    """Puts and drops until it has done its number of writes."""

    def __init__(self, index, numbers, seed):
        super().__init__(daemon=True)
        self.index, self.numbers, self.rng = index, numbers, random.Random(seed)
        self.error = None

    def run(self):
        try:
            for version in range(1, WRITES + 1):
                number = self.rng.randrange(self.numbers)
                if number % 3 == FLEETING and self.rng.random() < 0.5:
                    self.index.drop(f"{number:024x}")
                else:
                    self.index.put(version_of(number, version))
        except Exception as error:
            self.error = error


def flaws_of(found, asked, moment_ms, numbers):
    """What is wrong with one answer, whatever the writer was at."""
    flaws = []
    keys = [(one.distance_mm, one.id) for one in found]
    if keys != sorted(keys):
        flaws.append("out of order")
    if len({one.id for one in found}) < len(found):
        flaws.append("a task twice")
    for one in found:
        number, version, place = (int(part) for part in one.card.split(b":"))
        stood = version_of(number, version)
        if (one.id, (one.lat, one.lon)) != (stood.id, PLACES[place]):
            flaws.append(f"the place of another: {one}")
        if one.distance_mm != mm_between((asked.lat, asked.lon), PLACES[place]):
            flaws.append(f"the distance of another: {one}")
        if asked.kinds and stood.kind not in asked.kinds:
            flaws.append(f"a kind that was not asked: {one}")
        if stood.ends_ms <= moment_ms:
            flaws.append(f"over: {one}")
    if not asked.kinds and moment_ms == T0_MS:
        wanted = {f"{n:024x}" for n in range(numbers) if n % 3 != FLEETING}
        flaws += [
            f"missing though it stood all the time: {one}"
            for one in sorted(wanted - {one.id for one in found})
        ]
    return flaws


def read_until(over, index, numbers, seed):
    """The flaws that a reader met until `over`, and how often it asked."""
    rng, flaws, times = random.Random(seed), [], 0
    while not over() or times < 20:
        kinds = rng.choice([(), (), ("patrol",), ("care_visit",)])
        moment_ms = T0_MS + rng.choice([0, 0, 4 * HOUR_MS])
        asked = Nearby(*FUZHOU, 3_000, numbers, kinds=kinds)
        try:
            flaws += flaws_of(index.near(asked, moment_ms), asked, moment_ms, numbers)
        except Exception as error:
            flaws.append(repr(error))
        times += 1
        if len(flaws) > 5:
            break
    return flaws, times


@pytest.mark.parametrize("tail", [2, 40, 4_096])
def test_a_reader_never_sees_a_task_twice_half_changed_or_missing(hasty, monkeypatch, tail):
    monkeypatch.setattr(open_tasks, "TAIL", tail)
    numbers = 90
    index = OpenTasks(version_of(number, 0) for number in range(numbers))
    writer = Writer(index, numbers, seed=tail)
    met = [None] * READERS

    def reads(reader):
        met[reader] = read_until(lambda: not writer.is_alive(), index, numbers, reader)

    readers = [threading.Thread(target=reads, args=(number,)) for number in range(READERS)]
    writer.start()
    for reader in readers:
        reader.start()
    for thread in (writer, *readers):
        thread.join(60)
        assert not thread.is_alive()
    assert writer.error is None
    for flaws, times in met:
        assert flaws == []
        assert times >= 20
