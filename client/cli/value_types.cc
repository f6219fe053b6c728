#include "client/cli/value_types.h"

#include "absl/strings/ascii.h"

namespace roicast::client {

std::string TypeNameOf(const CLI::Option& option) {
  const std::string shown = option.get_type_name();
  // Ranges and lists of words follow after a colon; HOST:PORT has one of its own.
  for (size_t colon = shown.find(':'); colon != std::string::npos; colon = shown.find(':', colon + 1)) {
    if (colon + 1 == shown.size() || !absl::ascii_isupper(static_cast<unsigned char>(shown[colon + 1]))) {
      return shown.substr(0, colon);
    }
  }
  return shown;
}

ValueType ValueTypeOf(const CLI::Option& option) {
  if (option.get_items_expected_max() != 1) return ValueType::kOther;
  const std::string type = TypeNameOf(option);
  if (type == "UINT") return ValueType::kUnsignedNumber;
  for (const char* whole : {"N", "INT", "VERSION"}) {
    if (type == whole) return ValueType::kWholeNumber;
  }
  for (const char* number : {"X", "RATE", "SHARE", "ROI", "SECONDS", "NUMBER", "FLOAT"}) {
    if (type == number) return ValueType::kNumber;
  }
  return ValueType::kOther;
}

std::string ExpectedValue(const CLI::Option& option) {
  switch (ValueTypeOf(option)) {
    case ValueType::kWholeNumber:
    case ValueType::kUnsignedNumber:
      return "a whole number";
    case ValueType::kNumber:
      return "a number";
    case ValueType::kOther:
      break;
  }
  const std::string type = TypeNameOf(option);
  return type == "N,..." ? "whole numbers separated by commas" : type;
}

}  // namespace roicast::client
