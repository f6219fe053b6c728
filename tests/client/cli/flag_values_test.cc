// Values that only the command can check: wrong ones end it with 2, as the parser's do, and before anything is sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"
#include "tests/testing/temp_dir.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using roicast::testing::TempDir;
using ::testing::HasSubstr;
using testing::Roicast;
using testing::WriteFile;

struct WrongLine {
  std::vector<std::string> arguments;
  std::string error;
};

class FlagValues : public ::testing::Test {
 protected:
  FlagValues() {
    server_.Start();
    WriteFile(table_, "spend,price,month,revenue\n1,2,June,3\n");
  }

  ProcessResult Run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-s", server_.target()});
    return Roicast(arguments);
  }

  const TempDir folder_;
  const std::string table_ = folder_.File("table.csv");
  FakeServer server_;
};

// Those of the form COLUMN=VALUE ended with 5, and those of the network and the split only after the upload.
TEST_F(FlagValues, WrongOnesAreWrongUsage) {
  const std::vector<WrongLine> lines = {
      {{"train", table_, "--kind", "month=word"}, "--kind: expected numeric, categorical, time, got \"word\""},
      {{"train", table_, "--kind", "month"}, "--kind: expected COLUMN=KIND, got \"month\""},
      {{"train", table_, "--range", "price=5..1"}, "--range: expected MIN..MAX, MIN.., ..MAX or none, got \"5..1\""},
      {{"train", table_, "--holdout-last", "price=2"},
       "--holdout-last: expected a share above 0, up to 0.9, got \"2\""},
      {{"train", table_, "--holdout-where", "month"}, "--holdout-where: expected COLUMN=VALUE, got \"month\""},
      {{"train", table_, "--target", "ROI"}, "--target ROI: no column \"ROI\""},
      {{"inspect", table_, "--decimal", "price=dot"}, "--decimal: expected point or comma, got \"dot\""},
      {{"inspect", table_, "--dates", "month=first"}, "--dates: expected iso, day-first, month-first,"},
      {{"inspect", table_, "--scale", "price=0"}, "--scale: expected a number other than 0, got \"0\""},
      {{"inspect", table_, "--delimiter", "ab"}, "--delimiter: expected one byte, tab, comma, semicolon or pipe"},
      {{"inspect", table_, "--no-header", "--header-line", "2"}, "expected either --no-header or --header-line"},
      {{"inspect", table_, "--header-line", "0"}, "--header-line: expected at least 1, got 0"},
      {{"evaluate", table_, "--spend", "speend"}, "--spend speend: no column \"speend\"; did you mean \"spend\"?"},
      {{"evaluate"}, "expected a CSV file or --dataset DIGEST, got neither"},
      {{"score", table_, "--scale", "prize=2"}, "--scale prize=2: no column \"prize\"; did you mean \"price\"?"},
      {{"score", table_, "--with-revenue", "--spend", "cost"}, "--spend cost: no column \"cost\""},
      {{"score", table_, "--spend", "spend"}, "--spend requires --with-revenue"},
      {{"optimize", table_, "--budget", "1,000"},
       "--budget: expected a number without separators and units, more than 0, got 1,000"},
      {{"optimize", table_, "--budget", "5k"},
       "--budget: expected a number without separators and units, more than 0, got 5k"},
      {{"optimize", table_, "--budget", "much"}, "--budget: expected more than 0, got much"},
      {{"optimize", table_, "--goal", "target-roi", "--goal-value", "20%"},
       "--goal-value: expected a number (0.2 for 20 %), got 20%"},
      {{"predict", "spend"}, "expected name=value, got \"spend\""},
      {{"predict", "spend=1", "spend=2"}, "\"spend\" is given twice"},
      {{"predict"}, "expected name=value ..., a JSON object or --file FILE, got nothing"},
      {{"train", table_, "--holdout", "1.5"}, "--holdout: expected 0 to 0.9, got 1.5"},
      {{"train", table_, "--validation", "-1"}, "--validation: expected 0 to 0.9, got -1"},
      {{"train", table_, "--folds", "1"}, "--folds: expected 2 to 50, got 1"},
      {{"train", table_, "--folds", "51"}, "--folds: expected 2 to 50, got 51"},
      {{"train", table_, "--time-budget", "60"},
       "--time-budget: expected a time above 0 with its unit, such as 60s or 5m, got \"60\""},
      {{"train", table_, "--time-budget", "-1s"}, "--time-budget: expected a time above 0"},
      {{"train", table_, "--model", "Bad Name"},
       "--model: expected 1 to 64 of a-z, 0-9, _ and -, starting with a letter, "
       "got Bad Name"},
      {{"models", "import", table_, "Bad"}, "--model: expected 1 to 64 of a-z"},
      {{"train", table_, "--hidden", "64,0"}, "--hidden: expected 1 to 4096, got 0"},
      {{"train", table_, "--dropout", "1"}, "--dropout: expected at least 0 and below 1, got 1"},
      {{"train", table_, "--epochs", "0"}, "--epochs: expected 1 to 100000, got 0"},
      {{"train", table_, "--learning-rate", "0"}, "--learning-rate: expected more than 0, got 0"},
      {{"train", table_, "--batch-size", "-1"}, "--batch-size: expected at least 0, got -1"},
      {{"train", table_, "--patience", "-1"}, "--patience: expected at least 0, got -1"},
      {{"train", table_, "--l1", "-1"}, "--l1: expected at least 0, got -1"},
      {{"train", table_, "--l2", "-1"}, "--l2: expected at least 0, got -1"},
      {{"train", table_, "--weight-decay", "-1"}, "--weight-decay: expected at least 0, got -1"},
      {{"train", table_, "--warm-start", "0"}, "--warm-start: expected at least 1, got 0"},
  };
  for (const WrongLine& line : lines) {
    const ProcessResult result = Run(line.arguments);
    EXPECT_EQ(result.exit_code, 2) << absl::StrJoin(line.arguments, " ");
    EXPECT_THAT(result.errors, HasSubstr(": " + line.error));
    EXPECT_EQ(result.output, "");
  }
  EXPECT_EQ(server_.uploaded(), "");
}

TEST_F(FlagValues, AServerHasNoScheme) {
  for (const auto& [given, what] : {std::pair("localhost", "HOST:PORT, got localhost, without a port"),
                                    std::pair("[::1]", "HOST:PORT, got [::1], without a port"),
                                    std::pair("a:99999", "HOST:PORT with a port from 1 to 65535, got a:99999"),
                                    std::pair("a:x", "HOST:PORT with a port from 1 to 65535, got a:x")}) {
    const ProcessResult refused = Roicast({"health", "--server", given});
    EXPECT_EQ(refused.exit_code, 2) << given;
    EXPECT_THAT(refused.errors, HasSubstr(what));
  }
  const ProcessResult result = Roicast({"health", "--server", "http://" + server_.target()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.errors,
            "roicast: --server: expected HOST:PORT, got http://" + server_.target() + ": leave out http://\n");
}

// What stands in a file, and what only the server knows, is no usage.
TEST_F(FlagValues, WrongFilesAreRejected) {
  WriteFile(folder_.File("spec.json"), R"({"target": {"column": "ROI"}})");
  const ProcessResult spec = Run({"train", table_, "--spec", folder_.File("spec.json")});
  EXPECT_EQ(spec.exit_code, 5);
  EXPECT_THAT(spec.errors, HasSubstr("target.column: no column \"ROI\""));
  WriteFile(folder_.File("spec.json"), "{");
  EXPECT_EQ(Run({"train", table_, "--spec", folder_.File("spec.json")}).exit_code, 5);
  // The form is right.
  EXPECT_THAT(Run({"predict", "start=2205-10-06"}).errors,
              HasSubstr("\"start\": expected a time that exists, of the years 1900 to 2199, got \"2205-10-06\""));
  EXPECT_EQ(Run({"predict", "{"}).exit_code, 5);
  EXPECT_EQ(Run({"predict", "no_such_feature=1"}).exit_code, 5);
  EXPECT_EQ(Run({"train", "--dataset", "unknown", "--spec", folder_.File("none.json")}).exit_code, 3);
}

}  // namespace
}  // namespace roicast::client
