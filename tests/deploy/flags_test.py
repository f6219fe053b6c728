"""The flags of docs/operations.md and of the manifests are those that the server has."""

import os
import pathlib
import re
import subprocess
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Flags(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        result = subprocess.run([os.environ["ROICAST_SERVER_BINARY"], "--help"], text=True, capture_output=True,
                                timeout=30, check=True)
        cls.flags = set(re.findall(r"^  --(\w+)", result.stdout, re.MULTILINE)) - {"version"}

    def test_each_is_documented_and_no_other(self):
        page = (ROOT / "docs/operations.md").read_text()
        section = page[page.index("## Flags"):page.index("## Stop")]
        table = "\n".join(line for line in section.splitlines() if line.startswith("| `"))
        self.assertEqual(self.flags, set(re.findall(r"`--(\w+)`", table)))
        self.assertGreater(len(self.flags), 15)

    def test_the_manifests_set_flags_that_there_are(self):
        documents = list(yaml.safe_load_all((ROOT / "deploy/kubernetes/roicast.yaml").read_text()))
        by_kind = {document["kind"]: document for document in documents}
        arguments = by_kind["StatefulSet"]["spec"]["template"]["spec"]["containers"][0]["args"]
        compose = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())
        used = {argument[2:] for argument in arguments if argument.startswith("--")}
        for environment in (by_kind["ConfigMap"]["data"], compose["services"]["server"]["environment"]):
            used |= {name.removeprefix("ROICAST_").lower() for name in environment}
        self.assertLessEqual(used, self.flags)
        self.assertIn("lame_duck", used)


if __name__ == "__main__":
    unittest.main()
