"""Every file and directory of the tree that our pages name exists."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIRECTORIES = sorted(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "build")))
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(DIRECTORIES)})/[\w./-]*")


def missing_paths(text):
    """The paths in `text` that start with a directory of ours and do not exist. A header may be named without its .h."""
    for path in PATH.findall(text):
        path = path.rstrip("./-")
        if not (ROOT / path).exists() and not (ROOT / f"{path}.h").exists():
            yield path


class Paths(unittest.TestCase):
    def test_all_exist(self):
        # Decision records and the changelog describe the tree as it was.
        pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
        self.assertGreater(len(pages), 8)
        self.assertEqual([], [f"{page.relative_to(ROOT)}: {path} does not exist"
                              for page in pages for path in missing_paths(page.read_text())])

    def test_a_missing_path_is_found(self):
        text = "`base/check.h`, [a test](tests/readme/paths_test.py), base/clock and `model/no_such_file.h`."
        self.assertEqual(["model/no_such_file.h"], list(missing_paths(text)))

    def test_other_projects_and_urls_are_ignored(self):
        text = "share/roicast/proto, ../shared/data, https://example.com/docs/page, `roicast/v1`"
        self.assertEqual([], list(missing_paths(text)))


if __name__ == "__main__":
    unittest.main()
