"""The measurements that are ratios of rates."""

import os
import random
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import Callable

from . import load, servers, worlds
from .servers import Floor, Simulator, Void
from .table import Row

# Jobs that wait in simulated time while `latency` measures, and how many queries for jobs differ.
IN_FLIGHT = 10_000
QUERIED = 10_000


@dataclass
class Measurement:
    says: str
    measure: Callable


def rounds(options, **sides):
    """Measures each side in turn, so many rounds; gives a list of figures for each side."""
    figures = {name: [] for name in sides}
    for number in range(options.rounds):
        for name, measure in sides.items():
            figures[name].append(measure())
        said = ", ".join(f"{name} {all[-1]:,.0f}/s" for name, all in figures.items())
        print(f"  round {number + 1}: {said}", flush=True)
    return figures


class Spent:
    """What a server takes of the processors for each request; a rate depends on the driver as well."""

    def __init__(self, name, server, seconds):
        self.name, self.server, self.seconds, self.times = name, server, seconds, []

    def during(self, drive):
        before = self.server.spent()
        rate = drive()
        requests = rate * self.seconds
        took = [after - then for after, then in zip(self.server.spent(), before)]
        self.times.append([part / requests * 1e6 for part in [*took, self.seconds * os.cpu_count()]])
        return rate

    def __str__(self):
        own, kernel, whole = (statistics.median(parts) for parts in zip(*self.times))
        return f"{self.name} {own:.1f} us, kernel {kernel:.1f}, everything {whole:.1f}"


def against_floor(options, ours, floor, drive):
    """Rounds of both, and what each request took of the processors."""
    sides = [Spent("imsim", ours, options.seconds), Spent("floor", floor, options.seconds)]
    measure = lambda side: lambda: side.during(lambda: drive(side.server))
    figures = rounds(options, **{side.name: measure(side) for side in sides})
    print(f"  of the processors for each request: {sides[0]}; {sides[1]}")
    return figures


def world(options, **others):
    rules = others.pop("rules", options.rules)
    return worlds.world(options.images, rules, **others)


def delete(options):
    with Simulator(options, world(options)) as ours, Floor(options) as floor:
        figures = against_floor(options, ours, floor, lambda server: load.delete(options, server))
    return [Row("delete 2 x 2", figures["imsim"], figures["floor"], "/s", "bare handler", least=0.85)]


def workers(options):
    """Empty actors are timed for as long as the server is, without a driver beside them."""
    def empty(images):
        command = [options.binaries["workers"], "--empty", "--threads", str(options.shards), "--images",
                   str(images), "--seconds", str(max(1, round(options.seconds / 2)))]
        return timed(command)

    rows = []
    for images in (20, 100):
        with Simulator(options, world(options)) as ours:
            figures = rounds(options, workers=lambda: images * load.delete(options, ours, images),
                             empty=lambda: empty(images))
        rows.append(Row(f"workers of {images} x 2", figures["workers"], figures["empty"], "/s",
                        "empty actors", least=0.5))
    return rows


def timed(command):
    """What `workers` prints, as a rate."""
    count, _, seconds, _ = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return int(count) / float(seconds)


def query(options):
    with Simulator(options, world(options)) as ours:
        ids = load.submit(ours, 0, QUERIED)
        foreign = sum(1 for id in ids if id[14:16] != ids[0][14:16]) / len(ids)
        wanted = 1 - 1 / options.shards
        if abs(foreign - wanted) > 0.05:
            raise Void(f"{foreign:.0%} of the jobs are of another shard, instead of {wanted:.0%}")
        random.Random(1).shuffle(ids)
        file = ours.work / "ids"
        file.write_text("\n".join(ids) + "\n")
        while ours.running() > 0:
            time.sleep(0.05)
        body = ours.ask("GET", f"/v1/{worlds.STUDIO}/jobs/{ids[0]}", token="studio")
        with Floor(options, body) as floor:
            figures = against_floor(options, ours, floor, lambda server: load.query(options, server, file))
    return [Row("query", figures["imsim"], figures["floor"], "/s", "constant body", least=0.9)]


def latency(options):
    """The same jobs with and without 50 ms, while 10,000 others wait: once with one wait of 50 ms for a job,
    once with as many for each phase of it, which is seven waits for 2 x 2."""
    rows = []
    for name, times, least in [("one wait of 50 ms", {"init": "50ms"}, 0.9),
                               ("each phase 50 ms", {"init": "50ms", "phase": "50ms"}, None)]:
        slow, quick = (world(options, parked=True, **timing) for timing in (times, {}))
        with Simulator(options, slow) as ours, Simulator(options, quick) as other:
            load.submit(ours, options.images + options.rules, IN_FLIGHT)
            watched = Watched(ours)
            figures = rounds(options, slow=lambda: watched.during(lambda: load.delete(options, ours)),
                             quick=lambda: load.delete(options, other))
            if min(watched.seen) < IN_FLIGHT:
                raise Void(f"only {min(watched.seen)} jobs were in flight")
            ours.ask("POST", "/__admin/clock/advance", {"by": "2h"})
            waits = f"{min(watched.seen):,} to {max(watched.seen):,} in flight"
            print(f"  {waits}; context switches a second: {watched.switches}")
        rows.append(Row(name, figures["slow"], figures["quick"], "/s", "no latency", least=least))
    return rows


class Watched:
    """Looks at a server while it is driven: how many jobs run, and how often its threads give way because
    they have to wait."""

    def __init__(self, server):
        self.server, self.seen, self.switches = server, [], ""

    def during(self, drive):
        over = threading.Event()

        def look():
            time.sleep(0.5)
            before, start = waits(self.server), time.monotonic()
            while not over.wait(0.5):
                self.seen.append(self.server.running())
            passed = time.monotonic() - start
            after = waits(self.server)
            self.switches = ", ".join(f"{name} {(after[name] - count) / passed:,.0f}"
                                      for name, count in before.items() if name in after)

        looker = threading.Thread(target=look)
        looker.start()
        try:
            return drive()
        finally:
            over.set()
            looker.join()


def waits(server):
    """Voluntary context switches by thread: a thread that waits for anything, the driver included, makes one."""
    found = {}
    for task in (servers.Path("/proc") / str(server.process.pid) / "task").iterdir():
        status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        found[f"{status['Name']}/{task.name}"] = int(status["voluntary_ctxt_switches"])
    return found


def rules(options):
    worlds = {count: world(options, rules=count) for count in (1, 10, 100, 1_000)}
    with Simulator(options, worlds[1]) as one, Simulator(options, worlds[10]) as ten, \
            Simulator(options, worlds[100]) as hundred, Simulator(options, worlds[1_000]) as thousand:
        figures = rounds(options, one=lambda: load.delete(options, one), ten=lambda: load.delete(options, ten),
                         hundred=lambda: load.delete(options, hundred),
                         thousand=lambda: load.delete(options, thousand))
    against = lambda side, name, least: Row(name, figures[side], figures["one"], "/s", "one rule", least=least)
    return [against("ten", "10 rules", None), against("hundred", "100 rules", 0.9),
            against("thousand", "1,000 rules", 0.9)]


def sag(options):
    """Ten slices; after each the floor for a tenth of it, since the machine itself may change."""
    with Simulator(options, world(options)) as ours, Floor(options) as floor:
        figures, bare = [], []
        for number in range(10):
            figures.append(load.delete(options, ours, seconds=options.slice))
            bare.append(load.delete(options, floor, seconds=max(1, options.slice / 10)))
            print(f"  slice {number + 1}: imsim {figures[-1]:,.0f}/s, floor {bare[-1]:,.0f}/s", flush=True)
    length = f"{options.slice:g} s"
    return [Row(f"last of ten x {length}", [figures[-1]], [figures[0]], "/s", "the first", least=0.95),
            Row("the same, each by its floor", [figures[-1] / bare[-1] * 1000], [figures[0] / bare[0] * 1000],
                "/1000", "the first")]


def scale(options):
    """The whole server with one shard and two, and its jobs alone, without sockets and without a driver that
    takes part of the machine."""
    sides = {}
    with Simulator(options, world(options), shards=1) as one, Simulator(options, world(options), shards=2) as two, \
            Floor(options, shards=1) as floor1, Floor(options, shards=2) as floor2:
        for name, server in [("imsim1", one), ("imsim2", two), ("floor1", floor1), ("floor2", floor2)]:
            sides[name] = lambda server=server: load.delete(options, server)
        for threads in (1, 2):
            command = [options.binaries["workers"], "--jobs", "--threads", str(threads), "--images", "2", "--seconds",
                       str(max(1, round(options.seconds / 2)))]
            sides[f"jobs{threads}"] = lambda command=command: timed(command) / 2
        figures = rounds(options, **sides)
    row = lambda name, what: Row(name, figures[f"{what}2"], figures[f"{what}1"], "/s", "one shard")
    return [row("two shards", "imsim"), row("two threads of the floor", "floor"), row("two shards, jobs alone", "jobs")]


ALL = {
    "delete": Measurement("DELETE of 2 images x 2 projects against a bare handler", delete),
    "workers": Measurement("image workers of large batches against empty actix actors", workers),
    "query": Measurement("GET of jobs, of all shards alike, against a constant body", query),
    "latency": Measurement("the rate of submissions with jobs that wait, against without", latency),
    "rules": Measurement("1,000 and 100 rules that never match against one", rules),
    "scale": Measurement("two shards against one", scale),
    "sag": Measurement("the last of ten slices of time against the first", sag),
}
