"""The dashboard's expressions are PromQL; what alerts take from the rules is recorded there."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import expressions
import promql


class Expressions(unittest.TestCase):
    def test_those_of_the_dashboard_are_promql(self):
        found = expressions.dashboard()
        self.assertGreater(len(found), 30)
        rules = [{"record": f"panel_{i}", "expr": re.sub(r"\$__rate_interval", "1m", expression)}
                 for i, expression in enumerate(found.values())]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "dashboard.yaml")
            path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))  # JSON is YAML.
            result = subprocess.run(["promtool", "check", "rules", path], text=True, capture_output=True, check=False)
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_panels_of_the_dashboard_do_not_overlap(self):
        board = json.loads((expressions.ROOT / "deploy/grafana/roicast.json").read_text())
        cells = {}
        for panel in board["panels"]:
            at = panel["gridPos"]
            for cell in ((at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])):
                self.assertLess(cell[0], 24, panel["title"])
                self.assertEqual(panel["id"], cells.setdefault(cell, panel["id"]), f'{panel["title"]} at {cell}')
        self.assertEqual(len(board["panels"]), len({panel["id"] for panel in board["panels"]}))

    def test_every_recorded_series_that_is_used_is_recorded(self):
        recorded = expressions.rules()
        used = {selector.metric
                for expression in [*expressions.alerts().values(), *expressions.dashboard().values()]
                for selector in promql.references(expression).selectors if ":" in selector.metric}
        self.assertLessEqual(used, set(recorded))
        self.assertGreater(len(used), 0)


if __name__ == "__main__":
    unittest.main()
