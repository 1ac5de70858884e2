"""openstacksdk: a connection that finds its services in the catalog, and its members of images."""

from keystone import connection
from openstack import exceptions
from simulator import Simulator, raises

with Simulator() as imsim:
    studio, lab = connection(imsim, "studio"), connection(imsim, "lab")
    image, lab_id = imsim.images["cache"], imsim.projects["lab"]
    assert studio.current_project_id == imsim.projects["studio"]

    assert studio.image.get_image(image).name == "cache"
    assert studio.image.find_image("cache").id == image
    member = studio.image.add_member(image, member_id=lab_id)
    assert (member.member_id, member.status) == (lab_id, "pending")
    with raises(exceptions.ConflictException):
        studio.image.add_member(image, member_id=lab_id)
    assert lab.image.update_member(lab_id, image, status="accepted").status == "accepted"
    assert [one.member_id for one in studio.image.members(image)] == [lab_id]
    assert "cache" in [one.name for one in lab.image.images(visibility="shared")]
    with raises(exceptions.BadRequestException) as refused:
        studio.image.add_member(image, member_id="f" * 32)
    assert "The tenant ID was not found in the current region." in str(refused.error), refused.error
    assert len(list(studio.image.images(limit=2))) == 6

    studio.image.remove_member(lab_id, image)
    with raises(exceptions.NotFoundException):
        studio.image.remove_member(lab_id, image, ignore_missing=False)
    with raises(exceptions.NotFoundException):
        lab.image.get_image(image)
