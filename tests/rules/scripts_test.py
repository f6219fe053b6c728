"""Every script parses, prints its usage for --help, and rejects unknown arguments with exit code 2."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
NAMED = ("run.sh", "test.sh", "check.sh")


def run(*command, **options):
    return subprocess.run(command, text=True, capture_output=True, timeout=60, check=False, **options)


class Scripts(unittest.TestCase):
    def test_all_parse(self):
        for path in [*SCRIPTS.glob("*.sh"), ROOT / ".ci/run"]:
            with self.subTest(script=path.name):
                self.assertEqual((0, ""), (lambda r: (r.returncode, r.stderr))(run("bash", "-n", str(path))))

    def test_help_prints_the_usage(self):
        for name in NAMED:
            with self.subTest(script=name):
                result = run(SCRIPTS / name, "--help")
                self.assertEqual(0, result.returncode, result.stderr)
                self.assertIn(f"scripts/{name}", result.stdout)
                self.assertNotIn("set -euo", result.stdout)

    def test_unknown_arguments_are_rejected_before_anything_runs(self):
        for name in NAMED:
            with self.subTest(script=name):
                result = run(SCRIPTS / name, "--frobnicate")
                self.assertEqual(2, result.returncode)
                self.assertIn('unknown argument "--frobnicate"', result.stderr)
                self.assertNotIn("== [1/", result.stderr)

    def test_unknown_package_groups_are_rejected(self):
        result = run(SCRIPTS / "install_deps.sh", "everything")
        self.assertEqual(2, result.returncode)
        self.assertIn('unknown group "everything": expected build, runtime, test, more or lint', result.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to become another user")
    def test_without_root_and_sudo_the_missing_packages_are_listed(self):
        with tempfile.TemporaryDirectory() as folder:
            bin_folder = pathlib.Path(folder)
            bin_folder.chmod(0o755)
            script = bin_folder / "install_deps.sh"
            script.write_text((SCRIPTS / "install_deps.sh").read_text())
            fake = bin_folder / "dpkg-query"
            fake.write_text("#!/bin/sh\nexit 1\n")  # Nothing is installed.
            for tool in ("bash", "id"):
                (bin_folder / tool).symlink_to(f"/usr/bin/{tool}")
            fake.chmod(0o755)
            (bin_folder / "sh").symlink_to("/bin/sh")
            result = run("/usr/bin/bash", str(script), "lint", env={"PATH": folder}, user=65534, group=65534)
        self.assertEqual(1, result.returncode)
        self.assertIn("missing: clang-format clang-tidy", result.stderr)
        self.assertIn("sudo", result.stderr)


if __name__ == "__main__":
    unittest.main()
