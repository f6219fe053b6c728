#include "client/rows/row_schema.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"

namespace roicast::client {

RowSchema::RowSchema(v1::Model model) : model_(std::move(model)) {
  const auto& given = model_.report().cleaning().reading().missing_values();
  const MissingSpellings missing(std::vector<std::string>(given.begin(), given.end()));
  words_.reserve(size());
  for (size_t i = 0; i < size(); ++i) {
    positions_.emplace(feature(i).name(), i);
    words_.emplace_back(std::vector<std::string>(feature(i).vocabulary().begin(), feature(i).vocabulary().end()),
                        missing);
  }
}

absl::StatusOr<size_t> RowSchema::Find(absl::string_view name) const {
  if (const auto found = positions_.find(name); found != positions_.end()) return found->second;
  std::vector<std::string> known;
  for (size_t i = 0; i < size(); ++i) known.push_back(feature(i).name());
  return absl::InvalidArgumentError(absl::StrCat("model \"", model_.name(), "\" version ", model_.version(),
                                                 " has no feature \"", name, "\"",
                                                 DidYouMeanOrList(name, known, "it has")));
}

float RowSchema::CodeOf(size_t feature, absl::string_view word) const {
  const int code = words_[feature].Find(word);
  if (code == VocabularyIndex::kMissing) return std::numeric_limits<float>::quiet_NaN();
  return code == VocabularyIndex::kUnseen ? static_cast<float>(words_[feature].words().size())
                                          : static_cast<float>(code);
}

}  // namespace roicast::client
