#include "client/report/row_collector.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast::client {

RowCollector::RowCollector(const v1::Model& model, const TableReading& table, const TableOptions& options,
                           const FeatureColumns& columns, std::optional<OutcomeColumns> outcome, int64_t most)
    : encoder_(model.schema(), columns, options.missing),
      findings_(model, table, encoder_),
      outcome_(std::move(outcome)),
      most_(most),
      reader_(OptionsFrom(table, options).file,
              TableReader::Events{nullptr, [this](const TableRow& row) { return AddRow(row); }, nullptr}) {}

absl::Status RowCollector::AddRow(const TableRow& row) {
  ++rows_.rows_read;
  std::vector<float> values(encoder_.features());
  const absl::Status encoded = encoder_.Encode(row.cells, values.data());
  if (!encoded.ok()) {
    if (rows_.rows_unread++ == 0) rows_.first_unread = absl::StrCat("line ", row.line, ": ", encoded.message());
    return absl::OkStatus();
  }
  findings_.Count(row.line, row.cells, values.data());
  const double truth = outcome_.has_value() ? outcome_->Of(row.cells) : std::numeric_limits<double>::quiet_NaN();
  ++encoded_;
  if (encoded_ <= most_) {
    rows_.values.insert(rows_.values.end(), values.begin(), values.end());
    rows_.truths.push_back(truth);
    return absl::OkStatus();
  }
  const uint64_t place = random_.Below(static_cast<uint64_t>(encoded_));
  if (place >= static_cast<uint64_t>(most_)) return absl::OkStatus();
  std::copy(values.begin(), values.end(), rows_.values.begin() + static_cast<int64_t>(place * values.size()));
  rows_.truths[place] = truth;
  return absl::OkStatus();
}

absl::StatusOr<CollectedRows> RowCollector::Finish() {
  ROICAST_RETURN_IF_ERROR(reader_.Finish());
  rows_.findings = findings_.Take();
  return std::move(rows_);
}

}  // namespace roicast::client
