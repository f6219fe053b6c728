#include "base/model_name.h"

#include <gtest/gtest.h>

#include <string>

namespace roicast {
namespace {

TEST(ModelName, StartsWithALetterAndHasUpTo64OfTheAllowedCharacters) {
  for (const std::string& name : {std::string("a"), std::string("shop_2-eu"), std::string(64, 'm')}) {
    EXPECT_TRUE(IsModelName(name)) << name;
    EXPECT_TRUE(ValidateModelName(name).ok());
  }
  for (const std::string& name : {std::string(), std::string(65, 'm'), std::string("2shop"), std::string("_shop"),
                                  std::string("Shop"), std::string("sh op"), std::string("schön"), std::string("a/b")}) {
    EXPECT_FALSE(IsModelName(name)) << name;
  }
}

TEST(ModelName, TheErrorNamesTheFieldAndQuotesTheName) {
  EXPECT_EQ(ValidateModelName("My Model", "--default_model"),
            absl::InvalidArgumentError(
                "--default_model: expected 1 to 64 of a-z, 0-9, _ and -, starting with a letter, got \"My Model\""));
  EXPECT_EQ(ValidateModelName(std::string(70, 'm') + "\n").message(),
            "model: expected 1 to 64 of a-z, 0-9, _ and -, starting with a letter, got \"" + std::string(64, 'm') +
                "\" …");
}

}  // namespace
}  // namespace roicast
