"""Runs the commands of docs/decisions.md as they stand, in order, and checks what they promise."""

import csv
import re
import subprocess
import unittest

import page_server



def scripts():
    text = (page_server.ROOT / "docs/decisions.md").read_text()
    return re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Decisions(unittest.TestCase):
    def setUp(self):
        self.work, self.environment = page_server.start(self.addCleanup)

    def test_every_command_works_as_written(self):
        outputs = []
        for script in scripts():
            result = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=self.work, env=self.environment,
                                    text=True, capture_output=True, timeout=500, check=False)
            self.assertEqual(0, result.returncode, f"{script}\n{result.stdout}\n{result.stderr}")
            outputs.append(result.stdout)
        said = "\n".join(outputs)
        for part in ("typical prediction", "seen in training", "optimum", "even", "now, scaled", "no experiment confirms"):
            self.assertIn(part, said)

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
