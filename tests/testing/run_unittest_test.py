"""What ctest learns of tests in Python that were skipped."""

import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

RUNNER = pathlib.Path(__file__).resolve().with_name("run_unittest.py")
SKIPPED = 77


class RunUnittest(unittest.TestCase):
    def code_of(self, body):
        with tempfile.TemporaryDirectory() as folder:
            text = "import unittest\nclass Some(unittest.TestCase):\n" + textwrap.indent(textwrap.dedent(body), "    ")
            pathlib.Path(folder, "some_test.py").write_text(text, encoding="utf-8")
            return subprocess.run([sys.executable, "-B", RUNNER, "some_test"], cwd=folder, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=60, check=False).returncode

    def test_all_skipped(self):
        """It was passed, as if something had been tested."""
        self.assertEqual(self.code_of("""
            def test_one(self): self.skipTest("no registry")
            def test_two(self): raise unittest.SkipTest("no registry")"""), SKIPPED)
        self.assertEqual(self.code_of("""
            @classmethod
            def setUpClass(cls): raise unittest.SkipTest("no server")
            def test_one(self): pass"""), SKIPPED)

    def test_some_skipped(self):
        self.assertEqual(self.code_of("""
            def test_one(self): self.skipTest("no registry")
            def test_two(self): pass"""), 0)
        self.assertEqual(self.code_of("""
            def test_one(self):
                with self.subTest(1): self.skipTest("no registry")
                with self.subTest(2): pass"""), 0)

    def test_passed_or_failed(self):
        self.assertEqual(self.code_of("def test_one(self): pass"), 0)
        self.assertEqual(self.code_of("def test_one(self): self.fail()"), 1)
        self.assertEqual(self.code_of("""
            def test_one(self): self.skipTest("no registry")
            def test_two(self): self.fail()"""), 1)


if __name__ == "__main__":
    unittest.main()
