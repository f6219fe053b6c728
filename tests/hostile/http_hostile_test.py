"""While a hostile client does its worst to the HTTP port from one address, probes from another one are answered, and
predictions go on. The figures are printed; bounds as in hostile_test.py."""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

from bounds import ATTACK_SECONDS, RATE, SECONDS, Probe, check_waits, repeated_while_slow
from server_under_attack import ServerUnderAttack

FOLDER = pathlib.Path(__file__).resolve().parent
# The other paths do work: a page of metrics is made, or a call goes through the gRPC port.
MAX_WORK_MS = float(os.environ.get("ROICAST_HOSTILE_WORK_MS", "1000"))
MAX_MORE_MEGABYTES = float(os.environ.get("ROICAST_HOSTILE_MEGABYTES", "200"))
# server/freed_memory.h: less than 64 MiB of what was freed are not worth giving back.
MAX_MORE_MEGABYTES_LATER = float(os.environ.get("ROICAST_HOSTILE_LATER_MEGABYTES", "72"))
BACK_TO_NORMAL_SECONDS = float(os.environ.get("ROICAST_HOSTILE_CALM_SECONDS", "5"))


def waiting_ports(port):
    """Connections of this machine to the port that are over, and keep their own port (TIME_WAIT)."""
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(state == "06" and f":{port:04X}" in (near[-5:], far[-5:])
               for _, near, far, state, *_ in (line.split() for line in lines))


class HttpHostile(unittest.TestCase):
    @repeated_while_slow
    def attack(self, name, paths=("/healthz", "/readyz"), cut=None, max_more_megabytes=MAX_MORE_MEGABYTES, after=None,
               flags=()):
        """cut: why the server has to have ended connections, or None. after(server): what else has to hold. flags: of the
        server."""
        with ServerUnderAttack(flags=flags) as server:
            idle = server.memory_mb()
            descriptors = server.descriptors()
            predicting = server.predict_at_rate(RATE, SECONDS)
            attack = subprocess.Popen([sys.executable, "-B", FOLDER / "http_attacks.py", name, str(server.http_port),
                                       str(ATTACK_SECONDS)], stdout=subprocess.PIPE)
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
            calm = server.seconds_until(lambda: server.memory_mb() - idle < MAX_MORE_MEGABYTES_LATER,
                                        BACK_TO_NORMAL_SECONDS)
            cuts = server.cuts()
            p99 = result["latency_us"]["p99"] / 1000
            longest = {path: probe.longest() for path, probe in probes.items()}
            print(f"{name}: predict p50 {result['latency_us']['p50'] / 1000:.2f} ms, p99 {p99:.2f} ms, "
                  f"errors {result['errors']}; at most {longest['/healthz']:.0f} ms for /healthz, "
                  f"{longest['/readyz']:.0f} ms for /readyz, {longest.get('/metrics', 0):.0f} ms for /metrics; memory "
                  f"{idle:.0f} MB, at most {most:.0f} MB, later {server.memory_mb():.0f} MB; cut {cuts}; connections "
                  f"gone after {back:.2f} s; attack: {did}", flush=True)
            self.assertEqual(result["errors"], {})
            if cut:
                self.assertTrue(set(cut.split()) & set(cuts), f"the attack goes on as long as it likes: {cuts}")
            for path, probe in probes.items():
                self.assertEqual(probe.failures, [], path)
                self.assertGreater(len(probe.milliseconds), 2, path)
                self.assertLess(longest[path], MAX_WORK_MS, path)
            self.assertLess(most - idle, max_more_megabytes)
            self.assertLess(calm, BACK_TO_NORMAL_SECONDS, "memory is not given back")
            self.assertLess(back, BACK_TO_NORMAL_SECONDS, "connections are still open")
            if after:
                after(server)
            check_waits(server, name, p99, longest["/healthz"])

    def test_silent(self):
        self.attack("silent")

    def test_slow_header(self):
        self.attack("slow_header")

    def test_endless_header(self):
        self.attack("endless_header")

    def test_slow_body(self):
        """Four bodies a byte a second kept /healthz from answering."""
        self.attack("slow_body")

    def test_idle_streams(self):
        self.attack("idle_streams")

    def test_endless_body(self):
        self.attack("endless_body")

    def test_large_headers(self):
        """They were counted in the budget and never refused: 216 MB, of which predictions had none."""
        self.attack("large_headers", cut="bytes_held streams", max_more_megabytes=150,
                    flags=("--memory_budget", "150994944"))

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

    def test_metrics_waiting(self):
        """Requests that were reset waited behind live ones, with their headers, and the server had 1.2 GB after 7 s."""
        self.attack("metrics_waiting", max_more_megabytes=100)

    def test_readyz_ports(self):
        """Each answer took a port for a minute: after 78 s no client of the machine could connect."""
        self.attack("readyz_ports", after=lambda server: self.assertLess(waiting_ports(server.port), 60))

    def test_settings_flood(self):
        self.attack("settings_flood", cut="flood_settings")

    def test_ping_flood(self):
        """Whoever does not read the answers is cut off by nghttp2, as one who breaks the protocol."""
        self.attack("ping_flood", cut="protocol")

    def test_priority_flood(self):
        self.attack("priority_flood", cut="flood_priority")

    def test_empty_data_flood(self):
        self.attack("empty_data_flood", cut="flood_empty_data")

    def test_window_update_flood(self):
        self.attack("window_update_flood", cut="flood_window_update")

    def test_continuation_flood(self):
        self.attack("continuation_flood")

    def test_garbage(self):
        self.attack("garbage")


if __name__ == "__main__":
    unittest.main()
