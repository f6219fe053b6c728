"""Runs the README's commands as written, in a shell, in order."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["ROICAST_BUILD_DIR"])


def blocks(section, language):
    """The code blocks in `language` below the heading `section`."""
    text = (ROOT / "README.md").read_text()
    body = re.split(r"^## ", text, flags=re.MULTILINE)
    chosen = next(part for part in body if part.startswith(section))
    return re.findall(rf"^```{language}\n(.*?)^```", chosen, re.MULTILINE | re.DOTALL)


def run(command, **options):
    return subprocess.run(command, text=True, capture_output=True, timeout=300, check=False, **options)


def first_run(folder, *arguments):
    environment = {**os.environ, "ROICAST_RUN_DIR": str(folder)}
    return run([ROOT / "scripts/run.sh", *arguments], env=environment)


class FirstRun(unittest.TestCase):
    def test_it_trains_scores_prints_a_summary_and_stops(self):
        with tempfile.TemporaryDirectory() as folder:
            result = first_run(pathlib.Path(folder, "run"))
            self.assertEqual(0, result.returncode, result.stderr)
            self.assertIn("PASSED", result.stderr)
            for part in ("Cleaning", "dropped, duplicate", "holdout", "Five of the campaigns", "/metrics"):
                self.assertIn(part, result.stdout)
            accuracy = re.search(r"R² over (\d+) campaigns: ([-\d.]+) against the expected ROI", result.stdout)
            self.assertGreater(int(accuracy.group(1)), 3900)
            self.assertGreater(float(accuracy.group(2)), 0.8)
            predictions = pathlib.Path(folder, "run/predictions.csv").read_text().splitlines()
            self.assertEqual(4001, len(predictions))
            self.assertIn("roi", predictions[0].split(","))
            pid = int(pathlib.Path(folder, "run/server.pid").read_text())
            self.assertFalse(pathlib.Path(f"/proc/{pid}").exists())

    def test_a_server_that_cannot_start_is_reported_with_its_log(self):
        with tempfile.TemporaryDirectory() as folder:
            tools = pathlib.Path(folder, "build")
            (tools / "server").mkdir(parents=True)
            (tools / "client/cli").mkdir(parents=True)
            (tools / "client/cli/roicast").symlink_to(BUILD / "client/cli/roicast")
            server = tools / "server/roicast-server"
            server.write_text("#!/bin/sh\necho 'the disk is on fire'\nexit 1\n")
            server.chmod(0o755)
            result = run([ROOT / "scripts/run.sh"], env={**os.environ, "ROICAST_RUN_DIR": f"{folder}/run",
                                                         "ROICAST_BUILD_DIR": str(tools)})
        self.assertEqual(1, result.returncode)
        self.assertIn("the server exited before it was ready", result.stderr)
        self.assertIn("the disk is on fire", result.stderr)

    def test_a_directory_that_is_not_from_an_earlier_run_is_not_cleared(self):
        with tempfile.TemporaryDirectory() as folder:
            precious = pathlib.Path(folder, "thesis.txt")
            precious.write_text("three years")
            result = first_run(pathlib.Path(folder))
            self.assertEqual(1, result.returncode)
            self.assertIn(f"{folder} exists and is not from an earlier run", result.stderr)
            self.assertTrue(precious.exists())


class Tutorial(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        work = pathlib.Path(self.folder.name)
        result = first_run(work / "run", "--keep")
        self.assertEqual(0, result.returncode, result.stderr)
        self.pid = int((work / "run/server.pid").read_text())
        self.addCleanup(self.stop)
        self.assertIn(f"kill {self.pid}", result.stdout)
        (work / "proto").symlink_to(ROOT / "proto")
        self.environment = {
            **os.environ,
            "ROICAST_SERVER": re.search(r"export ROICAST_SERVER=(\S+)", result.stdout).group(1),
            "PATH": f"{BUILD}/client/cli:{os.environ['PATH']}",
        }

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)
        until = time.monotonic() + 60
        while pathlib.Path(f"/proc/{self.pid}").exists() and time.monotonic() < until:
            time.sleep(0.05)

    def test_every_command_works_as_written(self):
        section = "The API in a minute"
        for script in blocks(section, "console"):
            result = run(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder.name, env=self.environment)
            self.assertEqual(0, result.returncode, f"{script}\n{result.stdout}\n{result.stderr}")
        scored = pathlib.Path(self.folder.name, "scored.csv").read_text().splitlines()
        self.assertEqual(1001, len(scored))
        (example,) = blocks(section, "python")
        result = run([sys.executable, "-c", example], cwd=self.folder.name, env=self.environment)
        self.assertEqual(0, result.returncode, result.stderr)
        self.assertRegex(result.stdout, r"^ROI [+-]\d+\.\d\d by mine version 1\n")
        self.assertIn("WARNING_KIND_VALUE_IMPUTED price", result.stdout)
        self.assertNotIn("Ad network", result.stdout)
        self.check_go(section)
        self.check_node(section)

    def check_go(self, section):
        (line,) = blocks(section, "go-stubs")
        if not (shutil.which("protoc-gen-go") and shutil.which("protoc-gen-go-grpc")):
            print("SKIPPED: the README's line for Go (needs protoc-gen-go and protoc-gen-go-grpc)", file=sys.stderr)
            return
        result = run(["bash", "-euo", "pipefail", "-c", line], cwd=self.folder.name, env=self.environment)
        self.assertEqual(0, result.returncode, result.stderr)
        stub = pathlib.Path(self.folder.name, "stubs/roicast/v1/prediction_grpc.pb.go").read_text()
        self.assertIn("package roicastv1", stub)

    def check_node(self, section):
        (lines,) = blocks(section, "node")
        packages = "for (const p of ['@grpc/grpc-js', '@grpc/proto-loader']) require.resolve(p)"
        if not shutil.which("node") or run(["node", "-e", packages]).returncode != 0:
            print("SKIPPED: the README's lines for Node (needs @grpc/grpc-js and @grpc/proto-loader)", file=sys.stderr)
            return
        result = run(["node", "-e", lines + "console.log(PredictionService.service.Predict.path)"], cwd=self.folder.name)
        self.assertEqual("/roicast.v1.PredictionService/Predict\n", result.stdout, result.stderr)


if __name__ == "__main__":
    unittest.main()
