"""gRPC's interoperability cases and h2spec, run by programs of others against the transport's test server."""

import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

import registries
from client_server import ClientTest

CASES = """empty_unary large_unary client_streaming server_streaming ping_pong empty_stream timeout_on_sleeping_server
           cancel_after_begin cancel_after_first_response status_code_and_message special_status_message custom_metadata
           unimplemented_method unimplemented_service""".split()
# Only Java's client has these.
MORE_CASES = """cacheable_unary client_compressed_unary server_compressed_unary client_compressed_streaming
                server_compressed_streaming rpc_soak channel_soak""".split()
# Java's client sends this one with GET, which the protocol allows and no server takes: POST alone is specified.
SENT_BY_GET = {"cacheable_unary"}
CASE_SECONDS = 60


class InteropServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls._process = subprocess.Popen([os.environ["ROICAST_INTEROP_SERVER"], "127.0.0.1:0"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        cls.port = int(cls._process.stdout.readline())

    @classmethod
    def tearDownClass(cls):
        cls._process.stdin.close()
        code = cls._process.wait(30)
        cls._process.stdout.close()
        if code != 0:
            raise AssertionError(f"the server ended with {code}")

    def run_cases(self, cases, command):
        for case in cases:
            with self.subTest(case):
                done = subprocess.run([*command, f"--test_case={case}"], stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, timeout=CASE_SECONDS, check=False)
                self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace")[-2000:])


class Cases(InteropServer):
    def test_go(self):
        client = registries.go_program("google.golang.org/grpc/interop/client", "v1.71.0")
        self.run_cases(CASES, [client, "-server_host=127.0.0.1", f"-server_port={self.port}"])

    def test_java(self):
        class_path = registries.maven_class_path(registries.FOLDER / "interop_java/pom.xml")
        cases = [case for case in CASES + MORE_CASES if case not in SENT_BY_GET]
        self.run_cases(cases, ["java", "-cp", class_path, "io.grpc.testing.integration.TestServiceClient",
                               "--server_host=127.0.0.1", f"--server_port={self.port}", "--use_tls=false"])


def unexplained_failures(port, page, section):
    """What h2spec finds on the port and h2spec.md does not explain."""
    h2spec = registries.go_program("github.com/summerwind/h2spec/cmd/h2spec", "v2.2.1+incompatible")
    text = (registries.FOLDER / "h2spec.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^- `(.+?)`", text.split(f"## {section}\n")[1].split("\n## ")[0], re.M))
    with tempfile.NamedTemporaryFile(suffix=".xml") as report:
        subprocess.run([h2spec, "-h", "127.0.0.1", "-p", str(port), "-P", page, "-o", "1", "-j", report.name],
                       stdout=subprocess.DEVNULL, timeout=300, check=False)
        cases = list(xml.etree.ElementTree.parse(report.name).iter("testcase"))
    if len(cases) < 140:
        raise AssertionError(f"h2spec ran {len(cases)} cases")
    return {f"{case.get('package')} {case.get('classname')}" for case in cases
            if case.find("failure") is not None or case.find("error") is not None} - explained


class H2specOnTheGrpcPort(InteropServer):
    def test_finds_only_what_is_explained(self):
        self.assertEqual(unexplained_failures(self.port, "/", "The gRPC port"), set())


class H2specOnTheHttpPort(ClientTest):
    def test_finds_only_what_is_explained(self):
        port = self.server.ports["http_port"]
        self.assertEqual(unexplained_failures(port, "/healthz", "The HTTP port"), set())
        self.assertEqual(unexplained_failures(port, "/metrics", "The HTTP port"), set())


if __name__ == "__main__":
    unittest.main()
