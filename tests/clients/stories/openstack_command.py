"""The `openstack` command: what a person types to share an image, accept it, and withdraw it."""

import json
import os
import subprocess

from simulator import ACCOUNT, REGION, Simulator


def openstack(imsim, project, *words, fails=False):
    """Runs the command as a project and returns what it prints, which is JSON where it prints anything."""
    cloud = {
        "OS_AUTH_URL": f"{imsim.url}/v3",
        "OS_USERNAME": project,
        "OS_PASSWORD": project,
        "OS_USER_DOMAIN_NAME": ACCOUNT,
        "OS_PROJECT_NAME": project,
        "OS_PROJECT_DOMAIN_ID": "default",
        "OS_REGION_NAME": REGION,
        "OS_IDENTITY_API_VERSION": "3",
    }
    done = subprocess.run(
        ["openstack", *words], env={**os.environ, **cloud}, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode != 0) == fails, f"{words}: {done.stdout}{done.stderr}"
    return done.stderr if fails else json.loads(done.stdout or "null")


def names(listed):
    return [image["Name"] for image in listed]


with Simulator() as imsim:
    image, lab_id = imsim.images["cache"], imsim.projects["lab"]

    assert "cache" in names(openstack(imsim, "studio", "image", "list", "-f", "json"))
    member = openstack(imsim, "studio", "image", "add", "project", "-f", "json", image, lab_id)
    assert (member["member_id"], member["status"]) == (lab_id, "pending"), member
    members = openstack(imsim, "studio", "image", "member", "list", "-f", "json", image)
    assert [one["Member ID"] for one in members] == [lab_id], members

    assert "cache" not in names(openstack(imsim, "lab", "image", "list", "-f", "json"))
    openstack(imsim, "lab", "image", "set", "--accept", image)
    assert "cache" in names(openstack(imsim, "lab", "image", "list", "--shared", "-f", "json"))
    assert openstack(imsim, "lab", "image", "show", "-f", "json", image)["name"] == "cache"

    openstack(imsim, "studio", "image", "remove", "project", image, lab_id)
    assert "cache" not in names(openstack(imsim, "lab", "image", "list", "-f", "json"))
    said = openstack(imsim, "lab", "image", "show", "-f", "json", image, fails=True)
    assert "No Image found" in said or "Not Found" in said or "not found" in said, said
    token = openstack(imsim, "lab", "token", "issue", "-f", "json")
    assert token["project_id"] == lab_id, token
