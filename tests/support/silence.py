"""An answer that never comes, without waiting for it.

A test that waits a fraction of a second for what never comes is bound to give up an answer that is on its way, if the
machine is busy. So the sandbox tells at once of what it would never answer, and the tap meets a read that timed out.
"""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import BaseAdapter

from linkedin_sandbox import Sandbox
from linkedin_sandbox.server import NEVER
from tap_linkedin_dma.tap import TapLinkedInDMA


class _WaitedOut(BaseAdapter):
    """Sends as another does; where that is told of silence, as much time as it takes is taken to have gone by."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        response = self._inner.send(request, *arguments, **options)
        if NEVER in response.headers:
            response.close()
            raise requests.ReadTimeout(request=request)
        return response

    def close(self) -> None:
        self._inner.close()


def wait_out_silence(tap: TapLinkedInDMA, sandbox: Sandbox) -> None:
    """Have the tap's requests time out where the sandbox plays that it never answers, and nowhere else."""
    sandbox.tells_silence = True
    for client in tap.run_context.clients:
        client.session.mount(sandbox.url, _WaitedOut(client.session.get_adapter(sandbox.url)))
