#!/usr/bin/env python3
"""What a call costs: Predict through the server's transport, beside a bare answer over nghttp2.

usage: transport.py --build build/release [--json FILE] [--rounds 5] [--seconds 2] [--baseline SERVER]

The server has a network of the preset classic. Load comes from h2load (Debian: nghttp2-client), which costs less than
any gRPC client, from `roicast loadtest` (gRPC's C++ library), and from grpc-go if Go and its module can be had. All
contestants take turns within a round; figures are medians over the rounds. Client and server share the machine.
--baseline: another roicast-server, for example of an earlier version, to compare with as well.
"""
import argparse
import json
import os
import re
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from roicast_server import Server, binaries, fail

SERVICE = "/roicast.v1.PredictionService"
METHOD = f"{SERVICE}/Predict"
# The campaign of REQUEST as a dense row: categories by their index, the start in hours since 1970.
DENSE_ROW = (94.2, 2.18, 0.0572, 0.97, 32.2, 3.39, 0, 45.94, 192, 4.07, 46, 0.11, 0.69, 0, 5713.83, 60, 0, 181659, 0, 471720)
# Items of one stream, and rows of one batch.
MANY = 10000
# In flight on each of so many connections.
LOADS = ((1, 1), (16, 1), (16, 4), (16, 16))
REQUEST = """campaign { avg_session_seconds: 94.2 page_views_per_user: 2.18 add_to_cart_rate: 0.0572
purchases_per_user_90d: 0.97 days_since_last_purchase: 32.2 avg_user_rating: 3.39 product_category: "beauty" price: 45.94
units_sold_30d: 192 product_rating: 4.07 review_count: 46 discount_rate: 0.11 gross_margin_rate: 0.69 channel: "display"
spend: 5713.83 duration_days: 60 region: "eastern_europe" audience_size: 181659 device: "desktop"
start_time { seconds: 1698192000 } }"""
SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(arguments, **kwargs):
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **kwargs)
    if done.returncode != 0:
        fail(f"{' '.join(arguments)} exited with {done.returncode}:\n{done.stderr.decode()[-2000:]}")
    return done.stdout.decode()


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bare:
    """The peer: answers every request with the same bytes."""

    def __init__(self, binary):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([binary, str(self.port)])
        self.target = f"127.0.0.1:{self.port}"
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        fail("bare_http2 does not listen")

    def stop(self):
        self.process.kill()
        self.process.wait()


def h2load(server, request, streams, connections, seconds, method="Predict"):
    """Calls a second, mean microseconds of a call, and microseconds of the server's processor per call."""
    before = processor_seconds(server.process.pid)
    # Windows of 1 MiB a stream and 16 MiB a connection.
    printed = run(["h2load", "-t", "1", "-c", str(connections), "-m", str(streams), "-D", str(seconds), "-d", request,
                   "-w", "20", "-W", "24", "-H", "content-type: application/grpc", "-H", "te: trailers",
                   f"http://{server.target}{SERVICE}/{method}"])
    used = processor_seconds(server.process.pid) - before
    calls, failed = map(int, re.search(r"requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed",
                                       printed).groups())
    if failed:
        fail(f"h2load: {failed} of {calls} calls failed")
    value, unit = re.search(r"time for request:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)", printed).groups()
    return calls / seconds, float(value) * {"us": 1, "ms": 1e3, "s": 1e6}[unit], used / calls * 1e6


def loadtest(client, server, seconds, *arguments):
    result = json.loads(run([client, "loadtest", "--server", server.target, "--duration", str(seconds), "--warm-up", "0.3",
                             "--json", *arguments]))
    if result["failed"]:
        fail(f"loadtest: {result['failed']} of {result['calls']} calls failed: {result['errors']}")
    return result["rows_per_second"]


def build_go_load(folder):
    """The load of grpc-go's client; None if it cannot be built here."""
    go = shutil.which("go") or "/usr/local/go/bin/go"
    program = os.path.join(folder, "go_load")
    if not os.access(go, os.X_OK):
        print("transport: grpc-go is skipped: there is no go", file=sys.stderr)
        return None
    built = subprocess.run([go, "build", "-o", program, "."], cwd=os.path.join(SOURCES, "bench", "peers", "go_load"),
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if built.returncode != 0:
        print(f"transport: grpc-go is skipped: {built.stdout.decode()[-300:]}", file=sys.stderr)
        return None
    return program


def frame(message):
    """As gRPC sends it, not compressed."""
    return b"\0" + struct.pack(">I", len(message)) + message


def encode(message, text):
    """A message of prediction.proto from its text form."""
    return subprocess.run(["protoc", "-I", os.path.join(SOURCES, "proto"), f"--encode=roicast.v1.{message}",
                           "roicast/v1/prediction.proto"], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout


def columns_of(request, rows):
    """Text form of Columns: the request's campaign, so many times."""
    columns = []
    for name, value in re.findall(r'(\w+): ("[^"]*"|[\d.]+)', request.replace("start_time { seconds: ", "start_time: ")):
        if value.startswith('"'):
            values = f"categories {{ dictionary: {value} {'codes: 0 ' * rows} }}"
        elif name == "start_time":
            values = f"times {{ {f'unix_seconds: {value} ' * rows} }}"
        else:
            values = f"floats {{ {f'values: {value} ' * rows} }}"
        columns.append(f'columns {{ name: "{name}" {values} }}')
    return " ".join(columns)


def write_bodies(folder, digest):
    """{what is called: file with its body}: one campaign, a stream of dense rows, batches of dense rows and of named
    columns."""
    values = " ".join(f"values: {value}" for value in DENSE_ROW)
    guard = f'schema_digest: "{digest}"'
    item = encode("StreamPredictRequest", f"predict {{ dense_row {{ {values} {guard} }} }}")
    batch = encode("BatchPredictRequest", f"matrix {{ {' '.join([values] * MANY)} rows: {MANY} {guard} }}")
    bodies = {"Predict": frame(encode("PredictRequest", REQUEST)), "StreamPredict": frame(item) * MANY,
              "BatchPredict": frame(batch),
              "BatchPredict (columns)": frame(encode("BatchPredictRequest", f"columns {{ {columns_of(REQUEST, MANY)} }}"))}
    files = {}
    for number, (call, body) in enumerate(bodies.items()):
        files[call] = os.path.join(folder, f"body_{number}")
        with open(files[call], "wb") as file:
            file.write(body)
    return files


class Report:
    def __init__(self, file):
        self.file = open(file, "a", encoding="utf-8") if file else None

    def add(self, case, value, unit, peer, peer_value, ratio):
        print(f"transport  {case:<52} {value:>12,.2f} {unit:<8} {peer}: {peer_value:,.2f}  ratio {ratio:.2f}", flush=True)
        if self.file:
            self.file.write(json.dumps({"name": "transport", "case": case, "value": value, "unit": unit, "peer": peer,
                                        "peer_value": peer_value, "ratio": ratio}) + "\n")
            self.file.flush()


def alternate(rounds, contestants, measure):
    """{name: [measure(contestant) per round]}; each round begins with another one."""
    results = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        for name in names[number % len(names):] + names[:number % len(names)]:
            results[name].append(measure(contestants[name]))
    return results


def compare(report, case, unit, results, better=lambda ours, theirs: ours / theirs):
    """Reports ours beside each other contestant: medians, and the median of the ratios within a round."""
    ours = results["roicast"]
    for name, theirs in results.items():
        if name != "roicast":
            report.add(case, statistics.median(ours), unit, name, statistics.median(theirs),
                       statistics.median(better(a, b) for a, b in zip(ours, theirs)))


def measure_all(options, servers, client, bodies, message, go_load, report):
    ours = {name: server for name, server in servers.items() if name != "bare nghttp2"}
    for streams, connections in LOADS:
        case = f"Predict, {streams * connections} in flight, {connections} connections, h2load"
        results = alternate(options.rounds, servers,
                            lambda server: h2load(server, bodies["Predict"], streams, connections, options.seconds))
        for index, what, unit in ((0, "", "calls/s"), (1, ": mean time", "us"), (2, ": server's processor", "us/call")):
            compare(report, case + what, unit, {name: [r[index] for r in rows] for name, rows in results.items()},
                    (lambda a, b: a / b) if index == 0 else (lambda a, b: b / max(a, 0.01)))
    if len(ours) == 1:
        print("transport: streams, batches and gRPC's own clients are compared with --baseline only", file=sys.stderr)
        return
    for call, unit in (("StreamPredict", "items"), ("BatchPredict", "rows"), ("BatchPredict (columns)", "rows")):
        for streams in (1, 4):
            results = alternate(options.rounds, ours, lambda server: h2load(server, bodies[call], streams, 1,
                                                                            options.seconds, call.split()[0]))
            case = f"{call} {MANY:,} {unit}, {streams} in flight, h2load"
            compare(report, case, f"{unit}/s", {name: [r[0] * MANY for r in rows] for name, rows in results.items()})
            compare(report, f"{case}: server's processor", f"ns/{unit[:-1]}",
                    {name: [r[2] * 1000 / MANY for r in rows] for name, rows in results.items()},
                    lambda a, b: b / max(a, 0.01))
    for case, unit, arguments in (
            ("Predict, 16 in flight, gRPC's C++ client", "calls/s", ("--form", "dense", "--in-flight", "16")),
            ("StreamPredict, 64 in flight, gRPC's C++ client", "items/s", ("--mode", "stream", "--form", "dense", "--in-flight", "64")),
            ("BatchPredict 10,000 x 20, 1 in flight, gRPC's C++ client", "rows/s", ("--mode", "batch", "--batch-rows", "10000", "--in-flight", "1")),
            ("BatchPredict 10,000 x 20, 4 in flight, gRPC's C++ client", "rows/s", ("--mode", "batch", "--batch-rows", "10000", "--in-flight", "4"))):
        compare(report, case, unit, alternate(options.rounds, ours,
                                              lambda server: loadtest(client, server, options.seconds, *arguments)))
    if go_load:
        for in_flight, connections in ((1, 1), (16, 1), (64, 4)):
            results = alternate(options.rounds, ours, lambda server: float(run(
                [go_load, server.target, METHOD, message, str(in_flight), str(connections), str(options.seconds)]).split()[0]))
            compare(report, f"Predict, {in_flight} in flight, {connections} connections, grpc-go", "calls/s", results)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="build directory with the binaries")
    parser.add_argument("--json", help="append one JSON object per line to this file")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each case (default 5)")
    parser.add_argument("--seconds", type=int, default=2, help="seconds of each measurement, whole (default 2)")
    parser.add_argument("--baseline", help="another roicast-server to compare with")
    options = parser.parse_args()
    server_binary, client = binaries(options.build)
    bare_binary = os.path.join(options.build, "bench", "bare_http2")
    for program, package in (("h2load", "nghttp2-client"), ("protoc", "protobuf-compiler")):
        if shutil.which(program) is None:
            fail(f"{program} does not exist: install {package}")
    if not os.access(bare_binary, os.X_OK):
        fail(f"{bare_binary} does not exist: run cmake --build --preset release --target bench")
    folder = tempfile.mkdtemp(prefix="roicast-transport-")
    servers = {}
    try:
        store = os.path.join(folder, "store")
        history = os.path.join(folder, "history.csv")
        run([client, "generate", "--rows", "5000", "--seed", "1", "--output", history])
        first = Server(server_binary, store)
        run([client, "--server", first.target, "train", history, "--preset", "classic", "--epochs", "20"])
        shown = json.loads(run([client, "--server", first.target, "models", "show", "--json"]))
        bodies = write_bodies(folder, shown["schema"]["digest"])
        first.stop()
        message = os.path.join(folder, "message")
        with open(message, "wb") as file:
            file.write(encode("PredictRequest", REQUEST))
        for name, binary in (("roicast", server_binary), ("baseline", options.baseline)):
            if binary:
                copy = os.path.join(folder, name)
                shutil.copytree(store, copy)
                servers[name] = Server(binary, copy)
                servers[name].wait_ready()
        servers["bare nghttp2"] = Bare(bare_binary)
        measure_all(options, servers, client, bodies, message, build_go_load(folder), Report(options.json))
    finally:
        for server in servers.values():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
