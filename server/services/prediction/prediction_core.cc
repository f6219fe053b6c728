#include "server/services/prediction/prediction_core.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/services/prediction/campaign_conversion.h"
#include "server/services/prediction/how_sure.h"
#include "server/services/prediction/model_binding.h"
#include "server/services/prediction/named_values.h"
#include "server/services/prediction/schema_digest.h"
#include "server/services/prediction/warning_counts.h"
#include "server/services/prediction/wire_writer.h"

namespace roicast {
namespace {

// Room for a PredictRequest with all fields and for small batches.
constexpr size_t kArenaBlockBytes = 32768;

google::protobuf::ArenaOptions ArenaIn(char* block) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block;
  options.initial_block_size = kArenaBlockBytes;
  return options;
}

using Input = RowRequest::Input;

// The request's field, for messages.
absl::string_view FieldOf(Input input) {
  switch (input) {
    case Input::kNone:
      return "input";
    case Input::kCampaign:
      return "campaign";
    case Input::kRow:
      return "row";
    case Input::kDenseRow:
      return "dense_row";
  }
  return "";
}

// Whether the model takes the form of the row, whatever its values.
absl::Status CheckInput(const RowRequest& request, const ServedModel& model) {
  switch (request.input()) {
    case Input::kNone:
      return absl::InvalidArgumentError("input: expected row, dense_row or campaign, got none");
    case Input::kCampaign:
      return ModelBinding::Of(model).takes_campaigns();
    case Input::kRow:
      return absl::OkStatus();
    case Input::kDenseRow:
      break;
  }
  ROICAST_RETURN_IF_ERROR(CheckSchemaDigest("dense_row", request.schema_digest(), model));
  const auto features = static_cast<size_t>(model.schema().size());
  if (request.dense_size() == features) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("dense_row.values: expected ", features, ", one per feature, got ", request.dense_size()));
}

// To row [features]. Errors: InvalidArgument naming the value.
absl::Status FillRow(const RowRequest& request, const ServedModel& model, float* row) {
  switch (request.input()) {
    case Input::kNone:
      break;
    case Input::kCampaign:
      return CampaignToRow(request.campaign(), model, row);
    case Input::kRow:
      return NamedValuesToRow(request.values(), model, row);
    case Input::kDenseRow:
      request.CopyDense(row);
      break;
  }
  return absl::OkStatus();
}

// What was asked beside the prediction of one row.
struct HowSure {
  bool interval = false, probability = false;
  float low = 0, high = 0, profit = 0;

  void Write(WireWriter& writer) const {
    if (interval) {
      std::string ends;
      WireWriter end_writer(&ends);
      end_writer.FloatField(v1::Interval::kLowFieldNumber, low);
      end_writer.FloatField(v1::Interval::kHighFieldNumber, high);
      writer.BytesField(v1::PredictResponse::kIntervalFieldNumber, ends);
    }
    if (probability) writer.FloatField(v1::PredictResponse::kProfitProbabilityFieldNumber, profit);
  }
};

HowSure PredictHowSure(const ServedModel& model, const Uncertainty::Question& question, const float* row, float* roi,
                       uint8_t* flag) {
  float location = 0, log_scale = 0, share = 0;
  const Predictor::Spread spread = {absl::MakeSpan(&location, 1), absl::MakeSpan(&log_scale, 1),
                                    absl::MakeSpan(&share, 1)};
  model.predictor().PredictWithSpread(row, 1, absl::MakeSpan(roi, 1), absl::MakeSpan(flag, 1), spread);
  HowSure sure;
  sure.interval = question.interval;
  sure.probability = question.probability;
  Uncertainty::Rows rows;
  rows.raw.rows = row;
  rows.roi = absl::MakeConstSpan(roi, 1);
  rows.flags = absl::MakeConstSpan(flag, 1);
  rows.spread = spread;
  rows.low = absl::MakeSpan(&sure.low, 1);
  rows.high = absl::MakeSpan(&sure.high, 1);
  rows.probability = absl::MakeSpan(&sure.profit, 1);
  model.uncertainty()->Answer(question, model.predictor(), rows);
  return sure;
}

// The first field of an answer that PredictOne or PredictBatch made; empty if there is none.
v1::ServedBy ReadServedBy(absl::string_view response) {
  static_assert(int{v1::PredictResponse::kServedByFieldNumber} == int{v1::BatchPredictResponse::kServedByFieldNumber});
  constexpr uint32_t kLengthDelimited = 2;
  google::protobuf::io::CodedInputStream bytes(reinterpret_cast<const uint8_t*>(response.data()),
                                               static_cast<int>(response.size()));
  v1::ServedBy served_by;
  uint32_t size = 0;
  if (bytes.ReadTag() != (v1::PredictResponse::kServedByFieldNumber << 3 | kLengthDelimited) ||
      !bytes.ReadVarint32(&size) || size > static_cast<uint32_t>(response.size())) {
    return served_by;
  }
  served_by.ParseFromArray(response.data() + bytes.CurrentPosition(), static_cast<int>(size));
  return served_by;
}

}  // namespace

PredictionCore::ThreadScratch::ThreadScratch(const ModelRegistry* registry)
    : reader(registry), arena_block(std::make_unique<char[]>(kArenaBlockBytes)), arena(ArenaIn(arena_block.get())) {}

PredictionCore::PredictionCore(const Options& options, const Parts& parts) : options_(options), parts_(parts) {
  for (int i = 0; i < options_.polling_threads; ++i)
    scratch_.push_back(std::make_unique<ThreadScratch>(parts_.registry));
}

absl::Status PredictionCore::AdmitStream(const ServerCall& call) const {
  ROICAST_RETURN_IF_ERROR(parts_.lifecycle->Admit());
  if (call.expired()) return absl::DeadlineExceededError("the deadline had passed when the call arrived");
  return absl::OkStatus();
}

absl::Status PredictionCore::Admit(UnaryCall& call) {
  ROICAST_RETURN_IF_ERROR(AdmitStream(call));
  ROICAST_RETURN_IF_ERROR(parts_.in_flight->Enter());
  call.LeaveWhenWritten(parts_.in_flight);
  return absl::OkStatus();
}

absl::StatusOr<const ServedModel*> PredictionCore::Find(const ModelSnapshot& snapshot, absl::string_view model,
                                                        int64_t version) const {
  ROICAST_ASSIGN_OR_RETURN(const auto* const found, parts_.registry->Find(snapshot, model, version));
  return found == nullptr ? nullptr : found->get();
}

absl::StatusOr<std::shared_ptr<const ServedModel>> PredictionCore::FindToKeep(const ModelSnapshot& snapshot,
                                                                              absl::string_view model,
                                                                              int64_t version) const {
  ROICAST_ASSIGN_OR_RETURN(const auto* const found, parts_.registry->Find(snapshot, model, version));
  return found == nullptr ? nullptr : *found;
}

absl::StatusOr<std::shared_ptr<const ServedModel>> PredictionCore::FindOrLoad(absl::string_view model,
                                                                              int64_t version) {
  return parts_.registry->FindOrLoad(model, version);
}

bool PredictionCore::IsQuick(const ServedModel& model, int64_t rows) {
  // A batch's row from named columns, its values and its answer, without the network.
  constexpr absl::Duration kRow = absl::Nanoseconds(450), kMost = absl::Microseconds(60);
  return rows == 1 ? model.row_time() <= kMost : (kRow + model.row_time()) * rows <= kMost;
}

absl::Status PredictionCore::PredictOne(const ServedModel& model, RowScratch& scratch, std::string* response) const {
  ROICAST_RETURN_IF_ERROR(CheckInput(scratch.request, model));
  const ModelBinding& binding = ModelBinding::Of(model);
  scratch.row.resize(static_cast<size_t>(model.schema().size()));
  float* const row = scratch.row.data();
  const auto refused = [&](const absl::Status& why) {
    model.metrics().CountRefusedRows(1);
    return absl::InvalidArgumentError(absl::StrCat(FieldOf(scratch.request.input()), ".", why.message()));
  };
  if (absl::Status converted = FillRow(scratch.request, model, row); !converted.ok()) return refused(converted);
  float roi = 0;
  uint8_t flag = 0;
  HowSure how_sure;
  if (AsksHowSure(scratch.request.uncertainty())) {
    ROICAST_ASSIGN_OR_RETURN(const Uncertainty::Question question, AskHowSure(scratch.request.uncertainty(), model));
    how_sure = PredictHowSure(model, question, row, &roi, &flag);
  } else {
    model.predictor().Predict(row, 1, absl::MakeSpan(&roi, 1), absl::MakeSpan(&flag, 1));
  }
  scratch.warnings.clear();
  if (flag != 0) {
    if (absl::Status explained = model.predictor().Explain(row, scratch.warnings); !explained.ok()) {
      return refused(explained);
    }
  }
  if (!std::isfinite(roi)) {
    model.metrics().CountRefusedRows(1);
    return absl::InternalError(absl::StrCat(model.label(), " predicted no finite number for valid values"));
  }
  model.metrics().ObservePrediction(roi);
  response->append(binding.served_by_field());
  WireWriter writer(response);
  writer.FloatField(v1::PredictResponse::kRoiFieldNumber, roi);
  for (const RowWarning& warning : scratch.warnings) {
    writer.BytesField(v1::PredictResponse::kWarningsFieldNumber, binding.warning(warning.kind, warning.feature));
  }
  how_sure.Write(writer);
  if (!scratch.warnings.empty()) {
    WarningCounts counts;
    counts.AddRow(scratch.warnings);
    counts.WriteTo(model.metrics());
  }
  return absl::OkStatus();
}

void PredictionCore::PredictBatch(absl::string_view peer, std::unique_ptr<BatchWork> work,
                                  std::function<absl::Status()> stop, BatchDone done) {
  BatchPrediction& prediction = work->scratch.prediction;
  absl::Status status = [&]() -> absl::Status {
    BatchRequest& request = work->scratch.request;
    ROICAST_ASSIGN_OR_RETURN(work->model, FindOrLoad(request.model, request.version));
    return prediction.Begin(request, *work->model, RunOptions(std::move(stop)));
  }();
  if (status.ok() && prediction.rows() > BatchPrediction::kRowsPerRange) {
    // The pool has the work until it is done, which may be before the next line.
    BatchWork* const started = work.release();
    parts_.pool->ContinueWithParallelFor(
        peer, prediction.rows(), BatchPrediction::kRowsPerRange,
        [&prediction](int64_t begin, int64_t end) { prediction.PredictRange(begin, end); },
        [started, done = std::move(done)] {
          const absl::Status ended = started->scratch.prediction.End(&started->response);
          done(std::unique_ptr<BatchWork>(started), ended);
        });
    return;
  }
  if (status.ok()) {
    if (prediction.rows() > 0) prediction.PredictRange(0, prediction.rows());
    status = prediction.End(&work->response);
  }
  done(std::move(work), status);
}

std::unique_ptr<PredictionCore::BatchWork> PredictionCore::TakeBatchWork() {
  absl::MutexLock lock(&mutex_);
  if (free_work_.empty()) return std::make_unique<BatchWork>();
  std::unique_ptr<BatchWork> work = std::move(free_work_.back());
  free_work_.pop_back();
  return work;
}

void PredictionCore::Recycle(std::unique_ptr<BatchWork> work) {
  constexpr size_t kMaxFree = 16;
  // Memory of an answer that is kept for the next one.
  constexpr size_t kKeepBytes = size_t{4} << 20;
  work->model.reset();
  work->scratch.request.Trim();
  work->scratch.prediction.Trim();
  work->response.clear();
  if (work->response.capacity() > kKeepBytes) std::string().swap(work->response);
  absl::MutexLock lock(&mutex_);
  if (free_work_.size() < kMaxFree) free_work_.push_back(std::move(work));
}

void PredictionCore::Log(absl::string_view method, const ServerCall& call, const absl::Status& status,
                         std::chrono::steady_clock::time_point arrival, int64_t rows, absl::string_view response) {
  if (!parts_.access_log->Sampled()) return;
  const v1::ServedBy served_by = status.ok() ? ReadServedBy(response) : v1::ServedBy();
  parts_.access_log->Record({.method = method,
                             .code = status.code(),
                             .latency = absl::FromChrono(std::chrono::steady_clock::now() - arrival),
                             .model = served_by.model(),
                             .version = served_by.version(),
                             .rows = rows,
                             .peer = call.peer()});
}

}  // namespace roicast
