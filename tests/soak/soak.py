#!/usr/bin/env python3
"""A server under all kinds of traffic, whose memory, descriptors and threads have to stay flat.

usage: soak.py --build build/release [--minutes 60]

Clients predict one by one, in streams and in batches, over connections that come and go; some are killed in the middle,
some open connections and send nothing, half a request or garbage, to both ports; jobs publish new versions; others
inspect, evaluate, explain, plan, rank, export and import. Fails if
a call of a client that was not killed fails, or if something grows:
  descriptors            after the traffic, as before it
  threads                after the traffic, as before it and the few that are kept for slow calls
  memory (VmRSS)         its median in the last quarter at most that of the second quarter, by a tenth and 16 MB
Prints what it sees once a minute. Needs nothing but Python and this build.
"""
import argparse
import json
import os
import pathlib
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))
from roicast_server import Server, binaries  # noqa: E402

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
# Threads of slow calls are kept: as many as ran at once, of the traffic below.
KEPT_THREADS = 8
SAMPLE_SECONDS = 0.5
FEWEST_SAMPLES = 20
# What half a client sends before it is gone or falls silent.
PIECES = (b"", PREFACE[:10], PREFACE + SETTINGS, PREFACE + SETTINGS + b"\0\0\x08\6\0\0\0\0\0" + bytes(8), os.urandom(200),
          b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /readyz HTTP/1.1\r\n", b"POST /healthz HTTP/1.1\r\nContent-")


class Soak:
    def __init__(self, server, client, folder, until):
        self.server = server
        self.client = client
        self.folder = folder
        self.until = until
        self.lock = threading.Lock()
        self.problems = []
        self.counts = {}

    def going(self):
        return time.monotonic() < self.until and not self.problems

    def count(self, what, number=1):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + number

    def problem(self, text):
        with self.lock:
            self.problems.append(text)

    def start(self, *arguments):
        return subprocess.Popen([self.client, "--server", self.server.target, *arguments], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def run(self, what, *arguments):
        """A command that has to succeed; what it printed."""
        process = self.start(*arguments)
        try:
            printed, errors = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            process.kill()
            self.problem(f"{what}: not done after 300 s")
            return ""
        if process.returncode != 0:
            self.problem(f"{what}: {errors.decode()[-500:]}")
        return printed.decode()

    # --- kinds of traffic, each a thread

    def load(self, what, *arguments):
        while self.going():
            printed = self.run(what, "loadtest", "--duration", str(random.choice((1, 2, 5))), "--warm-up", "0.1", "--json",
                               *arguments)
            if not printed:
                return
            result = json.loads(printed)
            if result["failed"] or not result["calls"]:
                self.problem(f"{what}: {result['failed']} of {result['calls']} calls failed: {result['errors']}")
            self.count(f"{what} calls", result["calls"])

    def killed_clients(self):
        while self.going():
            process = self.start("loadtest", "--duration", "30", *random.choice(
                (("--mode", "stream", "--in-flight", "64"), ("--in-flight", "16"), ("--mode", "batch", "--batch-rows", "5000"))))
            time.sleep(random.uniform(0.2, 2))
            process.kill()
            process.communicate()
            self.count("killed clients")
            time.sleep(random.uniform(1, 5))

    def half_clients(self):
        held = []
        while self.going():
            port = self.server.ports[random.choice(("grpc_port", "http_port"))]
            try:
                connection = socket.create_connection(("127.0.0.1", port), timeout=5)
                connection.sendall(random.choice(PIECES))
                held.append(connection)
            except OSError as error:
                self.problem(f"a connection to port {port} was refused: {error}")
            self.count("half clients")
            while len(held) > 50:
                held.pop(random.randrange(len(held))).close()
            time.sleep(random.uniform(0, 0.1))
        for connection in held:
            connection.close()

    def training(self, table):
        while self.going():
            self.run("train", "train", table, "--preset", "classic", "--epochs", "20")
            self.run("score", "score", table, "--output", os.path.join(self.folder, "scored.csv"))
            self.run("models", "models", "list", "--json")
            self.count("jobs")
            time.sleep(random.uniform(5, 15))

    def slow_calls(self, table):
        """Of all other services, one after the other."""
        artifact = os.path.join(self.folder, "exported.roicast")
        few = os.path.join(self.folder, "few.csv")
        self.run("generate", "generate", "--rows", "20", "--seed", "2", "--output", few)
        calls = [("inspect", table), ("evaluate", table), ("explain", few), ("analyze",), ("curve", few),
                 ("plan", few, "--budget", "20000", "--max", "8000"), ("rank", table, "--top", "5"),
                 ("models", "export", artifact), ("models", "import", artifact, "imported"),
                 ("jobs", "list")]
        while self.going():
            for call in calls:
                if not self.going():
                    break
                self.run(" ".join(call[:2]), *call)
                self.count("slow calls")
                time.sleep(random.uniform(0, 0.5))

    def traffic(self, table):
        kinds = [(self.load, "predict", "--rate", "500", "--connections", "2"),
                 (self.load, "busy predict", "--rate", "2000"),
                 (self.load, "stream", "--mode", "stream", "--form", "dense", "--rate", "3000"),
                 (self.load, "batch", "--mode", "batch", "--batch-rows", "5000", "--rate", "50"),
                 (self.killed_clients,), (self.half_clients,), (self.training, table), (self.slow_calls, table)]
        return [threading.Thread(target=kind[0], args=kind[1:]) for kind in kinds]

    # --- what is watched

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.server.process.pid}/task"))

    def watch(self):
        """Memory in MB, each SAMPLE_SECONDS."""
        memory = []
        begin = time.monotonic()
        while self.going():
            if self.server.process.poll() is not None:
                self.problem(f"the server ended with {self.server.process.returncode}")
                break
            memory.append(self.server.memory_mb("VmRSS"))
            if len(memory) % round(60 / SAMPLE_SECONDS) == 1:
                line = (f"{(time.monotonic() - begin) / 60:6.1f} min  {memory[-1]:7.1f} MB  {self.descriptors():5} descriptors  "
                        f"{self.threads():4} threads  {self.counts}")
                print(line, flush=True)
            time.sleep(SAMPLE_SECONDS)
        return memory


def back_to(number, now, seconds):
    """What is left beyond a number after so many seconds at most; 0: nothing."""
    until = time.monotonic() + seconds
    while now() > number and time.monotonic() < until:
        time.sleep(0.2)
    return max(0, now() - number)


def judge(soak, memory, descriptors, threads):
    if len(memory) < FEWEST_SAMPLES:
        soak.problem(f"{len(memory)} samples of memory are too few: expected {FEWEST_SAMPLES * SAMPLE_SECONDS:g} s or more")
    else:
        quarter = len(memory) // 4
        before, after = statistics.median(memory[quarter:2 * quarter]), statistics.median(memory[-quarter:])
        print(f"memory: {before:.1f} MB in the second quarter, {after:.1f} MB in the last")
        if after > before * 1.1 + 16:
            soak.problem(f"memory grew from {before:.1f} MB to {after:.1f} MB")
    for what, number, now, kept in (("descriptors", descriptors, soak.descriptors, 0),
                                    ("threads", threads, soak.threads, KEPT_THREADS)):
        left = back_to(number + kept, now, 15)
        print(f"{what}: {number} before, {now()} after")
        if left:
            soak.problem(f"{left + kept} {what} more than before the traffic")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="build directory with the binaries")
    parser.add_argument("--minutes", type=float, default=60, help="of traffic (default 60)")
    options = parser.parse_args()
    server_binary, client = binaries(options.build)
    with tempfile.TemporaryDirectory(prefix="roicast-soak-") as folder:
        table = os.path.join(folder, "campaigns.csv")
        subprocess.run([client, "generate", "--rows", "5000", "--seed", "1", "--output", table], check=True,
                       stdout=subprocess.DEVNULL)
        server = Server(server_binary, os.path.join(folder, "store"))
        soak = Soak(server, client, folder, time.monotonic() + 60 * options.minutes)
        try:
            # So that threads and memory are those of a server in use.
            soak.run("train", "train", table, "--schema", "campaign", "--preset", "classic", "--epochs", "20")
            for mode in ("predict", "stream", "batch"):
                soak.run(mode, "loadtest", "--mode", mode, "--duration", "1", "--in-flight", "8")
            soak.run("models", "models", "list")
            time.sleep(2)
            descriptors, threads = soak.descriptors(), soak.threads()
            soak.until = time.monotonic() + 60 * options.minutes
            traffic = soak.traffic(table)
            for thread in traffic:
                thread.start()
            memory = soak.watch()
            for thread in traffic:
                thread.join()
            if server.process.poll() is None:
                judge(soak, memory, descriptors, threads)
        finally:
            server.stop()
    print(f"soak: {soak.counts}")
    if soak.problems:
        sys.exit("soak: " + "\n      ".join(soak.problems))
    print("soak: flat")


if __name__ == "__main__":
    main()
