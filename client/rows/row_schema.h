// A model's schema, indexed for encoding rows: names to positions, words to codes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/tables/vocabulary_index.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// Immutable, thread-safe.
class RowSchema {
 public:
  // What GetModel returned.
  explicit RowSchema(v1::Model model);
  RowSchema(const RowSchema&) = delete;
  RowSchema& operator=(const RowSchema&) = delete;

  const v1::Model& model() const { return model_; }
  const std::string& digest() const { return model_.schema().digest(); }
  size_t size() const { return static_cast<size_t>(model_.schema().features_size()); }
  // feature < size().
  const v1::Feature& feature(size_t feature) const { return model_.schema().features(static_cast<int>(feature)); }

  // The position of a feature. Errors: INVALID_ARGUMENT with the nearest name.
  absl::StatusOr<size_t> Find(absl::string_view name) const;
  // What a dense row has for a word of a categorical feature: its code; NaN for a spelling of "missing", such as "NA",
  // that is not in the vocabulary; the vocabulary's size for any other word. The server looks words up in the same way.
  float CodeOf(size_t feature, absl::string_view word) const;

 private:
  const v1::Model model_;
  // Keys point into the model.
  absl::flat_hash_map<absl::string_view, size_t> positions_;
  // One per feature; empty for those that are not categorical.
  std::vector<VocabularyIndex> words_;
};

}  // namespace roicast::client
