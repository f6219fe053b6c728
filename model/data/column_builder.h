// Collects the cells of a CSV column and infers its kind once all have been seen.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/csv/csv_values.h"
#include "model/data/table.h"

namespace roicast {

// Cells are dictionary-coded, so that each distinct spelling is parsed once and none is lost. A column with very many
// distinct values, nearly all of them numbers (or times), switches to plain numbers and keeps the few other cells
// separately. Memory: that of the column in either form.
class ColumnBuilder {
 public:
  // kind: unset = inferred. missing must outlive the builder.
  ColumnBuilder(std::string name, std::optional<FeatureKind> kind, const MissingSpellings* missing);

  void Add(absl::string_view cell);

  // A cell that does not match its column's kind.
  using OnMisfit = std::function<void(int64_t row, absl::string_view cell)>;
  // Call once. on_misfit is called in row order. Errors: InvalidArgument if the kind was given and no cell matches it.
  absl::StatusOr<Column> Finish(const OnMisfit& on_misfit);

 private:
  // The number (time) that a spelling stands for; NaN = none.
  struct Spelling {
    double number;
    double time;
  };
  struct Misfit {
    int64_t row;
    std::string cell;
  };

  int32_t CodeOf(absl::string_view cell);
  Spelling Parse(absl::string_view cell) const;
  double ValueOf(const Spelling& spelling) const {
    return plain_kind_ == FeatureKind::kTime ? spelling.time : spelling.number;
  }
  // Switches from codes to plain numbers of that kind.
  void BecomePlain(FeatureKind kind);
  void AddPlain(absl::string_view cell);
  // Switches back, because too many cells do not match.
  void BecomeCoded();
  FeatureKind Decide() const;
  // The number of cells so far that are numbers (times).
  int64_t CountFitting(FeatureKind kind) const;

  std::string name_;
  std::optional<FeatureKind> kind_;
  const MissingSpellings* missing_;
  int64_t rows_ = 0;
  int64_t present_ = 0;

  // Coded form.
  std::vector<int32_t> codes_;
  std::vector<std::string> dictionary_;
  std::vector<Spelling> spellings_;
  absl::flat_hash_map<std::string, int32_t> index_;
  bool stays_coded_ = false;

  // Plain form.
  bool plain_ = false;
  FeatureKind plain_kind_ = FeatureKind::kNumeric;
  std::vector<double> numbers_;
  std::vector<Misfit> misfits_;
};

}  // namespace roicast
