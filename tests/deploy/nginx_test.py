"""The configuration of nginx works as it stands, but for its ports and files: callers with certificates predict through it, and
each may do what its OU allows."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import grpc

from live_server import CALL_SECONDS, ROOT, LiveServer, campaigns_csv

CONFIGURATION = ROOT / "deploy/nginx/roicast.conf"
START_SECONDS = 10
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Certificates:
    """An authority of one's own, the server's certificate, and callers'."""

    def __init__(self, folder):
        self.folder = folder
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "callers.pem", "-days", "2",
                      "-subj", "/CN=authority")
        self._issue("server", "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def _issue(self, name, subject, extension):
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
        (self.folder / f"{name}.ext").write_text(extension + "\n")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "callers.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                      "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")

    def caller(self, unit, name="somebody"):
        """gRPC's credentials of a caller of that unit."""
        self._issue(unit, f"/O=Example/OU={unit}/CN={name}", "extendedKeyUsage=clientAuth")
        return grpc.ssl_channel_credentials((self.folder / "callers.pem").read_bytes(),
                                            (self.folder / f"{unit}.key").read_bytes(),
                                            (self.folder / f"{unit}.pem").read_bytes())

    def nobody(self):
        return grpc.ssl_channel_credentials((self.folder / "callers.pem").read_bytes())


class Nginx:
    """Context: nginx with the configuration as it stands, other ports and files."""

    def __init__(self, folder, grpc_port):
        self.port = free_port()
        text = CONFIGURATION.read_text()
        for old, new in ((" 127.0.0.1:8500;", f" 127.0.0.1:{grpc_port};"), ("listen 8443 ", f"listen 127.0.0.1:{self.port} "),
                         ("/etc/roicast/", f"{folder}/")):
            if old not in text:
                raise AssertionError(f"{CONFIGURATION}: expected {old!r}")
            text = text.replace(old, new)
        (folder / "roicast.conf").write_text(text)
        places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        self._main = folder / "nginx.conf"
        self._main.write_text(f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
                              "events { worker_connections 512; }\n"
                              f"http {{\naccess_log off;\n{places}include {folder}/roicast.conf;\n}}\n")
        self._folder = folder
        self._process = None

    def __enter__(self):
        self._process = subprocess.Popen([NGINX, "-p", self._folder, "-e", self._folder / "error.log", "-c", self._main],
                                         stderr=subprocess.PIPE)
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"nginx does not start:\n{self._process.stderr.read().decode()}") from error
                time.sleep(0.01)

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)
        self._process.stderr.close()


@unittest.skipUnless(NGINX and shutil.which("openssl"), "there is no nginx, or no openssl")
class NginxTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = LiveServer()
        cls.addClassCleanup(cls.server.close)
        job = cls.server.train(campaigns_csv(400, lambda channel, source: round(
            source.gauss({"search": 0.9, "social": 0.3, "email": -0.3}[channel], 0.1), 4)))
        if job.version != 1:
            raise RuntimeError(f"training ended as {job}")
        folder = tempfile.TemporaryDirectory(prefix="roicast-nginx-")
        cls.addClassCleanup(folder.cleanup)
        cls.certificates = Certificates(pathlib.Path(folder.name))
        cls.nginx = cls.enterClassContext(Nginx(pathlib.Path(folder.name), cls.server.ports["grpc_port"]))
        cls.modules = cls.server.modules()

    def channel(self, credentials):
        channel = grpc.secure_channel(f"127.0.0.1:{self.nginx.port}", credentials)
        self.addCleanup(channel.close)
        return channel

    def predict(self, channel, spend=500):
        pb = self.modules["prediction_pb2"]
        stub = self.modules["prediction_pb2_grpc"].PredictionServiceStub(channel)
        return stub.Predict(pb.PredictRequest(campaign=pb.Campaign(channel="search", spend=spend)), timeout=CALL_SECONDS)

    def list_jobs(self, channel):
        pb = self.modules["training_pb2"]
        return self.modules["training_pb2_grpc"].TrainingServiceStub(channel).ListTrainingJobs(
            pb.ListTrainingJobsRequest(), timeout=CALL_SECONDS)

    def test_predicts_the_same_as_without_it(self):
        channel = self.channel(self.certificates.caller("bidders"))
        self.assertEqual(self.predict(channel), self.predict(self.server.channel))

    def test_streams_go_both_ways(self):
        pb = self.modules["prediction_pb2"]
        stub = self.modules["prediction_pb2_grpc"].PredictionServiceStub(self.channel(self.certificates.caller("bidders")))
        items = [pb.StreamPredictRequest(predict=pb.PredictRequest(campaign=pb.Campaign(spend=spend))) for spend in range(1, 101)]
        answers = list(stub.StreamPredict(iter(items), timeout=CALL_SECONDS))
        self.assertEqual([answer.status.code for answer in answers], [0] * 100)

    def test_errors_keep_their_details(self):
        pb = self.modules["prediction_pb2"]

        def error_of(channel):
            stub = self.modules["prediction_pb2_grpc"].PredictionServiceStub(channel)
            request = pb.PredictRequest(campaign=pb.Campaign(spend=1))
            request.model.name = "unknown"
            with self.assertRaises(grpc.RpcError) as raised:
                stub.Predict(request, timeout=CALL_SECONDS)
            details = dict(raised.exception.trailing_metadata()).get("grpc-status-details-bin")
            self.assertIsNotNone(details)
            return raised.exception.code(), raised.exception.details(), details

        self.assertEqual(error_of(self.channel(self.certificates.caller("bidders"))), error_of(self.server.channel))

    def test_a_bidder_does_not_train(self):
        with self.assertRaises(grpc.RpcError) as raised:
            self.list_jobs(self.channel(self.certificates.caller("bidders")))
        self.assertEqual(raised.exception.code(), grpc.StatusCode.PERMISSION_DENIED)
        self.assertEqual(raised.exception.details(), "nginx: the certificate's OU may not call this method")

    def test_marketing_trains_and_does_not_publish(self):
        channel = self.channel(self.certificates.caller("marketing"))
        self.assertEqual(len(self.list_jobs(channel).jobs), 1)
        call = channel.unary_unary("/roicast.v1.ModelService/ServeVersion")
        with self.assertRaises(grpc.RpcError) as raised:
            call(b"", timeout=CALL_SECONDS)
        self.assertEqual(raised.exception.code(), grpc.StatusCode.PERMISSION_DENIED)

    def test_an_operator_may_call_all(self):
        channel = self.channel(self.certificates.caller("operators"))
        with self.assertRaises(grpc.RpcError) as raised:
            channel.unary_unary("/roicast.v1.ModelService/ServeVersion")(b"", timeout=CALL_SECONDS)
        # The server's own answer.
        self.assertEqual(raised.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        self.assertNotIn("nginx", raised.exception.details())

    def test_a_name_with_a_comma_gives_no_role(self):
        for role in ("operators", "marketing"):
            with self.assertRaises(grpc.RpcError) as raised:
                self.list_jobs(self.channel(self.certificates.caller("bidders", f"x,OU={role}")))
            self.assertEqual(raised.exception.code(), grpc.StatusCode.PERMISSION_DENIED, role)

    def test_errors_of_its_own_are_answers_of_grpc(self):
        # Some clients take no status from an answer whose HTTP status is not 200.
        self.certificates.caller("bidders")
        folder = self.certificates.folder
        answer = subprocess.run(
            ["curl", "--silent", "--http2", "--dump-header", "-", "--cacert", folder / "callers.pem", "--cert", folder / "bidders.pem",
             "--key", folder / "bidders.key", "--header", "content-type: application/grpc", "--header", "te: trailers", "--data", "",
             f"https://127.0.0.1:{self.nginx.port}/roicast.v1.ModelService/ServeVersion"],
            capture_output=True, text=True, check=True, timeout=CALL_SECONDS).stdout.splitlines()
        self.assertEqual(answer[0].strip(), "HTTP/2 200")
        headers = [line.strip() for line in answer[1:] if ":" in line]
        self.assertEqual([line for line in headers if line.startswith("content-type")], ["content-type: application/grpc"])
        self.assertIn("grpc-status: 7", headers)

    def test_a_caller_without_a_certificate_is_refused(self):
        with self.assertRaises(grpc.RpcError) as raised:
            self.predict(self.channel(self.certificates.nobody()))
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        self.assertEqual(raised.exception.details(), "nginx: a client certificate that it trusts is needed")

    def test_an_upload_larger_than_a_buffer_arrives(self):
        pb = self.modules["training_pb2"]
        csv = campaigns_csv(60_000, lambda channel, source: 0.5)
        self.assertGreater(len(csv), 2_000_000)
        pieces = [pb.UploadDatasetRequest(header=pb.UploadDatasetHeader(display_name="large"))]
        pieces += [pb.UploadDatasetRequest(csv=csv[begin:begin + 100_000]) for begin in range(0, len(csv), 100_000)]
        stub = self.modules["training_pb2_grpc"].TrainingServiceStub(self.channel(self.certificates.caller("marketing")))
        self.assertEqual(stub.UploadDataset(iter(pieces), timeout=CALL_SECONDS).size_bytes, len(csv))


if __name__ == "__main__":
    unittest.main()
