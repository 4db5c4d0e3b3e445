"""What an answer says of itself holds: complete to `as_of`, and that less than a second ago."""

import random
import threading
from datetime import UTC, datetime, timedelta

from near_world import FUZHOU, open_document, place_at, until
from street import CENTRE

from shared.database import collection
from tasks import Nearby, Task, tasks_near
from tasks.nearby.follower import FRESH_S

OWN_PACE = True

ASKED = Nearby(*FUZHOU, 3_000, 1_000)
WRITES = 50


def instant():
    return datetime.now(UTC)


class Writing(threading.Thread):
    """Adds tasks and takes them away, and notes when each write was begun and acknowledged."""

    def __init__(self, town, seed):
        super().__init__(daemon=True)
        self.town, self.rng = town, random.Random(seed)
        self.added, self.taken, self.error = {}, {}, None

    def run(self):
        try:
            for _ in range(WRITES):
                self.write()
        except Exception as error:
            self.error = error

    def write(self):
        tasks, standing = collection(Task), sorted(set(self.added) - set(self.taken))
        begun_at = instant()
        if standing and self.rng.random() < 0.4:
            task_id, log = self.rng.choice(standing), self.taken
            tasks.update_one({"_id": task_id}, {"$set": {"state": "closed"}})
        else:
            place = place_at(CENTRE, self.rng.uniform(0, 2_000), self.rng.uniform(0, 360))
            document = open_document(self.town, place)
            task_id, log = document["_id"], self.added
            tasks.insert_one(document)
        log[task_id] = (begun_at, instant())


def test_every_write_acknowledged_before_as_of_is_in_the_answer(town, following):
    writers = [Writing(town, seed) for seed in range(2)]
    for writer in writers:
        writer.start()
    answers = []
    while any(writer.is_alive() for writer in writers):
        answers.append((instant(), tasks_near(ASKED), instant()))
    for writer in writers:
        writer.join()
        assert writer.error is None
    final_at = instant()
    until(lambda: (tasks_near(ASKED).as_of or final_at) > final_at, "caught up")
    answers.append((instant(), tasks_near(ASKED), instant()))
    added = {key: times for writer in writers for key, times in writer.added.items()}
    taken = {key: times for writer in writers for key, times in writer.taken.items()}
    from_memory = [one for one in answers if one[1].as_of]
    assert len(from_memory) > 50
    for asked_at, near, answered_at in from_memory:
        assert_true_to(near, asked_at, answered_at)
        shown = {one.id for one in near.found}
        late = {key for key, (_, at) in added.items() if at <= near.as_of} - set(taken) - shown
        assert late == set(), "added and acknowledged before, and not shown"
        gone = {key for key, (_, at) in taken.items() if at <= near.as_of} & shown
        assert gone == set(), "closed and acknowledged before, and still shown"
        early = {key for key in shown if added[key][0] > answered_at}
        assert early == set(), "shown before it was written"
    assert {one.id for one in answers[-1][1].found} == set(added) - set(taken)


def assert_true_to(near, asked_at, answered_at):
    assert near.as_of <= answered_at
    # Memory may have aged while it answered, not before it was asked.
    assert asked_at - near.as_of < timedelta(seconds=FRESH_S)
