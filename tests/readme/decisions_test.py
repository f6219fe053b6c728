"""Runs the commands of docs/decisions.md as they stand, in order, and checks what they promise."""

import csv
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ["ROICAST_BUILD_DIR"])


def scripts():
    text = (ROOT / "docs/decisions.md").read_text()
    return re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Decisions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = pathlib.Path(folder.name)
        ports = self.work / "ports.json"
        log = open(self.work / "server.log", "w")  # pylint: disable=consider-using-with
        self.addCleanup(log.close)
        server = subprocess.Popen([BUILD / "server/roicast-server", "--store", self.work / "store", "--listen",
                                   "127.0.0.1:0", "--http_listen", "127.0.0.1:0", "--lame_duck", "0s", "--port_file",
                                   ports], stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.send_signal, signal.SIGTERM)
        until = time.monotonic() + 60
        while not (ports.exists() and ports.read_text()):
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError((self.work / "server.log").read_text())
            time.sleep(0.02)
        self.environment = {**os.environ, "PATH": f"{BUILD}/client/cli:{os.environ['PATH']}",
                            "ROICAST_SERVER": f"127.0.0.1:{json.loads(ports.read_text())['grpc_port']}"}

    def test_every_command_works_as_written(self):
        outputs = []
        for script in scripts():
            result = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.work, env=self.environment,
                                    text=True, capture_output=True, timeout=500, check=False)
            self.assertEqual(0, result.returncode, f"{script}\n{result.stdout}\n{result.stderr}")
            outputs.append(result.stdout)
        said = "\n".join(outputs)
        for part in ("typical prediction", "seen in training", "optimum", "even", "now, scaled", "no experiment confirms"):
            self.assertIn(part, said)

        why = table(self.work / "why.csv")
        self.assertEqual(6, len(why))
        for row in why:
            added = sum(float(row[name]) for name in row if name.startswith("adds_"))
            self.assertAlmostEqual(float(row["prediction"]), float(row["base_value"]) + added, delta=1e-4)

        split = table(self.work / "split.csv")
        self.assertEqual(6, len(split))
        self.assertLessEqual(sum(float(row["planned_spend"]) for row in split), 5000.001)
        self.assertLessEqual(sum(float(row["planned_spend"]) for row in split if row["channel"] == "social"), 2500.001)

        weeks = table(self.work / "weeks.csv")
        self.assertEqual(24, len(weeks))
        self.assertLessEqual(sum(float(row["planned_spend"]) for row in weeks if row["period"] == "1"), 3000.001)

        best = table(self.work / "best.csv")
        self.assertEqual(10, len(best))
        channels = [row["channel"] for row in best]
        self.assertLessEqual(max(channels.count(channel) for channel in channels), 3)


if __name__ == "__main__":
    unittest.main()
