#include "server/services/prediction/predict_handler.h"

#include "absl/strings/string_view.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr absl::string_view kMethod = "PredictionService/Predict";

}  // namespace

PredictHandler::PredictHandler(PredictionCore* core) : core_(*core), metrics_(core->metrics().AddMethod(kMethod)) {}

void PredictHandler::Handle(UnaryCall& call) {
  metrics_.Begin();
  PredictionCore::ThreadScratch& scratch = core_.scratch(call.loop_index());
  scratch.response.clear();
  if (const absl::Status admitted = core_.Admit(call); !admitted.ok()) {
    Finish(call, admitted, scratch.response);
    return;
  }
  bool answered = false;
  absl::Status status;
  if (call.request().size() <= core_.options().inline_bytes) status = Answer(call, scratch, &answered);
  if (!answered) {
    status = core_.pool().Submit(call.host(), [this, &call] { AnswerLater(call); });
    if (status.ok()) return;
  }
  scratch.row.request.Trim();
  Finish(call, status, scratch.response);
}

void PredictHandler::Refuse(UnaryCall& call, const absl::Status& why) {
  metrics_.Begin();
  std::string none;
  Finish(call, why, none);
}

absl::Status PredictHandler::Answer(UnaryCall& call, PredictionCore::ThreadScratch& scratch, bool* answered) {
  *answered = true;
  RowRequest& request = scratch.row.request;
  ROICAST_ASSIGN_OR_RETURN(const bool read, request.ReadQuickly(call.request()));
  if (!read) {
    *answered = false;
    return absl::OkStatus();
  }
  ROICAST_ASSIGN_OR_RETURN(const ServedModel* const model,
                           core_.Find(scratch.reader.Get(), request.model(), request.version()));
  if (model == nullptr || !PredictionCore::IsQuick(*model, 1)) {
    *answered = false;
    return absl::OkStatus();
  }
  return core_.PredictOne(*model, scratch.row, &scratch.response);
}

void PredictHandler::AnswerLater(UnaryCall& call) {
  std::string response;
  const absl::Status status = [&]() -> absl::Status {
    ROICAST_RETURN_IF_ERROR(WhyStop(call));
    PredictionCore::RowScratch scratch;
    ROICAST_RETURN_IF_ERROR(scratch.request.Read(call.request()));
    ROICAST_ASSIGN_OR_RETURN(const std::shared_ptr<const ServedModel> model,
                             core_.FindOrLoad(scratch.request.model(), scratch.request.version()));
    return core_.PredictOne(*model, scratch, &response);
  }();
  Finish(call, status, response);
}

void PredictHandler::Finish(UnaryCall& call, const absl::Status& status, std::string& response) {
  core_.Log(kMethod, call, status, call.arrival(), 1, response);
  metrics_.End(status.code(), absl::FromChrono(std::chrono::steady_clock::now() - call.arrival()),
               call.message_broken());
  call.Finish(status, response);
}

}  // namespace roicast
