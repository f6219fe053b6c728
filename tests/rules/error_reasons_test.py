"""docs/errors.md lists every reason of roicast.v1.ErrorReason with the code and the metadata of its comment."""

import pathlib
import re
import unittest

OF_A_JOB = "of a job"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def reasons_of_proto():
    """reason → (code, metadata keys), from the comments of the enum."""
    text = (ROOT / "proto/roicast/v1/error.proto").read_text()
    found = {}
    for comment, name in re.findall(r"((?:  // .*\n)+)  (\w+) = [1-9]\d*;", text):
        words = " ".join(line.strip().removeprefix("// ") for line in comment.splitlines())
        keys = re.search(r"Metadata: (.*)\.$", words)
        listed = re.sub(r" \([^)]*\)", "", keys[1]) if keys else ""
        code = words.split(":")[0]
        found[name] = (OF_A_JOB if code.startswith("Of a") else code, tuple(key.strip() for key in listed.split(",") if key))
    return found


def reasons_of_page():
    page = (ROOT / "docs/errors.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|.*\| ([^|]*) \|$", page, re.MULTILINE)
    reasons = {name: (code, tuple(re.findall(r"`(\w+)`", keys))) for name, code, keys in rows}
    of_jobs = page.split("## Reasons of jobs\n")[1].split("\n## ")[0]
    for name in re.findall(r"^\| `(\w+)` \|", of_jobs, re.MULTILINE):
        reasons[name] = (OF_A_JOB, ())
    return reasons


class ErrorReasons(unittest.TestCase):
    def test_the_page_lists_them_as_the_proto_does(self):
        self.maxDiff = None
        self.assertEqual(reasons_of_page(), reasons_of_proto())
        self.assertGreater(len(reasons_of_proto()), 10)


if __name__ == "__main__":
    unittest.main()
