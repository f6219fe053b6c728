#!/usr/bin/env python3
"""Memory and start-up time of the real binaries: an idle server with one model, start to ready, scoring a long CSV.

usage: footprint.py --build build/release [--json FILE] [--rows 1000000]

Limits: resident memory of the idle server 25 MB, start to ready 30 ms, and memory of `roicast score` and of the server
independent of the number of rows (ten times the rows take at most 1.25 times the memory).
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time

from roicast_server import Server, binaries

RESIDENT_LIMIT_MB = 25.0
READY_LIMIT_MS = 30.0
GROWTH_LIMIT = 1.25
STARTS = 7


def run(arguments, **kwargs):
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **kwargs)
    if done.returncode != 0:
        raise SystemExit(f"footprint: {' '.join(arguments)} exited with {done.returncode}:\n{done.stderr.decode()[-2000:]}")
    return done


def score(client, target, table, output):
    """Seconds and peak resident MB of one `roicast score`."""
    started = time.perf_counter()
    process = subprocess.Popen([client, "--server", target, "score", table, "--output", output], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"footprint: score exited with code {process.returncode}:\n{errors.decode()[-2000:]}")
    return time.perf_counter() - started, usage.ru_maxrss * 1024 / 1e6


class Report:
    def __init__(self, file):
        self.file = open(file, "a", encoding="utf-8") if file else None

    def add(self, case, value, unit, peer, peer_value, ratio):
        print(f"footprint  {case:<44} {value:>12,.1f} {unit:<7} {peer}: {peer_value:,.1f}  ratio {ratio:.2f}")
        if self.file:
            self.file.write(json.dumps({"name": "footprint", "case": case, "value": value, "unit": unit, "peer": peer,
                                        "peer_value": peer_value, "ratio": ratio}) + "\n")
            self.file.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="build directory with the binaries")
    parser.add_argument("--json", help="append one JSON object per line to this file")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the long table (default 1,000,000)")
    options = parser.parse_args()
    server_binary, client = binaries(options.build)
    report = Report(options.json)
    folder = tempfile.mkdtemp(prefix="roicast-footprint-")
    try:
        measure(options, server_binary, client, folder, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(options, server_binary, client, folder, report):
    store = os.path.join(folder, "store")
    history, short, long = (os.path.join(folder, name) for name in ("history.csv", "short.csv", "long.csv"))
    run([client, "generate", "--rows", "5000", "--seed", "1", "--output", history])
    run([client, "generate", "--rows", str(options.rows // 10), "--seed", "2", "--output", short])
    run([client, "generate", "--rows", str(options.rows), "--seed", "3", "--output", long])
    server = Server(server_binary, store)
    run([client, "--server", server.target, "train", history])
    server.stop()

    ready, resident = [], []
    for _ in range(STARTS):
        server = Server(server_binary, store)
        ready.append(server.wait_ready())
        time.sleep(0.5)  # Let start-up work finish.
        resident.append(server.memory_mb("VmRSS"))
        server.stop()
    report.add("start to ready, median of 7", statistics.median(ready), "ms", "limit", READY_LIMIT_MS,
               READY_LIMIT_MS / statistics.median(ready))
    report.add("idle server with one model, resident", statistics.median(resident), "MB", "limit", RESIDENT_LIMIT_MB,
               RESIDENT_LIMIT_MB / statistics.median(resident))

    peaks = {}
    for name, table, rows in (("short", short, options.rows // 10), ("long", long, options.rows)):
        server = Server(server_binary, store)
        server.wait_ready()
        score(client, server.target, short, os.path.join(folder, "warm.csv"))
        server.reset_peak()
        seconds, client_mb = score(client, server.target, table, os.path.join(folder, "scored.csv"))
        peaks[name] = (rows / seconds, client_mb, server.memory_mb("VmHWM"))
        server.stop()
    rate, client_mb, server_mb = peaks["long"]
    size_mb = os.path.getsize(long) / 1e6
    report.add(f"score {options.rows:,} rows", rate, "rows/s", f"score {options.rows // 10:,} rows", peaks["short"][0],
               rate / peaks["short"][0])
    report.add(f"score {options.rows:,} rows ({size_mb:.0f} MB), client peak", client_mb, "MB", "1.25 x a tenth of it",
               GROWTH_LIMIT * peaks["short"][1], GROWTH_LIMIT * peaks["short"][1] / client_mb)
    report.add(f"score {options.rows:,} rows, server peak", server_mb, "MB", "1.25 x a tenth of it",
               GROWTH_LIMIT * peaks["short"][2], GROWTH_LIMIT * peaks["short"][2] / server_mb)


if __name__ == "__main__":
    main()
