#include "server/services/decision/row_input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "server/errors/errors.h"
#include "tests/server/services/decision/decision_fixture.h"
#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

using RowInputTest = DecisionTest;

void AddNumbers(v1::RowInput& input, const std::string& name, const std::vector<double>& values) {
  v1::Column& column = *input.mutable_columns()->add_columns();
  column.set_name(name);
  column.mutable_doubles()->mutable_values()->Add(values.begin(), values.end());
}

TEST_F(RowInputTest, EveryFormGivesTheSameRawRow) {
  const std::vector<float> values = Values(1);
  const auto matrix = ReadRowInput(Rows(1), "rows", *model_, {.max = 10});
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_EQ(matrix->count, 1);
  EXPECT_EQ(matrix->rows, values);

  v1::RowInput columns, named;
  v1::Row& row = *named.mutable_rows()->add_rows();
  for (int i = 0; i < model_->schema().size(); ++i) {
    const Feature& feature = model_->schema().features[static_cast<size_t>(i)];
    const float value = values[static_cast<size_t>(i)];
    v1::Column& column = *columns.mutable_columns()->add_columns();
    column.set_name(feature.name);
    v1::NamedValue& one = *row.add_values();
    one.set_name(feature.name);
    if (feature.kind == FeatureKind::kNumeric) {
      column.mutable_floats()->add_values(value);
      one.set_number(value);
    } else if (feature.kind == FeatureKind::kCategorical) {
      column.mutable_categories()->add_dictionary(feature.vocabulary[static_cast<size_t>(value)]);
      column.mutable_categories()->add_codes(0);
      one.set_word(feature.vocabulary[static_cast<size_t>(value)]);
    } else {
      column.mutable_times()->add_unix_seconds(static_cast<int64_t>(value) * 3600);
      one.mutable_time()->set_seconds(static_cast<int64_t>(value) * 3600);
    }
  }
  for (const v1::RowInput& input : {columns, named}) {
    const auto read = ReadRowInput(input, "rows", *model_, {.max = 10});
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->rows, values);
  }
}

TEST_F(RowInputTest, ManyColumnsRowsKeepTheirOrder) {
  v1::RowInput input;
  std::vector<double> spends(3000);
  for (size_t i = 0; i < spends.size(); ++i) spends[i] = static_cast<double>(i + 1);
  AddNumbers(input, "spend", spends);
  const auto read = ReadRowInput(input, "rows", *model_, {.max = 3000});
  ASSERT_TRUE(read.ok()) << read.status();
  const auto spend = static_cast<size_t>(Index("spend"));
  for (size_t i = 0; i < spends.size(); ++i) {
    ASSERT_EQ(read->rows[i * width() + spend], static_cast<float>(spends[i]));
  }
  EXPECT_TRUE(std::isnan(read->rows[0]));
}

TEST_F(RowInputTest, ErrorsNameTheField) {
  v1::RowInput unknown;
  AddNumbers(unknown, "spent", {1.0});
  EXPECT_EQ(
      ReadRowInput(unknown, "background", *model_, {.max = 10}).status(),
      absl::InvalidArgumentError("background: columns[0].name: model \"default\" version 1 has no feature \"spent\""
                                 "; did you mean \"spend\"?"));
  EXPECT_EQ(ReadRowInput(v1::RowInput(), "rows", *model_, {.max = 10}).status(),
            absl::InvalidArgumentError("rows: input: expected columns, matrix, rows or campaigns, got none"));
  const absl::Status many = ReadRowInput(Rows(11), "rows", *model_, {.max = 10}).status();
  EXPECT_EQ(many.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(many), v1::REQUEST_TOO_LARGE);
  EXPECT_EQ(many.message(), "rows: limit 10, got 11");
  EXPECT_EQ(ReadRowInput(Rows(11), "rows", *model_, {.max = 10, .of_flag = true}).status().message(),
            "rows: limit 10, got 11 (the server's --max_batch_rows)");
}

TEST_F(RowInputTest, StrictRowsNameTheFirstBadRowAndLeaveTheFreeFeatureAlone) {
  std::vector<float> values = Values(3);
  const int spend = Index("spend");
  values[2 * width() + static_cast<size_t>(spend)] = -5;
  EXPECT_EQ(ReadStrictRows(Matrix(values), "rows", *model_, {.max_rows = 3}).status(),
            absl::InvalidArgumentError("rows: row 2: spend: expected > 0, got -5"));
  const auto free = ReadStrictRows(Matrix(values), "rows", *model_, {.max_rows = 3, .free_feature = spend});
  ASSERT_TRUE(free.ok()) << free.status();
  EXPECT_EQ(free->rows[2 * width() + static_cast<size_t>(spend)], -5);
}

TEST_F(RowInputTest, PredictionsAreThoseOfPredictAndBadRowsAreListed) {
  std::vector<float> values = Values(3);
  values[width() + static_cast<size_t>(Index("spend"))] = std::numeric_limits<float>::infinity();
  auto rows = ReadRowInput(Matrix(values), "rows", *model_, {.max = 3});
  ASSERT_TRUE(rows.ok()) << rows.status();
  v1::ExplainResponse listed;
  const CheckedRows checked = *PredictAndCheck(*model_, *rows, listed.mutable_issues(), never_);
  EXPECT_EQ(checked.predictions[0], Predict(RowOf(values, 0)));
  EXPECT_TRUE(std::isnan(checked.predictions[1]));
  EXPECT_EQ(checked.predictions[2], Predict(RowOf(values, 2)));
  EXPECT_EQ(checked.refused, 1);
  EXPECT_TRUE(rows->ok(0));
  EXPECT_FALSE(rows->ok(1));
  ASSERT_EQ(listed.issues_size(), 1);
  EXPECT_EQ(listed.issues(0).row(), 1);
  EXPECT_EQ(listed.issues(0).status().message(), "spend: expected a finite number, got inf");
}

// The predictions of half a million rows went on after the client had left.
TEST_F(RowInputTest, PredictionsStopWithTheirCall) {
  auto rows = ReadRowInput(Rows(1000), "rows", *model_, {.max = 1000});
  ASSERT_TRUE(rows.ok()) << rows.status();
  v1::ExplainResponse listed;
  testing::ExpectStopsWhereItAsks(
      [&](const StopCheck& stop) { return PredictAndCheck(*model_, *rows, listed.mutable_issues(), stop).status(); },
      1000 / 256);
}

// The rows were held once more than in the request, and nobody counted them.
TEST_F(RowInputTest, RowsAreTakenFromTheBudgetBeforeTheyAreCopied) {
  const v1::RowInput input = Rows(1000);
  const uint64_t copied = 1000 * width() * sizeof(float);
  MemoryBudget small(copied, 0);
  const absl::Status refused = ReadRowInput(input, "rows", *model_, {.max = 1000, .memory = &small}).status();
  EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED) << refused;
  EXPECT_THAT(std::string(refused.message()),
              ::testing::ContainsRegex("^rows: memory for requests: .* more are needed, .* of the budget of 80 kB are "
                                       "free.*--memory_budget"));
  EXPECT_EQ(small.held(), 0u);
  MemoryBudget large(10 * copied, 0);
  {
    const auto read = ReadRowInput(input, "rows", *model_, {.max = 1000, .memory = &large});
    ASSERT_TRUE(read.ok()) << read.status();
    // Only the rows themselves stay, and not at the cost of predictions.
    EXPECT_EQ(large.held(MemoryUse::kRequests), copied);
    EXPECT_EQ(large.held(), copied);
  }
  EXPECT_EQ(large.held(), 0u);
}

}  // namespace
}  // namespace roicast
