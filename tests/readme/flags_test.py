"""docs/cli.md has every flag of every command, and no other."""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROICAST = pathlib.Path(os.environ["ROICAST_BUILD_DIR"]) / "client/cli/roicast"
PAGE = (ROOT / "docs/cli.md").read_text()


def help_of(path):
    return subprocess.run([ROICAST, *path, "--help"], text=True, capture_output=True, check=True).stdout


def commands(path=()):
    """All commands, those with commands of their own included."""
    yield path
    section = re.search(r"^Subcommands:\n((?:  .*\n)+)", help_of(path), re.MULTILINE)
    for name in re.findall(r"^  (\w+)", section.group(1), re.MULTILINE) if section else ():
        yield from commands((*path, name))


def flags(text):
    return set(re.findall(r"--[a-z][a-z0-9-]*", text))


class Flags(unittest.TestCase):
    maxDiff = None

    def test_each_is_in_the_page(self):
        listed = {flag: path for path in commands()
                  for flag in re.findall(r"^  (?:-\w,)?(--[a-z0-9-]+)", help_of(path), re.MULTILINE)}
        self.assertGreater(len(listed), 60)
        missing = {flag: " ".join(path) for flag, path in listed.items() if flag not in flags(PAGE)}
        self.assertEqual({}, missing)
        self.assertEqual(set(), flags(PAGE) - set(listed))

    def test_each_command_is_in_the_page(self):
        for path in commands():
            for word in path:
                self.assertRegex(PAGE, rf"`(?:[a-z]+ )?{word}\b", " ".join(path))


if __name__ == "__main__":
    unittest.main()
