"""The tree keeps to the include rules, and the rules catch what they are meant to catch."""

import pathlib
import unittest

import include_rules

ROOT = pathlib.Path(__file__).resolve().parents[2]


class IncludeRules(unittest.TestCase):
    def test_the_tree_keeps_to_them(self):
        files = list(include_rules.sources(ROOT))
        self.assertIn("base/check.h", files)
        broken = [line for file in files for line in include_rules.violations(file, (ROOT / file).read_text())]
        self.assertEqual([], broken, "\n" + "\n".join(broken))

    def test_client_may_not_include_model_or_server(self):
        text = '#include "model/data/table.h"\n#include "server/transport/status_mapping.h"\n#include "base/clock.h"\n'
        self.assertEqual(
            [
                "client/a.cc: includes model/data/table.h, but client includes neither model nor server",
                "client/a.cc: includes server/transport/status_mapping.h, but client includes neither model nor server",
            ],
            include_rules.violations("client/a.cc", text))

    def test_model_sees_protobufs_in_artifact_alone(self):
        text = '#include "roicast/artifact/v1/artifact.pb.h"\n'
        self.assertEqual([], include_rules.violations("model/artifact/reader.cc", text))
        self.assertEqual(
            ["model/network/mlp.cc: includes roicast/artifact/v1/artifact.pb.h, but only model/artifact sees a protobuf"],
            include_rules.violations("model/network/mlp.cc", text))

    def test_model_knows_no_service_libraries(self):
        for header in ("grpcpp/grpcpp.h", "prometheus/counter.h", "sqlite3.h", "spdlog/spdlog.h"):
            with self.subTest(header=header):
                self.assertEqual(
                    [f"model/predictor/predictor.h: includes {header}, "
                     "but model knows no gRPC, no metrics, no database, no logs"],
                    include_rules.violations("model/predictor/predictor.h", f"#include <{header}>\n"))

    def test_base_includes_nothing_of_ours(self):
        self.assertEqual(
            ["base/x.h: includes model/predictor/predictor.h, but base includes nothing of ours but base"],
            include_rules.violations("base/x.h", '  #  include "model/predictor/predictor.h"\n'))


if __name__ == "__main__":
    unittest.main()
