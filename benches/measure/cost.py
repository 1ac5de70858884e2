"""What one image worker costs in instructions and allocations, and where they go: counted by callgrind, so that
nothing else on the machine changes the figures."""

import collections
import re
import subprocess
import tempfile
from pathlib import Path

from .ratios import Measurement
from .table import Row

# What is run less and more of; the difference is free of what a start costs. At the first ten batches
# everything that is made once has been made.
FEW, MANY = 10, 60
SIZES = (20, 100)
# Where an instruction belongs, by the file of its source, the first that fits; what was inlined counts for its
# own file. Of the standard library, which is inlined everywhere, the function decides in which it stands.
PARTS = [
    ("actix and its mailboxes", r"/actix-|\bactix(_rt)?::"),
    ("tokio's tasks", r"/tokio-|\btokio::"),
    ("the allocator", r"mimalloc|__rust_(alloc|dealloc|realloc)"),
    ("copying memory", r"memmove|memcpy|memset|memcmp"),
    ("hashing", r"siphasher|rustc-hash|hashbrown"),
    ("reading JSON and ids", r"serde|uuid|\bapi(/|::)(batch|id)\b|from_utf8"),
    ("the worker and its work", r"actors(/|::)(image_worker|pause|start\b)|domain(/|::)(image|image_work|members|rules)\b"),
    ("the supervisor, front and registry", r"\bactors(/|::)|\bdomain(/|::)"),
    ("the fault plan", r"\bfaults(/|::)|arc.swap"),
    ("the journal", r"\bjournal(/|::|\.rs)"),
    ("the clock and its tokens", r"\bclock(/|::|\.rs)"),
    ("locks", r"parking_lot|lock_api"),
]
LIBRARY = r"^/rustc/|^/rust/deps/"


def count(options, *arguments):
    """Instructions by file and function of the source, and allocations."""
    with tempfile.TemporaryDirectory(prefix="imsim-speed-") as work:
        out = Path(work) / "out"
        subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", options.binaries["workers"],
                        *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return read(out.read_text())


def read(text):
    """Reads callgrind's file: costs stand below the file and function that they belong to, and below each
    `calls=` stands what the function called cost, which is counted where it was spent."""
    names = {"fl": {}, "fn": {}}
    costs, allocations = collections.Counter(), 0
    file = function = called = ""
    skip = False
    for line in text.splitlines():
        named = re.match(r"(c?f[lien]|cfi|cfl|cfn|fn)=\((\d+)\)(?: (.*))?", line)
        if named:
            kind, number, name = named.groups()
            known = names["fn" if kind.endswith("n") else "fl"]
            name = known.setdefault(number, name or "")
            if kind in ("fl", "fi", "fe"):
                file = name
            elif kind == "fn":
                function = name
            elif kind == "cfn":
                called = name
        elif line.startswith("calls="):
            skip = True
            if re.match(r"mi_(malloc|zalloc|realloc)", called) and not re.match(r"_?mi_", function):
                allocations += int(line[6:].split()[0])
        elif re.match(r"[+*\d-]", line):
            if not skip:
                costs[file, function] += int(line.split()[-1])
            skip = False
    return costs, allocations


def difference(options, *arguments):
    few, allocated_few = count(options, *arguments, "--batches", FEW)
    many, allocated_many = count(options, *arguments, "--batches", MANY)
    return many - few, allocated_many - allocated_few


def measure(options):
    """One more image in a batch is one worker more: from the difference between batches of 20 and of 100 images."""
    batches, more = MANY - FEW, SIZES[1] - SIZES[0]
    small, allocated_small = difference(options, "--jobs", "--images", SIZES[0])
    large, allocated_large = difference(options, "--jobs", "--images", SIZES[1])
    empty, allocated_empty = difference(options, "--empty", "--images", SIZES[1])
    per = lambda figure: figure / batches / more
    worker, bare = large - small, {place: cost / batches / SIZES[1] for place, cost in empty.items()}
    total, total_bare = per(sum(worker.values())), sum(bare.values())
    print(f"  one worker: {total:,.0f} instructions, {per(allocated_large - allocated_small):.1f} allocations")
    print(f"  an empty actor: {total_bare:,.0f} instructions, {allocated_empty / batches / SIZES[1]:.1f} allocations")
    for part, cost in grouped({place: per(cost) for place, cost in worker.items()}).most_common():
        print(f"    {cost:7,.0f}  {part} (of an empty actor {grouped(bare)[part]:,.0f})")
    return [Row("instructions of an empty actor", [total_bare], [total], "", "of a worker")]


def grouped(costs):
    sums = collections.Counter()
    for (file, function), cost in costs.items():
        # A function of the standard library that was not inlined, and what is inlined in it, tells nothing.
        where = function if re.search(LIBRARY, file) and "hashbrown" not in file else file
        part = next((part for part, pattern in PARTS if re.search(pattern, where)), "the standard library and others")
        sums[part] += cost
    return sums


ALL = {"cost": Measurement("what a worker costs in instructions and allocations, beside an empty actor", measure)}
