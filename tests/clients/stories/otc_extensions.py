"""otcextensions on top of openstacksdk: batches through its proxy, and its waiter, which raises on a failed job."""

from keystone import connection
from openstack import exceptions
from otcextensions import sdk
from simulator import Simulator, raises


def cloud(imsim, project):
    one = connection(imsim, project)
    sdk.register_otc_extensions(one)
    return one


def batch(ims, method, image, project):
    """The library has no call for members; its proxy knows where the service is and who calls."""
    body = {"images": [image], "projects": [project]}
    return getattr(ims, method)("/cloudimages/members", json=body).json()["job_id"]


with Simulator() as imsim:
    studio, lab = cloud(imsim, "studio"), cloud(imsim, "lab")
    image, lab_id = imsim.images["cache"], imsim.projects["lab"]

    shared = batch(studio.imsv1, "post", image, lab_id)
    job = studio.imsv1.wait_for_async_job(shared, wait=0.01)
    assert (job.status, job.job_type, job.error_code) == ("SUCCESS", "imsAddImageMembersJob", None), job
    waiting = lab.imsv2.images(member_status="pending", visibility="shared")
    assert [one.name for one in waiting] == ["cache"]
    job = studio.imsv1.wait_for_async_job(batch(studio.imsv1, "delete", image, lab_id), wait=0.01)
    assert job.job_type == "imsDelImageMembersJob", job

    nothing_to_revoke = batch(studio.imsv1, "delete", image, lab_id)
    with raises(RuntimeError) as failed:
        studio.imsv1.wait_for_async_job(nothing_to_revoke, wait=0.01)
    assert f"{nothing_to_revoke} failed" in str(failed.error), failed.error
    with raises(exceptions.BadRequestException):
        studio.imsv1.get_async_job("0" * 32)
    # One bad poll among good ones ends its waiting, too.
    bad_poll = {"answer": {"code": "IMG.0061", "status": 503}}
    imsim.break_it(at="request", match={"operation": "show_job"}, when={"first": 1}, effect=bad_poll)
    with raises(exceptions.HttpException, status_code=503):
        studio.imsv1.wait_for_async_job(shared, wait=0.01)
