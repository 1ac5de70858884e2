"""Scenario files of worlds with many images, and the ids in them."""

import json

STUDIO = "1a2b3c4d5e6f4a1b8c2d3e4f5a6b7c8d"
LAB = "5b7c9d1e3f5a4b6c8d0e2f4a6b8c0d1e"
SHOP = "7d9e1f3a5b7c4d8e9f1a3b5c7d9e1f30"
POINTS = ["request", "response", "job", "image", "pair", "read"]


def image_id(number):
    return "%08x-0000-4000-8000-%012x" % (number, number)


def world(images, rules, phase="0s", init="0s", parked=False):
    """Images 0 to `images` with two members each, and so many rules that never match.

    The rules are about other images than those that are called, about another operation, and about headers
    that nobody sends, at every point that a job passes. `phase` is how long a worker prepares and how long it
    takes over a pair, `init` how long a job waits before it starts. With `parked` there is one image more whose
    jobs do not start for an hour: as many jobs in flight as one likes.
    """
    member = {"lab": "accepted", "shop": "accepted"}
    image = lambda number: {"id": image_id(number), "owner": "studio", "members": member}
    faults = [rule(number, images) for number in range(rules)]
    if parked:
        faults.append({"id": "parked", "at": "job", "match": {"image": f"image-{images + rules}"},
                       "effect": {"delay": {"fixed": "1h"}}})
    return json.dumps({
        "format": 1,
        "world": {
            "settings": {"delete_unknown_member": "ignore"},
            "projects": {"studio": {"id": STUDIO}, "lab": {"id": LAB}, "shop": {"id": SHOP}},
            "images": {f"image-{number}": image(number) for number in range(images + rules + 1)},
        },
        "timing": {"init": {"fixed": init}, "image": {"fixed": phase}, "pair": {"fixed": phase}},
        "faults": faults,
    })


def rule(number, images):
    """The first ten already stand at every point and are of every kind."""
    point = POINTS[number % len(POINTS)]
    match = {"image": f"image-{images + number}"}
    if point in ("request", "response", "read") and number // len(POINTS) % 2 == 1:
        match = {"header": {"name": "x-case", "value": f"case-{number}-*"}}
        if number % 2 == 0:
            match["operation"] = "show_member"
    effect = {"stale": {"by": "1s"}} if point == "read" else {"delay": {"fixed": "1s"}}
    return {"id": f"rule-{number}", "at": point, "effect": effect, "match": match}
