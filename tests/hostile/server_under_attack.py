"""A server of this build with a trained model, watched from outside."""

import json
import os
import pathlib
import re
import resource
import shutil
import subprocess
import tempfile
import time
import urllib.request

BUILD = pathlib.Path(os.environ["ROICAST_BUILD_DIR"])
SERVER = BUILD / "server/roicast-server"
COMMAND = BUILD / "client/cli/roicast"
START_SECONDS = 60


class ServerUnderAttack:
    """Context. max_descriptors: None or the process's limit; flags: more of the server's; tls: the gRPC port speaks
    TLS, with a certificate of RSA, whose handshakes cost most; group: None or the control group that it is in."""

    def __init__(self, max_descriptors=None, flags=(), tls=False, group=None):
        self._folder = tempfile.TemporaryDirectory(prefix="roicast-hostile-")
        self.folder = pathlib.Path(self._folder.name)
        self._max_descriptors = max_descriptors
        self._flags = flags
        self._group = group
        self._certificate = self.folder / "certificate.pem" if tls else None
        self._process = None

    def __enter__(self):
        if (prepared := os.environ.get("ROICAST_HOSTILE_STORE")):
            shutil.copytree(prepared, self.folder / "store")
        if self._certificate:
            self._make_certificate()
        self._start()
        if not prepared:
            self.run("generate", "--rows", "2000", "-o", self.folder / "campaigns.csv")
            self.run("train", self.folder / "campaigns.csv", "--schema", "campaign", "--epochs", "20")
        # So that memory is what a server in use has.
        self.predict_at_rate("500", 0.5).communicate(timeout=60)
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            self._process.kill()
            self._folder.cleanup()

    def stop(self):
        self._process.terminate()
        self._process.wait(30)

    def _make_certificate(self):
        key = self.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out",
                        self._certificate, "-days", "30", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        self._flags = (*self._flags, "--tls_certificate", self._certificate, "--tls_key", key)

    def _start(self):
        ports = self.folder / "ports.json"
        with open(self.folder / "server.log", "wb") as log:
            self._process = subprocess.Popen(
                [SERVER, "--store", self.folder / "store", "--listen", "127.0.0.1:0", "--http_listen", "127.0.0.1:0",
                 "--lame_duck", "0s", "--drain_timeout", "2s", "--port_file", ports, *self._flags], stdout=log, stderr=log,
                preexec_fn=self._enter_limits)
        until = time.monotonic() + START_SECONDS
        while not ports.exists() or not ports.read_text().endswith("\n"):
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "server.log").read_text())
            time.sleep(0.01)
        found = json.loads(ports.read_text())
        self.port = found["grpc_port"]
        self.http_port = found["http_port"]

    def _enter_limits(self):
        """In the server's process, before it runs."""
        if (limit := self._max_descriptors):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        if self._group:
            self._group.enter()

    def exit_code(self):
        """None: it runs."""
        return self._process.poll()

    def _environment(self):
        tls = {"ROICAST_TLS_CA": str(self._certificate)} if self._certificate else {}
        return {**os.environ, "ROICAST_SERVER": f"127.0.0.1:{self.port}", **tls}

    def run(self, *arguments, timeout=280):
        done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, env=self._environment(),
                              timeout=timeout, check=False)
        if done.returncode != 0:
            raise AssertionError(f"roicast {arguments}: {done.stderr.decode()}\n"
                                 f"{(self.folder / 'server.log').read_text()[-2000:]}")
        return done.stdout.decode()

    def start(self, *arguments):
        """A process of the command."""
        return subprocess.Popen([COMMAND, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env=self._environment())

    def predict_once(self):
        """Over a new connection."""
        self.run("predict", "channel=search", "spend=500", "--timeout", "5")

    def predict_at_rate(self, rate, seconds):
        """A process that predicts on schedule and prints what it measured."""
        return subprocess.Popen([COMMAND, "loadtest", "--rate", rate, "--duration", str(seconds), "--warm-up", "0.2",
                                 "--timeout", "10", "--json"], stdout=subprocess.PIPE, env=self._environment())

    def memory_mb(self, field="VmRSS"):
        status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(field + r":\s+(\d+)", status).group(1)) / 1024

    def peak_memory_mb(self):
        """Since it started."""
        return self.memory_mb("VmHWM")

    def follow(self, attack):
        """Until the attack has ended: the most memory meanwhile, in MB, and what it said."""
        most = self.memory_mb()
        while attack.poll() is None:
            most = max(most, self.memory_mb())
            time.sleep(0.01)
        did = attack.stdout.read().decode().strip()
        attack.stdout.close()
        return most, did

    def descriptors(self):
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def seconds_until(self, true, patience):
        """How long it takes until it is true; `patience` if it does not become so."""
        begin = time.monotonic()
        while not true():
            if time.monotonic() - begin > patience:
                return patience
            time.sleep(0.01)
        return time.monotonic() - begin

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/metrics", timeout=10) as page:
            return page.read().decode()

    def memory_refusals(self):
        """What the server's memory budget refused, by kind."""
        return {kind: int(float(number)) for kind, number in
                re.findall(r'^roicast_memory_refusals_total\{kind="(\w+)"\} (\S+)$', self.metrics(), re.M)
                if float(number) > 0}

    def cuts(self):
        """What the server says that it refused, by cause."""
        return {cause: int(float(number)) for cause, number in
                re.findall(r'^roicast_\w*cut\w*\{\w+="(\w+)"\} (\S+)$', self.metrics(), re.M) if float(number) > 0}
