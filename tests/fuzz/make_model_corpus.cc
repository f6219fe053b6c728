// Writes what fuzzing an artifact or a batch request begins with: `make_model_corpus FOLDER`, the folder of corpus/.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "roicast/v1/prediction.pb.h"
#include "tests/model/artifact/artifact_bytes.h"

namespace roicast {
namespace {

void Write(const std::filesystem::path& file, const std::string& bytes) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << bytes;
}

// As a file, and as a body.
void WriteArtifact(const std::filesystem::path& folder, const std::string& name, const Artifact& artifact) {
  const std::string file = SerializeArtifact(artifact);
  Write(folder / absl::StrCat(name, "_file"), absl::StrCat("f", file));
  Write(folder / absl::StrCat(name, "_body"), absl::StrCat("b", absl::string_view(file).substr(56)));
}

void WriteArtifacts(const std::filesystem::path& folder) {
  WriteArtifact(folder, "small", testing::SmallArtifact());
  WriteArtifact(folder, "attention", testing::SmallAttentionArtifact());
  Random random(2);
  testing::ArtifactShape shape{.numeric = 2, .categorical = 1, .time = 0, .hidden = {4, 4}};
  shape.ramps = 2;
  shape.blocks = 2;
  WriteArtifact(folder, "ensemble", testing::MakeArtifact(shape, random));
  shape = {.numeric = 2, .categorical = 0, .time = 0, .hidden = {3}, .kind = TargetKind::kZeroHeavy};
  WriteArtifact(folder, "zero_heavy", testing::MakeArtifact(shape, random));
  shape.kind = TargetKind::kTwoValued;
  WriteArtifact(folder, "two_valued", testing::MakeArtifact(shape, random));
}

// As a call, and as an item of a stream.
void WriteBatch(const std::filesystem::path& folder, const std::string& name, const v1::BatchPredictRequest& request) {
  Write(folder / name, absl::StrCat("c", request.SerializeAsString()));
  v1::StreamPredictRequest item;
  *item.mutable_batch_predict() = request;
  Write(folder / absl::StrCat(name, "_item"), absl::StrCat("s", item.SerializeAsString()));
}

void WriteBatches(const std::filesystem::path& folder) {
  const Schema schema = testing::SmallArtifact().schema;
  v1::BatchPredictRequest columns;
  columns.mutable_model()->set_name("default");
  columns.set_max_issues(3);
  for (const Feature& feature : schema.features) {
    v1::Column& column = *columns.mutable_columns()->add_columns();
    column.set_name(feature.name);
    for (int row = 0; row < 3; ++row) {
      if (feature.kind == FeatureKind::kCategorical) {
        if (row == 0) column.mutable_categories()->add_dictionary("a");
        column.mutable_categories()->add_codes(row - 1);
      } else if (feature.kind == FeatureKind::kTime) {
        column.mutable_times()->add_unix_seconds(1700000000 + row);
      } else if (row % 2 == 0) {
        column.mutable_floats()->add_values(static_cast<float>(row) + 0.5f);
      } else {
        column.mutable_floats()->add_values(-1);
      }
    }
  }
  WriteBatch(folder, "columns", columns);
  v1::BatchPredictRequest matrix;
  matrix.mutable_matrix()->set_rows(2);
  matrix.mutable_matrix()->set_schema_digest(schema.Digest());
  for (size_t i = 0; i < 2 * schema.features.size(); ++i) matrix.mutable_matrix()->add_values(static_cast<float>(i));
  WriteBatch(folder, "matrix", matrix);
  matrix.mutable_uncertainty()->set_interval_level(0.9);
  matrix.mutable_uncertainty()->set_profit_probability(true);
  WriteBatch(folder, "intervals", matrix);
  v1::BatchPredictRequest campaigns;
  v1::Campaign& campaign = *campaigns.mutable_campaigns()->add_campaigns();
  campaign.set_spend(500);
  campaign.set_channel("search");
  WriteBatch(folder, "campaigns", campaigns);
  v1::BatchPredictRequest rows;
  v1::Row& row = *rows.mutable_rows()->add_rows();
  row.add_values()->set_name(schema.features.front().name);
  row.mutable_values(0)->set_number(2);
  WriteBatch(folder, "rows", rows);
}

}  // namespace
}  // namespace roicast

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " FOLDER" << std::endl;
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  roicast::WriteArtifacts(folder / "artifact");
  roicast::WriteBatches(folder / "batch");
  return 0;
}
