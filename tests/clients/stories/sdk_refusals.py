"""The official SDK meets every kind of refusal with the right exception, code, text, status and request id."""

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from sdk import Client, ims_client, log_in, signing, with_token
from simulator import Simulator, raises

NOBODY = "0123456789abcdef0123456789abcdef"
WRONG = "Incorrect IAM authentication information: "


def refused(imsim, heads, call, status_code, error_code, error_msg, kind=ClientRequestException):
    """Holds that a call is refused so; `heads` has the request ids that came in the headers."""
    with raises(kind, status_code=status_code, error_code=error_code) as caught:
        call()
    assert caught.error.error_msg.startswith(error_msg), caught.error.error_msg
    assert caught.error.request_id == heads[-1] and len(heads[-1]) == 32
    entry = imsim.last_answer(status=status_code)
    assert entry["error_code"] == error_code
    # Of the forms of errors, the gateway's has the id in its body, too.
    if error_code.startswith("APIGW"):
        assert entry["answer"]["request_id"] == heads[-1]


def with_key(imsim, heads, access_key, secret, project):
    credentials = BasicCredentials(access_key, secret, imsim.projects[project])
    return Client(ims_client(imsim, credentials, heads=heads), imsim.projects[project])


def credentials(imsim, heads):
    wrong_secret = with_key(imsim, heads, "ak-studio", "sk-of-another", "studio")
    refused(imsim, heads, wrong_secret.received, 401, "APIGW.0301", WRONG + "verify aksk signature fail, canonicalRequest:")
    unknown_key = with_key(imsim, heads, "ak-nobody", "sk-studio", "studio")
    refused(imsim, heads, unknown_key.received, 401, "APIGW.0301", WRONG + "Get secretKey failed")
    foreign_project = with_key(imsim, heads, "ak-studio", "sk-studio", "lab")
    refused(imsim, heads, foreign_project.received, 403, "APIGW.0310", "The project is unavailable.")
    altered = signing(imsim, "studio", heads=heads)
    altered.token = "not-a-token"
    refused(imsim, heads, altered.received, 401, "APIGW.0301", WRONG + "decrypt token fail")
    with raises(ClientRequestException, status_code=401):
        log_in(imsim, "studio", "wrong-password")


def requests(imsim, heads):
    studio, lab = signing(imsim, "studio", heads=heads), signing(imsim, "lab", heads=heads)
    cache = imsim.images["cache"]
    unknown_image = "00000000-0000-4000-8000-000000000000"
    cases = [
        (lambda: studio.share([unknown_image], [lab.project_id]), "IMG.0066", "The image ID is incorrect."),
        (lambda: studio.share([cache], ["no-project"]), "IMG.0067", "The project ID is incorrect."),
        (lambda: studio.share([], [lab.project_id]), "IMG.0001", "The request message format is invalid."),
        (lambda: lab.decide([cache], "pending"), "IMG.0001", "The request message format is invalid."),
        (lambda: studio.job(NOBODY), "IMG.0023", "An exception occurred during task query."),
    ]
    for call, code, text in cases:
        refused(imsim, heads, call, 400, code, text)

    mine = studio.share([cache], [lab.project_id])
    refused(imsim, heads, lambda: lab.job(mine), 400, "IMG.0023", "An exception occurred during task query.")
    refused(imsim, heads, lambda: lab.progress(mine), 400, "IMG.0023", "An exception occurred during task query.")
    # Only with the owner's project in the path is it another refusal.
    stranger = Client(ims_client(imsim, BasicCredentials("nobody", "nothing", studio.project_id), heads=heads), "")
    stranger.token = log_in(imsim, "lab", "lab")
    refused(imsim, heads, lambda: stranger.job(mine), 400, "IMG.0030", "The project ID and token in the request")


def outage(imsim, heads):
    studio = signing(imsim, "studio", heads=heads)
    imsim.break_it(at="request", effect={"answer": {"code": "IMG.0061", "status": 503}})
    refused(imsim, heads, studio.received, 503, "IMG.0061", "Service unavailable.", ServerResponseException)
    imsim.mend()


def time_passes(imsim, heads):
    """A token is good for a day, and a signature for a quarter of an hour."""
    by_token, by_key = with_token(imsim, "studio", heads=heads), signing(imsim, "studio", heads=heads)
    imsim.advance("14m")
    by_key.received()
    imsim.advance("2m")
    refused(imsim, heads, by_key.received, 401, "APIGW.0301", WRONG + "verify aksk signature fail")
    imsim.advance("23h")
    by_token.received()
    imsim.advance("1h")
    refused(imsim, heads, by_token.received, 401, "APIGW.0307", "The token must be updated.")
    by_token.token = log_in(imsim, "studio", "studio")
    by_token.received()


with Simulator() as imsim:
    heads = []
    credentials(imsim, heads)
    requests(imsim, heads)
    outage(imsim, heads)
    time_passes(imsim, heads)
