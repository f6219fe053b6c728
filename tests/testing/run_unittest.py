"""Runs tests of the current folder, as python3 -m unittest -v does. Exits with SKIPPED if all of them were skipped.
  run_unittest.py MODULE[.CLASS[.TEST]]"""

import os
import sys
import unittest

SKIPPED = 77


class Result(unittest.TextTestResult):
    """Knows whether a test, or a part of one, has succeeded."""
    any_passed = False

    def addSuccess(self, test):
        super().addSuccess(test)
        self.any_passed = True

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.any_passed = True

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        self.any_passed = self.any_passed or err is None


def main():
    sys.path.insert(0, os.getcwd())
    runner = unittest.TextTestRunner(verbosity=2, resultclass=Result)
    result = unittest.main(module=None, argv=["unittest", *sys.argv[1:]], testRunner=runner, exit=False).result
    if not result.wasSuccessful():
        return 1
    return SKIPPED if result.skipped and not result.any_passed else 0


if __name__ == "__main__":
    sys.exit(main())
