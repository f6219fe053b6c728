#include "model/training/golden_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/features/preprocessor.h"

namespace roicast {
namespace {

Schema MixedSchema() {
  Schema schema;
  schema.features.resize(3);
  schema.features[0].name = "price";
  schema.features[0].allowed_min = 0.0;
  schema.features[0].allowed_min_exclusive = true;
  schema.features[0].seen_min = 1.0;
  schema.features[0].seen_max = 9.0;
  schema.features[1].name = "channel";
  schema.features[1].kind = FeatureKind::kCategorical;
  schema.features[1].vocabulary = {"search", "social"};
  schema.features[2].name = "start";
  schema.features[2].kind = FeatureKind::kTime;
  return schema;
}

RowMajorMatrix NumberedRows(int count) {
  RowMajorMatrix raw(count, 3);
  for (int i = 0; i < count; ++i) raw.row(i) << 1.0f + static_cast<float>(i) * 0.01f, 0.0f, 400'000.0f;
  return raw;
}

TEST(ChooseGoldenRows, SpreadsOverTheData) {
  const RowMajorMatrix golden = ChooseGoldenRows(NumberedRows(160), MixedSchema());
  ASSERT_GE(golden.rows(), 16);
  for (int i = 0; i < 16; ++i) EXPECT_FLOAT_EQ(golden(i, 0), 1.0f + 0.1f * static_cast<float>(i));
}

TEST(ChooseGoldenRows, RepeatsRowsOfASmallDataset) {
  const RowMajorMatrix golden = ChooseGoldenRows(NumberedRows(5), MixedSchema());
  ASSERT_GE(golden.rows(), 16);
  EXPECT_EQ(golden(7, 0), golden(2, 0));
}

TEST(ChooseGoldenRows, IncludesEdgeCasesThatThePredictorAccepts) {
  const Schema schema = MixedSchema();
  const RowMajorMatrix golden = ChooseGoldenRows(NumberedRows(100), schema);
  bool all_missing = false, unseen = false, above = false;
  for (int row = 0; row < golden.rows(); ++row) {
    int missing = 0;
    for (int i = 0; i < schema.size(); ++i) {
      const RawValue kind = ClassifyRawValue(schema.features[i], golden(row, i));
      EXPECT_NE(kind, RawValue::kNotAllowed) << "row " << row << " feature " << i;
      EXPECT_NE(kind, RawValue::kNotFinite) << "row " << row << " feature " << i;
      missing += kind == RawValue::kMissing;
      unseen |= kind == RawValue::kUnseen;
      above |= kind == RawValue::kOutOfRange && golden(row, i) > 9.0f;
    }
    all_missing |= missing == schema.size();
  }
  EXPECT_TRUE(all_missing);
  EXPECT_TRUE(unseen);
  EXPECT_TRUE(above);
}

}  // namespace
}  // namespace roicast
