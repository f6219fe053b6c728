// Enums of the API as words for people and flags: ACTIVATION_LEAKY_RELU is "leaky-relu". The names of the values are
// the only list there is.
#pragma once

#include <google/protobuf/generated_enum_reflection.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace roicast::client {

// The word for a value, with `separator` between its parts. "unspecified" for 0, empty for a value that this release
// does not know.
std::string EnumWord(const google::protobuf::EnumDescriptor& type, int value, char separator);
// All values but 0, in the order of the proto.
std::vector<std::string> EnumWords(const google::protobuf::EnumDescriptor& type);
// 0 for a word that is none.
int EnumOfWord(const google::protobuf::EnumDescriptor& type, absl::string_view word);

template <typename Enum>
std::string EnumWord(Enum value, char separator) {
  return EnumWord(*google::protobuf::GetEnumDescriptor<Enum>(), value, separator);
}
template <typename Enum>
std::vector<std::string> EnumWords() {
  return EnumWords(*google::protobuf::GetEnumDescriptor<Enum>());
}
template <typename Enum>
Enum EnumOfWord(absl::string_view word) {
  return static_cast<Enum>(EnumOfWord(*google::protobuf::GetEnumDescriptor<Enum>(), word));
}

}  // namespace roicast::client
