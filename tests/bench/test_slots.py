"""Slots measure what was answered, and refuse to measure what was not."""

import socket
import threading
from contextlib import contextmanager

import pytest

from bench.parts.calls import Call
from bench.parts.slots import Connection, Slot, UnexpectedAnswer, compared, run_slot, turns

PURE = True
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
GONE = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
GET = Call(b"GET / HTTP/1.1\r\n\r\n", 200)


@contextmanager
def answering(answer):
    """A port on which every request is answered so."""

    def serve(connection):
        with connection:
            while connection.recv(10_000):
                connection.sendall(answer)

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def asked(answer, calls, slot_s=30):
    with answering(answer) as port:
        connections = [Connection(port) for _ in calls]
        try:
            return run_slot(connections, [iter(mine) for mine in calls], slot_s)
        finally:
            for connection in connections:
                connection.close()


def test_a_slot_ends_when_a_client_has_nothing_left_to_ask():
    slot = asked(OK, [[GET] * 3, iter(lambda: GET, None)])
    assert slot.rate_per_s > 0
    assert slot.p50_ms > 0


def test_a_slot_ends_when_its_time_is_up():
    endless = iter(lambda: GET, None)
    assert asked(OK, [endless], slot_s=0.05).rate_per_s > 0


def test_an_answer_of_another_kind_ends_the_measurement():
    with pytest.raises(UnexpectedAnswer):
        asked(GONE, [[GET], [GET]])


def test_a_slot_without_any_call_is_refused():
    with pytest.raises(UnexpectedAnswer):
        asked(OK, [[], []])


def test_a_round_asks_every_variant_once_and_keeps_the_sides_of_a_request_together():
    for number in range(8):
        order = turns(["claim", "scan", "nearby"], ["ours", "bare"], number)
        assert len(set(order)) == len(order) == 6
        assert all(a[0] == b[0] for a, b in zip(order[::2], order[1::2], strict=True))


def test_requests_and_sides_take_turns_at_going_first():
    firsts = [turns(["claim", "scan"], ["ours", "bare"], number)[0] for number in range(2)]
    assert firsts == [("claim", "ours"), ("scan", "bare")]


def test_ratios_are_taken_round_by_round():
    ours = [Slot(50, 4), Slot(10, 20), Slot(80, 3)]
    bare = [Slot(100, 2), Slot(20, 10), Slot(100, 2)]
    found = compared(ours, bare)
    assert found["rate_ratio"] == 0.5
    assert (found["rate_ratio_lowest"], found["rate_ratio_highest"]) == (0.5, 0.8)
    assert (found["ours_ms"], found["bare_ms"]) == (4, 2)
