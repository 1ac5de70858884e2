"""How the stories use the official SDK: clients by signature and by token, and the story that all of them run."""

from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.http.http_handler import HttpHandler
from huaweicloudsdkiam.v3 import (
    AuthScope,
    IamClient,
    KeystoneCreateUserTokenByPasswordRequest,
    KeystoneCreateUserTokenByPasswordRequestBody,
    PwdAuth,
    PwdIdentity,
    PwdPassword,
    PwdPasswordUser,
    PwdPasswordUserDomain,
    AuthScopeProject,
)
from huaweicloudsdkims.v2 import (
    BatchAddMembersRequest,
    BatchAddMembersRequestBody,
    BatchDeleteMembersRequest,
    BatchUpdateMembersRequest,
    BatchUpdateMembersRequestBody,
    ImsClient,
    ListImagesRequest,
    ShowJobProgressRequest,
    ShowJobRequest,
)

from simulator import ACCOUNT

# A job takes three polls or so in the simulator's mode `auto-per-poll`.
MOST_POLLS = 50


class Client:
    """The SDK's client of one project. With a `token`, calls carry it beside the signature."""

    def __init__(self, ims, project_id, token=None):
        self.ims, self.project_id, self.token = ims, project_id, token

    def invoker(self, method, request):
        invoker = getattr(self.ims, f"{method}_invoker")(request)
        return invoker.add_header("X-Auth-Token", self.token) if self.token else invoker

    def call(self, method, request):
        return self.invoker(method, request).invoke()

    def share(self, images, projects):
        body = BatchAddMembersRequestBody(images=images, projects=projects)
        return self.call("batch_add_members", BatchAddMembersRequest(body=body)).job_id

    def revoke(self, images, projects):
        body = BatchAddMembersRequestBody(images=images, projects=projects)
        return self.call("batch_delete_members", BatchDeleteMembersRequest(body=body)).job_id

    def decide(self, images, status):
        body = BatchUpdateMembersRequestBody(images=images, project_id=self.project_id, status=status)
        return self.call("batch_update_members", BatchUpdateMembersRequest(body=body)).job_id

    def job(self, job_id):
        return self.call("show_job", ShowJobRequest(job_id=job_id))

    def wait(self, job_id):
        """Polls a job to its end and returns it, and the states that it was seen in."""
        states = []
        for _ in range(MOST_POLLS):
            job = self.job(job_id)
            if job.status not in states:
                states.append(job.status)
            if job.status not in ("INIT", "RUNNING"):
                return job, states
        raise AssertionError(f"the job {job_id} never ended: {states}")

    def progress(self, job_id):
        return self.call("show_job_progress", ShowJobProgressRequest(job_id=job_id))

    def received(self, status="accepted"):
        """The names of the images that others share with the project."""
        request = ListImagesRequest(member_status=status, visibility="shared", imagetype="shared")
        return [image.name for image in self.call("list_images", request).images]


def config(certificate=None):
    return HttpConfig(ssl_ca_cert=certificate, timeout=(10, 30))


def ims_client(imsim, credentials, certificate=None, heads=None):
    """The SDK's client; it appends the header `X-Request-Id` of every answer to `heads`."""
    handler = HttpHandler()
    if heads is not None:
        handler.add_response_handler(lambda response, **_: heads.append(response.headers["X-Request-Id"]))
    builder = ImsClient.new_builder().with_http_config(config(certificate)).with_http_handler(handler)
    return builder.with_credentials(credentials).with_endpoint(imsim.url).build()


def signing(imsim, project, certificate=None, heads=None):
    """A client that signs with the project's access key."""
    project_id = imsim.projects[project]
    credentials = BasicCredentials(f"ak-{project}", f"sk-{project}", project_id)
    return Client(ims_client(imsim, credentials, certificate, heads), project_id)


def with_token(imsim, project, certificate=None, heads=None):
    """A client with a token. The SDK signs whatever it sends, here with a key that nobody knows."""
    project_id = imsim.projects[project]
    credentials = BasicCredentials("nobody", "nothing", project_id)
    ims = ims_client(imsim, credentials, certificate, heads)
    return Client(ims, project_id, log_in(imsim, project, project, certificate))


def log_in(imsim, user, password, certificate=None):
    """The token that the identity service gives for a password."""
    domain = PwdPasswordUserDomain(name=ACCOUNT)
    user = PwdPasswordUser(name=user, password=password, domain=domain)
    identity = PwdIdentity(methods=["password"], password=PwdPassword(user=user))
    scope = AuthScope(project=AuthScopeProject(name=user.name))
    body = KeystoneCreateUserTokenByPasswordRequestBody(auth=PwdAuth(identity=identity, scope=scope))
    builder = IamClient.new_builder().with_http_config(config(certificate))
    iam = builder.with_credentials(GlobalCredentials("nobody", "nothing", "none")).with_endpoint(imsim.url).build()
    request = KeystoneCreateUserTokenByPasswordRequest(body=body)
    return iam.keystone_create_user_token_by_password(request).x_subject_token


def whole_story(imsim, studio, lab):
    """`studio` shares two images, `lab` accepts and lists them, `studio` revokes them, and they are gone."""
    images = [imsim.images["cache"], imsim.images["render-disk"]]
    before = lab.received()

    job_id = studio.share(images, [lab.project_id])
    job, states = studio.wait(job_id)
    assert states == ["INIT", "RUNNING", "SUCCESS"], states
    assert job.job_id == job_id and job.job_type == "imsAddImageMembersJob"
    assert job.error_code is None and job.fail_reason is None
    done = [(it.image_id, it.project_id, it.status) for it in job.entities.results]
    assert done == [(image, lab.project_id, "success") for image in images], done
    assert job.begin_time < job.end_time
    progress = studio.progress(job_id)
    assert (progress.status, progress.entities.process_percent) == ("SUCCESS", 1)

    assert sorted(lab.received("pending")) == ["cache", "render-disk"]
    assert lab.received() == before

    job, states = lab.wait(lab.decide(images, "accepted"))
    assert (job.job_type, job.status) == ("imsUpdateImageMembersJob", "SUCCESS")
    assert sorted(lab.received()) == sorted([*before, "cache", "render-disk"])

    job, states = studio.wait(studio.revoke(images, [lab.project_id]))
    assert (job.job_type, job.status) == ("imsDelImageMembersJob", "SUCCESS")
    assert job.entities.results == []
    assert lab.received() == before
