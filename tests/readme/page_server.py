"""A server for the commands and programs of a page."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["ROICAST_BUILD_DIR"])


def start(add_cleanup):
    """Starts it in a new folder. Returns the folder and an environment with its address and `roicast` on the path."""
    folder = tempfile.TemporaryDirectory()
    add_cleanup(folder.cleanup)
    work = pathlib.Path(folder.name)
    ports = work / "ports.json"
    log = open(work / "server.log", "w")  # pylint: disable=consider-using-with
    add_cleanup(log.close)
    server = subprocess.Popen([BUILD / "server/roicast-server", "--store", work / "store", "--listen", "127.0.0.1:0",
                               "--http_listen", "127.0.0.1:0", "--lame_duck", "0s", "--port_file", ports],
                              stdout=log, stderr=log)
    add_cleanup(server.wait)
    add_cleanup(server.send_signal, signal.SIGTERM)
    until = time.monotonic() + 60
    while not (ports.exists() and ports.read_text()):
        if server.poll() is not None or time.monotonic() > until:
            raise AssertionError((work / "server.log").read_text())
        time.sleep(0.02)
    return work, {**os.environ, "PATH": f"{BUILD}/client/cli:{os.environ['PATH']}",
                  "ROICAST_SERVER": f"127.0.0.1:{json.loads(ports.read_text())['grpc_port']}"}
