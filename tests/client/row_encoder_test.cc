#include "client/row_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;

RowEncoder Make(const std::vector<std::string>& header) {
  return *RowEncoder::Create(testing::FakeServer::SmallModel().schema(), header, MissingSpellings());
}

std::vector<float> Encode(const RowEncoder& encoder, const std::vector<absl::string_view>& cells) {
  std::vector<float> row(encoder.features(), -1);
  const absl::Status status = encoder.Encode(cells, row.data());
  EXPECT_TRUE(status.ok()) << status;
  return row;
}

TEST(RowEncoder, PutsCellsInSchemaOrder) {
  const RowEncoder encoder = Make({"start", "note", "channel", "price", "spend"});
  EXPECT_THAT(encoder.absent_features(), ElementsAre());
  EXPECT_THAT(Encode(encoder, {"1970-01-02T05:30:00Z", "hello", "social", " 9.5 ", "100"}),
              ElementsAre(100.0f, 9.5f, 1.0f, 29.0f));
}

TEST(RowEncoder, MissingCellsAreNanAndUnknownWordsTheCodeAfterTheLast) {
  const RowEncoder encoder = Make({"spend", "channel"});
  EXPECT_THAT(encoder.absent_features(), ElementsAre("price", "start"));
  const std::vector<float> row = Encode(encoder, {"NA", "telepathy"});
  EXPECT_TRUE(std::isnan(row[0]));
  EXPECT_TRUE(std::isnan(row[1]));
  EXPECT_EQ(row[2], 2.0f);
  EXPECT_TRUE(std::isnan(row[3]));
}

TEST(RowEncoder, NamesColumnExpectedAndActual) {
  const RowEncoder encoder = Make({"spend", "start"});
  std::vector<float> row(4);
  const auto encode = [&](std::vector<absl::string_view> cells) { return encoder.Encode(cells, row.data()); };
  EXPECT_EQ(encode({"much", "2025-01-01"}),
            absl::InvalidArgumentError("column 1 \"spend\": expected a number, got \"much\""));
  EXPECT_EQ(encode({"1", "yesterday"}),
            absl::InvalidArgumentError(
                "column 2 \"start\": expected a time such as 2025-03-01T12:00:00Z, got \"yesterday\""));
  EXPECT_EQ(encode({"1e300", ""}), absl::InvalidArgumentError("column 1 \"spend\": expected a number, got \"1e300\""));
  EXPECT_EQ(encode({"1"}), absl::InvalidArgumentError("expected 2 cells, got 1"));
}

TEST(RowEncoder, RefusesAFileWithoutAnyFeature) {
  const std::vector<std::string> header = {"a", "b"};
  EXPECT_EQ(RowEncoder::Create(testing::FakeServer::SmallModel().schema(), header, MissingSpellings()).status(),
            absl::InvalidArgumentError(
                "header: expected at least one feature of the model (spend, price, channel, start), got a,b"));
}

}  // namespace
}  // namespace roicast::client
