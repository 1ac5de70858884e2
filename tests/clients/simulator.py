"""One `imsim serve` for one story: started on a free port, asked through its admin API, stopped at the end."""

import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REGION = "sim-region-1"
ACCOUNT = "sim-account"
# How long a server may take to start, and to stop: far more than it takes on a loaded machine.
PATIENCE = 30


class Simulator:
    """Use it as a context manager: `with Simulator() as imsim`.

    In the mode `auto-per-poll` no job takes real time, and each poll sees a job one step further on.
    """

    def __init__(self, *options, clock="auto-per-poll"):
        self.options = ["--addr", "127.0.0.1:0", "--clock", clock, *options]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="imsim-")
        ready = Path(self.folder.name, "ready.json")
        self.log = open(Path(self.folder.name, "log"), "w+")
        self.process = subprocess.Popen(
            [os.environ["IMSIM"], "serve", *self.options, "--ready-file", str(ready)],
            cwd=ROOT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        try:
            self.told = self._wait_for(ready)
        except BaseException:
            self._stop()
            raise
        self.url, self.admin_url = self.told["url"], self.told["admin_url"]
        self.projects, self.images = self.told["projects"], self.told["images"]
        return self

    def __exit__(self, *_):
        self._stop()

    def _wait_for(self, ready):
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            if ready.exists():
                return json.loads(ready.read_text())
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.log.seek(0)
        raise RuntimeError(f"imsim did not start: {self.log.read()}")

    def _stop(self):
        # Twice: what a story leaves running is not waited for.
        for _ in range(2):
            self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def admin(self, method, path, body=None):
        """Calls the admin API and returns what it answers."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.admin_url + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{method} {path}: {refusal.read().decode()}") from None

    def break_it(self, **rule):
        """Adds a fault rule and returns its id."""
        return self.admin("POST", "/faults", rule)["id"]

    def mend(self):
        """Takes all fault rules out."""
        self.admin("DELETE", "/faults")

    def fired(self, rule):
        """How often a rule fired."""
        return self.admin("GET", f"/faults/{rule}")["counts"]["fired"]

    def advance(self, span):
        """Lets time pass."""
        self.admin("POST", "/clock/advance", {"by": span})

    def must_have_seen(self, times, **call):
        """Holds that a call was made so often: `operation`, `project`, `status`, `error_code`."""
        self.admin("POST", "/verify", {**call, "exactly": times})

    def last_answer(self, **filters):
        """What the journal has of the newest call: its entry, the answer included."""
        query = "&".join(f"{key}={value}" for key, value in {"event": "call", **filters}.items())
        return self.admin("GET", f"/journal?{query}")["entries"][-1]


class raises:
    """Holds that the block raises `kind`, and keeps what was raised in `error`."""

    def __init__(self, kind, **attributes):
        self.kind, self.attributes = kind, attributes

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        assert kind is not None, f"{self.kind.__name__} was not raised"
        if not issubclass(kind, self.kind):
            return False
        found = {name: getattr(error, name) for name in self.attributes}
        assert found == self.attributes, f"{error!r} has {found}, not {self.attributes}"
        self.error = error
        return True
