#include "bench/accuracy/data_sets.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench/numpy_permutation.h"
#include "client/generator/campaign_csv.h"
#include "model/data/copies.h"
#include "model/data/target.h"

namespace roicast::bench {

absl::StatusOr<CsvTable> ReadAdvertising(const Options& options) {
  ROICAST_ASSIGN_OR_RETURN(CsvTable csv, ReadCsvFile(options.data + "/online_advertising/online_advertising.csv", {}));
  ROICAST_ASSIGN_OR_RETURN(const Target target, ComputeTarget(csv.table, {"", "revenue", "cost"}));
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < csv.table.rows(); ++row) {
    if (!std::isnan(target.values[row])) rows.push_back(row);
  }
  CsvTable kept;
  kept.table = csv.table.Select(WithoutDuplicates(csv.table, rows));
  kept.rows_in = kept.table.rows();
  const std::vector<int64_t> order = NumpyPermutation(42, kept.rows_in);
  std::vector<bool> test(order.size(), false);
  for (size_t i = order.size() * 4 / 5; i < order.size(); ++i) test[order[i]] = true;
  ROICAST_RETURN_IF_ERROR(AddPart(test, kept.table));
  return kept;
}

absl::StatusOr<CsvTable> ReadUci(const Options& options, const std::string& name, int split) {
  CsvTableOptions csv_options;
  csv_options.file.has_header = false;
  const std::string folder = absl::StrCat(options.data, "/uci/", name);
  ROICAST_ASSIGN_OR_RETURN(CsvTable csv, ReadCsvFile(folder + "/data.csv", csv_options));
  ROICAST_ASSIGN_OR_RETURN(const CsvTable mask, ReadCsvFile(folder + "/test_mask.csv", csv_options));
  if (mask.table.rows() != csv.table.rows() || split >= static_cast<int>(mask.table.columns().size())) {
    return absl::InvalidArgumentError(absl::StrCat(folder, ": test_mask.csv does not fit data.csv"));
  }
  std::vector<bool> test;
  for (const double held_out : mask.table.column(split).numbers) test.push_back(held_out == 1.0);
  ROICAST_RETURN_IF_ERROR(AddPart(test, csv.table));
  return csv;
}

absl::StatusOr<CsvTable> Generate(const client::GeneratorOptions& options, int skip, int rows) {
  ROICAST_ASSIGN_OR_RETURN(client::CampaignGenerator generator, client::CampaignGenerator::Create(options));
  std::string text;
  client::AppendCampaignHeader(true, &text);
  for (int i = 0; i < skip + rows; ++i) {
    const client::GeneratedCampaign campaign = generator.Next();
    if (i >= skip) client::AppendCampaignRow(campaign, true, &text);
  }
  return ReadCsvText(text, {});
}

}  // namespace roicast::bench
