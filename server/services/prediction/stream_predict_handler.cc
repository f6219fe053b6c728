#include "server/services/prediction/stream_predict_handler.h"

#include "absl/strings/string_view.h"
#include "base/one_line.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/protobuf/parsed_size.h"
#include "server/services/prediction/wire_writer.h"
#include "server/transport/grpc/wire.h"

namespace roicast {
namespace {

constexpr absl::string_view kMethod = "PredictionService/StreamPredict";
constexpr absl::string_view kItemMethod = "PredictionService/StreamPredict.item";
constexpr int kPredict = v1::StreamPredictResponse::kPredictFieldNumber;
constexpr int kBatchPredict = v1::StreamPredictResponse::kBatchPredictFieldNumber;

absl::Status Parse(absl::string_view bytes, v1::StreamPredictRequest* request) {
  if (!request->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return absl::InvalidArgumentError("the bytes are not a roicast.v1.StreamPredictRequest");
  if (request->item_case() == v1::StreamPredictRequest::ITEM_NOT_SET) {
    return absl::InvalidArgumentError("item: expected predict or batch_predict, got none");
  }
  return absl::OkStatus();
}

}  // namespace

StreamPredictHandler::StreamPredictHandler(PredictionCore* core)
    : core_(*core),
      stream_metrics_(core->metrics().AddMethod(kMethod)),
      item_metrics_(core->metrics().AddMethod(kItemMethod)) {}

absl::Status StreamPredictHandler::Begin(const StreamCall& call) {
  stream_metrics_.Begin();
  const absl::Status admitted = core_.AdmitStream(call);
  if (!admitted.ok()) {
    core_.Log(kMethod, call, admitted, call.arrival(), 0);
    stream_metrics_.End(admitted.code(), absl::FromChrono(Clock::now() - call.arrival()));
  }
  return admitted;
}

void StreamPredictHandler::End(const StreamCall& call, const absl::Status& status) {
  core_.Log(kMethod, call, status, call.arrival(), 0);
  stream_metrics_.End(status.code(), absl::FromChrono(Clock::now() - call.arrival()), call.message_broken());
}

void StreamPredictHandler::Handle(StreamItem& item) {
  const Clock::time_point arrival = Clock::now();
  PredictionCore::ThreadScratch& scratch = core_.scratch(item.call().loop_index());
  scratch.response.clear();
  absl::Status status = core_.AdmitItem();
  int field = kPredict;
  const bool admitted = status.ok();
  bool answered = !admitted;
  if (!answered && item.request().size() <= core_.options().inline_bytes) {
    answered = true;
    status = AnswerInline(item, scratch, &field, &answered);
  }
  if (!answered) {
    status = core_.pool().Submit(item.call().host(), [this, &item, arrival] { AnswerOnPool(item, arrival); });
    if (status.ok()) return;
  }
  scratch.row.request.Trim();
  if (admitted) core_.LeaveItem();
  Finish(item, status, field, scratch.response, arrival);
}

absl::Status StreamPredictHandler::AnswerInline(StreamItem& item, PredictionCore::ThreadScratch& scratch, int* field,
                                                bool* answered) {
  ROICAST_RETURN_IF_ERROR(WhyStop(item.call()));
  RowRequest& row = scratch.row.request;
  const auto predict_row = [&]() -> absl::Status {
    ROICAST_ASSIGN_OR_RETURN(const ServedModel* const model,
                             core_.Find(scratch.reader.Get(), row.model(), row.version()));
    if (model != nullptr && PredictionCore::IsQuick(*model, 1)) {
      return core_.PredictOne(*model, scratch.row, &scratch.response);
    }
    *answered = false;
    return absl::OkStatus();
  };
  ROICAST_ASSIGN_OR_RETURN(const bool read, row.ReadStreamItem(item.request()));
  if (read) return predict_row();
  scratch.arena.Reset();
  auto& request = *google::protobuf::Arena::CreateMessage<v1::StreamPredictRequest>(&scratch.arena);
  if (ParsedBytes(request, item.request()) > kQuickParsedBytes) {
    *answered = false;
    return absl::OkStatus();
  }
  ROICAST_RETURN_IF_ERROR(Parse(item.request(), &request));
  if (request.has_predict()) {
    ROICAST_RETURN_IF_ERROR(row.Take(request.mutable_predict()));
    return predict_row();
  }
  *field = kBatchPredict;
  const v1::ModelRef& ref = request.batch_predict().model();
  ROICAST_ASSIGN_OR_RETURN(const ServedModel* const model, core_.Find(scratch.reader.Get(), ref.name(), ref.version()));
  scratch.batch.request.Take(request.batch_predict());
  if (model == nullptr || !PredictionCore::IsQuick(*model, scratch.batch.request.RowCount())) {
    *answered = false;
    return absl::OkStatus();
  }
  return scratch.batch.prediction.Run(scratch.batch.request, *model, core_.RunOptions([] { return absl::OkStatus(); }),
                                      &scratch.response);
}

void StreamPredictHandler::AnswerOnPool(StreamItem& item, Clock::time_point arrival) {
  std::unique_ptr<Work> work = core_.TakeBatchWork();
  int field = kBatchPredict;
  const absl::Status status = [&]() -> absl::Status {
    ROICAST_RETURN_IF_ERROR(WhyStop(item.call()));
    BatchRequest& batch = work->scratch.request;
    ROICAST_ASSIGN_OR_RETURN(const bool read, batch.ReadStreamItem(item.request(), core_.ReadOptions(&core_.pool())));
    if (read) return absl::OkStatus();
    PredictionCore::RowScratch row;
    ROICAST_ASSIGN_OR_RETURN(const bool is_row, row.request.ReadStreamItem(item.request()));
    if (!is_row) {
      v1::StreamPredictRequest request;
      ROICAST_RETURN_IF_ERROR(batch.ClaimParsing(request, item.request(), core_.memory()));
      ROICAST_RETURN_IF_ERROR(Parse(item.request(), &request));
      if (!request.has_predict()) return batch.Take(std::move(*request.mutable_batch_predict()));
      ROICAST_RETURN_IF_ERROR(RowRequest::CheckSize(item.request().size()));
      ROICAST_RETURN_IF_ERROR(row.request.Take(request.mutable_predict()));
    }
    field = kPredict;
    ROICAST_ASSIGN_OR_RETURN(const std::shared_ptr<const ServedModel> model,
                             core_.FindOrLoad(row.request.model(), row.request.version()));
    return core_.PredictOne(*model, row, &work->response);
  }();
  if (!status.ok() || field == kPredict) {
    FinishWork(item, std::move(work), status, field, arrival);
    return;
  }
  core_.PredictBatch(
      item.call().host(), std::move(work), [&item] { return WhyStop(item.call()); },
      [this, &item, arrival](std::unique_ptr<Work> done, const absl::Status& ended) {
        FinishWork(item, std::move(done), ended, kBatchPredict, arrival);
      });
}

void StreamPredictHandler::FinishWork(StreamItem& item, std::unique_ptr<Work> work, const absl::Status& status,
                                      int field, Clock::time_point arrival) {
  const std::string response = std::move(work->response);
  core_.Recycle(std::move(work));
  core_.LeaveItem();
  Finish(item, status, field, response, arrival);
}

void StreamPredictHandler::Finish(StreamItem& item, const absl::Status& status, int field, const std::string& response,
                                  Clock::time_point arrival) {
  std::string head;  // Short enough to need no allocation if the item was answered.
  WireWriter writer(&head);
  if (status.ok()) {
    writer.LengthPrefix(field, response.size());
  } else {
    std::string encoded;
    WireWriter status_writer(&encoded);
    status_writer.Int64Field(v1::ItemStatus::kCodeFieldNumber, static_cast<int64_t>(status.code()));
    // As the message of a call's status: it may quote what the client sent.
    status_writer.BytesField(v1::ItemStatus::kMessageFieldNumber, OneLine(status.message(), kMaxStatusMessageBytes));
    if (const v1::ErrorReason reason = ReasonOf(status); reason != v1::ERROR_REASON_UNSPECIFIED) {
      status_writer.Int64Field(v1::ItemStatus::kReasonFieldNumber, reason);
    }
    writer.BytesField(v1::StreamPredictResponse::kStatusFieldNumber, encoded);
  }
  item_metrics_.Observe(status.code(), absl::FromChrono(Clock::now() - arrival));
  item.Answer(head, status.ok() ? absl::string_view(response) : absl::string_view());
}

}  // namespace roicast
