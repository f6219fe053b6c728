#include "model/data/target_units.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/tables/note.h"
#include "model/data/meaning/amount_words.h"
#include "model/data/meaning/column_name.h"

namespace roicast {
namespace {

// A typical campaign that brings less than 5 % of what it cost back, or more than 51 times as much, is no campaign.
constexpr double kLowestTypicalRoi = -0.95;
constexpr double kHighestTypicalRoi = 50.0;
// What a unit changed by a mistake most likely brings back.
constexpr double kUsualRoas = 2.0;

class UnitInspection {
 public:
  UnitInspection(const CsvTable& data, Target& target)
      : data_(data),
        target_(target),
        revenue_(data.table.Find(target.spec.revenue_column)),
        spend_(data.table.Find(target.spec.spend_column)) {}

  void Run(bool millionths_said) {
    if (target_.spec.revenue_column.empty() || revenue_ == nullptr || spend_ == nullptr) return;
    const bool shares = WarnOfShare(*revenue_) | WarnOfShare(*spend_);
    const bool scaled = IsScaled(data_, revenue_->name) || IsScaled(data_, spend_->name);
    if (!scaled) WarnOfTwoCurrencies();
    if (millionths_said || (!scaled && WarnOfNamedScales()) || shares) return;
    WarnOfImplausibleRoi(scaled);
  }

 private:
  DataWarning& Warn(const std::string& column, std::string message) {
    DataWarning& warning = target_.warnings.emplace_back();
    warning.serious = true;
    warning.column = column;
    warning.message = std::move(message);
    return warning;
  }

  bool WarnOfShare(const Column& column) {
    const ColumnReading* reading = data_.ReadingOf(column.name);
    const bool in_cells =
        reading != nullptr && (reading->form.unit == "%" || reading->percent_cells * 2 > reading->present);
    if (!in_cells && !ReadColumnName(column.name).per_cent) return false;
    Warn(column.name,
         absl::StrCat("\"", column.name,
                      "\" is in per cent: a share, such as of the total, is no amount of money, so the ROI "
                      "is not one"));
    return true;
  }

  // Of the cells, else of the name; several within one column are said where it is read (base/tables).
  std::string CurrencyOf(const Column& column) const {
    const ColumnReading* reading = data_.ReadingOf(column.name);
    if (reading != nullptr && reading->currencies.size() > 1) return "";
    if (reading != nullptr && reading->currencies.size() == 1) return reading->currencies[0];
    return ReadColumnName(column.name).currency;
  }

  void WarnOfTwoCurrencies() {
    const std::string of_revenue = CurrencyOf(*revenue_), of_spend = CurrencyOf(*spend_);
    if (of_revenue.empty() || of_spend.empty() || MayBeOneCurrency(of_revenue, of_spend)) return;
    Warn(revenue_->name,
         absl::StrCat("\"", revenue_->name, "\" is in ", absl::AsciiStrToUpper(of_revenue), " and \"", spend_->name,
                      "\" in ", absl::AsciiStrToUpper(of_spend),
                      "; they were taken as if they were one currency: convert one of them, such as by a scale"));
  }

  // "spend (k)" beside "revenue".
  bool WarnOfNamedScales() {
    const double of_revenue = ReadColumnName(revenue_->name).scale, of_spend = ReadColumnName(spend_->name).scale;
    if (of_revenue == of_spend) return false;
    const bool spend_first = of_spend != 1.0;
    const Column &named = spend_first ? *spend_ : *revenue_, &other = spend_first ? *revenue_ : *spend_;
    const double scale = spend_first ? of_spend : of_revenue, other_scale = spend_first ? of_revenue : of_spend;
    std::string flag = ColumnFlag("--scale", named.name, absl::StrFormat("%.15g", scale));
    if (other_scale != 1.0) {
      absl::StrAppend(&flag, " ", ColumnFlag("--scale", other.name, absl::StrFormat("%.15g", other_scale)));
    }
    Warn(named.name,
         absl::StrFormat("the name of \"%s\" says that 1 stands for %.15g, and that of \"%s\" %s; both were "
                         "taken as they stand, as if they were in one unit",
                         named.name, scale, other.name,
                         other_scale == 1.0 ? "does not" : absl::StrFormat("for %.15g", other_scale)))
        .flags.push_back(std::move(flag));
    return true;
  }

  // Rows that earned nothing say nothing about units.
  void WarnOfImplausibleRoi(bool scaled) {
    std::vector<double> rois, revenues, spends;
    for (size_t row = 0; row < target_.values.size(); ++row) {
      const double roi = target_.values[row], revenue = revenue_->numbers[row];
      if (std::isnan(roi) || !(revenue > 0)) continue;
      rois.push_back(roi);
      revenues.push_back(revenue);
      spends.push_back(spend_->numbers[row]);
    }
    if (rois.empty()) return;
    const double roi = MedianOf(std::move(rois));
    if (roi >= kLowestTypicalRoi && roi <= kHighestTypicalRoi) return;
    const double roas = roi + 1.0;
    const Column& small = roas < kUsualRoas ? *revenue_ : *spend_;
    double scale = 100.0, distance = std::numeric_limits<double>::infinity();
    for (const double candidate : {1e2, 1e3, 1e4, 1e6}) {
      const double corrected = roas < kUsualRoas ? roas * candidate : roas / candidate;
      if (std::abs(std::log(corrected / kUsualRoas)) >= distance) continue;
      distance = std::abs(std::log(corrected / kUsualRoas));
      scale = candidate;
    }
    DataWarning& warning = Warn(
        small.name,
        absl::StrFormat("1 spent brings %s back in the typical row (\"%s\" %.4g, \"%s\" %.4g), which is hardly so: "
                        "is \"%s\" in another unit, such as thousands, or no amount of money, such as a number of "
                        "sales? The amounts were taken as they stand",
                        roas < 100.0 ? absl::StrFormat("%.3g", roas) : absl::StrFormat("%.0f", roas), revenue_->name,
                        MedianOf(std::move(revenues)), spend_->name, MedianOf(std::move(spends)), small.name));
    if (!scaled) warning.flags.push_back(ColumnFlag("--scale", small.name, absl::StrFormat("%.15g", scale)));
  }

  const CsvTable& data_;
  Target& target_;
  const Column* const revenue_;
  const Column* const spend_;
};

}  // namespace

double MedianOf(std::vector<double> values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<double> PositiveValues(const Column& column) {
  std::vector<double> values;
  std::copy_if(column.numbers.begin(), column.numbers.end(), std::back_inserter(values),
               [](double value) { return value > 0; });
  return values;
}

bool IsScaled(const CsvTable& data, const std::string& column) {
  const ColumnReading* reading = data.ReadingOf(column);
  return reading != nullptr &&
         (reading->form.number.scale != 1.0 || reading->form.unit == "%" || reading->percent_cells > 0);
}

void AddUnitWarnings(const CsvTable& data, bool millionths_said, Target& target) {
  UnitInspection(data, target).Run(millionths_said);
}

}  // namespace roicast
