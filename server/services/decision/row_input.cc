#include "server/services/decision/row_input.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/protobuf/parsed_size.h"
#include "server/services/prediction/batch_request.h"
#include "server/services/prediction/batch_rows.h"
#include "server/services/prediction/model_binding.h"

namespace roicast {
namespace {

absl::Status InField(absl::string_view field, const absl::Status& status) {
  absl::Status named(status.code(), absl::StrCat(field, ": ", status.message()));
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) { named.SetPayload(type, payload); });
  return named;
}

// Whose warnings are looked at.
constexpr size_t kRowsBetweenStops = 4096;

// The reader's `rows: limit …` is about this field, and no flag changes most limits.
absl::Status TooManyRows(absl::string_view field, const absl::Status& status, const RowLimit& limit) {
  absl::string_view message = status.message();
  if (!limit.of_flag) message = message.substr(0, message.find(" (the server's "));
  return WithReason(absl::ResourceExhaustedError(absl::StrCat(field, ": ", absl::StripPrefix(message, "rows: "))),
                    v1::REQUEST_TOO_LARGE, {{"resource", std::string(field)}, {"limit", absl::StrCat(limit.max)}});
}

// A status of each row.
absl::Status MakeRoomForRejected(InputRows& rows) {
  const auto count = static_cast<size_t>(rows.count);
  if (absl::Status taken = rows.memory.Grow(count * sizeof(absl::Status)); !taken.ok()) return MemoryShort(taken);
  rows.rejected.resize(count);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<InputRows> ReadRowInput(const v1::RowInput& input, absl::string_view field, const ServedModel& model,
                                       const RowLimit& limit) {
  // The fields of a RowInput have the numbers of a BatchPredictRequest's.
  MemoryClaim copies = limit.memory->EmptyClaim(MemoryUse::kRequests);
  if (absl::Status taken = copies.Grow(input.ByteSizeLong()); !taken.ok()) return InField(field, MemoryShort(taken));
  const std::string bytes = input.SerializeAsString();
  if (absl::Status taken = copies.Grow(ParsedBytes(input, bytes)); !taken.ok()) {
    return InField(field, MemoryShort(taken));
  }
  BatchRequest request;
  absl::Status read = request.Read(bytes, {.max_rows = limit.max, .pool = nullptr});
  BatchRows rows;
  if (read.ok()) {
    read =
        rows.Bind(request, model, {.max_rows = limit.max, .memory = limit.memory, .memory_use = MemoryUse::kRequests});
  }
  if (ReasonOf(read) == v1::REQUEST_TOO_LARGE) return TooManyRows(field, read, limit);
  if (!read.ok()) return InField(field, read);
  InputRows result;
  result.memory = limit.memory->EmptyClaim(MemoryUse::kRequests);
  const auto values = static_cast<uint64_t>(rows.size()) * static_cast<uint64_t>(model.schema().size());
  if (absl::Status taken = result.memory.Grow(values * sizeof(float)); !taken.ok()) {
    return InField(field, MemoryShort(taken));
  }
  result.rows = rows.Copy();
  result.count = rows.size();
  if (!rows.refusals().empty()) {
    if (absl::Status taken = MakeRoomForRejected(result); !taken.ok()) return InField(field, taken);
  }
  int worded = 0;
  for (const BatchRows::Refusal& refusal : rows.refusals()) {
    result.rejected[static_cast<size_t>(refusal.row)] =
        absl::InvalidArgumentError(worded++ < kMaxIssues ? rows.ReasonOf(refusal) : "");
  }
  return result;
}

absl::StatusOr<InputRows> ReadStrictRows(const v1::RowInput& input, absl::string_view field, const ServedModel& model,
                                         const StrictRows& strict) {
  ROICAST_ASSIGN_OR_RETURN(InputRows rows,
                           ReadRowInput(input, field, model, {.max = strict.max_rows, .memory = strict.memory}));
  if (rows.count < strict.at_least) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": expected at least ", strict.at_least, " rows, got ", rows.count));
  }
  const auto width = static_cast<size_t>(model.schema().size());
  std::vector<RowWarning> warnings;
  std::vector<float> row(width);
  for (int64_t i = 0; i < rows.count; ++i) {
    absl::Status status = rows.ok(i) ? absl::OkStatus() : rows.rejected[static_cast<size_t>(i)];
    if (status.ok()) {
      const float* const from = rows.rows.data() + static_cast<size_t>(i) * width;
      row.assign(from, from + width);
      if (strict.free_feature >= 0) {
        row[static_cast<size_t>(strict.free_feature)] = std::numeric_limits<float>::quiet_NaN();
      }
      warnings.clear();
      status = model.predictor().Explain(row.data(), warnings);
    }
    if (!status.ok()) return InField(absl::StrCat(field, ": row ", i), status);
  }
  return rows;
}

absl::Status PredictOrStop(const ServedModel& model, const float* rows, absl::Span<float> predictions,
                           absl::Span<uint8_t> flags, const StopCheck& stop) {
  // The largest models take some 20 ms for them.
  constexpr size_t kRowsAtOnce = 256;
  const auto width = static_cast<size_t>(model.schema().size());
  for (size_t row = 0; row < predictions.size(); row += kRowsAtOnce) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const size_t count = std::min(kRowsAtOnce, predictions.size() - row);
    model.predictor().Predict(rows + row * width, static_cast<int64_t>(count), predictions.subspan(row, count),
                              flags.empty() ? flags : flags.subspan(row, count));
  }
  return absl::OkStatus();
}

absl::StatusOr<CheckedRows> PredictAndCheck(const ServedModel& model, InputRows& rows,
                                            google::protobuf::RepeatedPtrField<v1::RowIssue>* issues,
                                            const StopCheck& stop) {
  CheckedRows checked;
  const auto count = static_cast<size_t>(rows.count);
  const auto width = static_cast<size_t>(model.schema().size());
  checked.predictions.resize(count);
  std::vector<uint8_t> flags(count);
  ROICAST_RETURN_IF_ERROR(
      PredictOrStop(model, rows.rows.data(), absl::MakeSpan(checked.predictions), absl::MakeSpan(flags), stop));
  std::vector<RowWarning> warnings;
  RareStopCheck rare(&stop, kRowsBetweenStops);
  for (size_t i = 0; i < count; ++i) {
    ROICAST_RETURN_IF_ERROR(rare.Done(1));
    const auto row = static_cast<int64_t>(i);
    if (flags[i] == 0 && rows.ok(row)) continue;
    absl::Status status = rows.ok(row) ? absl::OkStatus() : rows.rejected[i];
    warnings.clear();
    if (status.ok()) status = model.predictor().Explain(rows.rows.data() + i * width, warnings);
    if (!status.ok()) {
      ++checked.refused;
      checked.predictions[i] = std::numeric_limits<float>::quiet_NaN();
      if (rows.rejected.empty()) ROICAST_RETURN_IF_ERROR(MakeRoomForRejected(rows));
      // Those behind the ones that are listed have no words.
      rows.rejected[i] = issues->size() < kMaxIssues ? status : absl::Status(status.code(), "");
    }
    if (issues->size() >= kMaxIssues) continue;
    v1::RowIssue& issue = *issues->Add();
    issue.set_row(row);
    if (!status.ok()) {
      issue.mutable_status()->set_code(static_cast<int32_t>(status.code()));
      issue.mutable_status()->set_message(std::string(status.message()));
      continue;
    }
    for (const RowWarning& warning : warnings) {
      v1::Warning& listed = *issue.add_warnings();
      listed.ParseFromString(ModelBinding::Of(model).warning(warning.kind, warning.feature));
    }
  }
  return checked;
}

}  // namespace roicast
