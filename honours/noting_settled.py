"""The look at what was settled since the last one: whose work it is, is to be counted anew.

Their certificates are doubted by the same look. Both are noted in the database before the mark
moves on, so that a dead worker loses nobody.
"""

from datetime import UTC, datetime, timedelta

from honours.asking_counts import ask_for_counts
from honours.certificates.doubting_certificates import doubt_certificates
from honours.count_mark import CountMark
from shared.database import collection, database
from tasks import people_settled_between

# A verdict says when it was settled before it is committed, and hosts' clocks differ: whatever
# was settled is looked for at once, and again when nothing of that time can still be on its way.
LATE = timedelta(minutes=5)
LOOKS = (("settled", timedelta(0)), ("settled_late", LATE))
# How much of the past one run looks at; the first ever looks no further back, for the count of
# everybody is due then anyway.
WINDOW = timedelta(days=1)
# Where nobody was found the mark moves no oftener than this: a write is dearer than the look.
MARK_EVERY = timedelta(seconds=30)


def note_settled() -> int:
    """Note everybody who had something settled since the last look; how many notes."""
    moment = server_time()
    return sum(_look(name, moment - lag) for name, lag in LOOKS)


def server_time() -> datetime:
    """The database's own clock: one for all workers, so that none that is ahead moves the marks."""
    told: datetime = database().command("hello")["localTime"]
    return told.replace(tzinfo=UTC)


def _look(name: str, until: datetime) -> int:
    mark = collection(CountMark).find_one({"_id": name})
    after = mark["until"] if mark else until - WINDOW
    until = min(until, after + WINDOW)
    if until <= after:
        return 0
    found = people_settled_between(after, until)
    ask_for_counts(found)
    doubt_certificates(found)
    if found or mark is None or until - after >= MARK_EVERY:
        collection(CountMark).update_one({"_id": name}, {"$max": {"until": until}}, upsert=True)
    return len(found)
