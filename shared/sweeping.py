"""Sweeps: doing one thing to many documents, so that one that fails stops none of the others."""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
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


def sweep_passes(passes: Collection[tuple[str, Callable[[], int]]]) -> dict[str, int]:
    """Do each pass of a room's sweep, in their order; how much of each, by its name.

    One that fails is logged and did nothing; the others are done all the same.
    """
    done: dict[str, int] = {}
    for name, act in passes:
        sweep_each([name], _noting(act, done))
    return {name: done.get(name, 0) for name, _ in passes}


def _noting(act: Callable[[], int], done: dict[str, int]) -> Callable[[str], None]:
    @wraps(act)  # the log names the pass
    def run(name: str) -> None:
        done[name] = act()

    return run


def _did(document: Any, act: Callable[[Any], object], name: str) -> bool:
    try:
        return act(document) is not False
    except BaseTimeoutException:
        raise
    except Exception:  # whatever it is, the others must not wait for it
        log.exception("sweep_failed", document=str(getattr(document, "pk", document)), act=name)
        return False
