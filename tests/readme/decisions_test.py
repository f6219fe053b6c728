"""Runs the commands of docs/decisions.md as they stand, in order, and checks what they promise."""

import csv
import json
import re
import subprocess
import unittest

import page_server



def commands():
    text = (page_server.ROOT / "docs/decisions.md").read_text()
    for script in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from script.replace("\\\n", "").splitlines()


# What tells causes of what varies the spend, or compares spends.
NOTES_OF_CAUSE = ("no experiment confirms", "by lift tests")


def varies_spend(command):
    words = command.split()
    if words[1] in ("plan", "optimize", "rank"):
        return True
    return (words[1] == "curve" and "--feature" not in words) or "--along spend" in command


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Decisions(unittest.TestCase):
    def setUp(self):
        self.work, self.environment = page_server.start(self.addCleanup)

    def run_command(self, command):
        return subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=self.work, env=self.environment,
                              text=True, capture_output=True, timeout=500, check=False)

    def test_every_command_works_as_written(self):
        outputs = []
        for command in commands():
            result = self.run_command(command)
            self.assertEqual(0, result.returncode, f"{command}\n{result.stdout}\n{result.stderr}")
            outputs.append(result.stdout)
            words = " ".join(result.stdout.split())
            self.assertEqual(varies_spend(command), any(note in words for note in NOTES_OF_CAUSE),
                             f"{command}\n{result.stdout}")
        said = "\n".join(outputs)
        for part in ("typical prediction", "seen in training", "optimum", "even", "now, scaled"):
            self.assertIn(part, said)
        for change, noted in (("spend", True), ("discount_rate", False)):
            reached = self.run_command(f"roicast reach campaigns.csv --at-least 0.2 --change {change} --json")
            self.assertIn(reached.returncode, (0, 5), reached.stderr)
            codes = [note["code"] for note in json.loads(reached.stdout).get("caveats", [])]
            self.assertEqual(noted, "no_lift_test" in codes, reached.stdout)

        why = table(self.work / "why.csv")
        self.assertEqual(6, len(why))
        for row in why:
            added = sum(float(row[name]) for name in row if name.startswith("adds_"))
            self.assertAlmostEqual(float(row["prediction"]), float(row["base_value"]) + added, delta=1e-4)

        split = table(self.work / "split.csv")
        self.assertEqual(6, len(split))
        self.assertLessEqual(sum(float(row["planned_spend"]) for row in split), 5000.001)
        self.assertLessEqual(sum(float(row["planned_spend"]) for row in split if row["channel"] == "social"), 2500.001)

        weeks = table(self.work / "weeks.csv")
        self.assertEqual(24, len(weeks))
        self.assertLessEqual(sum(float(row["planned_spend"]) for row in weeks if row["period"] == "1"), 3000.001)

        best = table(self.work / "best.csv")
        self.assertEqual(10, len(best))
        channels = [row["channel"] for row in best]
        self.assertLessEqual(max(channels.count(channel) for channel in channels), 3)


if __name__ == "__main__":
    unittest.main()
