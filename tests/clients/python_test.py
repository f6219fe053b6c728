"""Python's gRPC: Debian's always, and the current one from PyPI."""

import subprocess
import sys
import unittest

import registries
from client_server import FOLDER, PROTO, ClientTest

CURRENT = ("grpcio==1.85.1", "grpcio-tools==1.85.1")


class Python(ClientTest):
    def test_debian(self):
        # The stubs that the server's fixture has generated.
        stubs = next(path for path in sys.path if path.startswith(self.server._folder.name))
        self.check([sys.executable, "-B", FOLDER / "python_client.py", stubs])

    def test_current(self):
        registries.require_fetching()
        python = registries.tool("python3")
        packages = registries.pip_packages(python, *CURRENT)
        environment = {"PYTHONPATH": str(packages)}
        stubs = self.folder / "stubs"
        stubs.mkdir()
        protos = sorted(PROTO.glob("roicast/v1/*.proto"))
        subprocess.run([python, "-m", "grpc_tools.protoc", f"-I{PROTO}", f"--python_out={stubs}",
                        f"--grpc_python_out={stubs}", *map(str, protos)], check=True, env=environment)
        self.check([python, "-B", FOLDER / "python_client.py", stubs], environment=environment)


if __name__ == "__main__":
    unittest.main()
