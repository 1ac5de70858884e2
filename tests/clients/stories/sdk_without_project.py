"""The official SDK with a region and no project: it asks the identity service which project its key belongs to."""

import os

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkims.v2 import ImsClient
from sdk import Client, config, whole_story
from simulator import REGION, Simulator, raises


def client(imsim, access_key, secret):
    """Built as programs build it that know a region only."""
    region = Region(id=REGION, endpoint=imsim.url)
    credentials = BasicCredentials(access_key, secret)
    builder = ImsClient.new_builder().with_http_config(config())
    ims = builder.with_credentials(credentials).with_region(region).build()
    return Client(ims, credentials.project_id)


with Simulator() as imsim:
    os.environ["HUAWEICLOUD_SDK_IAM_ENDPOINT"] = imsim.url
    studio = client(imsim, "ak-studio", "sk-studio")
    lab = client(imsim, "ak-lab", "sk-lab")
    assert studio.project_id == imsim.projects["studio"]
    assert lab.project_id == imsim.projects["lab"]
    imsim.must_have_seen(1, operation="list_projects", project="studio", status=200)
    whole_story(imsim, studio, lab)
    with raises(SdkException) as refused:
        client(imsim, "ak-nobody", "nothing")
    assert "Get secretKey failed" in refused.error.error_msg, refused.error.error_msg
