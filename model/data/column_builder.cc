#include "model/data/column_builder.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// A numeric column with more distinct spellings than this is stored as numbers.
constexpr size_t kMostSpellings = 65'536;

// At most 1 % of the cells may not match the kind of the others.
bool NearlyAll(int64_t fitting, int64_t present) { return fitting > 0 && (present - fitting) * 100 <= present; }

}  // namespace

ColumnBuilder::ColumnBuilder(std::string name, std::optional<FeatureKind> kind, const MissingSpellings* missing)
    : name_(std::move(name)), kind_(kind), missing_(missing) {
  stays_coded_ = kind_ == FeatureKind::kCategorical;
  if (kind_.has_value() && !stays_coded_) BecomePlain(*kind_);
}

ColumnBuilder::Spelling ColumnBuilder::Parse(absl::string_view cell) const {
  const std::optional<double> number = ParseNumber(cell);
  if (number.has_value()) return {*number, kNaN};
  const std::optional<int64_t> time = ParseTime(cell);
  return {kNaN, time.has_value() ? static_cast<double>(*time) : kNaN};
}

void ColumnBuilder::Add(absl::string_view cell) {
  cell = TrimCell(cell);
  if (plain_) {
    AddPlain(cell);
  } else {
    codes_.push_back(missing_->Matches(cell) ? kMissingCode : CodeOf(cell));
    present_ += codes_.back() != kMissingCode;
    if (!stays_coded_ && dictionary_.size() > kMostSpellings) {
      const FeatureKind kind = Decide();
      stays_coded_ = kind == FeatureKind::kCategorical;
      if (!stays_coded_) BecomePlain(kind);
    }
  }
  ++rows_;
}

int32_t ColumnBuilder::CodeOf(absl::string_view cell) {
  const auto found = index_.find(cell);
  if (found != index_.end()) return found->second;
  const int32_t code = static_cast<int32_t>(dictionary_.size());
  dictionary_.emplace_back(cell);
  spellings_.push_back(stays_coded_ ? Spelling{kNaN, kNaN} : Parse(cell));
  index_.emplace(dictionary_.back(), code);
  return code;
}

void ColumnBuilder::AddPlain(absl::string_view cell) {
  double value = kNaN;
  if (!missing_->Matches(cell)) {
    ++present_;
    value = ValueOf(Parse(cell));
    if (std::isnan(value)) misfits_.push_back({rows_, std::string(cell)});
  }
  numbers_.push_back(value);
}

void ColumnBuilder::BecomePlain(FeatureKind kind) {
  plain_ = true;
  plain_kind_ = kind;
  numbers_.reserve(codes_.size());
  for (size_t row = 0; row < codes_.size(); ++row) {
    const double value = codes_[row] == kMissingCode ? kNaN : ValueOf(spellings_[codes_[row]]);
    if (std::isnan(value) && codes_[row] != kMissingCode) {
      misfits_.push_back({static_cast<int64_t>(row), dictionary_[codes_[row]]});
    }
    numbers_.push_back(value);
  }
  codes_ = {};
  dictionary_ = {};
  spellings_ = {};
  index_ = {};
}

void ColumnBuilder::BecomeCoded() {
  plain_ = false;
  stays_coded_ = true;
  size_t next_misfit = 0;
  codes_.reserve(numbers_.size());
  for (size_t row = 0; row < numbers_.size(); ++row) {
    if (next_misfit < misfits_.size() && misfits_[next_misfit].row == static_cast<int64_t>(row)) {
      codes_.push_back(CodeOf(misfits_[next_misfit++].cell));
    } else if (std::isnan(numbers_[row])) {
      codes_.push_back(kMissingCode);
    } else if (plain_kind_ == FeatureKind::kTime) {
      codes_.push_back(CodeOf(FormatTime(static_cast<int64_t>(numbers_[row]))));
    } else {
      codes_.push_back(CodeOf(absl::StrCat(numbers_[row])));
    }
  }
  numbers_ = {};
  misfits_ = {};
}

int64_t ColumnBuilder::CountFitting(FeatureKind kind) const {
  if (plain_) return kind == plain_kind_ ? present_ - static_cast<int64_t>(misfits_.size()) : 0;
  int64_t fitting = 0;
  for (const int32_t code : codes_) {
    if (code == kMissingCode) continue;
    fitting += !std::isnan(kind == FeatureKind::kTime ? spellings_[code].time : spellings_[code].number);
  }
  return fitting;
}

FeatureKind ColumnBuilder::Decide() const {
  if (kind_.has_value()) return *kind_;
  if (present_ == 0) return FeatureKind::kNumeric;
  if (stays_coded_) return FeatureKind::kCategorical;
  if (NearlyAll(CountFitting(FeatureKind::kNumeric), present_)) return FeatureKind::kNumeric;
  if (NearlyAll(CountFitting(FeatureKind::kTime), present_)) return FeatureKind::kTime;
  return FeatureKind::kCategorical;
}

absl::StatusOr<Column> ColumnBuilder::Finish(const OnMisfit& on_misfit) {
  const FeatureKind kind = Decide();
  if (kind == FeatureKind::kCategorical) {
    if (plain_) BecomeCoded();
  } else if (!plain_) {
    BecomePlain(kind);
  }
  if (kind_.has_value() && !misfits_.empty() && static_cast<int64_t>(misfits_.size()) == present_) {
    return absl::InvalidArgumentError(absl::StrCat("column \"", name_, "\": expected ", FeatureKindName(kind),
                                                   " values, got \"", misfits_.front().cell, "\" and no valid cell"));
  }
  for (const Misfit& misfit : misfits_) on_misfit(misfit.row, misfit.cell);
  Column column;
  column.name = std::move(name_);
  column.kind = kind;
  column.numbers = std::move(numbers_);
  column.codes = std::move(codes_);
  column.dictionary = std::move(dictionary_);
  return column;
}

}  // namespace roicast
