"""roicast-server as a process of a benchmark, and its client."""
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request


def fail(message):
    raise SystemExit(f"{os.path.basename(sys.argv[0])}: {message}")


def binaries(build):
    """The server and the client of a build directory."""
    found = os.path.join(build, "server", "roicast-server"), os.path.join(build, "client", "cli", "roicast")
    for binary in found:
        if not os.access(binary, os.X_OK):
            fail(f"{binary} does not exist: run cmake --build --preset release")
    return found


class Server:
    """roicast-server on a store, on ports that the system chooses. flags: more of the server's."""

    def __init__(self, binary, store, flags=()):
        self.port_file = store + ".ports"
        if os.path.exists(self.port_file):
            os.remove(self.port_file)
        self.log = open(store + ".log", "ab")
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [binary, "--store", store, "--listen", "127.0.0.1:0", "--http_listen", "127.0.0.1:0", "--port_file",
             self.port_file, "--lame_duck", "0s", *flags], stdout=self.log, stderr=self.log)
        self.ports = None
        while self.ports is None:
            if self.process.poll() is not None:
                fail(f"the server exited with code {self.process.returncode}; see {store}.log")
            try:
                with open(self.port_file, encoding="utf-8") as file:
                    self.ports = json.load(file)
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.0005)

    @property
    def target(self):
        return f"127.0.0.1:{self.ports['grpc_port']}"

    def wait_ready(self):
        """Milliseconds from the start of the process until /readyz answers 200."""
        url = f"http://127.0.0.1:{self.ports['http_port']}/readyz"
        while True:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        return (time.perf_counter() - self.started) * 1e3
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.0005)

    def memory_mb(self, field):
        """VmRSS (now) or VmHWM (largest since the last reset), in MB of 10^6 bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024 / 1e6
        fail(f"no {field} for the server")

    def reset_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()
