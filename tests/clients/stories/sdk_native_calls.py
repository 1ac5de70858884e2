"""The official SDK's native calls: members one by one, images, schemas, the quota, the versions, a deletion."""

from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkims.v2 import (
    GlanceAddImageMemberRequest,
    GlanceAddImageMemberRequestBody,
    GlanceDeleteImageMemberRequest,
    GlanceDeleteImageRequest,
    GlanceDeleteImageRequestBody,
    GlanceListImageMemberSchemasRequest,
    GlanceListImageMembersRequest,
    GlanceListImagesRequest,
    GlanceShowImageMemberRequest,
    GlanceShowImageMemberSchemasRequest,
    GlanceShowImageRequest,
    GlanceUpdateImageMemberRequest,
    GlanceUpdateImageMemberRequestBody,
    ListImagesRequest,
    ListVersionsRequest,
    ShowImageQuotaRequest,
    ShowVersionRequest,
)
from sdk import signing
from simulator import Simulator, raises


def members(imsim, studio, lab):
    """One member is added, shown, listed, changed and deleted; then it is gone."""
    cache = imsim.images["cache"]
    own = {"image_id": cache, "member_id": lab.project_id}
    add = GlanceAddImageMemberRequest(cache, GlanceAddImageMemberRequestBody(member=lab.project_id))
    member = studio.call("glance_add_image_member", add)
    assert (member.status_code, member.status, member.member_id) == (200, "pending", lab.project_id)
    # The SDK does not ask for JSON, and takes the status for the code where it gets a page.
    duplicate = f"Member {lab.project_id} is duplicated for image {cache}"
    with raises(ClientRequestException, status_code=409, error_code="409") as page:
        studio.call("glance_add_image_member", add)
    assert page.error.error_msg.startswith("<html>") and duplicate in page.error.error_msg
    asking_for_json = studio.invoker("glance_add_image_member", add).add_header("Accept", "application/json")
    with raises(ClientRequestException, status_code=409, error_code="409 Conflict") as told:
        asking_for_json.invoke()
    assert told.error.error_msg.startswith(duplicate), told.error.error_msg

    accept = GlanceUpdateImageMemberRequestBody(status="accepted")
    member = lab.call("glance_update_image_member", GlanceUpdateImageMemberRequest(body=accept, **own))
    assert (member.status_code, member.status) == (200, "accepted")
    shown = lab.call("glance_show_image_member", GlanceShowImageMemberRequest(**own))
    assert (shown.status, shown.image_id, shown.created_at) == ("accepted", cache, member.created_at)
    listed = studio.call("glance_list_image_members", GlanceListImageMembersRequest(cache))
    assert [(it.member_id, it.status) for it in listed.members] == [(lab.project_id, "accepted")]
    assert lab.call("glance_show_image", GlanceShowImageRequest(cache)).visibility == "shared"

    delete = GlanceDeleteImageMemberRequest(**own)
    with raises(ClientRequestException, status_code=403):
        lab.call("glance_delete_image_member", delete)
    assert studio.call("glance_delete_image_member", delete).status_code == 204
    with raises(ClientRequestException, status_code=404):
        lab.call("glance_show_image", GlanceShowImageRequest(cache))


def what_there_is(imsim, studio):
    """Lists in pages, schemas, quota and versions."""
    first = studio.call("glance_list_images", GlanceListImagesRequest(limit=4))
    rest = studio.call("glance_list_images", GlanceListImagesRequest(limit=4, marker=first.images[-1].id))
    names = {image.name for image in [*first.images, *rest.images]}
    assert len(first.images) == 4 and first.next and not rest.next
    all_images = studio.call("list_images", ListImagesRequest()).images
    assert names == {image.name for image in all_images} and len(all_images) == 6
    named = studio.call("list_images", ListImagesRequest(name="web-base")).images
    assert [image.id for image in named] == [imsim.images["web-base"]]

    schema = studio.call("glance_show_image_member_schemas", GlanceShowImageMemberSchemasRequest())
    assert schema.name == "member" and "member_id" in schema.properties
    schema = studio.call("glance_list_image_member_schemas", GlanceListImageMemberSchemasRequest())
    assert schema.name == "members"

    quota = studio.call("show_image_quota", ShowImageQuotaRequest()).quotas.resources[0]
    assert (quota.type, quota.used, quota.quota) == ("image", 6, 20)
    versions = studio.call("list_versions", ListVersionsRequest()).versions
    assert [it.id for it in versions] == ["v2.2", "v2.1", "v2.0", "v1.1", "v1.0"]
    assert versions[0].links[0].href == f"{imsim.url}/v2/"
    one = studio.call("show_version", ShowVersionRequest(version="v2.0")).versions
    assert [it.id for it in one] == ["v2.0"]


with Simulator() as imsim:
    studio, lab = signing(imsim, "studio"), signing(imsim, "lab")
    members(imsim, studio, lab)
    what_there_is(imsim, studio)
    shared = imsim.images["web-base"]
    assert "web-base" in lab.received()
    # The SDK insists on a body for a deletion.
    body = GlanceDeleteImageRequestBody(delete_backup=False)
    deleted = studio.call("glance_delete_image", GlanceDeleteImageRequest(shared, body))
    assert deleted.status_code == 204
    assert "web-base" not in lab.received()
