#include "client/cli/enum_words.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace roicast::client {
namespace {

// "ACTIVATION_" of ACTIVATION_UNSPECIFIED, which every enum of the API has as its 0.
absl::string_view PrefixOf(const google::protobuf::EnumDescriptor& type) {
  return absl::StripSuffix(type.FindValueByNumber(0)->name(), "UNSPECIFIED");
}

}  // namespace

std::string EnumWord(const google::protobuf::EnumDescriptor& type, int value, char separator) {
  const google::protobuf::EnumValueDescriptor* found = type.FindValueByNumber(value);
  if (found == nullptr) return "";
  std::string word = absl::AsciiStrToLower(absl::StripPrefix(found->name(), PrefixOf(type)));
  std::replace(word.begin(), word.end(), '_', separator);
  return word;
}

std::vector<std::string> EnumWords(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> words;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) words.push_back(EnumWord(type, type.value(i)->number(), '-'));
  }
  return words;
}

int EnumOfWord(const google::protobuf::EnumDescriptor& type, absl::string_view word) {
  for (int i = 0; i < type.value_count(); ++i) {
    if (EnumWord(type, type.value(i)->number(), '-') == word) return type.value(i)->number();
  }
  return 0;
}

}  // namespace roicast::client
