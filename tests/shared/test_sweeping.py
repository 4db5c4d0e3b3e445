"""A sweep goes on past what fails, and past nothing that concerns all of it."""

from types import SimpleNamespace

import pytest
import structlog
from pymongo.errors import AutoReconnect
from rq.timeouts import JobTimeoutException
from structlog.testing import LogCapture

from shared import sweeping
from shared.sweeping import sweep_each, sweep_passes

PURE = True


@pytest.fixture
def logs(monkeypatch):
    """What the sweep logs, whatever level this process logs at."""
    capture = LogCapture()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[capture],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        cache_logger_on_first_use=False,
    )
    monkeypatch.setattr(sweeping, "log", logger)
    return capture.entries


def failing_at(bad, error):
    def act(one):
        if one == bad:
            raise error

    return act


@pytest.mark.parametrize("error", [ValueError("broken"), AutoReconnect("election"), KeyError("x")])
def test_one_that_fails_is_logged_and_the_others_are_done(logs, error):
    assert sweep_each(["a", "b", "c"], failing_at("a", error)) == 2
    assert [(line["event"], line["document"], line["act"]) for line in logs] == [
        ("sweep_failed", "a", "act")
    ]


def test_a_document_is_named_by_its_key(logs):
    document = SimpleNamespace(pk="0123")
    sweep_each([document], failing_at(document, ValueError()))
    assert logs[0]["document"] == "0123"


def test_what_found_nothing_to_do_is_not_counted():
    assert sweep_each([True, False, None], lambda answer: answer) == 2


def test_one_that_cannot_even_be_read_ends_its_list_only(logs):
    def documents():
        yield "a"
        raise ValueError("no such field")

    assert sweep_each(documents(), lambda _: None) == 1
    assert [line["event"] for line in logs] == ["sweep_cut_short"]


def test_the_end_of_the_jobs_time_is_not_taken_for_a_failed_document():
    with pytest.raises(JobTimeoutException):
        sweep_each(["a", "b"], failing_at("a", JobTimeoutException()))


def test_a_database_that_does_not_answer_ends_the_sweep():
    def documents():
        raise AutoReconnect("away")
        yield

    with pytest.raises(AutoReconnect):
        sweep_each(documents(), lambda _: None)


def test_a_pass_that_fails_did_nothing_and_stops_none_of_the_others(logs):
    def broken():
        raise ValueError

    passes = (("first", lambda: 2), ("broken", broken), ("last", lambda: 3))
    assert sweep_passes(passes) == {"first": 2, "broken": 0, "last": 3}
    assert [entry["act"] for entry in logs] == ["broken"]


def test_the_end_of_the_jobs_time_ends_the_passes_too():
    def overtime():
        raise JobTimeoutException

    with pytest.raises(JobTimeoutException):
        sweep_passes((("first", overtime), ("last", lambda: 3)))
