"""Clients that make the server compute for nobody, or take all its places, while another predicts: bounds and figures as
in hostile_test.py. Afterwards the server computes nothing any more, and another client uploads and inspects."""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest
from random import Random

from bounds import ATTACK_SECONDS, RATE, SECONDS, check_waits, repeated_while_slow
from hostile_test import FOLDER
from server_under_attack import ServerUnderAttack

# So many take a second of work at least.
ROWS = int(os.environ.get("ROICAST_HOSTILE_ROWS", "100000"))
# Those who inspect are allowed to have three tables read at once.
MAX_MORE_MEGABYTES = float(os.environ.get("ROICAST_HOSTILE_MEGABYTES", "700"))
QUIET_SECONDS = 5


def cpu_seconds(server):
    fields = pathlib.Path(f"/proc/{server._process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_idle(server):
    before = cpu_seconds(server)
    time.sleep(0.3)
    return cpu_seconds(server) - before < 0.1


class WorkHostile(unittest.TestCase):
    @repeated_while_slow
    def attack(self, name, others=lambda server: None, prepare=lambda server: None):
        """prepare: before the attack; others: what another client does meanwhile."""
        with ServerUnderAttack() as server:
            prepare(server)
            for file, rows in (("table.csv", ROWS), ("small.csv", 200)):
                server.run("generate", "--rows", rows, "-o", server.folder / file)
            inspected = json.loads(server.run("inspect", server.folder / "table.csv", "--json"))
            jobs = server.run("jobs", "list", "--json")
            idle = server.memory_mb()
            predicting = server.predict_at_rate(RATE, SECONDS)
            attack = subprocess.Popen([sys.executable, "-B", FOLDER / "work_attacks.py", name, str(server.port),
                                       str(ATTACK_SECONDS)], stdout=subprocess.PIPE,
                                      env={**os.environ, "ROICAST_HOSTILE_DIGEST": inspected["dataset_digest"]})
            others(server)
            most, did = server.follow(attack)
            result = json.loads(predicting.communicate(timeout=60)[0])
            quiet = server.seconds_until(lambda: is_idle(server), QUIET_SECONDS)
            server.run("inspect", server.folder / "small.csv")
            p99 = result["latency_us"]["p99"] / 1000
            print(f"{name}: predict p50 {result['latency_us']['p50'] / 1000:.2f} ms, p99 {p99:.2f} ms, "
                  f"errors {result['errors']}; memory {idle:.0f} MB, at most {most:.0f} MB; idle after {quiet:.2f} s; "
                  f"attack: {did}", flush=True)
            self.assertEqual(result["errors"], {})
            check_waits(server, name, p99)
            self.assertLess(most - idle, MAX_MORE_MEGABYTES)
            self.assertLess(quiet, QUIET_SECONDS, "work goes on that nobody waits for")
            self.assertEqual(server.run("jobs", "list", "--json"), jobs)

    def test_large_table(self):
        """A table that takes more memory than there is: it is refused with what it takes, and not read to the end of the
        process."""
        with ServerUnderAttack(flags=("--memory_budget", "100000000", "--max_message_bytes", "16000000")) as server:
            server.run("generate", "--rows", 4 * ROWS, "-o", server.folder / "large.csv")
            idle = most = server.memory_mb()
            predicting = server.predict_at_rate(RATE, SECONDS)
            inspecting = server.start("inspect", server.folder / "large.csv")
            while inspecting.poll() is None:
                most = max(most, server.memory_mb())
                time.sleep(0.01)
            said = inspecting.communicate()[1].decode().strip()
            result = json.loads(predicting.communicate(timeout=60)[0])
            print(f"large_table: memory {idle:.0f} MB, at most {most:.0f} MB; {said}", flush=True)
            self.assertNotEqual(inspecting.returncode, 0)
            self.assertIn("(the server's --memory_budget)", said)
            self.assertEqual(result["errors"], {})
            self.assertLess(most - idle, float(os.environ.get("ROICAST_HOSTILE_MEGABYTES", "200")))
            server.run("generate", "--rows", 200, "-o", server.folder / "small.csv")
            server.run("inspect", server.folder / "small.csv")

    def test_header_only_uploads(self):
        """They had all the places that there are."""
        self.attack("header_only_uploads",
                    others=lambda server: server.run("inspect", server.folder / "small.csv"))

    def test_abandoned_inspections(self):
        self.attack("abandoned_inspections")

    def test_abandoned_evaluations(self):
        self.attack("abandoned_evaluations")

    def test_waiting_inspections(self):
        self.attack("waiting_inspections")

    def test_huge_specs(self):
        """The process died of the first, and again when it was trained once more."""
        self.attack("huge_specs")

    def test_large_specs(self):
        """Three of them kept everybody from listing jobs."""
        self.attack("large_specs", others=lambda server: server.run("jobs", "list"))

    def test_unknown_names(self):
        """Each row was compared with all names on the loop, for 0.1 s with so many."""
        self.attack("unknown_names", prepare=self._make_wide_model)

    @staticmethod
    def _make_wide_model(server):
        """Of 1,000 features, whose names have 95 bytes."""
        random = Random(1)
        names = ["".join(random.choices("abcdefghij", k=95)) for _ in range(1000)]
        table = server.folder / "wide.csv"
        with open(table, "w", encoding="ascii") as file:
            print("spend", "revenue", *names, sep=",", file=file)
            for _ in range(60):
                numbers = [random.randrange(1000) for _ in names]
                print(random.uniform(1, 100), random.uniform(1, 300), *numbers, sep=",", file=file)
        server.run("train", table, "--model", "wide", "--preset", "classic", "--hidden", "1", "--epochs", "1")


if __name__ == "__main__":
    unittest.main()
