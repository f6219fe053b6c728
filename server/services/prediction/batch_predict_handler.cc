#include "server/services/prediction/batch_predict_handler.h"

#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr absl::string_view kMethod = "PredictionService/BatchPredict";
// Ranges of a matrix that the polling thread takes itself until the pool is awake, some 35 µs, if the network is
// small. Larger ones it leaves to the pool: one of their ranges could delay every other call on that thread.
constexpr int kOwnRanges = 3;
constexpr int64_t kSmallNetworkBytes = 16 << 10;

}  // namespace

BatchPredictHandler::BatchPredictHandler(PredictionCore* core)
    : core_(*core), metrics_(core->metrics().AddMethod(kMethod)) {}

void BatchPredictHandler::Handle(UnaryCall& call) {
  metrics_.Begin();
  PredictionCore::ThreadScratch& scratch = core_.scratch(call.loop_index());
  scratch.response.clear();
  if (const absl::Status admitted = core_.Admit(call); !admitted.ok()) {
    Finish(call, admitted, scratch.response, 0);
    return;
  }
  absl::Status status;
  bool answered = false;
  if (call.request().size() <= core_.options().inline_bytes) {
    answered = true;
    status = AnswerInline(call, scratch, &answered);
  }
  if (!answered) {
    if (StartMatrix(call, scratch)) return;
    status = core_.pool().Submit(call.host(), [this, &call] { AnswerOnPool(call); });
    if (status.ok()) return;
  }
  Finish(call, status, scratch.response, scratch.batch.prediction.rows());
}

void BatchPredictHandler::Refuse(UnaryCall& call, const absl::Status& why) {
  metrics_.Begin();
  std::string none;
  Finish(call, why, none, 0);
}

absl::Status BatchPredictHandler::AnswerInline(UnaryCall& call, PredictionCore::ThreadScratch& scratch,
                                               bool* answered) {
  BatchRequest& request = scratch.batch.request;
  ROICAST_ASSIGN_OR_RETURN(*answered, request.ReadQuickly(call.request(), core_.ReadOptions(nullptr)));
  if (!*answered) return absl::OkStatus();
  ROICAST_ASSIGN_OR_RETURN(const ServedModel* const model,
                           core_.Find(scratch.reader.Get(), request.model, request.version));
  if (model == nullptr || !PredictionCore::IsQuick(*model, request.RowCount())) {
    *answered = false;
    return absl::OkStatus();
  }
  return scratch.batch.prediction.Run(request, *model, core_.RunOptions([] { return absl::OkStatus(); }),
                                      &scratch.response);
}

bool BatchPredictHandler::StartMatrix(UnaryCall& call, PredictionCore::ThreadScratch& scratch) {
  std::unique_ptr<Work> work = core_.TakeBatchWork();
  BatchRequest& request = work->scratch.request;
  if (!request.ReadMatrix(call.request())) {
    core_.Recycle(std::move(work));
    return false;
  }
  auto model = core_.FindToKeep(scratch.reader.Get(), request.model, request.version);
  if (model.ok() && *model == nullptr) {
    core_.Recycle(std::move(work));
    return false;
  }
  absl::Status status = model.status();
  if (status.ok()) {
    work->model = *std::move(model);
    status = work->scratch.prediction.Begin(request, *work->model, core_.RunOptions([&call] { return WhyStop(call); }));
  }
  if (status.ok()) {
    // The pool has the work until it is done, which may be before the next line.
    Work* const started = work.release();
    BatchPrediction& prediction = started->scratch.prediction;
    status = core_.pool().StartParallelFor(
        call.host(), prediction.rows(), BatchPrediction::kRowsPerRange,
        started->model->predictor().memory_bytes() <= kSmallNetworkBytes ? kOwnRanges : 0,
        [&prediction](int64_t begin, int64_t end) { prediction.PredictRange(begin, end); },
        [this, &call, started] {
          FinishWork(call, std::unique_ptr<Work>(started), started->scratch.prediction.End(&started->response));
        });
    if (status.ok()) return true;
    work.reset(started);
  }
  FinishWork(call, std::move(work), status);
  return true;
}

void BatchPredictHandler::AnswerOnPool(UnaryCall& call) {
  std::unique_ptr<Work> work = core_.TakeBatchWork();
  const absl::Status read = [&]() -> absl::Status {
    ROICAST_RETURN_IF_ERROR(WhyStop(call));
    return work->scratch.request.Read(call.request(), core_.ReadOptions(&core_.pool()));
  }();
  if (!read.ok()) {
    FinishWork(call, std::move(work), read);
    return;
  }
  core_.PredictBatch(
      call.host(), std::move(work), [&call] { return WhyStop(call); },
      [this, &call](std::unique_ptr<Work> done, const absl::Status& status) {
        FinishWork(call, std::move(done), status);
      });
}

void BatchPredictHandler::FinishWork(UnaryCall& call, std::unique_ptr<Work> work, const absl::Status& status) {
  Observe(call, status, work->response, work->scratch.prediction.rows());
  std::string answer = std::move(work->response);
  core_.Recycle(std::move(work));
  // Last: once its calls are answered, the service may end.
  call.Finish(status, answer);
}

void BatchPredictHandler::Observe(const UnaryCall& call, const absl::Status& status, const std::string& response,
                                  int64_t rows) {
  core_.Log(kMethod, call, status, call.arrival(), rows, response);
  metrics_.End(status.code(), absl::FromChrono(std::chrono::steady_clock::now() - call.arrival()),
               call.message_broken());
}

void BatchPredictHandler::Finish(UnaryCall& call, const absl::Status& status, std::string& response, int64_t rows) {
  Observe(call, status, response, rows);
  call.Finish(status, response);
}

}  // namespace roicast
