"""A server of this build with an empty store, and the command `roicast` against it."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

BUILD = pathlib.Path(os.environ["ROICAST_BUILD_DIR"])


class Result:
    """What a command left: code, output, errors."""

    def __init__(self, process):
        self.code = process.returncode
        self.output = process.stdout.decode("utf-8", "surrogateescape")
        self.errors = process.stderr.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.output)


class Server:
    """Started by the constructor, ended by stop()."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        ports = self.folder / "ports.json"
        with open(self.folder / "server.log", "wb") as log:
            self._process = subprocess.Popen(
                [BUILD / "server/roicast-server", "--store", self.folder / "store", "--listen", "127.0.0.1:0",
                 "--http_listen", "127.0.0.1:0", "--lame_duck", "0s", "--port_file", ports],
                stdout=log, stderr=log)
        until = time.monotonic() + 60
        while not ports.exists() or not ports.read_text().endswith("\n"):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "server.log").read_text())
            time.sleep(0.02)
        self.address = f"127.0.0.1:{json.loads(ports.read_text())['grpc_port']}"

    def stop(self):
        self._process.terminate()
        self._process.wait(60)
        self._folder.cleanup()

    def run(self, *arguments):
        environment = {**os.environ, "ROICAST_SERVER": self.address, "LC_ALL": "C.UTF-8"}
        return Result(subprocess.run([BUILD / "client/cli/roicast", *map(str, arguments)], capture_output=True,
                                     env=environment, timeout=300, check=False))

    def inspect(self, file, *flags):
        """The answer of InspectDataset, as JSON."""
        result = self.run("inspect", "--json", file, *flags)
        if result.code != 0:
            raise AssertionError(f"inspect {file}: {result.code}: {result.errors}")
        return result.json()

    def train(self, file, model, *flags):
        """The job, as JSON."""
        result = self.run("train", "--json", "--model", model, file, *flags)
        if result.code != 0:
            raise AssertionError(f"train {file}: {result.code}: {result.errors}{result.output}")
        return result.json()

    def score(self, file, model, *flags):
        """The rows of the output as dicts (text), and the Result."""
        output = self.folder / "scored.csv"
        output.unlink(missing_ok=True)
        result = self.run("score", file, "--model", model, "--version", 1, "-o", output, *flags)
        rows = read_rows(output) if output.exists() else []
        return rows, result


def read_rows(path):
    """A plain CSV as dicts."""
    import csv
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def warnings_of(answer):
    """All warnings of an inspection or a job's report."""
    report = answer.get("report", answer)
    return report.get("warnings", []) + report.get("cleaning", {}).get("warnings", [])


def said(answer, pattern):
    """The warnings whose message or column has the pattern."""
    return [warning for warning in warnings_of(answer)
            if re.search(pattern, f"{warning['column']}: {warning['message']}", re.IGNORECASE)]


def flags_of(answer):
    return [flag for warning in warnings_of(answer) for flag in warning["flags"]]


def column(inspection, name):
    return next(profile for profile in inspection["columns"] if profile["name"] == name)


def feature(inspection, name):
    """The feature of the schema, or None."""
    return next((found for found in inspection["schema"]["features"] if found["name"] == name), None)


def kind(inspection, name):
    found = feature(inspection, name)
    return found and found["kind"].removeprefix("FEATURE_KIND_").lower()


def left_out(answer):
    """Column → reason."""
    cleaning = answer.get("report", answer)["cleaning"]
    return {entry["column"]: entry["reason"] for entry in cleaning["left_out"]}


def dropped(answer):
    """Reason → rows."""
    cleaning = answer.get("report", answer)["cleaning"]
    return {entry["reason"]: int(entry["rows"]) for entry in cleaning["dropped"]}


def rows_used(answer):
    return int(answer.get("report", answer)["cleaning"]["rows_used"])


def metrics(job, part="holdout"):
    return job["report"][part]["model"]
