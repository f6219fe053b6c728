"""Every link between our pages leads to an existing page and heading."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def anchors(page):
    """The anchors of a page's headings, as code hosts generate them."""
    return {re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower()).replace(" ", "-")
            for line in page.read_text().splitlines() if line.startswith("#")}


def broken_links(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = page if not path else page.parent / path
        if not linked.exists():
            yield f"{page.relative_to(ROOT)}: {target} does not exist"
        elif anchor and linked.suffix == ".md" and anchor not in anchors(linked):
            yield f"{page.relative_to(ROOT)}: {path or 'the page'} has no heading {anchor}"


class Links(unittest.TestCase):
    def test_all_lead_somewhere(self):
        pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        self.assertGreater(len(pages), 8)
        # The template links to a placeholder.
        self.assertEqual([], [line for page in pages if page.name != "template.md" for line in broken_links(page)])


if __name__ == "__main__":
    unittest.main()
