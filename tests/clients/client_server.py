"""One server with a model that predicts campaigns, for the clients of all languages."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
PROTO = FOLDER.parents[1] / "proto"
sys.path.insert(0, str(FOLDER.parent / "deploy"))
from live_server import LiveServer, campaigns_csv  # pylint: disable=wrong-import-position

CLIENT_SECONDS = 120
# What each client has to print, a line for each behaviour; see python_client.py.
CHECKS = """predict invalid_argument details batch compressed stream stream_item_error deadline cancel unimplemented health
            large_batch""".split()


class ClientTest(unittest.TestCase):
    """Tests with a server."""

    @classmethod
    def setUpClass(cls):
        cls.server = LiveServer()
        cls.addClassCleanup(cls.server.close)
        cls.port = cls.server.ports["grpc_port"]
        job = cls.server.train(campaigns_csv(400, lambda channel, source: round(source.gauss(
            {"search": 0.9, "social": 0.3, "email": -0.3}[channel], 0.1), 4)))
        if job.state != cls.server.modules()["training_pb2"].JOB_STATE_SUCCEEDED:
            raise AssertionError(f"training ended as {job}\n{cls.server.log()}")
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="roicast-clients-")))

    def check(self, command, **options):
        """Runs a client, which prints "ok NAME" for each of CHECKS."""
        environment = {**os.environ, "ROICAST_PORT": str(self.port), **options.pop("environment", {})}
        done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=CLIENT_SECONDS, env=environment, **options)
        text = done.stdout.decode(errors="replace")
        self.assertEqual(done.returncode, 0, text[-3000:])
        self.assertEqual([line[3:] for line in text.splitlines() if line.startswith("ok ")], CHECKS, text[-3000:])

    def descriptors(self):
        """The services and their messages as a FileDescriptorSet, for clients that have no generated code."""
        file = self.folder / "roicast.descriptors"
        if not file.exists():
            subprocess.run(["protoc", f"-I{PROTO}", "--include_imports", f"--descriptor_set_out={file}",
                            "roicast/v1/prediction.proto", "grpc/health/v1/health.proto"], check=True)
        return file
