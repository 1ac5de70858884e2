"""The `openstack` command: what a person types to share an image, accept it, and withdraw it."""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from keystone import environment, login
from simulator import REGION, Simulator


def openstack(cloud, *words, fails=False):
    """Runs the command with an account and returns what it prints, which is JSON where it prints anything."""
    done = subprocess.run(
        ["openstack", *words], env={**os.environ, **cloud}, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode != 0) == fails, f"{words}: {done.stdout}{done.stderr}"
    return done.stderr if fails else json.loads(done.stdout or "null")


def clouds_file(imsim, project, folder):
    """An account in a clouds.yaml, which the command prefers to variables. JSON is YAML."""
    file = Path(folder, "clouds.yaml")
    cloud = {"auth": login(imsim, project), "region_name": REGION, "identity_api_version": 3}
    file.write_text(json.dumps({"clouds": {"imsim": cloud}}))
    return {"OS_CLIENT_CONFIG_FILE": str(file), "OS_CLOUD": "imsim"}


def names(listed):
    return [image["Name"] for image in listed]


with Simulator() as imsim, tempfile.TemporaryDirectory() as folder:
    studio, lab = clouds_file(imsim, "studio", folder), environment(imsim, "lab")
    image, lab_id = imsim.images["cache"], imsim.projects["lab"]

    assert "cache" in names(openstack(studio, "image", "list", "-f", "json"))
    member = openstack(studio, "image", "add", "project", "-f", "json", image, lab_id)
    assert (member["member_id"], member["status"]) == (lab_id, "pending"), member
    members = openstack(studio, "image", "member", "list", "-f", "json", image)
    assert [one["Member ID"] for one in members] == [lab_id], members

    assert "cache" not in names(openstack(lab, "image", "list", "-f", "json"))
    openstack(lab, "image", "set", "--accept", image)
    assert "cache" in names(openstack(lab, "image", "list", "--shared", "-f", "json"))
    assert openstack(lab, "image", "show", "-f", "json", "cache")["id"] == image
    openstack(lab, "image", "set", "--reject", "cache")
    assert "cache" not in names(openstack(lab, "image", "list", "--shared", "-f", "json"))

    openstack(studio, "image", "remove", "project", image, lab_id)
    assert "cache" not in names(openstack(lab, "image", "list", "-f", "json"))
    said = openstack(lab, "image", "show", "-f", "json", image, fails=True)
    assert f"No Image found for {image}" in said, said
    said = openstack({**lab, "OS_PASSWORD": "wrong"}, "image", "list", fails=True)
    assert "The username or password is wrong. (HTTP 401)" in said, said
    token = openstack(lab, "token", "issue", "-f", "json")
    assert token["project_id"] == lab_id, token
