#!/usr/bin/env python3
"""Rounds of small things, each of which takes memory and gives it back: what the server holds has to stay flat.

usage: rounds.py --build build/release [--rounds 1000]

A round uploads and inspects a table of 1 MB that the server has not seen, trains a short job on it, which publishes a version,
predicts, evaluates, explains, plans, exports the version, imports it as another model, and tries to import it into a model that has
as many versions as it may have, which is refused. Prints memory, descriptors and threads ten times. Fails if a command
fails, or if the last quarter of the rounds has more than the second, as medians of what there is after a round (a connection may
still be open now and then):
  memory (VmRSS)   beyond a twentieth and 8 MB
  descriptors
  threads          beyond 2: those for slow calls are kept
Needs nothing but Python and this build.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
from roicast_server import Server, binaries  # noqa: E402

# A table of 1 MB; and one of campaigns to decide about, which takes ten times as much while that is done.
TABLE_ROWS = 7000
FEW_ROWS = 50
MEMORY_SHARE = 1.05
MEMORY_MB = 8.0
MORE_THREADS = 2
# Exit code of the command: refused.
REFUSED = 5
# Threads that compute end a moment after their call.
CALM_SECONDS = 0.05


class Rounds:
    def __init__(self, server, client, folder):
        self.server = server
        self.client = client
        self.folder = pathlib.Path(folder)
        self.seen = []  # (MB, descriptors, threads) after each round

    def run(self, *arguments, expected=0):
        done = subprocess.run([self.client, "--server", self.server.target, "--timeout", "120", *map(str, arguments)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=300)
        if done.returncode != expected:
            sys.exit(f"rounds: roicast {' '.join(map(str, arguments))}: expected exit code {expected}, "
                     f"got {done.returncode}: {done.stderr.decode()[-500:]}")

    def fill(self, name, versions):
        """A model with so many versions."""
        table, artifact = self.folder / "first.csv", self.folder / "first.roicast"
        self.run("generate", "--rows", FEW_ROWS, "--seed", 0, "--output", self.folder / "few.csv")
        self.run("generate", "--rows", TABLE_ROWS, "--seed", 0, "--output", table)
        self.run("train", table, "--model", name, *self.spec())
        self.run("models", "export", artifact, name)
        for _ in range(versions - 1):
            self.run("models", "import", artifact, "--model", name)

    @staticmethod
    def spec():
        return "--schema", "campaign", "--preset", "classic", "--epochs", "2"

    def round(self, number):
        # Two models take turns, so that neither reaches its limit.
        name = ("shop", "travel")[number % 2]
        table, artifact = self.folder / "campaigns.csv", self.folder / "model.roicast"
        self.run("generate", "--rows", TABLE_ROWS, "--seed", number + 1, "--output", table)
        self.run("inspect", table)
        self.run("train", table, "--model", name, *self.spec())
        self.run("predict", "channel=search", "spend=500", "--model", name)
        self.run("evaluate", table, "--model", name)
        self.run("explain", self.folder / "few.csv", "--model", name)
        self.run("plan", self.folder / "few.csv", "--model", name, "--budget", "50000", "--output", self.folder / "plan.csv")
        self.run("models", "export", artifact, name)
        self.run("models", "import", artifact, "--model", name + "-copy")
        self.run("models", "import", artifact, "--model", "full", expected=REFUSED)

    def look(self):
        time.sleep(CALM_SECONDS)
        process = f"/proc/{self.server.process.pid}"
        self.seen.append((self.server.memory_mb("VmRSS"), len(os.listdir(f"{process}/fd")), len(os.listdir(f"{process}/task"))))

    def print_part(self, size, begin):
        part = self.seen[-size:]
        memory, descriptors, threads = zip(*part)
        print(f"{len(self.seen):6} rounds  {time.monotonic() - begin:6.0f} s  memory {statistics.median(memory):6.1f} MB at the median, "
              f"{max(memory):6.1f} at most, {self.server.memory_mb('VmHWM'):6.1f} within rounds  {max(descriptors):4} descriptors  "
              f"{max(threads):3} threads", flush=True)
        self.server.reset_peak()

    def problems(self):
        quarter = len(self.seen) // 4
        memory, descriptors, threads = map(statistics.median, zip(*self.seen[quarter:2 * quarter]))
        last_memory, last_descriptors, last_threads = map(statistics.median, zip(*self.seen[-quarter:]))
        print(f"second quarter: {memory:.1f} MB, {descriptors:.0f} descriptors, {threads:.0f} threads; "
              f"last: {last_memory:.1f} MB, {last_descriptors:.0f} descriptors, {last_threads:.0f} threads")
        if last_memory > memory * MEMORY_SHARE + MEMORY_MB:
            yield f"memory grew from {memory:.1f} MB to {last_memory:.1f} MB"
        if last_descriptors > descriptors:
            yield f"descriptors grew from {descriptors:.0f} to {last_descriptors:.0f}"
        if last_threads > threads + MORE_THREADS:
            yield f"threads grew from {threads:.0f} to {last_threads:.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="build directory with the binaries")
    parser.add_argument("--rounds", type=int, default=1000, help="at least 8 (default 1000)")
    options = parser.parse_args()
    if options.rounds < 8:
        parser.error(f"--rounds: expected at least 8, got {options.rounds}")
    server_binary, client = binaries(options.build)
    with tempfile.TemporaryDirectory(prefix="roicast-rounds-") as folder:
        # As many as a model gets that takes every second round.
        versions = options.rounds // 2 + 1
        server = Server(server_binary, os.path.join(folder, "store"), ("--max_versions", str(versions)))
        try:
            server.wait_ready()
            rounds = Rounds(server, client, folder)
            rounds.fill("full", versions)
            server.reset_peak()
            begin = time.monotonic()
            part = max(1, options.rounds // 10)
            for number in range(options.rounds):
                rounds.round(number)
                rounds.look()
                if (number + 1) % part == 0:
                    rounds.print_part(part, begin)
            problems = list(rounds.problems())
        finally:
            server.stop()
    if problems:
        sys.exit("rounds: " + "\n        ".join(problems))
    print("rounds: flat")


if __name__ == "__main__":
    main()
