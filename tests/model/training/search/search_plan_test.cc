#include "model/training/search/search_plan.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/tables/time_form.h"
#include "model/training/fit/encoded_fit.h"
#include "model/training/preparation/prepared_data.h"
#include "tests/model/data/read_csv.h"
#include "tests/model/training/small_dataset.h"

namespace roicast {
namespace {

// Numbers and times, with and without missing values, and words.
PreparedData MixedData() {
  TrainingSpec spec = SmallSpec();
  Random random(1);
  std::string csv = "price,clicks,channel,start,end,roi\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&csv, i % 7 == 0 ? "" : absl::StrCat(random.Uniform()), ",", random.Uniform(), ",",
                    random.Below(2) ? "a" : "b", ",", FormatTime(1'600'000'000 + 86'400 * i), ",",
                    i % 5 == 0 ? "" : FormatTime(1'600'000'000 + 50'000 * ((i * 37) % 200)), ",", random.Normal(),
                    "\n");
  }
  spec.split.holdout_fraction = 0.0;
  spec.split.validation_fraction = 0.0;
  auto data = PrepareData(ReadCsvOrFail(csv), spec, nullptr);
  EXPECT_TRUE(data.ok()) << data.status();
  return *std::move(data);
}

Preprocessor WithRamps(const PreparedData& data, int ramps) {
  TrainingSpec spec = SmallSpec();
  spec.preprocessing.ramps = ramps;
  spec.preprocessing.trend = true;
  absl::StatusOr<Preprocessor> preprocessor = LearnPreprocessor(data, data.split.train, spec, nullptr);
  EXPECT_TRUE(preprocessor.ok()) << preprocessor.status();
  return *std::move(preprocessor);
}

Mlp RandomMlp(int inputs) {
  Random random(2);
  Mlp mlp;
  for (const int units : {5, 3, 1}) {
    DenseLayer layer;
    layer.activation = units == 1 ? Activation::kIdentity : Activation::kSilu;
    layer.weights.resize(units, inputs);
    for (float& weight : layer.weights.reshaped()) weight = static_cast<float>(random.Normal());
    layer.biases = Eigen::VectorXf::Constant(units, 0.1f);
    inputs = units;
    mlp.layers.push_back(layer);
  }
  return mlp;
}

void ExpectSameFunction(const PreparedData& data, const Preprocessor& from, const Preprocessor& to) {
  const Mlp mlp = RandomMlp(from.encoded_size());
  const Mlp embedded = Embed(mlp, from, to, {8, 4});
  EXPECT_EQ(embedded.inputs(), to.encoded_size());
  EXPECT_EQ(embedded.layers[0].outputs(), 8);
  EXPECT_EQ(embedded.layers[1].outputs(), 4);
  const RowMajorMatrix raw = ToRawRows(data.features, from.schema());
  const RowMajorMatrix x = from.Encode(raw), wide = to.Encode(raw);
  for (Eigen::Index i = 0; i < raw.rows(); ++i) {
    ASSERT_NEAR(embedded.Evaluate(wide.row(i).data()), mlp.Evaluate(x.row(i).data()), 2e-6) << i;
  }
}

TEST(Embed, IsTheSameFunctionOfRowsWithRamps) {
  const PreparedData data = MixedData();
  const Preprocessor plain = WithRamps(data, 0), ramps = WithRamps(data, 4);
  ASSERT_EQ(ramps.encoded_size(), plain.encoded_size() + 4 * 4);
  ExpectSameFunction(data, plain, ramps);
  ExpectSameFunction(data, plain, plain);
}

TEST(Embed, IsTheSameFunctionOfRowsWithTheRampsOfAll) {
  const PreparedData data = MixedData();
  const Preprocessor plain = WithRamps(data, 0), three = WithRamps(data, 3), eight = WithRamps(data, 8);
  const absl::StatusOr<Preprocessor> merged = MergeRamps({&three, &plain, &eight});
  ASSERT_TRUE(merged.ok()) << merged.status();
  // The outer limits are the same; those of thirds are no eighths.
  EXPECT_EQ(merged->features()[1].ramps.size(), 4u + 9u - 2u);
  for (const Preprocessor* from : {&plain, &three, &eight}) ExpectSameFunction(data, *from, *merged);
}

}  // namespace
}  // namespace roicast
