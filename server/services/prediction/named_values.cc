#include "server/services/prediction/named_values.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "server/services/allowed_time.h"

namespace roicast {
namespace {

using Kind = NamedValue::Kind;

Kind ExpectedKind(FeatureKind kind) {
  switch (kind) {
    case FeatureKind::kNumeric:
      return Kind::kNumber;
    case FeatureKind::kCategorical:
      return Kind::kWord;
    case FeatureKind::kTime:
      return Kind::kTime;
  }
  return Kind::kNone;
}

absl::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kNone:
      return "no value";
    case Kind::kNumber:
      return "a number";
    case Kind::kWord:
      return "a word";
    case Kind::kTime:
      return "a time";
  }
  return "";
}

absl::Status UnknownName(size_t position, absl::string_view name, const ServedModel& model, NameHint hint) {
  return absl::InvalidArgumentError(
      absl::StrCat("values[", position, "].name: ", model.label(), " has no feature \"", name, "\"",
                   hint == NameHint::kNone ? "" : DidYouMeanOrList(name, model.schema().features, "it has")));
}

absl::Status WrongKind(size_t position, const NamedValue& value, const Feature& feature) {
  return absl::InvalidArgumentError(absl::StrCat("values[", position, "] \"", feature.name, "\": expected ",
                                                 KindName(ExpectedKind(feature.kind)), " (it is ",
                                                 FeatureKindName(feature.kind), "), got ", KindName(value.kind)));
}

absl::Status GivenTwice(absl::Span<const NamedValue> values, size_t position) {
  const absl::string_view name = values[position].name;
  size_t first = 0;
  while (values[first].name != name) ++first;
  return absl::InvalidArgumentError(absl::StrCat("values[", position, "] \"", name,
                                                 "\": expected each feature once, got it in values[", first, "] too"));
}

absl::Status WrongTime(const NamedValue& value) {
  return absl::InvalidArgumentError(absl::StrCat(value.name, ": expected ", kAllowedTimeRule, ", got ", value.seconds,
                                                 " s and ", value.nanos, " ns since 1970"));
}

// Which features have a value; no memory to allocate for up to 1,024 features.
class FeatureSet {
 public:
  explicit FeatureSet(int size) {
    const size_t words = (static_cast<size_t>(size) + 63) / 64;
    if (words > std::size(few_)) many_.resize(words);
    bits_ = many_.empty() ? few_ : many_.data();
  }
  // False if it was there.
  bool Insert(int feature) {
    uint64_t& word = bits_[feature / 64];
    const uint64_t bit = uint64_t{1} << (feature % 64);
    const bool is_new = (word & bit) == 0;
    word |= bit;
    return is_new;
  }

 private:
  uint64_t few_[16] = {};
  std::vector<uint64_t> many_;
  uint64_t* bits_;
};

}  // namespace

absl::Status NamedValuesToRow(absl::Span<const NamedValue> values, const ServedModel& model, float* row,
                              NameHint hint) {
  const std::vector<Feature>& features = model.schema().features;
  std::fill_n(row, features.size(), std::numeric_limits<float>::quiet_NaN());
  FeatureSet given(model.schema().size());
  // Clients send values in the order of the schema, or nearly so: the next feature needs no look-up.
  size_t next = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const NamedValue& value = values[i];
    int index = static_cast<int>(next);
    if (next >= features.size() || features[next].name != value.name) {
      index = model.FeatureIndex(value.name);
      if (index < 0) return UnknownName(i, value.name, model, hint);
    }
    next = static_cast<size_t>(index) + 1;
    const Feature& feature = features[static_cast<size_t>(index)];
    if (value.kind != ExpectedKind(feature.kind)) return WrongKind(i, value, feature);
    if (!given.Insert(index)) return GivenTwice(values, i);
    switch (value.kind) {
      case Kind::kNone:
        break;
      case Kind::kNumber:
        row[index] = static_cast<float>(value.number);
        break;
      case Kind::kWord:
        row[index] = model.CategoryCode(index, value.word);
        break;
      case Kind::kTime:
        if (!IsAllowedTime(value.seconds) || value.nanos < 0 || value.nanos > 999999999) return WrongTime(value);
        row[index] = HoursSinceEpoch(value.seconds);
        break;
    }
  }
  return absl::OkStatus();
}

void ReadNamedValues(const v1::Row& row, std::vector<NamedValue>* values) {
  values->clear();
  for (const v1::NamedValue& from : row.values()) {
    NamedValue& to = values->emplace_back();
    to.name = from.name();
    switch (from.value_case()) {
      case v1::NamedValue::kNumber:
        to.kind = Kind::kNumber;
        to.number = from.number();
        break;
      case v1::NamedValue::kWord:
        to.kind = Kind::kWord;
        to.word = from.word();
        break;
      case v1::NamedValue::kTime:
        to.kind = Kind::kTime;
        to.seconds = from.time().seconds();
        to.nanos = from.time().nanos();
        break;
      case v1::NamedValue::VALUE_NOT_SET:
        break;
    }
  }
}

}  // namespace roicast
