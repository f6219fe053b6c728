"""While a client at one address takes what it can of what all share, a client at another one is still served what it
needs: its batches are computed, none is refused, and none waits for all of the other's. Bounds and figures as in
hostile_test.py."""

import json
import os
import re
import subprocess
import sys
import unittest

from bounds import MAX_P99_MS, RATE, SECONDS, check_waits, repeated_while_slow
from hostile_test import FOLDER, make_large_model
from server_under_attack import ServerUnderAttack

# 1.6 MB.
ROWS = "20000"
# Batches are large, and computed in turn with the attack's.
MAX_BATCH_P99_MS = max(500, MAX_P99_MS)


class ShareHostile(unittest.TestCase):
    @repeated_while_slow
    def attack(self, name, attacks, under_way, prepare=None, flags=(), also=None):
        """under_way(server): whether the attack has taken all that it can get; also(server): what is checked then, too."""
        with ServerUnderAttack(flags=flags) as server:
            if prepare:
                prepare(server)
            attack = subprocess.Popen([sys.executable, "-B", FOLDER / attacks, name, str(server.port),
                                       str(SECONDS + 8)], stdout=subprocess.PIPE,
                                      env={**os.environ, "ROICAST_HOSTILE_DIGEST": ""})
            self.assertLess(server.seconds_until(lambda: under_way(server), 5), 5, "there is no attack")
            predicting = server.predict_at_rate(RATE, SECONDS)
            batches = server.start("loadtest", "--mode", "batch", "--batch-rows", ROWS, "--in-flight", "1", "--duration",
                                   SECONDS, "--warm-up", "0", "--timeout", "10", "--json")
            answers, complaint = batches.communicate(timeout=60)
            self.assertTrue(answers, complaint.decode())
            results = {"predict": json.loads(predicting.communicate(timeout=60)[0]), "batch": json.loads(answers)}
            self.assertIsNone(attack.poll(), "the attack ended before")
            self.assertTrue(under_way(server) or name != "held_messages", "the attack was let go of before")
            if also:
                also(server)
            cuts = server.cuts()
            attack.terminate()
            attack.wait()
            attack.stdout.close()
            for what, result in results.items():
                p99 = result["latency_us"]["p99"] / 1000
                print(f"{name}: {what} {result['calls']} calls, p50 {result['latency_us']['p50'] / 1000:.2f} ms, p99 {p99:.2f} "
                      f"ms, errors {result['errors']}; {cuts}", flush=True)
                self.assertEqual(result["errors"], {}, what)
                self.assertGreater(result["calls"], 0, what)
                if what == "batch":
                    self.assertLess(p99, MAX_BATCH_P99_MS)
                else:
                    check_waits(server, name, p99)
            server.predict_once()

    def test_held_messages(self):
        """They kept out all that is larger than a small Predict."""
        self.attack("held_messages", "memory_attacks.py", lambda server: _metric(server, "transport_bytes_held") > 140e6)

    def test_idle_watches(self):
        """They took the whole budget of memory, and nobody asked: batches, models and jobs were refused for it."""
        def others_have_theirs(server):
            server.run("models", "show", "default")
            self.assertEqual(server.memory_refusals(), {})
            self.assertLess(_metric(server, 'memory_bytes{kind="streams"}'), 100e6)

        # A little one, so that few streams fill it.
        self.attack("idle_watches", "memory_attacks.py", lambda server: server.cuts().get("streams", 0) > 1000,
                    flags=("--memory_budget", "200000000", "--max_message_bytes", "8000000"), also=others_have_theirs)

    def test_large_batches(self):
        """Each batch waited for all of them."""
        self.attack("large_batches", "work_attacks.py", lambda server: _metric(server, "transport_bytes_held") > 30e6)

    def test_many_batches(self):
        """They had all the places."""
        self.attack("many_batches", "work_attacks.py", lambda server: _metric(server, "transport_bytes_held") > 5e6)

    def test_costly_batches(self):
        """They were predicted where calls arrive, for they are small."""
        self.attack("costly_batches", "work_attacks.py", _answers("PredictionService/BatchPredict"))

    def test_small_batches(self):
        """From many connections, each with something to say all the time."""
        self.attack("small_batches", "work_attacks.py", _answers("PredictionService/BatchPredict"))

    def test_costly_predicts(self):
        """A row of a large network took a millisecond of the loop."""
        self.attack("costly_predicts", "work_attacks.py", _answers("PredictionService/Predict"), make_large_model)

    def test_heavy_rows(self):
        """They were parsed where calls arrive, one of a megabyte for 40 ms."""
        self.attack("heavy_rows", "work_attacks.py", lambda server: _metric(server, "transport_bytes_received_total") > 10e6)

    def test_reflection(self):
        """What the server is made of was put into words for each question."""
        self.attack("reflection", "work_attacks.py", lambda server: _metric(server, "transport_connections") > 50)


def _answers(method):
    """Whether the attack has many."""
    return lambda server: _metric(server, f'rpc_requests_total{{method="{method}",code="OK"}}') > 100


def _metric(server, name):
    return float(re.search(rf"^roicast_{re.escape(name)} (\S+)$", server.metrics(), re.M).group(1))


if __name__ == "__main__":
    unittest.main()
