"""Child processes that cannot outlive us: marked, dying with their parent, swept up afterwards.

Standard library only, and free of the project's rooms: dev.py needs it before .venv exists.
"""

import ctypes
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"
MARK = "FUXUN_STARTED_BY"
BETWEEN_MARKS = "\x1f"
PR_SET_PDEATHSIG = 1
READY_TIMEOUT_S = 60
LOWEST_PORT = 10_000
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Stopped(BaseException):
    """Raised in the main thread when someone asks us to stop."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def stop_here(number: int, _frame: object) -> None:
    """The signals' one answer: raise Stopped in the main thread."""
    for each in STOP_SIGNALS:  # once is enough: nothing may interrupt the clearing up
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


class CannotStart(Exception):
    """Raised when something cannot be started; the text is one line that says what to do."""


@dataclass
class Child:
    """A process started here: its name for people, and the file its output goes to (if any)."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path | None = None

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.popen.poll() is None

    def stop(self, grace_s: float = 10) -> None:
        """Ask it to end, wait `grace_s` seconds, then make it end; harmless when it has ended."""
        if self.is_alive():
            self.popen.terminate()
        try:
            self.popen.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def tail(self, lines: int = 15) -> str:
        """The last lines it wrote."""
        if not self.log or not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


@dataclass
class Server:
    """A running embedded server and the address its clients use."""

    uri: str
    port: int
    child: Child
    mark: str

    def stop(self) -> None:
        """End it cleanly; the data stays in its folder."""
        self.child.stop(grace_s=20)


def mark_for(folder: Path) -> str:
    """A mark for what this process starts on behalf of `folder`, unlike any other run's mark."""
    return f"{folder.resolve()}|{os.getpid()}-{time.time_ns()}"


def start_child(
    name: str,
    command: list[str],
    *,
    mark: str,
    log: Path | None = None,
    env: dict[str, str] | None = None,
    stdout: int | None = None,
) -> Child:
    """Start `command` so that it dies with us. Call from the main thread: the kernel watches the
    thread, not the process. With `log`, output goes there (the previous run's is kept as .1).
    """
    parent = os.getpid()
    marks = BETWEEN_MARKS.join(filter(None, [mark, os.environ.get(MARK, "")]))
    environment = {**(os.environ if env is None else env), MARK: marks}
    output = _fresh_log(log) if log else None
    try:
        popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL if log else None,
            stdout=output or stdout,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,  # Ctrl-C reaches dev.py alone, which stops things in order
            preexec_fn=lambda: _die_with(parent),
        )
    finally:
        if output:
            os.close(output)
    return Child(name, popen, log)


def _fresh_log(log: Path) -> int:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))
    return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _die_with(parent: int) -> None:
    """Between fork and exec: end when the parent ends, even if that was a moment ago."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def started_under(mark: str) -> list[int]:
    """Pids of the processes, grandchildren too, whose mark begins with `mark`."""
    needle = mark.encode()
    if Path("/proc/self/environ").exists():
        return [int(entry) for entry in os.listdir("/proc") if _carries(entry, needle)]
    listing = subprocess.run(
        ["ps", "eww", "-A", "-o", "pid=,command="], capture_output=True, check=False
    )
    return [int(line.split()[0]) for line in listing.stdout.splitlines() if needle in line]


def _carries(entry: str, needle: bytes) -> bool:
    if not entry.isdigit() or int(entry) == os.getpid():
        return False
    try:
        variables = Path("/proc", entry, "environ").read_bytes().split(b"\0")
    except OSError:  # it has just ended, or belongs to someone else
        return False
    ours = next((item for item in variables if item.startswith(f"{MARK}=".encode())), b"")
    marks = ours.partition(b"=")[2].split(BETWEEN_MARKS.encode())
    return any(mark.startswith(needle) for mark in marks)


def sweep(mark: str, timeout_s: float = 10) -> int:
    """Kill whatever still runs under `mark`, wait until it is gone, and say how many it was."""
    found: set[int] = set()
    ends_at = time.monotonic() + timeout_s
    while (pids := started_under(mark)) and time.monotonic() < ends_at:
        for pid in pids:
            found.add(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.02)
    return len(found)


class Guard:
    """A small process that clears up after us however we end, `kill -9` included.

    It waits for the end of its input, which only we hold open, then kills everything under the
    mark and removes `temporary`, the folder that must not outlive the run.
    """

    def __init__(self, mark: str, temporary: Path | None = None) -> None:
        command = [sys.executable, str(Path(__file__).resolve()), mark]
        self._popen = subprocess.Popen(
            command + ([str(temporary)] if temporary else []),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def close(self) -> None:
        """Let it clear up now, and wait for that."""
        if self._popen.stdin:
            self._popen.stdin.close()
        self._popen.wait()


@dataclass
class Stack:
    """What has been started, in order, and how to reach it."""

    folder: Path
    mark: str
    env: dict[str, str]
    started: list[Child] = field(default_factory=list)
    url: str = ""

    def start(self, name: str, *words: str) -> Child:
        """Start a part of the project in .venv's Python; its output goes to a log."""
        log = self.folder / "log" / f"{name}.log"
        command = [str(VENV_PYTHON), *words]
        child = start_child(name, command, mark=self.mark, log=log, env=self.env)
        self.started.append(child)
        return child

    def command(self, name: str) -> Child:
        """Start a command of cli.py."""
        return self.start(name, "-m", "flask", "--app", "cli", name)

    def finish(self, child: Child) -> str:
        """Wait for a command's end; what it said. Raises CannotStart when it failed."""
        code = child.popen.wait()
        self.started.remove(child)
        if code:
            self.check()  # a server that has ended explains more than what missed it
            reason = child.tail(1)[-300:] or f"code {code}"
            raise CannotStart(f"`{child.name}` failed: {reason}; all it said: {child.log}")
        return child.tail(1000)

    def serve(self, variable: str, server: Server) -> None:
        """Take a server that has started; its clients find it under `variable`."""
        self.started.append(server.child)
        self.env[variable] = server.uri

    def check(self) -> None:
        """Raises CannotStart when a part has ended by itself."""
        for child in self.started:
            if not child.is_alive():
                raise CannotStart(how_it_ended(child))

    def stop(self) -> None:
        """Stop everything in reverse order."""
        for child in reversed(self.started):
            child.stop(grace_s=20)


def how_it_ended(child: Child) -> str:
    """Which part ended and why, as far as its log tells."""
    code, said = child.popen.returncode, child.tail(200)
    if "No space left on device" in said:
        return f"{child.name} found the disk full: free some space, or choose --var DIR elsewhere"
    if "Address already in use" in said or "Connection in use" in said:
        return f"{child.name} found its port taken by another program; its log: {child.log}"
    return f"{child.name} ended with code {code}; {child.log} ends:\n{child.tail()}"


@contextmanager
def stopping(stack: Stack, temporary: Path | None = None) -> Iterator[None]:
    """Stop the stack at the end of the block, however it ends, and leave nothing behind."""
    guard = Guard(stack.mark, temporary)
    try:
        yield
    finally:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        stack.stop()
        guard.close()


def hand_over(stack: Stack, *words: str) -> int:
    """Run .venv's Python with these words, its output shown; its exit code."""
    child = start_child(words[1], [str(VENV_PYTHON), *words], mark=stack.mark, env=stack.env)
    try:
        code = child.popen.wait()
    except Stopped:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            child.popen.send_signal(signal.SIGINT)  # pytest then says how far it came
            child.popen.wait(10)
        child.stop()
        raise
    return code if code >= 0 else 128 - code


def wait_until_ready(stack: Stack) -> None:
    """Wait for /readyz. Raises CannotStart when a part ends or it takes too long."""
    ends_at = time.monotonic() + READY_TIMEOUT_S
    while not (answer := readiness(stack.url))[0]:
        stack.check()
        if time.monotonic() > ends_at:
            raise CannotStart(f"{stack.url}/readyz is not ready in time; it says {answer[1]}")
        time.sleep(0.05)


def readiness(url: str) -> tuple[bool, str]:
    """Whether the server at `url` says it is ready, and what it says."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/readyz", timeout=5) as answer:
            return answer.status == 200, str(answer.status)
    except urllib.error.HTTPError as error:
        return False, f"{error.code} {error.read(300).decode(errors='replace')}"
    except (OSError, ValueError) as error:
        return False, str(error)


def lock_folder(folder: Path) -> int:
    """Hold the folder until we end (the kernel lets go). Raises CannotStart when it is held."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise CannotStart(
            f"another dev.py is running on {folder}: stop it, or choose --var DIR"
        ) from None
    return lock


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lasting_port() -> int:
    """A free port that stays so while its server is down and comes back.

    The kernel lends the ports of its range to outgoing connections, those of our own clients
    among them: a killed server would find its port taken. So it is one below that range.
    """
    bounds = Path("/proc/sys/net/ipv4/ip_local_port_range")
    lowest = int(bounds.read_text().split()[0]) if bounds.exists() else 32768
    if lowest <= LOWEST_PORT:
        return free_port()
    start = random.randrange(LOWEST_PORT, lowest)  # noqa: S311 - so that two runs rarely meet
    below = [*range(start, lowest), *range(LOWEST_PORT, start)]
    return next(filter(is_free, below), 0) or free_port()


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def main(mark: str, *temporary: str) -> None:
    """Be the guard (see Guard): nothing but the end of the input ends it."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    sweep(mark)
    for folder in temporary:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
