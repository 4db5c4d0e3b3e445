"""The sandbox provider as a process of its own, and our API on a port for it to call back to."""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

from werkzeug.serving import make_server

ROOT = Path(__file__).parents[3]
SECRET = "a secret that both sides hold, 40 letters"


class RunningSandbox:
    """One running sandbox; `counts` is what it really did under a key."""

    def __init__(self, call_back_url: str, *more: str) -> None:
        words = ["--late-s", "0.3", "--slow-s", "0.3", "--call-back-url", call_back_url, *more]
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "fixtures.sandbox_provider", *words],
            cwd=ROOT,
            env={**os.environ, "SANDBOX_PROVIDER_SECRET": SECRET},
            stdout=subprocess.PIPE,
            text=True,
        )
        said, _, port = self._popen.stdout.readline().partition(" ")
        assert said == "ready"
        self.url = f"http://127.0.0.1:{int(port)}"

    def counts(self, key: str) -> dict[str, int]:
        """How often the key was asked for, and really delivered."""
        with urllib.request.urlopen(f"{self.url}/counts/{key}", timeout=5) as answer:
            return json.load(answer)

    def stop(self) -> None:
        """End it at once, as a crash would."""
        self._popen.kill()
        self._popen.wait(10)
        self._popen.stdout.close()


class ServedApi:
    """The API on a free port of this machine, in threads."""

    def __init__(self, app) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
