"""python-glanceclient, logged in by password: members of an image one by one, and what both sides see."""

from glanceclient import Client, exc
from keystone import session
from simulator import REGION, Simulator, raises


def glance(imsim, project):
    """A client that finds the image service in the catalog of its token."""
    return Client("2", session=session(imsim, project), region_name=REGION)


with Simulator() as imsim:
    studio, lab = glance(imsim, "studio"), glance(imsim, "lab")
    image, lab_id = imsim.images["cache"], imsim.projects["lab"]

    assert studio.images.get(image)["name"] == "cache"
    assert "cache" in [one["name"] for one in studio.images.list(page_size=2)]
    assert list(studio.image_members.list(image)) == []
    with raises(exc.HTTPNotFound):
        lab.images.get(image)

    member = studio.image_members.create(image, lab_id)
    assert (member["member_id"], member["status"]) == (lab_id, "pending")
    with raises(exc.HTTPConflict) as refused:
        studio.image_members.create(image, lab_id)
    assert f"Member {lab_id} is duplicated for image {image}" in str(refused.error), refused.error
    with raises(exc.HTTPForbidden):
        studio.image_members.update(image, lab_id, "accepted")

    assert "cache" not in [one["name"] for one in lab.images.list()]
    assert lab.image_members.update(image, lab_id, "accepted")["status"] == "accepted"
    assert "cache" in [one["name"] for one in lab.images.list()]
    assert lab.image_members.get(image, lab_id)["status"] == "accepted"
    received = lab.images.list(filters={"visibility": "shared", "member_status": "accepted"})
    assert "cache" in [one["name"] for one in received]

    assert lab.image_members.update(image, lab_id, "rejected")["status"] == "rejected"
    assert "cache" not in [one["name"] for one in lab.images.list()]
    with raises(exc.HTTPBadRequest):
        lab.image_members.update(image, lab_id, "pending")

    studio.image_members.delete(image, lab_id)
    assert list(studio.image_members.list(image)) == []
    with raises(exc.HTTPNotFound):
        lab.images.get(image)
    studio.images.delete(image)
    with raises(exc.HTTPNotFound):
        studio.images.get(image)
