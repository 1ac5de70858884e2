"""The official SDK's own retries against 503, 429 and connections that break: exact numbers of attempts."""

from huaweicloudsdkcore.exceptions.exceptions import (
    ClientRequestException,
    ConnectionException,
    ServerResponseException,
    ServiceResponseException,
)
from huaweicloudsdkcore.retry.backoff_strategy import BackoffStrategies
from huaweicloudsdkims.v2 import BatchAddMembersRequestBody, BatchDeleteMembersRequest
from sdk import signing
from simulator import Simulator, raises

UNAVAILABLE = {"answer": {"code": "IMG.0061", "status": 503}}
THROTTLED = {"answer": {"code": "APIGW.0308"}}
CALL = {"operation": "delete_members"}
STRATEGIES = [
    BackoffStrategies.NONE,
    BackoffStrategies.RANDOM_JITTER,
    BackoffStrategies.EQUAL_JITTER,
    BackoffStrategies.DECOR_RELATED_JITTER,
]


def worth_another_try(_, error):
    """The condition that programs give to the SDK."""
    if isinstance(error, ServiceResponseException):
        return error.status_code in (429, 503)
    return isinstance(error, ConnectionException)


class Attempts:
    """A revocation that is retried, and how often the server saw it."""

    def __init__(self, imsim):
        self.imsim, self.client = imsim, signing(imsim, "studio")

    def revoke(self, image, most, strategy=BackoffStrategies.NONE):
        self.imsim.admin("POST", "/reset", {"parts": ["world", "journal"]})
        body = BatchAddMembersRequestBody([self.imsim.images[image]], [self.imsim.projects["lab"]])
        invoker = self.client.invoker("batch_delete_members", BatchDeleteMembersRequest(body=body))
        return invoker.with_retry(worth_another_try, most, strategy).invoke().job_id

    def saw(self, answered, broken=None, rule=None):
        """Holds how often the call was answered with each status, and how often `rule` broke it."""
        for status, times in answered.items():
            self.imsim.must_have_seen(times, **CALL, status=status)
        self.imsim.must_have_seen(sum(answered.values()), **CALL)
        if rule is not None:
            assert self.imsim.fired(rule) == broken, self.imsim.fired(rule)
        self.imsim.mend()


def it_succeeds(imsim, attempts):
    for strategy in STRATEGIES:
        imsim.break_it(at="request", match=CALL, when={"first": 2}, effect=UNAVAILABLE)
        imsim.break_it(at="request", match=CALL, when={"nth": 3}, effect=THROTTLED)
        job, _ = attempts.client.wait(attempts.revoke("web-base", 3, strategy))
        assert job.status == "SUCCESS"
        attempts.saw({503: 2, 429: 1, 200: 1})
    for broken in ["reset", "close", "garbage"]:
        rule = imsim.break_it(at="request", match=CALL, when={"first": 2}, effect=broken)
        job, _ = attempts.client.wait(attempts.revoke("web-base", 5))
        assert job.status == "SUCCESS"
        assert imsim.fired(rule) == 2
        imsim.must_have_seen(1, **CALL, status=200)
        imsim.mend()


def it_does_not_retry_by_itself(imsim, attempts):
    """C-14: whoever did not ask for retries has none."""
    imsim.break_it(at="request", match=CALL, when={"first": 1}, effect=UNAVAILABLE)
    with raises(ServerResponseException, status_code=503):
        attempts.client.revoke([imsim.images["web-base"]], [imsim.projects["lab"]])
    attempts.saw({503: 1})


def it_gives_up(imsim, attempts):
    imsim.break_it(at="request", match=CALL, when={"first": 4}, effect=UNAVAILABLE)
    with raises(ServerResponseException, status_code=503, error_code="IMG.0061"):
        attempts.revoke("web-base", 3)
    attempts.saw({503: 4})
    imsim.break_it(at="request", match=CALL, effect=THROTTLED)
    # Of a 429 the SDK reads no code, but for a POST: its HTTP library takes the answer for its own retries.
    with raises(ClientRequestException, status_code=429, error_code="429"):
        attempts.revoke("web-base", 2)
    attempts.saw({429: 3})
    rule = imsim.break_it(at="request", match=CALL, effect="reset")
    with raises(ConnectionException):
        attempts.revoke("web-base", 2)
    assert imsim.fired(rule) == 3
    imsim.mend()
    # A refusal that no other try can change.
    imsim.break_it(at="request", match=CALL, effect={"answer": {"code": "IMG.0066"}})
    with raises(ClientRequestException, status_code=400, error_code="IMG.0066"):
        attempts.revoke("web-base", 5)
    attempts.saw({400: 1})


def the_first_try_was_carried_out(imsim, attempts):
    """An answer that is lost on its way: the retry of the revocation finds nothing to revoke."""
    imsim.break_it(at="response", match=CALL, when={"first": 1}, effect="reset")
    # Its jobs are done before the next one starts: the rule below lets each try come late.
    imsim.break_it(at="request", match=CALL, when={"nth": 2}, effect={"delay": {"fixed": "10s"}})
    job, _ = attempts.client.wait(attempts.revoke("web-base", 1))
    assert (job.status, job.error_code) == ("FAIL", "IMG.0113")
    jobs = imsim.admin("GET", "/jobs")["jobs"]
    assert [job["state"] for job in jobs][-2:] == ["SUCCESS", "FAIL"]


with Simulator("--shards", "1") as imsim:
    attempts = Attempts(imsim)
    it_succeeds(imsim, attempts)
    it_gives_up(imsim, attempts)
    attempts.imsim.admin("POST", "/reset", {"parts": ["world", "journal"]})
    it_does_not_retry_by_itself(imsim, attempts)
    the_first_try_was_carried_out(imsim, attempts)
