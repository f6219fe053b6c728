"""Tables as people have them: inspect, train and score as ../shared/cases/README.md says is right, against a server.

ROICAST_TEST_CASES names the folder; without it, all tests are skipped.
"""

import os
import json
import pathlib
import re
import statistics
import unittest

from roicast_server import (Server, column, dropped, feature, flags_of, kind, left_out, metrics, read_rows, rows_used,
                            said, warnings_of)

CASES = pathlib.Path(os.environ.get("ROICAST_TEST_CASES", ""))


def case(name):
    return CASES / f"{name}.csv"


def rois(rows):
    return [float(row["roi"]) for row in rows]


@unittest.skipUnless((CASES / "README.md").exists(), f"no tables in \"{CASES}\"; set ROICAST_TEST_CASES to their folder")
class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)
        cls.jobs = {}

    def job(self, name, *flags):
        """Trains the case once a class, under its name; returns the job."""
        if (name, flags) not in self.jobs:
            self.jobs[name, flags] = self.server.train(case(name), f"{name}{len(self.jobs)}", *flags)
        return self.jobs[name, flags]

    def scored(self, rows, job, *flags):
        """The predictions of a case's rows by the job's model."""
        found, result = self.server.score(case(rows), job["spec"]["model"], *flags)
        self.assertEqual(0, result.code, result.errors)
        return found

    def assert_same_model(self, first, second):
        """The jobs have the same rows and metrics, to the bit."""
        self.assertEqual(rows_used(first), rows_used(second))
        for part in ("train", "holdout"):
            self.assertEqual(metrics(first, part)["rows"], metrics(second, part)["rows"])
            self.assertEqual(metrics(first, part)["roi"], metrics(second, part)["roi"])


class Numbers(Case):
    def test_thousands_are_read_as_their_twin(self):
        job, twin = self.job("thousands"), self.job("thousands_twin")
        self.assertEqual(400, rows_used(job))
        self.assert_same_model(job, twin)
        self.assertEqual(rois(self.scored("thousands_twin", twin)), rois(self.scored("thousands", job)))
        self.assertGreater(metrics(job)["roi"]["r2"], 0.9)

    def test_european_numbers_dates_and_accents_are_read_in_both_encodings(self):
        utf8, cp1252 = self.server.inspect(case("european")), self.server.inspect(case("european_cp1252"))
        for inspection in (utf8, cp1252):
            self.assertEqual("numeric", kind(inspection, "Dépense"))
            self.assertEqual("numeric", kind(inspection, "Taux de clic"))
            self.assertEqual("time", kind(inspection, "Date"))
            self.assertEqual("categorical", kind(inspection, "Région"))
            self.assertEqual("Revenu", inspection["target"]["revenue_column"])
            self.assertEqual("Dépense", inspection["target"]["spend_column"])
            self.assertEqual(";", inspection["file"]["delimiter"])
            rate = column(inspection, "Taux de clic")
            self.assertEqual("%", rate["reading"]["unit"])
            self.assertLess(rate["max"], 0.2)
        self.assertEqual("TEXT_ENCODING_WINDOWS_1252", cp1252["file"]["encoding"])
        self.assertEqual("LINE_END_CRLF", cp1252["file"]["line_end"])
        self.assertEqual(utf8["schema"], cp1252["schema"])
        self.assert_same_model(self.job("european"), self.job("european_cp1252"))

    def test_whole_euros_are_thousands_and_said(self):
        inspection = self.server.inspect(case("whole_euros"))
        self.assertGreater(column(inspection, "spend")["max"], 1000)
        self.assertTrue(said(inspection, "spend"), warnings_of(inspection))
        self.assertTrue([flag for flag in flags_of(inspection) if "--decimal" in flag], flags_of(inspection))
        self.assert_same_model(self.job("whole_euros"), self.job("whole_euros_twin"))

    def test_each_spelling_of_a_number_is_read(self):
        inspection = self.server.inspect(case("number_spellings"))
        expected = {"budget": (385.11, "$"), "ctr": (0.031, "%"), "reach": (899000.0, ""), "duration": (10.0, "days")}
        first = read_rows(case("number_spellings"))[0]
        self.assertEqual("$385.11 ", first["budget"])
        for name, (value, unit) in expected.items():
            self.assertEqual("numeric", kind(inspection, name), name)
            profile = column(inspection, name)
            self.assertLessEqual(profile["min"], value, name)
            self.assertGreaterEqual(profile["max"], value, name)
            self.assertEqual(0, int(profile["missing"]), name)
            self.assertEqual(unit, profile["reading"]["unit"], name)
        for name in ("adjustment", "unicode_minus", "trailing_minus"):
            self.assertEqual("numeric", kind(inspection, name), name)
            self.assertLess(column(inspection, name)["min"], 0.0, name)
            self.assertEqual(0, int(column(inspection, name)["missing"]), name)

    def test_one_bad_cell_is_missing_and_named_by_line(self):
        inspection = self.server.inspect(case("one_bad_cell"))
        bad = [line for line, row in enumerate(read_rows(case("one_bad_cell")), 2) if "n.a." in row.values()]
        self.assertEqual("numeric", kind(inspection, "price"))
        self.assertEqual(1, int(column(inspection, "price")["missing"]))
        issues = inspection["cleaning"]["csv_issues"]
        lines = [int(issue["line"]) for issue in issues] + [
            int(line) for warning in warnings_of(inspection) for line in warning["lines"]]
        self.assertIn(bad[0], lines)
        job, twin = self.job("one_bad_cell"), self.job("one_bad_cell_twin")
        self.assertEqual(60, rows_used(job))
        self.assertEqual(metrics(job)["rows"], metrics(twin)["rows"])
        self.assertTrue(said(job, "prove nothing"))

    def test_spreadsheet_errors_in_the_target_are_missing(self):
        job = self.job("div0_roi")
        self.assertEqual(367, rows_used(job))
        self.assertEqual(33, sum(dropped(job).values()))


class Times(Case):
    def test_dates_are_read_as_their_twin(self):
        twin = self.job("dates_twin")
        for name in ("dates_dmy", "dates_words"):
            inspection = self.server.inspect(case(name))
            self.assertEqual("time", kind(inspection, "start"), name)
            self.assert_same_model(self.job(name), twin)


class Meaning(Case):
    def test_an_export_has_ids_outcomes_and_blanks(self):
        inspection = self.server.inspect(case("meta_export"))
        for name in ("Campaign ID", "Ad set ID"):
            self.assertNotEqual("numeric", kind(inspection, name), name)
        for name in ("Purchase ROAS (return on ad spend)", "Results", "Cost per results"):
            self.assertIsNone(feature(inspection, name), name)
            self.assertIn("outcome", left_out(inspection)[name])
        self.assertEqual("Amount spent (USD)", inspection["target"]["spend_column"])
        self.assertEqual("Purchases conversion value", inspection["target"]["revenue_column"])
        blank = said(inspection, r"\b17\b")
        self.assertTrue(blank, warnings_of(inspection))
        self.assertTrue([flag for flag in flags_of(inspection) if flag.startswith("--blank-revenue")])
        self.job("meta_export")
        with_comma = "CPM (cost per 1,000 impressions) (USD)"
        excluded = self.server.inspect(case("meta_export"), "--exclude", with_comma)
        self.assertIsNone(feature(excluded, with_comma))
        self.assertEqual("excluded", left_out(excluded)[with_comma])

    def test_words_that_mean_missing_elsewhere_are_words_and_warned_of(self):
        inspection = self.server.inspect(case("region_na"))
        self.assertIn("NA", feature(inspection, "region")["vocabulary"])
        self.assertIn("None", feature(inspection, "promo")["vocabulary"])
        self.assertTrue(said(inspection, "region"), warnings_of(inspection))
        self.assertTrue(said(inspection, "promo"), warnings_of(inspection))
        job = self.job("region_na")
        rows = self.scored("region_na_score", job)
        roi = {(row["region"], row["promo"]): float(row["roi"]) for row in rows}
        for promo in ("None", "Coupon"):
            self.assertAlmostEqual(1.5, roi["NA", promo] - roi["EMEA", promo], delta=0.35)
        for region in ("NA", "EMEA", "APAC"):
            self.assertAlmostEqual(0.8, roi[region, "None"] - roi[region, "Coupon"], delta=0.35)
        one = self.server.run("predict", "--json", "--model", job["spec"]["model"], "channel=Search", "region=NA",
                              "promo=None", "spend=1000")
        self.assertEqual(0, one.code, one.errors)
        self.assertAlmostEqual(roi["NA", "None"], json.loads(one.output)["roi"], places=4)

    def test_ids_and_codes_are_no_numbers(self):
        inspection = self.server.inspect(case("ids_zip"))
        self.assertNotEqual("numeric", kind(inspection, "Campaign ID"))
        self.assertNotEqual("numeric", kind(inspection, "zip"))
        self.assertIn("00504", column(inspection, "zip")["reading"]["examples"] + column(inspection, "zip")["examples"]
                      + (feature(inspection, "zip") or {"vocabulary": []})["vocabulary"])
        rows = self.scored("ids_zip_score", self.job("ids_zip"), "--warnings")
        self.assertEqual(["00504", "00504", "504", "504.0"], [row["zip"] for row in rows])
        self.assertNotIn("zip", rows[0]["roi_warnings"])
        if feature(inspection, "zip"):
            self.assertIn("zip", rows[2]["roi_warnings"])
        if feature(inspection, "Campaign ID"):
            self.assertIn("Campaign ID", rows[1]["roi_warnings"])

    def test_words_of_numbers_are_compared_as_numbers(self):
        job = self.job("tier_int", "--kind", "tier=categorical")
        rows = self.scored("tier_float_score", job)
        roi = [row["roi"] for row in rows]
        self.assertEqual(["1", "1.0", "4", "4.0", "04"], [row["tier"] for row in rows])
        self.assertEqual(roi[0], roi[1])
        self.assertEqual(roi[2], roi[3])
        self.assertNotEqual(roi[0], roi[2])


class Cleaning(Case):
    def test_rows_without_spend_are_dropped_and_negative_revenue_is_kept(self):
        job = self.job("zero_negative")
        self.assertEqual({"spend not positive": 120}, dropped(job))
        self.assertEqual(280, rows_used(job))
        self.assertTrue(said(job, r"below −1|below -1|< −1|< -1"), warnings_of(job))

    def test_copies_are_said_and_do_not_flatter(self):
        for preset in ("compact", "classic", "classic-full-batch"):
            job = self.job("copies_with_ids", "--preset", preset)
            self.assertLessEqual(metrics(job)["roi"]["r2"], 0.0, preset)
            (copies,) = said(job, "the inputs and the target of an earlier row")
            self.assertTrue(copies["serious"])
            self.assertIn("360 rows", copies["message"])
            self.assertIn('"campaign_id"', copies["message"])

    def test_three_rows_of_one_cent_are_named_and_change_little(self):
        job = self.job("one_cent")
        (leverage,) = said(job, "most of the variance")
        self.assertTrue(leverage["serious"])
        self.assertIn("3 rows", leverage["message"])
        self.assertEqual(["13", "152", "302"], leverage["lines"])
        twin = self.job("thousands_twin", "--exclude", "Clicks")
        pairs = [(float(row["roi"]), roi)
                 for row, roi in zip(self.scored("one_cent", job), rois(self.scored("thousands_twin", twin)))
                 if float(row["spend"]) > 1]
        self.assertEqual(397, len(pairs))
        differences = [abs(first - second) for first, second in pairs]
        self.assertLess(statistics.mean(differences), 0.05)
        self.assertLess(max(differences), 0.25)

    def test_a_model_of_noise_is_not_served(self):
        for preset in ("compact", "classic", "classic-full-batch"):
            job = self.job("pure_noise", "--preset", preset)
            self.assertGreaterEqual(metrics(job)["roi"]["r2"], -0.02, preset)
            self.assertRegex(job["not_serving"], "^no better than a constant")
        text = self.server.run("jobs", "show", self.job("pure_noise", "--preset", "compact")["id"])
        self.assertRegex(text.output + text.errors, "no better than a constant")


class Scoring(Case):
    def test_features_without_a_column_are_named(self):
        job = self.job("thousands_twin")
        rows, result = self.server.score(case("score_other_headers"), job["spec"]["model"], "--strict")
        self.assertNotEqual(0, result.code)
        self.assertEqual([], rows)
        for name in ("Channel", "Spend"):
            self.assertIn(f'"{name}"', result.errors)
        rows, result = self.server.score(case("score_other_headers"), job["spec"]["model"], "--json")
        self.assertEqual(20, len(rows))
        for name in ("Channel", "Spend", "channel", "Amount spent (USD)"):
            self.assertIn(name, result.output + result.errors)

    def test_odd_cells_are_read_or_told_by_line(self):
        job = self.job("thousands_twin")
        rows, result = self.server.score(case("score_cells"), job["spec"]["model"], "--warnings")
        by_name = {row["Campaign"]: row for row in rows}
        self.assertEqual(list("abcdefghijk"), list(by_name))
        good = by_name["j"]["roi"]
        self.assertTrue(good)
        self.assertEqual("Clicks: out of range", by_name["j"]["roi_warnings"])
        self.assertEqual("1,200.50", by_name["a"]["Spend"])
        self.assertEqual(" 1200.50 ", by_name["k"]["Spend"])
        for name in "efgi":
            self.assertEqual("", by_name[name]["roi"], name)
            line = "abcdefghijk".index(name) + 2
            self.assertRegex(result.errors, rf"\bline {line}\b", name)
        for name, warning in (("b", "Channel: category unseen"), ("c", "Channel: category unseen"),
                              ("d", "Region: imputed"), ("h", "Spend: imputed")):
            self.assertTrue(by_name[name]["roi"], name)
            self.assertIn(warning, by_name[name]["roi_warnings"], name)
        self.assertIn("Search", result.errors)  # did you mean
        for name in "ak":
            self.assertAlmostEqual(float(good), float(by_name[name]["roi"]), delta=0.05)


if __name__ == "__main__":
    unittest.main()
