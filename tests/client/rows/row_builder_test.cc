#include "client/rows/row_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsNan;

std::shared_ptr<const RowSchema> SmallSchema() {
  return std::make_shared<const RowSchema>(roicast::testing::FakeServer::SmallModel());
}

TEST(RowBuilder, EncodesValuesByNameAndLeavesTheRestMissing) {
  RowBuilder row(SmallSchema());
  EXPECT_THAT(row.values(), ElementsAre(IsNan(), IsNan(), IsNan(), IsNan()));
  ASSERT_TRUE(row.SetNumber("spend", 2500.5).ok());
  ASSERT_TRUE(row.SetWord("channel", "social").ok());
  ASSERT_TRUE(row.SetTime("start", absl::FromUnixSeconds(2 * 3600 + 59)).ok());
  EXPECT_THAT(row.values(), ElementsAre(2500.5F, IsNan(), 1, 2));
  const v1::DenseRow dense = row.ToDenseRow();
  EXPECT_EQ(dense.schema_digest(), "digest-of-the-schema");
  EXPECT_THAT(dense.values(), ElementsAre(2500.5F, IsNan(), 1, 2));
  row.Clear();
  EXPECT_THAT(row.values(), ElementsAre(IsNan(), IsNan(), IsNan(), IsNan()));
}

TEST(RowBuilder, APositionFoundOnceSavesTheLookUp) {
  const auto schema = SmallSchema();
  const absl::StatusOr<size_t> price = schema->Find("price");
  ASSERT_TRUE(price.ok());
  EXPECT_EQ(*price, 1U);
  RowBuilder row(schema);
  ASSERT_TRUE(row.SetNumber(*price, 9).ok());
  ASSERT_TRUE(row.SetNumber(*price, 10).ok());
  EXPECT_THAT(row.values(), ElementsAre(IsNan(), 10, IsNan(), IsNan()));
}

TEST(RowBuilder, TimesBefore1970AreRoundedDown) {
  RowBuilder row(SmallSchema());
  ASSERT_TRUE(row.SetTime("start", absl::FromUnixSeconds(-1)).ok());
  EXPECT_EQ(row.values()[3], -1);
}

TEST(RowBuilder, UnknownWordsAreOtherAndSpellingsOfNothingAreMissing) {
  RowBuilder row(SmallSchema());
  ASSERT_TRUE(row.SetWord("channel", "carrier pigeon").ok());
  EXPECT_EQ(row.values()[2], 2);
  for (const char* word : {"", "NA", "n/a", "None"}) {
    ASSERT_TRUE(row.SetWord("channel", "search").ok());
    ASSERT_TRUE(row.SetWord("channel", word).ok());
    EXPECT_TRUE(std::isnan(row.values()[2])) << word;
  }
}

TEST(RowBuilder, AWordOfTheVocabularyIsThatWordAndNumbersAreComparedAsNumbers) {
  v1::Model model;
  v1::Feature& feature = *model.mutable_schema()->add_features();
  feature.set_name("answer");
  feature.set_kind(v1::FEATURE_KIND_CATEGORICAL);
  feature.add_vocabulary("yes");
  feature.add_vocabulary("None");
  RowBuilder words(std::make_shared<const RowSchema>(model));
  ASSERT_TRUE(words.SetWord("answer", "None").ok());
  EXPECT_EQ(words.values()[0], 1);
  feature.clear_vocabulary();
  feature.add_vocabulary("1");
  feature.add_vocabulary("2");
  RowBuilder numbers(std::make_shared<const RowSchema>(model));
  ASSERT_TRUE(numbers.SetWord("answer", "2.0").ok());
  EXPECT_EQ(numbers.values()[0], 1);
}

TEST(RowBuilder, NamesWhatIsWrong) {
  RowBuilder row(SmallSchema());
  EXPECT_EQ(row.SetNumber("pirce", 1),
            absl::InvalidArgumentError("model \"small\" version 3 has no feature \"pirce\"; did you mean \"price\"?"));
  EXPECT_EQ(row.SetNumber("channel", 1), absl::InvalidArgumentError("\"channel\": expected a word, got a number"));
  EXPECT_EQ(row.SetWord("start", "now"), absl::InvalidArgumentError("\"start\": expected a time, got a word"));
  EXPECT_EQ(row.SetTime("spend", absl::UnixEpoch()),
            absl::InvalidArgumentError("\"spend\": expected a number, got a time"));
  EXPECT_EQ(row.SetNumber("spend", std::numeric_limits<double>::infinity()),
            absl::InvalidArgumentError("\"spend\": expected a number within float32's range, got inf"));
  EXPECT_EQ(row.SetNumber("spend", 1e39),
            absl::InvalidArgumentError("\"spend\": expected a number within float32's range, got 1e+39"));
  EXPECT_EQ(row.SetTime("start", absl::FromUnixSeconds(7258118400)),
            absl::InvalidArgumentError(
                "\"start\": expected a time in the years 1900 to 2199, got 2200-01-01T00:00:00+00:00"));
  ASSERT_TRUE(row.SetNumber("spend", std::nan("")).ok());
  EXPECT_THAT(row.values(), ElementsAre(IsNan(), IsNan(), IsNan(), IsNan()));
}

}  // namespace
}  // namespace roicast::client
