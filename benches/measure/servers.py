"""Builds what is measured, and starts and stops it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCHES = ["floor", "workers"]
# How long a server may take to listen, and to end after it was told to; for a world of a million images.
SLOWEST = 60


class Void(Exception):
    """Why nothing can be said."""


def need_tools(names):
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        sys.exit(f"needs {missing[0]} (a Debian package)")


def build(options):
    """Builds the program and the benchmarks, and remembers where they are."""
    built = built_with("--bin", "imsim", options=options)
    for name in BENCHES:
        built |= built_with("--bench", name, options=options)
    options.binaries = built


def built_with(kind, name, options):
    # `cargo build --bench` has the profile of `cargo build`, so that all are built alike.
    command = [os.environ.get("CARGO", "cargo"), "build", "--profile", options.profile, kind, name]
    command += ["--message-format=json"]
    made = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    artifacts = (json.loads(line) for line in made.splitlines() if line.startswith("{"))
    return {one["target"]["name"]: one["executable"] for one in artifacts
            if one.get("executable") and one["target"]["name"] == name}


class Server:
    """A server that listens; a context that ends it."""

    def __init__(self, command):
        self.work = Path(tempfile.mkdtemp(prefix="imsim-speed-"))
        self.out = self.work / "out"
        self.process = subprocess.Popen(command(self.work), stdout=self.out.open("w"),
                                        stderr=(self.work / "err").open("w"))
        self.url = self.address()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def address(self):
        end = time.monotonic() + SLOWEST
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"^listening on (\S+)", self.out.read_text(), re.M)
            if found:
                return found[1]
            time.sleep(0.05)
        self.stop()
        raise Void(f"{self.process.args[0]} did not start")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(SLOWEST)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def ask(self, method, path, body=None, token=None):
        """One request; gives the text of the answer."""
        headers = {"content-type": "application/json"}
        if token:
            headers["x-auth-token"] = token
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()

    def spent(self):
        """Seconds that the server has taken of the processors, in its own code and in the kernel."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return [int(field) / os.sysconf("SC_CLK_TCK") for field in fields[11:13]]

    def running(self):
        return json.loads(self.ask("GET", "/__admin/health"))["jobs"]["running"]


class Simulator(Server):
    """The simulator with a world. Whoever leaves it in good order has had all his jobs."""

    def __init__(self, options, world, shards=None):
        def command(work):
            (work / "world.json").write_text(world)
            return [options.binaries["imsim"], "serve", str(work / "world.json"), "--addr", "127.0.0.1:0",
                    "--shards", str(shards or options.shards)]

        super().__init__(command)

    def __exit__(self, kind, *rest):
        self.stop()
        counts = re.search(r"^jobs: (\d+) accepted, (\d+) ended \(SUCCESS (\d+)", self.out.read_text(), re.M)
        super().__exit__(kind, *rest)
        if kind is None and counts is None:
            raise Void("the simulator did not say what became of its jobs")
        if kind is None:
            accepted, ended, succeeded = map(int, counts.groups())
            if accepted == 0 or accepted != ended or succeeded * 2 <= ended:
                raise Void(f"{accepted} jobs were accepted, {ended} ended, {succeeded} with SUCCESS")


class Floor(Server):
    """The bare server."""

    def __init__(self, options, answer="", shards=None):
        def command(work):
            (work / "answer").write_text(answer)
            return [options.binaries["floor"], "--serve", "127.0.0.1:0", "--workers",
                    str(shards or options.shards), "--answer", str(work / "answer")]

        super().__init__(command)
