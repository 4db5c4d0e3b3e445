"""What gunicorn does at its own events; how many processes and where stands on its command line."""

import os
import sys
from typing import Any

from prometheus_client.multiprocess import mark_process_dead


def on_starting(server: Any) -> None:
    """Refuse --preload: connections and threads do not go along into workers."""
    if server.cfg.preload_app:
        sys.exit("Fuxun's workers connect and follow for themselves: leave --preload out")


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what a dead worker last said of itself: its open tasks, and how fresh they were."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)
