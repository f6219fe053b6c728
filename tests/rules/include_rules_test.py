"""The tree follows the include rules, and the rules catch violations."""

import pathlib
import unittest

import include_rules

ROOT = pathlib.Path(__file__).resolve().parents[2]


class IncludeRules(unittest.TestCase):
    def test_the_tree_follows_them(self):
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

    def test_services_do_not_include_each_other(self):
        text = ('#include "server/services/models/model_service.h"\n#include "server/services/paging.h"\n'
                '#include "server/services/training/dataset_upload.h"\n')
        self.assertEqual(
            ["server/services/training/a.cc: includes server/services/models/model_service.h, "
             "but services do not include each other"],
            include_rules.violations("server/services/training/a.cc", text))

    def test_transport_knows_no_service_and_no_model(self):
        self.assertEqual([], include_rules.violations("server/transport/a.h", '#include "server/serving/lifecycle.h"\n'))
        for header in ("server/services/paging.h", "model/data/table.h", "server/serving/model_registry.h"):
            with self.subTest(header=header):
                self.assertEqual(
                    [f"server/transport/a.h: includes {header}, but transport knows no service and no model"],
                    include_rules.violations("server/transport/a.h", f'#include "{header}"\n'))

    def test_only_model_artifact_uses_protobuf(self):
        text = '#include "roicast/artifact/v1/artifact.pb.h"\n'
        self.assertEqual([], include_rules.violations("model/artifact/reader.cc", text))
        self.assertEqual(
            ["model/network/mlp.cc: includes roicast/artifact/v1/artifact.pb.h, but only model/artifact uses Protobuf"],
            include_rules.violations("model/network/mlp.cc", text))

    def test_the_directories_of_model_build_on_each_other_in_one_order(self):
        for file, header, words in (
                ("model/data/a.cc", "model/features/calendar.h", "model/data includes nothing else of model"),
                ("model/features/a.cc", "model/network/mlp.h", "model/features includes of model only data"),
                ("model/network/a.cc", "model/features/calendar.h", "model/network includes of model only data and simd"),
                ("model/artifact/a.cc", "model/predictor/predictor.h", "model/artifact does not know who reads it")):
            with self.subTest(header=header):
                self.assertEqual([f"{file}: includes {header}, but {words}"],
                                 include_rules.violations(file, f'#include "{header}"\n'))
        self.assertEqual([], include_rules.violations("model/predictor/a.cc", '#include "model/artifact/artifact.h"\n'))

    def test_model_uses_no_service_libraries(self):
        for header in ("grpcpp/grpcpp.h", "prometheus/counter.h", "sqlite3.h", "spdlog/spdlog.h"):
            with self.subTest(header=header):
                self.assertEqual(
                    [f"model/predictor/predictor.h: includes {header}, "
                     "but model uses no gRPC, metrics, database or logs"],
                    include_rules.violations("model/predictor/predictor.h", f"#include <{header}>\n"))

    def test_base_includes_only_base(self):
        self.assertEqual(
            ["base/x.h: includes model/predictor/predictor.h, but base includes only base"],
            include_rules.violations("base/x.h", '  #  include "model/predictor/predictor.h"\n'))


if __name__ == "__main__":
    unittest.main()
