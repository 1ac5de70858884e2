#!/usr/bin/env bash
# Measures DELETE of 2 images x 2 projects against the floor of benches/floor.rs, in turn, on this machine;
# or, with RULES, the simulator with so many fault rules that never match against itself without rules.
#
# The simulator runs with default options and no simulated latency; tokens are checked, the journal is on.
# The world has IMAGES images with both members to revoke; the switch that ignores unknown members is on,
# since the driver comes round to each pair of images again; after the first round there is nothing left
# to revoke, and what is measured is the whole way of a job that finds that out. The run is void unless every accepted job
# ended, most of them with SUCCESS, and wrk saw neither errors nor answers other than 2xx.
#
#   ROUNDS=5      how often each server is measured
#   SECONDS_EACH=5  how long each measurement takes
#   SHARDS=       shards of the simulator and workers of the floor; the number of cores unless given
#   CONNECTIONS=32  open connections
#   IMAGES=20000  images of the world
#   RULES=        fault rules: none unless given
#   ABOUT=images  what they are about: other images than those that are called, other operations
#                 (`operations`), or headers that nobody sends (`headers`), a third of them each (`all`)
#   LEAST=0.60    the ratio of the medians below which the script fails; with rules 0.90
set -euo pipefail
cd "$(dirname "$0")/.."

ROUNDS=${ROUNDS:-5}
SECONDS_EACH=${SECONDS_EACH:-5}
SHARDS=${SHARDS:-$(nproc)}
CONNECTIONS=${CONNECTIONS:-32}
IMAGES=${IMAGES:-20000}
RULES=${RULES:-0}
ABOUT=${ABOUT:-images}
LEAST=${LEAST:-$([ "$RULES" = 0 ] && echo 0.60 || echo 0.90)}
THREADS=2

for tool in wrk python3; do
    command -v "$tool" >/dev/null || { echo "needs $tool (a Debian package)" >&2; exit 2; }
done

work=$(mktemp -d)
pids=()
stop_all() {
    for pid in "${pids[@]}"; do kill -INT "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap stop_all EXIT

echo "builds, then $ROUNDS rounds of 2 x $SECONDS_EACH s: $SHARDS shards, $CONNECTIONS connections," \
    "$IMAGES images, $RULES rules about $ABOUT"
cargo build --release --quiet
[ "$RULES" != 0 ] || floor=$(cargo bench --bench floor --no-run --message-format=json 2>/dev/null |
    python3 -c 'import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message.get("executable") and message["target"]["name"] == "floor":
        print(message["executable"])')

# world RULES: a scenario with so many rules. The images that they are about stand behind those of the calls.
world() {
    python3 - "$IMAGES" "$1" "$ABOUT" <<'PYTHON'
import json, sys
images, rules, about = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
image = lambda n: {"id": "%08x-0000-4000-8000-%012x" % (n, n), "owner": "studio",
                   "members": {"lab": "accepted", "shop": "accepted"}}
none = {"fixed": "0s"}
header = lambda n: {"header": {"name": "x-case", "value": "case-%d-*" % n}}
matches = {
    "images": lambda n: {"image": "image-%d" % (images + n)},
    "operations": lambda n: {"operation": "show_member", **header(n)},
    "headers": header,
}
kinds = list(matches) if about == "all" else [about]
point = lambda n: ["request", "response"][n // len(kinds) % 2]
rule = lambda n: {"id": "rule-%d" % n, "at": point(n), "effect": "reset",
                  "match": matches[kinds[n % len(kinds)]](n)}
print(json.dumps({
    "format": 1,
    "world": {
        "settings": {"delete_unknown_member": "ignore"},
        "projects": {"studio": {}, "lab": {"id": "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e"},
                     "shop": {"id": "7d9e1f3a5b7c4d8e9f1a3b5c7d9e1f30"}},
        "images": {"image-%d" % n: image(n) for n in range(images + rules)},
    },
    "timing": {"init": none, "image": none, "pair": none},
    "faults": [rule(n) for n in range(rules)],
}))
PYTHON
}
world "$RULES" >"$work/world.json"

# Each thread of wrk takes its own part of the images, two at a time, round and round.
cat >"$work/delete.lua" <<LUA
local threads, images = 0, $IMAGES
function setup(thread) thread:set("part", threads); threads = threads + 1 end
local headers = { ["Content-Type"] = "application/json", ["X-Auth-Token"] = "studio" }
-- The requests are made beforehand: what the driver does while it measures slows the servers unequally.
local requests, place = {}, 0
function init(_)
  local mine = math.floor(images / $THREADS / 2)
  for k = 0, mine - 1 do
    local a = (part * mine + k) * 2
    local body = string.format(
      '{"images":["%08x-0000-4000-8000-%012x","%08x-0000-4000-8000-%012x"],' ..
      '"projects":["5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e","7d9e1f3a5b7c4d8e9f1a3b5c7d9e1f30"]}',
      a, a, a + 1, a + 1)
    requests[k + 1] = wrk.format("DELETE", "/v1/cloudimages/members", headers, body)
  end
end
function request()
  place = place % #requests + 1
  return requests[place]
end
LUA

# start NAME COMMAND...: starts a server and leaves its address in NAME.address.
start() {
    local name=$1
    shift
    "$@" >"$work/$name.out" 2>"$work/$name.err" &
    pids+=($!)
    for _ in $(seq 100); do
        sed -n 's/^listening on \(.*\)/\1/p' "$work/$name.out" | head -n 1 >"$work/$name.address"
        [ -s "$work/$name.address" ] && return
        sleep 0.1
    done
    echo "$name did not start:" >&2
    cat "$work/$name.err" >&2
    exit 2
}

# rate NAME: the requests per second of one measurement.
rate() {
    local out="$work/wrk.out"
    wrk -t "$THREADS" -c "$CONNECTIONS" -d "${SECONDS_EACH}s" -s "$work/delete.lua" \
        "$(cat "$work/$1.address")" >"$out"
    if grep -qE 'Non-2xx|Socket errors' "$out"; then
        echo "VOID: $1 answered with errors:" >&2
        cat "$out" >&2
        exit 1
    fi
    sed -n 's/^Requests\/sec: *//p' "$out"
}

start imsim target/release/imsim serve "$work/world.json" --addr 127.0.0.1:0 --shards "$SHARDS"
imsim_pid=${pids[0]}
if [ "$RULES" = 0 ]; then
    start floor "$floor" --serve 127.0.0.1:0 --workers "$SHARDS"
else
    world 0 >"$work/bare.json"
    start floor target/release/imsim serve "$work/bare.json" --addr 127.0.0.1:0 --shards "$SHARDS"
fi

for round in $(seq "$ROUNDS"); do
    ours=$(rate imsim)
    bare=$(rate floor)
    echo "$ours $bare" >>"$work/rates"
    echo "$ours $bare $round" | awk '{printf "round %d: imsim %.0f/s, floor %.0f/s, ratio %.3f\n", $3, $1, $2, $1 / $2}'
done

kill -INT "$imsim_pid"
wait "$imsim_pid" || true
counts=$(grep '^jobs:' "$work/imsim.out" || true)
echo "$counts"
echo "$counts" | sed 's/[^0-9]\+/ /g' | awk '{ if (NF < 4 || $1 == 0 || $1 != $2 || $3 * 2 <= $2) exit 1 }' || {
    echo "VOID: not every accepted job ended, or most did not end with SUCCESS" >&2
    exit 1
}

python3 - "$work/rates" "$LEAST" <<'PYTHON'
import statistics, sys
ours, bare = zip(*((float(a), float(b)) for a, b in map(str.split, open(sys.argv[1]))))
ours, bare, least = statistics.median(ours), statistics.median(bare), float(sys.argv[2])
print(f"medians: imsim {ours:.0f}/s, floor {bare:.0f}/s, ratio {ours / bare:.3f} (at least {least})")
sys.exit(ours / bare < least)
PYTHON
