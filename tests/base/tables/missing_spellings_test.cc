#include "base/tables/missing_spellings.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

TEST(MissingSpellings, AreComparedWithoutCaseAndBlanks) {
  const std::vector<std::string> given{"Unknown", "-999", "?"};
  const MissingSpellings missing(given);
  for (const char* cell : {"unknown", " UNKNOWN ", "?", "-999", "NA", "n/a", "--", "", "#DIV/0!"}) {
    EXPECT_TRUE(missing.Matches(cell)) << cell;
  }
  for (const char* cell : {"unknown1", "999", "nan.", "known", "??"}) EXPECT_FALSE(missing.Matches(cell)) << cell;
  EXPECT_TRUE(missing.IsGiven("UNKNOWN"));
  EXPECT_FALSE(missing.IsGiven("na"));
  EXPECT_TRUE(missing.AnyWithDigits());
  EXPECT_FALSE(MissingSpellings().AnyWithDigits());
}

TEST(MissingSpellings, AnEmptyOneLeavesOutTheUsualOnes) {
  const std::vector<std::string> only{"unknown", ""};
  const MissingSpellings missing(only);
  EXPECT_TRUE(missing.Matches("unknown"));
  EXPECT_TRUE(missing.Matches("--"));
  EXPECT_FALSE(missing.Matches("NA"));
  EXPECT_TRUE(missing.MatchesNumber("NA"));
}

TEST(MissingSpellings, AUsualOneThatIsGivenToo) {
  const std::vector<std::string> given{"na"};
  const MissingSpellings missing(given);
  EXPECT_TRUE(missing.IsGiven("NA"));
  EXPECT_TRUE(missing.Matches("NA"));
}

TEST(MissingSpellings, AreLimited) {
  std::vector<std::string> spellings;
  for (int i = 0; i < 1000; ++i) spellings.push_back(absl::StrCat("m", i));
  EXPECT_TRUE(CheckMissingSpellings(spellings, "f").ok());
  EXPECT_TRUE(MissingSpellings(spellings).Matches("M999"));
  EXPECT_FALSE(MissingSpellings(spellings).Matches("m1000"));
  spellings.push_back("one more");
  EXPECT_EQ(CheckMissingSpellings(spellings, "header.csv.missing_values"),
            absl::InvalidArgumentError(
                "header.csv.missing_values: expected at most 1000 spellings of \"missing\", got 1001"));
  const std::vector<std::string> long_one{"x", std::string(201, 'a')};
  EXPECT_EQ(CheckMissingSpellings(long_one, "f"),
            absl::InvalidArgumentError("f[1]: expected at most 200 bytes, got 201"));
}

}  // namespace
}  // namespace roicast
