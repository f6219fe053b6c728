"""While a hostile client does its worst to the HTTP port from one address, probes from another one are answered, and
predictions go on. The figures are printed; the bounds are generous, so that a busy machine does not fail the tests."""

import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

from server_under_attack import ServerUnderAttack

FOLDER = pathlib.Path(__file__).resolve().parent
SECONDS = float(os.environ.get("ROICAST_HOSTILE_SECONDS", "2"))
RATE = os.environ.get("ROICAST_HOSTILE_RATE", "200")
MAX_P99_MS = float(os.environ.get("ROICAST_HOSTILE_P99_MS", "500"))
MAX_PROBE_MS = float(os.environ.get("ROICAST_HOSTILE_PROBE_MS", "1000"))
MAX_MORE_MEGABYTES = float(os.environ.get("ROICAST_HOSTILE_MEGABYTES", "200"))
BACK_TO_NORMAL_SECONDS = float(os.environ.get("ROICAST_HOSTILE_CALM_SECONDS", "5"))


class Probe:
    """Asks for a path over and over, over new connections."""

    def __init__(self, port, path):
        self._url = f"http://127.0.0.1:{port}{path}"
        self._ends = False
        self.milliseconds = []
        self.failures = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._ends:
            begin = time.monotonic()
            try:
                with urllib.request.urlopen(self._url, timeout=10) as page:
                    page.read()
            except OSError as error:
                self.failures.append(str(error))
            self.milliseconds.append((time.monotonic() - begin) * 1000)
            time.sleep(0.02)

    def end(self):
        self._ends = True
        self._thread.join()


class HttpHostile(unittest.TestCase):
    def attack(self, name, paths=("/healthz", "/readyz")):
        with ServerUnderAttack() as server:
            idle = server.memory_mb()
            descriptors = server.descriptors()
            predicting = server.predict_at_rate(RATE, SECONDS)
            attack = subprocess.Popen([sys.executable, "-B", FOLDER / "http_attacks.py", name, str(server.http_port),
                                       str(SECONDS + 1)], stdout=subprocess.PIPE)
            probes = {path: Probe(server.http_port, path) for path in paths}
            most = idle
            while attack.poll() is None:
                most = max(most, server.memory_mb())
                time.sleep(0.01)
            for probe in probes.values():
                probe.end()
            did = attack.stdout.read().decode().strip()
            attack.stdout.close()
            result = json.loads(predicting.communicate(timeout=60)[0])
            back = server.seconds_until(lambda: server.descriptors() <= descriptors, BACK_TO_NORMAL_SECONDS)
            p99 = result["latency_us"]["p99"] / 1000
            longest = {path: max(probe.milliseconds) for path, probe in probes.items()}
            print(f"{name}: predict p50 {result['latency_us']['p50'] / 1000:.2f} ms, p99 {p99:.2f} ms, "
                  f"errors {result['errors']}; at most {longest['/healthz']:.0f} ms for /healthz, "
                  f"{longest['/readyz']:.0f} ms for /readyz, {longest.get('/metrics', 0):.0f} ms for /metrics; memory {idle:.0f} MB, at most {most:.0f} MB; connections "
                  f"gone after {back:.2f} s; attack: {did}", flush=True)
            self.assertEqual(result["errors"], {})
            self.assertLess(p99, MAX_P99_MS)
            for path, probe in probes.items():
                self.assertEqual(probe.failures, [], path)
                self.assertGreater(len(probe.milliseconds), 2, path)
                self.assertLess(longest[path], MAX_PROBE_MS, path)
            self.assertLess(most - idle, MAX_MORE_MEGABYTES)
            self.assertLess(back, BACK_TO_NORMAL_SECONDS, "connections are still open")

    def test_silent(self):
        self.attack("silent")

    def test_slow_header(self):
        self.attack("slow_header")

    def test_endless_header(self):
        self.attack("endless_header")

    def test_endless_body(self):
        self.attack("endless_body")

    def test_slow_reader(self):
        self.attack("slow_reader")

    def test_closed_window(self):
        self.attack("closed_window")

    def test_health_flood(self):
        self.attack("health_flood")

    def test_metrics_flood(self):
        self.attack("metrics_flood")

    def test_scrapes(self):
        """They had all the places for those who wait, and Prometheus got 503."""
        self.attack("scrapes", paths=("/healthz", "/readyz", "/metrics"))

    def test_readiness_flood(self):
        self.attack("readiness_flood")

    def test_rapid_reset(self):
        self.attack("rapid_reset")

    def test_garbage(self):
        self.attack("garbage")


if __name__ == "__main__":
    unittest.main()
