"""Listens to every command that this process sends to MongoDB, for tests of the yardsticks."""

import threading

from pymongo import monitoring

# Sent later and from another thread, about cursors nobody reads any more.
TIDYING = {"killCursors", "endSessions"}


class CommandLog(monitoring.CommandListener):
    """Every command as (database, name, collection, statements), in the order sent."""

    def __init__(self):
        self.lock = threading.Lock()
        self.seen = []

    def started(self, event):
        command = event.command
        where = command[event.command_name]
        where = where if isinstance(where, str) else ""
        statements = len(command.get("updates", command.get("documents", [None])))
        # A transaction ends on the admin database; what it was about was said before.
        name = event.database_name if where else ""
        with self.lock:
            self.seen.append((name, event.command_name, where, statements))

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass

    def of(self, name, act):
        """What `act` sends to the database `name`: (command, collection, statements) in order."""
        self.seen.clear()
        act()
        return [seen[1:] for seen in self.seen if seen[0] in (name, "") and seen[1] not in TIDYING]


# Clients listen from their birth on, so this stands before any is made.
LOG = CommandLog()
monitoring.register(LOG)
