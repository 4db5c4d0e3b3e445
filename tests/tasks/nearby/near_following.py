"""What tests of the follower ask: what is in memory, its figures, and its streams' end."""

from near_world import FUZHOU, place_at
from prometheus_client import REGISTRY
from pymongo.read_concern import ReadConcern

from shared.clock import real_now
from shared.database import database
from tasks import Nearby, search_database

ASKED = Nearby(*FUZHOU, 3_000, 100)
RING = [place_at(FUZHOU, 100 * number, 30 * number) for number in range(12)]


def ids_in_memory(followers, one=None):
    """The ids of the open tasks in memory, nearest first, with all confirmed before this call."""
    open_tasks, _ = followers.caught_up(one)
    moment_ms = int(real_now().timestamp() * 1000)
    return [found.id for found in open_tasks.near(ASKED, moment_ms)]


def figure(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0


def assert_like_the_database(followers, one=None):
    open_tasks, _ = followers.caught_up(one)
    moment_ms = int(real_now().timestamp() * 1000)
    assert open_tasks.near(ASKED, moment_ms) == search_database(ASKED)


def reloads():
    """How often this process has loaded anew."""
    return figure("fuxun_nearby_reloads_total")


def end_streams():
    """End every waiting change stream on the server, as a restart of it would; how many."""
    here, ended = ReadConcern("local"), 0
    admin = database().client.get_database("admin", read_concern=here)
    everybody = {"allUsers": True, "idleCursors": True}
    for found in admin.aggregate([{"$currentOp": everybody}, {"$match": {"type": "idleCursor"}}]):
        if "$changeStream" in str(found["cursor"]["originatingCommand"].get("pipeline")):
            name, _, where = found["ns"].partition(".")
            database().client[name].command(
                {"killCursors": where, "cursors": [found["cursor"]["cursorId"]]}
            )
            ended += 1
    return ended
