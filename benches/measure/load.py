"""The driver: wrk with requests that are made beforehand, since what the driver does while it measures slows
the servers unequally."""

import http.client
import json
import re
import subprocess

from .servers import Void
from .worlds import LAB, SHOP, STUDIO, image_id

THREADS = 2

# Each thread takes its own part of the batches, in turn, round and round.
DELETE = """
local threads = 0
function setup(thread) thread:set("part", threads); threads = threads + 1 end
local requests, place = {}, 0
function init(_)
  local headers = { ["Content-Type"] = "application/json", ["X-Auth-Token"] = "studio" }
  local mine = math.floor(%(images)d / %(threads)d / %(each)d)
  for k = 0, mine - 1 do
    local ids = {}
    for n = 1, %(each)d do
      local id = (part * mine + k) * %(each)d + n - 1
      ids[n] = string.format('"%%08x-0000-4000-8000-%%012x"', id, id)
    end
    local body = '{"images":[' .. table.concat(ids, ",") .. '],"projects":["%(lab)s","%(shop)s"]}'
    requests[k + 1] = wrk.format("DELETE", "/v1/cloudimages/members", headers, body)
  end
end
function request()
  place = place %% #requests + 1
  return requests[place]
end
"""

# Queries take the ids in an order without any pattern, so of those of each connection as many are of one shard
# as of another, wherever the connection landed.
QUERY = """
local requests, place = {}, 0
function init(_)
  math.randomseed(1)
  for id in io.lines("%(ids)s") do
    requests[#requests + 1] = wrk.format("GET", "/v1/%(studio)s/jobs/" .. id, { ["X-Auth-Token"] = "studio" })
  end
  place = math.random(#requests)
end
function request()
  place = place %% #requests + 1
  return requests[place]
end
"""


def delete(options, server, each=2, seconds=None):
    """Requests a second of batches of so many images and two projects."""
    values = {"images": options.images, "threads": THREADS, "each": each, "lab": LAB, "shop": SHOP}
    return drive(options, server, DELETE % values, seconds)


def query(options, server, ids):
    """Requests a second of queries for these jobs; `ids` is a file with one id a line."""
    return drive(options, server, QUERY % {"ids": ids, "studio": STUDIO}, None)


def drive(options, server, script, seconds):
    place = server.work / "driver.lua"
    place.write_text(script)
    seconds = seconds or options.seconds
    command = ["wrk", "-t", str(THREADS), "-c", str(options.connections), "-d", f"{seconds:g}s", "-s",
               str(place), server.url]
    said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise Void(f"the driver saw errors:\n{said}")
    return float(re.search(r"^Requests/sec: *([\d.]+)", said, re.M)[1])


def submit(server, image, times):
    """Starts jobs about one image and one project, one after the other; gives their ids."""
    host = server.url.removeprefix("http://")
    body = json.dumps({"images": [image_id(image)], "projects": [LAB]})
    headers = {"content-type": "application/json", "x-auth-token": "studio"}
    ids = []
    # Connections are dealt out to the shards in turn, so several of them reach all shards.
    connections = [http.client.HTTPConnection(host) for _ in range(16)]
    for number in range(times):
        connection = connections[number % len(connections)]
        connection.request("DELETE", "/v1/cloudimages/members", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Void(f"a job was refused: {text!r}")
        ids.append(json.loads(text)["job_id"])
    for connection in connections:
        connection.close()
    return ids
