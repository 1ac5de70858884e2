"""The official SDK over TLS, trusting the certificate that the simulator made and nothing else."""

import tempfile
from pathlib import Path

from huaweicloudsdkcore.exceptions.exceptions import SslHandShakeException
from sdk import signing, whole_story, with_token
from simulator import Simulator, raises

with tempfile.TemporaryDirectory() as folder:
    certificate = str(Path(folder, "imsim.pem"))
    with Simulator("--tls", "--tls-cert-out", certificate) as imsim:
        assert imsim.url.startswith("https://")
        whole_story(imsim, signing(imsim, "studio", certificate), with_token(imsim, "lab", certificate))
        with raises(SslHandShakeException):
            signing(imsim, "lab").received()
