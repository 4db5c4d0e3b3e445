"""What gunicorn does at its own events; how many processes and where stands on its command line."""

import os
from typing import Any

from prometheus_client.multiprocess import mark_process_dead


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what a dead worker last said of itself: its open tasks, and how fresh they were."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        mark_process_dead(worker.pid)
