"""openstacksdk: a connection that finds its services in the catalog, and its members of images."""

import openstack
from openstack import exceptions
from simulator import ACCOUNT, REGION, Simulator, raises


def connect(imsim, project):
    return openstack.connect(
        auth_url=f"{imsim.url}/v3",
        username=project,
        password=project,
        user_domain_name=ACCOUNT,
        project_name=project,
        project_domain_id="default",
        region_name=REGION,
        load_yaml_config=False,
        load_envvars=False,
    )


with Simulator() as imsim:
    studio, lab = connect(imsim, "studio"), connect(imsim, "lab")
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
    studio.image.remove_member(lab_id, image)
    with raises(exceptions.NotFoundException):
        lab.image.get_image(image)
