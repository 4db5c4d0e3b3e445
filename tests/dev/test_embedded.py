"""The embedded servers: found, started with what they need, mended, stopped."""

import platform
import socket

import pymongo
import pytest
import redis

import embedded
from children import CannotStart, free_port, mark_for, started_under
from embedded import (
    find_mongod,
    find_valkey,
    lend_libcurl,
    library_path,
    start_mongodb,
    start_replica_set,
    start_valkey,
)


def a_mongod_that(folder, script: str):
    """An executable in place of mongod, for what a real one says on a machine unlike this one."""
    path = folder / "mongod"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


LACKS = "mongod: error while loading shared libraries: {}: cannot open shared object file"


def test_a_lent_libcurl_lies_under_the_name_mongod_asks_for(tmp_path):
    wheel = tmp_path / "pycurl.libs"
    wheel.mkdir()
    curl = wheel / "libcurl-330bcbb6.so.4.8.0"
    curl.write_bytes(b"elf")
    for _ in range(2):  # a second run finds it there
        searched = lend_libcurl(curl, tmp_path / "var" / "lib").split(":")
    assert searched == [str(tmp_path / "var" / "lib"), str(wheel)]
    lent = tmp_path / "var" / "lib" / "libcurl.so.4"
    assert lent.resolve() == curl
    assert list(lent.parent.iterdir()) == [lent]


def test_libcurl_is_lent_only_where_mongod_misses_it(tmp_path, monkeypatch):
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    content = a_mongod_that(tmp_path, "exit 0")
    assert library_path(content, tmp_path) == ""
    assert not (tmp_path / "lib").exists()
    script = (
        f'[ -n "$LD_LIBRARY_PATH" ] || {{ echo "{LACKS.format("libcurl.so.4")}" >&2; exit 127; }}'
    )
    missing = a_mongod_that(tmp_path, script)
    curl = tmp_path / "libcurl-1.so.4"
    curl.write_bytes(b"elf")
    monkeypatch.setattr(embedded, "_installed", lambda _pattern: [curl])
    assert library_path(missing, tmp_path).startswith(str(tmp_path / "lib"))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (f'echo "{LACKS.format("libssl.so.3")}" >&2; exit 127', "apt install libssl3"),
        (f'echo "{LACKS.format("libodd.so.9")}" >&2; exit 127', "libodd.so.9"),
        ("kill -ILL $$", "AVX"),
        ("echo 'version GLIBC_2.34 not found' >&2; exit 1", "GLIBC_2.34"),
        ("exit 4", "does not run here"),
    ],
)
def test_a_mongod_that_cannot_run_here_is_one_line_with_a_way_out(tmp_path, script, said):
    with pytest.raises(CannotStart) as refusal:
        library_path(a_mongod_that(tmp_path, script), tmp_path)
    assert said in str(refusal.value)
    assert "MONGODB_URI" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_platform_without_embedded_servers_is_told_what_to_set(monkeypatch):
    monkeypatch.setattr(embedded, "_installed", lambda _pattern: [])
    monkeypatch.setattr(embedded.shutil, "which", lambda _name: None)
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(CannotStart, match=r"riscv64.*MONGODB_URI"):
        find_mongod()
    with pytest.raises(CannotStart, match=r"riscv64.*REDIS_URL"):
        find_valkey()


def test_elsewhere_a_mongod_of_the_system_comes_first(monkeypatch, tmp_path):
    bundled = tmp_path / "bundled"
    monkeypatch.setattr(embedded, "_installed", lambda _pattern: [bundled])
    monkeypatch.setattr(embedded.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert find_mongod() == bundled
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert str(find_mongod()) == "/usr/bin/mongod"


def test_mongodb_keeps_its_data_and_finds_a_primary_on_another_port(swept):
    for round_number, port in enumerate((None, None, free_port())):
        server = start_mongodb(swept, port, mark=mark_for(swept))
        with pymongo.MongoClient(server.uri, w="majority") as client:
            collection = client.get_default_database()["rounds"]
            with client.start_session() as session, session.start_transaction():
                collection.insert_one({"round": round_number}, session=session)
            assert collection.count_documents({}) == round_number + 1
            limit = {"getParameter": 1, "transactionLifetimeLimitSeconds": 1}
            assert client.admin.command(limit)["transactionLifetimeLimitSeconds"] == 5
            assert [f"127.0.0.1:{server.port}"] == [
                member["name"] for member in client.admin.command("replSetGetStatus")["members"]
            ]
        if round_number == 1:
            server.child.popen.kill()  # as a killed run leaves it: with its lock file
            server.child.popen.wait()
        server.stop()
    assert port == server.port


@pytest.mark.slow
def test_a_set_of_three_outlives_its_primary_and_takes_it_back(swept, eventually):
    replica_set = start_replica_set(swept, mark=mark_for(swept))
    with pymongo.MongoClient(replica_set.uri, w="majority", heartbeatFrequencyMS=500) as client:
        rounds = client.get_default_database()["rounds"]
        rounds.insert_one({"round": 0})
        killed = next(one for one in replica_set.members if one.port == client.primary[1])
        killed.kill()
        rounds.insert_one({"round": 1})  # waits for the election
        assert client.primary[1] != killed.port
        killed.start()
        eventually(lambda: ("127.0.0.1", killed.port) in client.secondaries, 60)
        assert rounds.count_documents({}) == 2
        config = client.admin.command("replSetGetConfig")["config"]
        assert config["settings"]["electionTimeoutMillis"] == 2000
    replica_set.stop()
    again = start_replica_set(swept, mark=mark_for(swept))
    assert again.uri == replica_set.uri
    with pymongo.MongoClient(again.uri) as client:
        assert client.get_default_database()["rounds"].count_documents({}) == 2
    again.stop()
    assert not started_under(f"{swept.resolve()}|")


def test_a_set_that_cannot_start_leaves_none_of_its_members_running(swept, monkeypatch):
    def fail(_servers):
        raise CannotStart("no primary")

    monkeypatch.setattr(embedded, "_until_primary", fail)
    with pytest.raises(CannotStart, match="no primary"):
        start_replica_set(swept, mark=mark_for(swept))
    assert not started_under(f"{swept.resolve()}|")


def test_a_remembered_port_is_used_again_unless_it_is_taken(swept):
    first = start_valkey(swept)
    first.stop()
    again = start_valkey(swept)
    again.stop()
    assert again.port == first.port
    (swept / "valkey.port").write_text("")  # killed while writing it
    start_valkey(swept).stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        (swept / "valkey.port").write_text(str(taken.getsockname()[1]))
        moved = start_valkey(swept)
    assert redis.Redis.from_url(moved.uri).ping()
    moved.stop()
    assert moved.port == int((swept / "valkey.port").read_text())


def test_a_given_port_that_is_taken_is_one_line(swept):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotStart, match="Valkey found its port taken"):
            start_valkey(swept, taken.getsockname()[1])


def test_valkey_keeps_nothing_between_runs(swept):
    server = start_valkey(swept)
    redis.Redis.from_url(server.uri).set("kept", "1")
    server.stop()
    server = start_valkey(swept)
    assert redis.Redis.from_url(server.uri).keys() == []
    server.stop()
    assert not list((swept / "valkey").iterdir())
