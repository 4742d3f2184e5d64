"""A real server on a port of its own, as ``antitrypsim page`` starts it."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass

import httpx

PAGE = [sys.executable, "-c", "from antitrypsim.cli.main import run; run()", "page"]


@dataclass
class Served:
    """A server that was started: ``address`` is what it printed, with the token."""

    process: subprocess.Popen
    address: str

    @property
    def base(self):
        return self.address.partition("/?")[0]

    @property
    def token(self):
        return self.address.partition("token=")[2]

    def client(self, **headers):
        """Return a client that may ask."""
        held = {"authorization": f"Bearer {self.token}", **headers}
        return httpx.Client(base_url=self.base, headers=held, timeout=120)

    def kill(self):
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()


def start(folder, *options):
    words = [*PAGE, "--port", "0", "--no-browser", "--folder", str(folder), *options]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, process.stderr.read()
    return Served(process, found.group())
