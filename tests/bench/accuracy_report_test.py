"""The lines, ratios and bars of bench/accuracy_peers.py."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import types
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "peers"))
import accuracy_report  # noqa: E402


def case(name, two_valued=False, profitable=False):
    return types.SimpleNamespace(name=name, two_valued=two_valued, profitable=profitable, splits=[None] * 3)


def errors(**rmse):
    names = {"ridge": accuracy_report.RIDGE, "mlp": accuracy_report.MLP, "boosting": accuracy_report.BOOSTING,
             "constant": accuracy_report.CONSTANT}
    return {names.get(key, key): {"RMSE": value} for key, value in rmse.items()}


class AccuracyReport(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.json = pathlib.Path(self.folder.name) / "lines.json"
        self.report = accuracy_report.Report(str(self.json))
        self.addCleanup(lambda: self.report.file.close())

    def run_and_print(self, function, *arguments, **kwargs):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            function(*arguments, **kwargs)
        return printed.getvalue()

    def lines(self):
        return [json.loads(line) for line in self.json.read_text().splitlines()]

    def test_a_line_compares_errors(self):
        text = self.run_and_print(self.report.add, "uci yacht compact", 0.25, "RMSE", "ridge", 0.5)
        self.assertRegex(text, r"^accuracy     uci yacht compact +0\.25 RMSE     \| ridge 0\.5 \| ratio 2\.000\n$")
        self.assertEqual([{"name": "accuracy", "case": "uci yacht compact", "value": 0.25, "unit": "RMSE", "peer": "ridge",
                           "peer_value": 0.5, "ratio": 2.0}], self.lines())

    def test_shares_are_compared_by_their_distance_from_1(self):
        self.run_and_print(self.report.add, "telco_churn compact", 0.875, "AUC", "MLP 64-64", 0.75)
        self.assertEqual(2.0, self.lines()[0]["ratio"])

    def test_compact_has_the_bars_of_the_mlp_column_and_of_2_percent(self):
        found = errors(compact=0.2661, ridge=0.5, mlp=0.261, boosting=0.1, constant=1.0)
        text = self.run_and_print(accuracy_report.report_case, case("uci yacht"), found, ["compact"], self.report)
        self.assertIn("bar: uci yacht compact, 2 % behind MLP 64-64", text)
        # 1.02 × 0.261 is 0.26622; the column has 0.266.
        self.assertEqual({"uci yacht compact, 2 % behind MLP 64-64 RMSE": True,
                          "uci yacht compact, MLP 64-64 column RMSE": False}, self.report.bars)
        self.assertIn("(missed)", text)

    def test_gradient_boosting_is_never_the_one_that_2_percent_are_counted_from(self):
        found = errors(compact=0.99, ridge=2.0, mlp=2.0, boosting=0.1, constant=1.0)
        self.run_and_print(accuracy_report.report_case, case("uci other"), found, ["compact"],
                           self.report)
        self.assertEqual({"uci other compact, 2 % behind a constant RMSE": True}, self.report.bars)

    def test_six_of_seven_sets_below_the_boosting_column_meet_the_bar(self):
        for below, met in ((6, True), (5, False)):
            with self.subTest(below=below):
                self.report.bars.clear()
                for place, (name, column) in enumerate(accuracy_report.BOOSTING_COLUMN.items()):
                    found = errors(accurate=column if place < below else column * 1.001, ridge=9e9, mlp=9e9, boosting=1.0,
                                   constant=9e9)
                    self.run_and_print(accuracy_report.report_case, case("uci " + name), found, ["accurate"], self.report)
                text = self.run_and_print(self.report.finish)
                self.assertEqual(met, self.report.bars["uci accurate, boosting column sets"])
                self.assertIn("(MET)" if met else "(missed)", text)

    def test_few_sets_do_not_judge_the_bar_of_all(self):
        found = errors(accurate=0.1, ridge=1.0, mlp=1.0, boosting=1.0, constant=1.0)
        self.run_and_print(accuracy_report.report_case, case("uci yacht"), found, ["accurate"], self.report)
        text = self.run_and_print(self.report.finish)
        self.assertIn("1 of 1 uci sets at or below the boosting column; the bar is of all 7", text)
        self.assertNotIn("uci accurate, boosting column sets", self.report.bars)

    def test_noise_is_judged_by_the_worst_split(self):
        found = errors(compact=1.0, ridge=1.0, mlp=1.0, boosting=1.0, constant=1.0)
        for figures in found.values():
            figures.update({"R2": 0.01, "worst R2": -0.03})
        self.run_and_print(accuracy_report.report_case, case("pure_noise"), found, ["compact"], self.report)
        self.assertFalse(self.report.bars["pure_noise compact worst R2"])
        text = self.run_and_print(self.report.finish)
        self.assertIn("accuracy: 1 of 2 bars MET; missed: pure_noise compact worst R2", text)

    def test_a_model_that_was_not_measured_is_a_dash_in_the_table(self):
        found = errors(ridge=0.5)
        text = self.run_and_print(accuracy_report.print_table, [(case("uci yacht"), found)], ["compact"])
        self.assertIn("| uci yacht | 3 | RMSE | – | 0.5 | – | – | – | – |", text)


if __name__ == "__main__":
    unittest.main()
