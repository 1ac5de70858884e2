"""The official SDK, signing with access keys: share, poll, accept, list, revoke, poll, gone."""

from sdk import signing, whole_story
from simulator import Simulator

with Simulator() as imsim:
    whole_story(imsim, signing(imsim, "studio"), signing(imsim, "lab"))
