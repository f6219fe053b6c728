"""Small requests for decisions that never ended or took gigabytes, while another client predicts: bounds and figures as in
hostile_test.py, on a server with a memory budget. Afterwards the server computes nothing any more, answers another client's
question, and ends when it is told to."""

import json
import subprocess
import sys
import time
import unittest

from bounds import ATTACK_SECONDS, RATE, SECONDS, check_waits, repeated_while_slow
from hostile_test import FOLDER
from server_under_attack import ServerUnderAttack
from work_hostile_test import is_idle

BUDGET_MB = 600
# Beside what the budget counts: see docs/operations.md.
MAX_MORE_MEGABYTES = BUDGET_MB * 5 // 4
QUIET_SECONDS = 5
# The drain timeout of 2 s, and what comes after.
STOP_SECONDS = 10


class DecisionHostile(unittest.TestCase):
    @repeated_while_slow
    def attack(self, name):
        with ServerUnderAttack(flags=("--memory_budget", str(BUDGET_MB * 1000 * 1000))) as server:
            campaigns = server.folder / "few.csv"
            server.run("generate", "--rows", "5", "-o", campaigns)
            idle = server.memory_mb()
            predicting = server.predict_at_rate(RATE, SECONDS)
            attack = subprocess.Popen([sys.executable, "-B", FOLDER / "decision_attacks.py", name, str(server.port),
                                       str(ATTACK_SECONDS)], stdout=subprocess.PIPE)
            most, did = server.follow(attack)
            result = json.loads(predicting.communicate(timeout=60)[0])
            quiet = server.seconds_until(lambda: is_idle(server), QUIET_SECONDS)
            server.run("optimize", campaigns, "--budget", "1000", "--timeout", "30")
            refusals = server.memory_refusals()
            p99 = result["latency_us"]["p99"] / 1000
            check_waits(server, name, p99)
            begin = time.monotonic()
            server.stop()
            stopped = time.monotonic() - begin
            print(f"{name}: predict p50 {result['latency_us']['p50'] / 1000:.2f} ms, p99 {p99:.2f} ms, errors "
                  f"{result['errors']}; memory {idle:.0f} MB, at most {most:.0f} MB; idle after {quiet:.2f} s, stopped after "
                  f"{stopped:.2f} s; {refusals}; attack: {did}", flush=True)
            self.assertEqual(result["errors"], {})
            self.assertLess(most - idle, MAX_MORE_MEGABYTES)
            self.assertLess(quiet, QUIET_SECONDS, "work goes on that nobody waits for")
            self.assertLess(stopped, STOP_SECONDS)

    def test_endless_counterfactuals(self):
        """Each took a thread for ever, and SIGTERM did not end the process."""
        self.attack("endless_counterfactuals")

    def test_many_amounts(self):
        """Each took 1.2 GB."""
        self.attack("many_amounts")

    def test_many_curves(self):
        self.attack("many_curves")

    def test_long_names(self):
        """One took 1.1 GB."""
        self.attack("long_names")

    def test_many_groups(self):
        """Each went on for 38 s after its deadline."""
        self.attack("many_groups")

    def test_stops_while_asked(self):
        """SIGTERM in the midst of it."""
        for name in ("endless_counterfactuals", "many_amounts", "many_groups"):
            with self.subTest(name), ServerUnderAttack() as server:
                attack = subprocess.Popen([sys.executable, "-B", FOLDER / "decision_attacks.py", name, str(server.port), "3"],
                                          stdout=subprocess.DEVNULL)
                time.sleep(1)
                begin = time.monotonic()
                server.stop()
                stopped = time.monotonic() - begin
                attack.wait()
                print(f"{name}: stopped after {stopped:.2f} s", flush=True)
                self.assertLess(stopped, STOP_SECONDS)


if __name__ == "__main__":
    unittest.main()
