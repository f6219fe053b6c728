"""Runs the README's commands as written, in a shell, in order."""

import contextlib
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


def first_run(folder, build, *arguments):
    environment = {**os.environ, "ROICAST_RUN_DIR": str(folder), "ROICAST_BUILD_DIR": str(build)}
    return run([ROOT / "scripts/run.sh", *arguments], env=environment)


def alive(pid):
    return pathlib.Path(f"/proc/{pid}").exists()


def tools(folder, server=BUILD / "server/roicast-server", command=BUILD / "client/cli/roicast"):
    """A build directory with these two programs, or scripts of these texts."""
    for program, name in ((server, "server/roicast-server"), (command, "client/cli/roicast")):
        at = folder / name
        at.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(program, pathlib.Path):
            at.symlink_to(program)
        else:
            at.write_text(f"#!/bin/sh\n{program}\n")
            at.chmod(0o755)
    return folder


class FirstRun(unittest.TestCase):
    def test_a_server_that_cannot_start_is_reported_with_its_log(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            result = first_run(folder / "run", tools(folder / "build", server="echo 'the disk is on fire'; exit 1"))
        self.assertEqual(1, result.returncode)
        self.assertIn("the server exited before it was ready", result.stderr)
        self.assertIn("the disk is on fire", result.stderr)

    def test_a_directory_that_is_not_from_an_earlier_run_is_not_cleared(self):
        with tempfile.TemporaryDirectory() as folder:
            precious = pathlib.Path(folder, "thesis.txt")
            precious.write_text("three years")
            result = first_run(pathlib.Path(folder), BUILD)
            self.assertEqual(1, result.returncode)
            self.assertIn(f"{folder} exists and is not from an earlier run", result.stderr)
            self.assertTrue(precious.exists())


class Tutorial(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.result = first_run(self.folder / "run", BUILD, "--keep")
        self.assertEqual(0, self.result.returncode, self.result.stderr)
        self.pid = int((self.folder / "run/server.pid").read_text())
        self.addCleanup(self.stop)
        (self.folder / "proto").symlink_to(ROOT / "proto")
        self.environment = {
            **os.environ,
            "ROICAST_SERVER": re.search(r"export ROICAST_SERVER=(\S+)", self.result.stdout).group(1),
            "PATH": f"{BUILD}/client/cli:{os.environ['PATH']}",
        }

    def stop(self):
        with contextlib.suppress(ProcessLookupError):  # the next run has stopped it
            os.kill(self.pid, signal.SIGTERM)
        until = time.monotonic() + 60
        while alive(self.pid) and time.monotonic() < until:
            time.sleep(0.05)

    # One test, for the sake of its minute: each training has 16,000 campaigns.
    def test_the_first_run_the_commands_after_it_and_the_next_run(self):
        self.check_summary()
        self.check_commands()
        self.check_that_the_next_run_stops_both_servers()

    def check_summary(self):
        self.assertIn("PASSED", self.result.stderr)
        for part in ("Cleaning", "dropped, duplicate", "holdout", "Five of the campaigns", "/metrics", f"kill {self.pid}"):
            self.assertIn(part, self.result.stdout)
        accuracy = re.search(r"R² over (\d+) campaigns: ([-\d.]+) against the expected ROI", self.result.stdout)
        self.assertGreater(int(accuracy.group(1)), 3900)
        self.assertGreater(float(accuracy.group(2)), 0.8)
        predictions = (self.folder / "run/predictions.csv").read_text().splitlines()
        self.assertEqual(4001, len(predictions))
        self.assertIn("roi", predictions[0].split(","))
        self.assertTrue(alive(self.pid))

    def check_that_the_next_run_stops_both_servers(self):
        command = f'[ "$1" != train ] || exit 1; exec {BUILD}/client/cli/roicast "$@"'
        result = first_run(self.folder / "run", tools(self.folder / "build", command=command))
        self.assertEqual(1, result.returncode, result.stderr)
        self.assertIn(f"stopping the server that an earlier --keep left running (pid {self.pid})", result.stderr)
        self.assertIn('FAILED in "training through the RPC', result.stderr)
        self.assertFalse(alive(self.pid))
        self.assertFalse(alive(int((self.folder / "run/server.pid").read_text())))

    def check_commands(self):
        section = "The API in a minute"
        for script in blocks(section, "console"):
            result = run(["bash", "-euo", "pipefail", "-c", script], cwd=self.folder, env=self.environment)
            self.assertEqual(0, result.returncode, f"{script}\n{result.stdout}\n{result.stderr}")
        scored = (self.folder / "scored.csv").read_text().splitlines()
        self.assertEqual(1001, len(scored))
        (example,) = blocks(section, "python")
        result = run([sys.executable, "-c", example], cwd=self.folder, env=self.environment)
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
        result = run(["bash", "-euo", "pipefail", "-c", line], cwd=self.folder, env=self.environment)
        self.assertEqual(0, result.returncode, result.stderr)
        stub = (self.folder / "stubs/roicast/v1/prediction_grpc.pb.go").read_text()
        self.assertIn("package roicastv1", stub)

    def check_node(self, section):
        (lines,) = blocks(section, "node")
        packages = "for (const p of ['@grpc/grpc-js', '@grpc/proto-loader']) require.resolve(p)"
        if not shutil.which("node") or run(["node", "-e", packages]).returncode != 0:
            print("SKIPPED: the README's lines for Node (needs @grpc/grpc-js and @grpc/proto-loader)", file=sys.stderr)
            return
        result = run(["node", "-e", lines + "console.log(PredictionService.service.Predict.path)"], cwd=self.folder)
        self.assertEqual("/roicast.v1.PredictionService/Predict\n", result.stdout, result.stderr)


if __name__ == "__main__":
    unittest.main()
