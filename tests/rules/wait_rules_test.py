"""The server waits with a time limit by base/steady_wait.h alone: Abseil's waits end when the wall clock says so."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OF_THE_WALL_CLOCK = re.compile(r"\b(AwaitWithTimeout|AwaitWithDeadline|WaitWithTimeout|WaitWithDeadline|"
                               r"WaitForNotificationWithTimeout|WaitForNotificationWithDeadline|"
                               r"LockWhenWithTimeout|LockWhenWithDeadline)\(")
# It makes these visible to a sanitizer.
EXEMPT = ROOT / "base/tsan_mutex.cc"


class WaitRules(unittest.TestCase):
    def test_no_wait_of_the_server_ends_by_the_wall_clock(self):
        files = [file for folder in ("base", "model", "server") for file in sorted((ROOT / folder).rglob("*"))
                 if file.suffix in (".cc", ".h") and file != EXEMPT]
        self.assertGreater(len(files), 100)
        found = [f"{file.relative_to(ROOT)}: {name}" for file in files
                 for name in OF_THE_WALL_CLOCK.findall(file.read_text())]
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
