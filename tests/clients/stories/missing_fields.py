"""The other way round: when a field is missing that they need, the same clients' stories fail."""

import json
import urllib.request

from keystoneauth1 import identity, session
from sdk import signing, whole_story
from simulator import ACCOUNT, Simulator, raises


def without(imsim, field, project, method, path, body=None):
    """What the server answers to a request, but for one field of it."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"X-Auth-Token": project, "Content-Type": "application/json"}
    request = urllib.request.Request(imsim.url + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        told = json.load(answer)
    assert told.pop(field, None) is not None, f"{field} is no field of {told}"
    return told


def instead(status, body):
    headers = {"content-type": "application/json"}
    return {"answer": {"status": status, "headers": headers, "body": json.dumps(body)}}


def without_a_job_id(imsim):
    images, projects = [imsim.images["cache"]], [imsim.projects["shop"]]
    body = {"images": images, "projects": projects}
    told = without(imsim, "job_id", "studio", "POST", "/v1/cloudimages/members", body)
    imsim.break_it(at="response", match={"operation": "add_members"}, effect=instead(200, told))
    with raises(Exception):
        whole_story(imsim, signing(imsim, "studio"), signing(imsim, "lab"))
    imsim.mend()


def without_the_state_of_a_job(imsim):
    job_id = signing(imsim, "studio").share([imsim.images["cache"]], [imsim.projects["shop"]])
    told = without(imsim, "status", "studio", "GET", f"/v1/{imsim.projects['studio']}/jobs/{job_id}")
    imsim.break_it(at="response", match={"operation": "show_job"}, effect=instead(200, told))
    with raises(AssertionError):
        whole_story(imsim, signing(imsim, "studio"), signing(imsim, "lab"))
    imsim.mend()


def without_the_header_of_a_token(imsim):
    imsim.break_it(at="response", match={"operation": "create_token"}, effect=instead(201, {"token": {}}))
    password = identity.V3Password(
        auth_url=f"{imsim.url}/v3", username="lab", password="lab", user_domain_name=ACCOUNT, project_name="lab",
        project_domain_id="default",
    )
    # It does not even look for another reason.
    with raises(KeyError):
        session.Session(auth=password).get_token()
    imsim.mend()


with Simulator() as imsim:
    whole_story(imsim, signing(imsim, "studio"), signing(imsim, "lab"))
    without_a_job_id(imsim)
    without_the_state_of_a_job(imsim)
    without_the_header_of_a_token(imsim)
    whole_story(imsim, signing(imsim, "studio"), signing(imsim, "lab"))
