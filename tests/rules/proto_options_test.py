"""Every proto file names its package in Go, Java and C#: without, generators fail or choose poor names."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2] / "proto"


def options_of(file):
    return dict(re.findall(r'^option (\w+) = "?([^"\n]+?)"?;$', file.read_text(), re.MULTILINE))


class ProtoOptions(unittest.TestCase):
    def test_all_files_name_their_packages(self):
        files = sorted(ROOT.rglob("*.proto"))
        self.assertGreater(len(files), 10)
        for file in files:
            with self.subTest(file=str(file.relative_to(ROOT))):
                options = options_of(file)
                self.assertIn("go_package", options)
                self.assertIn("java_package", options)
                self.assertEqual(options.get("java_multiple_files"), "true")

    def test_our_own_follow_their_package(self):
        for file in sorted((ROOT / "roicast").rglob("*.proto")):
            with self.subTest(file=str(file.relative_to(ROOT))):
                words = str(file.parent.relative_to(ROOT)).split("/")
                options = options_of(file)
                self.assertEqual(options["go_package"], "/".join(words) + ";" + "".join(words))
                self.assertEqual(options["java_package"], ".".join(words))
                self.assertEqual(options["csharp_namespace"], ".".join(word.capitalize() for word in words))

    def test_no_class_of_java_is_named_like_a_message(self):
        """A file without an outer class name would get one such as Error, which hides java.lang.Error."""
        for file in sorted(ROOT.rglob("*.proto")):
            with self.subTest(file=str(file.relative_to(ROOT))):
                self.assertRegex(options_of(file).get("java_outer_classname", ""), r"^\w+Proto$")


if __name__ == "__main__":
    unittest.main()
