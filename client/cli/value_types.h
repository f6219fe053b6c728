// What kind of value a flag takes, by the type that --help shows for it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace roicast::client {

enum class ValueType { kWholeNumber, kUnsignedNumber, kNumber, kOther };

// kOther for flags without a value, and for texts and lists.
ValueType ValueTypeOf(const CLI::Option& option);

// What --help shows, without ranges: "N", "FILE".
std::string TypeNameOf(const CLI::Option& option);

// For messages: "a whole number", "a number", "FILE".
std::string ExpectedValue(const CLI::Option& option);

}  // namespace roicast::client
