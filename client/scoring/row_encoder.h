// Encodes the cells of a table as rows of a dense matrix for one schema.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/tables/column_form.h"
#include "base/tables/missing_spellings.h"
#include "base/tables/vocabulary_index.h"
#include "client/scoring/feature_columns.h"
#include "roicast/v1/schema.pb.h"

namespace roicast::client {

// Immutable, thread-safe.
class RowEncoder {
 public:
  RowEncoder(const v1::Schema& schema, const FeatureColumns& columns, MissingSpellings missing);

  // Writes one value per feature of the schema. Missing cells and features without a column become NaN; words outside
  // the vocabulary become the code after its last one; times become whole hours since 1970.
  // cells: of all columns of the table. Errors: INVALID_ARGUMENT naming column, expected and actual.
  absl::Status Encode(absl::Span<const absl::string_view> cells, float* out) const;

  size_t features() const { return features_; }

  // Calls on_unseen(feature, column) for each word of a row just encoded that is outside the vocabulary.
  template <typename OnUnseen>
  void ForEachUnseen(const float* row, const OnUnseen& on_unseen) const {
    for (const Words& words : words_) {
      if (row[words.feature] == words.unseen) on_unseen(words.feature, words.column);
    }
  }
  // The word of the feature's vocabulary that comes nearest; empty: none does.
  std::string NearestWord(size_t feature, absl::string_view word) const;

 private:
  struct Numbers {
    size_t column;
    size_t feature;
    NumberForm form;
  };
  struct Times {
    size_t column;
    size_t feature;
    TimeFormat format;
  };
  struct Words {
    size_t column;
    size_t feature;
    VocabularyIndex vocabulary;
    float unseen;
  };

  absl::Status EncodeNumber(const Numbers& source, absl::string_view cell, float& out) const;
  absl::Status EncodeTime(const Times& source, absl::string_view cell, float& out) const;
  absl::Status Refuse(size_t column, size_t feature, v1::FeatureKind kind, absl::string_view cell) const;

  const size_t features_;
  const MissingSpellings missing_;
  // Whether a missing spelling may be a number, such as -999, so that cells must be compared before they are read.
  const bool missing_numbers_;
  std::vector<std::string> names_;
  std::vector<Numbers> numbers_;
  std::vector<Times> times_;
  std::vector<Words> words_;
};

}  // namespace roicast::client
