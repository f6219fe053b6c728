"""A real server on ports chosen by the system, and the calls that make all its metrics appear."""

import importlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_SECONDS = 30
CALL_SECONDS = 60


def generate_stubs(folder):
    """Generates Python stubs of proto/roicast/v1 with the packaged compilers."""
    plugin = shutil.which("grpc_python_plugin")
    protos = sorted(str(path) for path in (ROOT / "proto/roicast/v1").glob("*.proto"))
    subprocess.run(["protoc", f"-I{ROOT / 'proto'}", f"--python_out={folder}", f"--grpc_python_out={folder}",
                    f"--plugin=protoc-gen-grpc_python={plugin}", *protos], check=True)
    sys.path.insert(0, str(folder))


def campaigns_csv(rows, roi):
    """A small table of the default schema's columns; roi(channel, random) is the target."""
    source = random.Random(7)
    lines = ["channel,device,price,spend,audience_size,roi"]
    for _ in range(rows):
        channel = source.choice(["search", "social", "email"])
        lines.append(",".join(str(value) for value in (
            channel, source.choice(["mobile", "desktop"]),
            round(source.uniform(5, 500), 2), round(source.uniform(100, 9000), 2), source.randrange(1000, 900000),
            roi(channel, source))))
    return ("\n".join(lines) + "\n").encode()


class LiveServer:
    """Context of one server process; close() stops it."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="roicast-live-")
        folder = pathlib.Path(self._folder.name)
        generate_stubs(folder)
        self._log = open(folder / "server.log", "w+", encoding="utf-8")
        port_file = folder / "ports.json"
        self._process = subprocess.Popen(
            [os.environ["ROICAST_SERVER_BINARY"], "--store", str(folder / "store"), "--listen", "127.0.0.1:0",
             "--http_listen", "127.0.0.1:0", "--port_file", str(port_file), "--lame_duck", "0s"],
            stdout=self._log, stderr=subprocess.STDOUT)
        self.ports = self._await_ports(port_file)
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.ports['grpc_port']}")

    def _await_ports(self, port_file):
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}:\n{self.log()}")
            if port_file.exists():
                return json.loads(port_file.read_text())
            time.sleep(0.01)
        raise RuntimeError(f"the server wrote no ports within {START_SECONDS} s:\n{self.log()}")

    def log(self):
        self._log.flush()
        return pathlib.Path(self._log.name).read_text()

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['http_port']}/metrics", timeout=10) as page:
            return page.read().decode()

    def close(self):
        self.channel.close()
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        finally:
            self._process.kill()
            self._log.close()
            self._folder.cleanup()

    # --- what a client does

    def modules(self):
        names = ("prediction_pb2", "prediction_pb2_grpc", "training_pb2", "training_pb2_grpc", "training_spec_pb2")
        return {name: importlib.import_module(f"roicast.v1.{name}") for name in names}

    def train(self, csv):
        """The job once it has ended."""
        m = self.modules()
        stub = m["training_pb2_grpc"].TrainingServiceStub(self.channel)
        pb = m["training_pb2"]
        dataset = stub.UploadDataset(iter([
            pb.UploadDatasetRequest(header=pb.UploadDatasetHeader(display_name="live")),
            pb.UploadDatasetRequest(csv=csv)]), timeout=CALL_SECONDS)
        spec = m["training_spec_pb2"].TrainingSpec(dataset_digest=dataset.digest)
        spec.training.epochs = 60
        job = stub.CreateTrainingJob(pb.CreateTrainingJobRequest(spec=spec), timeout=CALL_SECONDS)
        for state in stub.WatchTrainingJob(pb.WatchTrainingJobRequest(id=job.id), timeout=CALL_SECONDS):
            job = state
        return job

    def drive(self):
        m = self.modules()
        jobs = m["training_pb2"]
        done = self.train(campaigns_csv(400, lambda channel, source: round(source.gauss({"search": 0.9, "social": 0.3, "email": -0.3}[channel], 0.1), 4)))
        if done.state != jobs.JOB_STATE_SUCCEEDED:
            raise RuntimeError(f"training ended as {done}\n{self.log()}")
        failed = self.train(campaigns_csv(50, lambda channel, source: 0.5))
        if failed.state != jobs.JOB_STATE_FAILED:
            raise RuntimeError(f"a constant target was accepted: {failed}")
        pb = m["prediction_pb2"]
        stub = m["prediction_pb2_grpc"].PredictionServiceStub(self.channel)
        stub.Predict(pb.PredictRequest(campaign=pb.Campaign(channel="carrier pigeon", spend=1e9)), timeout=CALL_SECONDS)
        try:
            stub.Predict(pb.PredictRequest(campaign=pb.Campaign(spend=-1)), timeout=CALL_SECONDS)
            raise RuntimeError("a negative spend was accepted")
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                raise
        batch = pb.BatchPredictRequest(campaigns=pb.CampaignList(campaigns=[pb.Campaign(spend=10), pb.Campaign(spend=-1)]))
        stub.BatchPredict(batch, timeout=CALL_SECONDS)
        items = [pb.StreamPredictRequest(predict=pb.PredictRequest(campaign=pb.Campaign(spend=spend))) for spend in (5, -5)]
        answers = [answer.status.code for answer in stub.StreamPredict(iter(items), timeout=CALL_SECONDS)]
        if answers != [0, grpc.StatusCode.INVALID_ARGUMENT.value[0]]:
            raise RuntimeError(f"the stream answered {answers}")
