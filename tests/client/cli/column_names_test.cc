#include "client/cli/column_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/file_error.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> List(const ColumnNames& columns, const std::string& text) {
  const absl::StatusOr<std::vector<std::string>> names = columns.List("--exclude", text);
  return names.ok() ? *names : std::vector<std::string>{"error: " + std::string(names.status().message())};
}

std::vector<std::string> Values(const ColumnNames& columns, const std::string& text, bool optional = false) {
  const auto values = columns.Values("--kind", text, "COLUMN=KIND", optional);
  if (!values.ok()) return {"error: " + std::string(values.status().message())};
  std::vector<std::string> shown;
  for (const ColumnValue& value : *values) shown.push_back(value.column + " -> " + value.value);
  return shown;
}

TEST(ColumnNames, ListsAreCutAtCommasOnlyWhereThereIsNoSuchColumn) {
  const ColumnNames columns({"a", "b", "ROAS, 7 days", "c"});
  EXPECT_THAT(List(columns, "a"), ElementsAre("a"));
  EXPECT_THAT(List(columns, "a,b"), ElementsAre("a", "b"));
  EXPECT_THAT(List(columns, "a, b"), ElementsAre("a", "b"));
  EXPECT_THAT(List(columns, "ROAS, 7 days"), ElementsAre("ROAS, 7 days"));
  EXPECT_THAT(List(columns, "a,ROAS, 7 days,c"), ElementsAre("a", "ROAS, 7 days", "c"));
  EXPECT_THAT(List(ColumnNames({"a", "b", "a,b"}), "a,b"), ElementsAre("a,b"));
}

TEST(ColumnNames, AListThatCanBeReadInTwoWaysIsAnError) {
  const ColumnNames columns({"a", "b", "a,b", "c"});
  EXPECT_THAT(List(columns, "a,b,c"), ElementsAre("error: --exclude a,b,c: it can be read as columns in two ways"));
  EXPECT_EQ(HintOf(columns.List("--exclude", "a,b,c").status()), "repeat the flag, once for each column");
}

TEST(ColumnNames, AWrongNameIsNamedWithTheNearestColumn) {
  const ColumnNames columns({"Conversion", "Cost, total", "Amount spent (USD)"});
  const auto error = [&](const std::string& text) { return List(columns, text)[0]; };
  EXPECT_EQ(error("conversion"), "error: --exclude conversion: no column \"conversion\"; did you mean \"Conversion\"?");
  EXPECT_EQ(error("Conversion,Cost, totl"),
            "error: --exclude Conversion,Cost, totl: no column \"Cost\"; did you mean \"Cost, total\"?");
  EXPECT_EQ(error("cost, totl"),
            "error: --exclude cost, totl: no column \"cost, totl\"; did you mean \"Cost, total\"?");
  EXPECT_EQ(error("amount spent"),
            "error: --exclude amount spent: no column \"amount spent\"; did you mean \"Amount spent (USD)\"?");
  EXPECT_EQ(error("zebra"), "error: --exclude zebra: no column \"zebra\"");
  EXPECT_EQ(error(""), "error: --exclude \"\": no column \"\"");
  EXPECT_EQ(HintOf(columns.Check("--target x", "x")),
            "the columns are Conversion, \"Cost, total\", Amount spent (USD)");
  EXPECT_EQ(columns.Check("--target x", "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(columns.Check("--target Conversion", "Conversion").ok());
}

TEST(ColumnNames, TheHintListsFortyColumns) {
  std::vector<std::string> many;
  for (int i = 0; i < 43; ++i) many.push_back("c" + std::to_string(i));
  EXPECT_THAT(HintOf(ColumnNames(many).Check("--target x", "x")), ::testing::EndsWith(", c38, c39 and 3 more"));
}

TEST(ColumnNames, ValuesBelongToNamesWithCommasAndEqualsSigns) {
  const ColumnNames columns({"a", "b", "x, y", "k=v"});
  EXPECT_THAT(Values(columns, "a=time"), ElementsAre("a -> time"));
  EXPECT_THAT(Values(columns, "a=time,b=numeric"), ElementsAre("a -> time", "b -> numeric"));
  EXPECT_THAT(Values(columns, "x, y=time"), ElementsAre("x, y -> time"));
  EXPECT_THAT(Values(columns, "a=time,x, y=numeric"), ElementsAre("a -> time", "x, y -> numeric"));
  EXPECT_THAT(Values(columns, "k=v=time"), ElementsAre("k=v -> time"));
  EXPECT_THAT(Values(columns, "comma", true), ElementsAre(" -> comma"));
  EXPECT_THAT(Values(columns, "comma,a=point", true), ElementsAre(" -> comma", "a -> point"));
}

TEST(ColumnNames, WrongValuesSayWhatWasExpected) {
  const ColumnNames columns({"alpha", "b"});
  EXPECT_THAT(Values(columns, "alpha"), ElementsAre("error: --kind: expected COLUMN=KIND, got \"alpha\""));
  EXPECT_THAT(Values(columns, "=time"), ElementsAre("error: --kind: expected COLUMN=KIND, got \"=time\""));
  EXPECT_THAT(Values(columns, "alpah=time"),
              ElementsAre("error: --kind alpah=time: no column \"alpah\"; did you mean \"alpha\"?"));
  EXPECT_THAT(Values(columns, "b=time,alpah=time"),
              ElementsAre("error: --kind b=time,alpah=time: no column \"alpah\"; did you mean \"alpha\"?"));
}

TEST(ColumnNames, OneValueMayContainAnything) {
  const ColumnNames columns({"month", "a=b"});
  const auto value = [&](const std::string& text) {
    const auto split = columns.Value("--holdout-where", text, "COLUMN=VALUE");
    return split.ok() ? split->column + " -> " + split->value : std::string(split.status().message());
  };
  EXPECT_EQ(value("month=June, July"), "month -> June, July");
  EXPECT_EQ(value("month=a=b"), "month -> a=b");
  EXPECT_EQ(value("a=b=c"), "a=b -> c");
  EXPECT_EQ(value("month"), "--holdout-where: expected COLUMN=VALUE, got \"month\"");
  EXPECT_EQ(value("month="), "--holdout-where: expected COLUMN=VALUE, got \"month=\"");
  EXPECT_EQ(value("moth=June"), "--holdout-where moth=June: no column \"moth\"; did you mean \"month\"?");
}

TEST(ColumnNames, UnknownColumnsTakeAnyNameButNoList) {
  const ColumnNames columns;
  EXPECT_FALSE(columns.known());
  EXPECT_TRUE(columns.Check("--target x", "x").ok());
  EXPECT_THAT(List(columns, "x"), ElementsAre("x"));
  EXPECT_THAT(Values(columns, "x=time"), ElementsAre("x -> time"));
  EXPECT_THAT(List(columns, "x,y"), ElementsAre("error: --exclude x,y: expected one column, got a comma, and the "
                                                "dataset's columns are not known here to tell a list"));
  EXPECT_THAT(Values(columns, "x=time,y=time")[0], ::testing::StartsWith("error: --kind x=time,y=time: expected one"));
}

TEST(ColumnNames, NamesFromOutsideAreShownOnOneLine) {
  EXPECT_EQ(std::string(ColumnNames({"a\x1b[31mb"}).Check("--target x", "a\x1b[31m").message()),
            "--target x: no column \"a␛[31m\"; did you mean \"a␛[31mb\"?");
}

}  // namespace
}  // namespace roicast::client
