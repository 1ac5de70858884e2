"""The other way round: when a field is missing that they need, the same clients' stories fail."""

import json
import urllib.request

from glanceclient import Client
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from keystone import session
from keystoneauth1.exceptions import EmptyCatalog
from sdk import signing, whole_story, with_token
from simulator import REGION, Simulator, raises


def asked(imsim, project, method, path, body=None, **headers):
    """What the server answers to a request, as it is."""
    data = None if body is None else json.dumps(body).encode()
    headers |= {"X-Auth-Token": project, "Content-Type": "application/json"}
    request = urllib.request.Request(imsim.url + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def without(field, told):
    assert told.pop(field, None) is not None, f"{field} is no field of {told}"
    return told


def answering(imsim, operation, status, body, **headers):
    """Lets the server answer something else from now on."""
    headers |= {"content-type": "application/json"}
    answer = {"status": status, "headers": headers, "body": json.dumps(body)}
    imsim.break_it(at="response", match={"operation": operation}, effect={"answer": answer})


def sdk_story(imsim):
    whole_story(imsim, signing(imsim, "studio"), signing(imsim, "lab"))


def glance(imsim, project):
    return Client("2", session=session(imsim, project), region_name=REGION)


def without_a_job_id(imsim):
    body = {"images": [imsim.images["cache"]], "projects": [imsim.projects["shop"]]}
    told = asked(imsim, "studio", "POST", "/v1/cloudimages/members", body)
    answering(imsim, "add_members", 200, without("job_id", told))
    # The SDK asks for the job `None` then.
    with raises(ClientRequestException, status_code=400, error_code="IMG.0023"):
        sdk_story(imsim)
    imsim.mend()


def without_the_state_of_a_job(imsim):
    job_id = signing(imsim, "studio").share([imsim.images["cache"]], [imsim.projects["shop"]])
    told = asked(imsim, "studio", "GET", f"/v1/{imsim.projects['studio']}/jobs/{job_id}")
    answering(imsim, "show_job", 200, without("status", told))
    with raises(AssertionError) as missed:
        sdk_story(imsim)
    assert missed.error.args == ([None],), missed.error
    imsim.mend()


def without_the_header_of_a_token(imsim):
    told = asked(imsim, "lab", "GET", "/v3/auth/tokens", **{"X-Subject-Token": "lab"})
    answering(imsim, "create_token", 201, told)
    # One client stops at once; the other calls without a token, and its signature means nothing.
    with raises(KeyError, args=("x-subject-token",)):
        session(imsim, "lab").get_token()
    with raises(ClientRequestException, status_code=401, error_code="APIGW.0301"):
        with_token(imsim, "lab").received()
    imsim.mend()


def without_a_catalog(imsim):
    told = asked(imsim, "lab", "GET", "/v3/auth/tokens", **{"X-Subject-Token": "lab"})
    told = {"token": without("catalog", told["token"])}
    answering(imsim, "create_token", 201, told, **{"x-subject-token": "lab"})
    with raises(EmptyCatalog):
        list(glance(imsim, "lab").images.list())
    imsim.mend()


with Simulator() as imsim:
    sdk_story(imsim)
    without_a_job_id(imsim)
    without_the_state_of_a_job(imsim)
    without_the_header_of_a_token(imsim)
    without_a_catalog(imsim)
    sdk_story(imsim)
