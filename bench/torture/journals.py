"""What a poster was told, line by line, in a file that its own death cannot take back.

Each line is one write to the kernel, which keeps it whatever becomes of the process. A line that
the kill cut short is no acknowledgement.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Line = dict[str, Any]


class Journal:
    """The journal of one poster's thread; the next generation of the poster goes on with it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")  # so that the cut line stays alone

    def write(self, **line: Any) -> None:
        """Put one line down before going on."""
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        if os.write(self._file, text) != len(text):
            raise OSError("the journal could not be written whole: is the disk full?")


def lines_of(path: Path) -> Iterator[Line]:
    """The whole lines of a journal, oldest first."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for raw in file:
            if not raw.endswith(b"\n"):
                return
            try:
                yield json.loads(raw)
            except ValueError:  # cut short by a kill
                continue


class Progress:
    """How many entries were acknowledged so far in all journals of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self.acknowledged = 0

    def look(self) -> int:
        """Read what has come since the last look; the number by now."""
        for path in self._folder.glob("*.jsonl"):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                fresh = file.read()
            whole = fresh[: fresh.rfind(b"\n") + 1]
            self._read[path] = self._read.get(path, 0) + len(whole)
            self.acknowledged += whole.count(b'{"yes":')
        return self.acknowledged
