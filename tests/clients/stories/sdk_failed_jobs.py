"""The official SDK sees jobs fail: the code of the first failed pair, and which pairs failed."""

from sdk import signing
from simulator import Simulator

NOBODY = "ffffffffffffffffffffffffffffffff"


def failed(client, job_id, code, reason, results):
    """Holds that a job fails so; both queries tell it."""
    job, states = client.wait(job_id)
    assert states[-1] == "FAIL", states
    assert (job.error_code, job.fail_reason) == (code, reason), job
    assert (job.entities.error_code, job.entities.error) == (code, reason), job
    found = [(it.image_id, it.project_id, it.status) for it in job.entities.results]
    assert found == results, found
    progress = client.progress(job_id)
    assert (progress.status, progress.error_code) == ("FAIL", code)


with Simulator() as imsim:
    studio, lab = signing(imsim, "studio"), signing(imsim, "lab")
    cache, web, secrets = (imsim.images[name] for name in ("cache", "web-base", "secrets"))
    failed(
        studio,
        studio.share([cache, secrets], [lab.project_id, NOBODY]),
        "IMG.0108",
        "The tenant ID was not found in the current region.",
        [
            (cache, lab.project_id, "success"),
            (cache, NOBODY, "failed"),
            (secrets, lab.project_id, "failed"),
            (secrets, NOBODY, "failed"),
        ],
    )
    # What succeeded stays done.
    assert lab.received("pending") == ["cache"]
    failed(
        studio,
        studio.revoke([web, secrets], [lab.project_id]),
        "IMG.0113",
        "Failed to delete the tenant.",
        [(secrets, lab.project_id, "failed")],
    )
    assert "web-base" not in lab.received()
    failed(
        lab,
        lab.decide([web], "accepted"),
        "IMG.0114",
        "Failed to query the tenant details.",
        [(web, lab.project_id, "failed")],
    )
    failed(
        lab,
        lab.share([cache], [imsim.projects["shop"]]),
        "IMG.0047",
        "This operation can be performed only by the image owner.",
        [(cache, imsim.projects["shop"], "failed")],
    )
