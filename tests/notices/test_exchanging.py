"""Exchanges: an answer is read up to a limit, and whether a request may have arrived is known."""

import socket
import threading
from dataclasses import replace

import pytest

from notices import posting
from notices.exchanging import Reply, exchange
from settings import settings

LIMITS = {"timeout_s": 1, "most_bytes": 1_000}


def test_an_answer_is_read(receiver):
    reply = exchange("POST", receiver.url, {"X-Key": "k"}, b"{}", **LIMITS)
    assert (reply.status, reply.error, reply.may_have_arrived) == (200, "", True)
    assert receiver.got[0].body == b"{}"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_status_is_an_answer_and_no_redirect_is_followed(receiver, status):
    receiver.answers = [status]
    assert exchange("POST", receiver.url, {}, b"{}", **LIMITS).status == status
    assert len(receiver.got) == 1


@pytest.mark.parametrize("manner", ["hang", "drip"])
def test_who_never_ends_may_have_taken_it(receiver, manner, monkeypatch):
    monkeypatch.setattr(posting, "WHOLE_S", 0.6)
    receiver.answers = [manner]
    reply = exchange("POST", receiver.url, {}, b"{}", timeout_s=0.4, most_bytes=100)
    assert reply.status is None
    assert reply.may_have_arrived


def test_nobody_there_has_taken_nothing():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert exchange("POST", url, {}, b"{}", **LIMITS) == Reply(
            None, error="no_connection", may_have_arrived=False
        )
    reply = exchange("GET", "http://no-such-host.invalid/", {}, **LIMITS)
    assert not reply.may_have_arrived


def test_an_answer_beyond_the_limit_is_none():
    body = b"x" * 500
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        reply = _answered_by(server, url, body)
    assert (reply.status, reply.error, reply.may_have_arrived) == (None, "too_long", True)


def _answered_by(server, url, body):
    def answer():
        taken, _ = server.accept()
        with taken:
            taken.recv(65_536)
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
            taken.sendall(head.encode() + body)

    thread = threading.Thread(target=answer)
    thread.start()
    reply = exchange("GET", url, {}, timeout_s=2, most_bytes=100)
    thread.join()
    return reply


def test_production_reaches_nothing_inside(receiver, monkeypatch):
    monkeypatch.setattr(posting, "settings", lambda: replace(settings(), production=True))
    reply = exchange("GET", receiver.url, {}, **LIMITS)
    assert (reply.error, reply.may_have_arrived) == ("private_address", False)
    assert receiver.got == []


def test_a_certificate_that_proves_nothing_is_met_before_anything_is_sent(receiver):
    url = receiver.url.replace("http://", "https://")
    assert exchange("GET", url, {}, **LIMITS).error == "certificate"
    assert receiver.got == []
