"""The lines of the README's section "Point your client at it", run as they stand there."""

import re
import subprocess
import sys

from simulator import ROOT, Simulator

# Where the README says that the simulator is.
SAID = "127.0.0.1:8787"
# What each block must print something of, in their order.
PRINTED = [
    ("python", "web-base"),
    ("sh", "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e"),
    ("sh", '"quota"'),
    ("sh", '"job_id"'),
]

section = ROOT.joinpath("README.md").read_text().split("## Point your client at it\n")[1].split("\n## ")[0]
blocks = re.findall(r"^```(python|sh)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
assert [kind for kind, _ in blocks] == [kind for kind, _ in PRINTED], blocks

with Simulator() as imsim:
    here = imsim.url.removeprefix("http://")
    for (kind, text), (_, wanted) in zip(blocks, PRINTED):
        program = [sys.executable, "-c"] if kind == "python" else ["bash", "-euc"]
        done = subprocess.run([*program, text.replace(SAID, here)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{text}{done.stdout}{done.stderr}"
        assert wanted in done.stdout, f"{text}{done.stdout}"
