"""The official SDK with tokens that its identity package fetched; the signature beside them means nothing."""

from sdk import whole_story, with_token
from simulator import Simulator

with Simulator() as imsim:
    whole_story(imsim, with_token(imsim, "studio"), with_token(imsim, "lab"))
