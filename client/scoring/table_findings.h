// What the rows of a table have that the model cannot take into account.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/range_count.h"
#include "base/tables/number_form.h"
#include "base/tables/table_detection.h"
#include "client/scoring/row_encoder.h"
#include "roicast/v1/model.pb.h"

namespace roicast::client {

// A word that the model has not seen in training.
struct UnseenWord {
  std::string feature;
  std::string word;
  // Of the first row that has it.
  int64_t line = 0;
  int64_t rows = 0;
  // The word of the vocabulary that may be meant; empty: none comes near.
  std::string nearest;
};

// A column that had one value in all of training, which is why it is no feature, and has another one here.
struct ChangedConstant {
  std::string column;
  std::string learnt;
  // The first other one, its line, and how many rows have another one.
  std::string value;
  int64_t line = 0;
  int64_t rows = 0;
};

// Whether a cell says what a constant column always said in training, or nothing. form: how the column's numbers are
// written; nullopt: it has none.
bool IsLearntConstant(const std::string& learnt, absl::string_view cell, const std::optional<NumberForm>& form);

// Numbers beyond the range of the training rows.
struct OutsideRange {
  std::string feature;
  // How many, and the line of the first one.
  int64_t rows = 0;
  int64_t line = 0;
  double seen_min = 0;
  double seen_max = 0;
  // By which they seem to be in another unit (RangeCount::Factor); 0: they do not.
  double factor = 0;
};

struct TableFindings {
  // The first 100 distinct ones, in the order of the file.
  std::vector<UnseenWord> unseen_words;
  // There are others besides.
  bool more_unseen_words = false;
  // In the order of the training report.
  std::vector<ChangedConstant> changed_constants;
  // In schema order.
  std::vector<OutsideRange> outside;
};

// Use once. Not thread-safe.
class FindingsCounter {
 public:
  // model and encoder have to outlive it.
  FindingsCounter(const v1::Model& model, const TableReading& table, const RowEncoder& encoder);

  // cells: of all columns of the table; values: as the encoder made them.
  void Count(int64_t line, absl::Span<const absl::string_view> cells, const float* values);
  // With the nearest words.
  TableFindings Take();

 private:
  struct Constant {
    size_t column = 0;
    size_t finding = 0;
    ColumnForm form;
  };

  struct Range {
    size_t feature = 0;
    size_t finding = 0;
    RangeCount count;
  };

  bool IsLearnt(const Constant& constant, absl::string_view cell) const;
  void CountNumbers(int64_t line, const float* values);

  const v1::Model& model_;
  const RowEncoder& encoder_;
  std::vector<Constant> constants_;
  std::vector<Range> ranges_;
  // (feature, word) → index in findings_.unseen_words.
  absl::flat_hash_map<std::string, size_t> unseen_;
  TableFindings findings_;
};

}  // namespace roicast::client
