"""Sweeps: doing one thing to many documents, so that one that fails stops none of the others."""

from collections.abc import Callable, Iterable
from typing import Any

import structlog
from pymongo.errors import PyMongoError
from rq.timeouts import BaseTimeoutException

log = structlog.get_logger()


def sweep_each(found: Iterable[Any], act: Callable[[Any], object]) -> int:
    """Do `act` to each document or id; how many went well, False being "nothing was to do".

    One that fails is logged, never raised. Raised is what concerns them all: the job's time is
    up, or the database does not answer what was `found`.
    """
    name, done = getattr(act, "__name__", repr(act)), 0
    try:
        for document in found:
            done += _did(document, act, name)
    except (BaseTimeoutException, PyMongoError):
        raise
    except Exception:  # one that cannot be read ends this list, not the sweep
        log.exception("sweep_cut_short", act=name)
    return done


def _did(document: Any, act: Callable[[Any], object], name: str) -> bool:
    try:
        return act(document) is not False
    except BaseTimeoutException:
        raise
    except Exception:  # whatever it is, the others must not wait for it
        log.exception("sweep_failed", document=str(getattr(document, "pk", document)), act=name)
        return False
