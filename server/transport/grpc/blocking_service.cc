#include "server/transport/grpc/blocking_service.h"

#include <chrono>

namespace roicast {

void BlockingService::Add(absl::string_view method, Kind kind, size_t max_bytes, Work work) {
  BlockingMethod::Options options;
  options.call = WithRequestLimit(calls_, max_bytes);
  options.streams_in = kind == Kind::kClientStream;
  if (kind == Kind::kServerStream) options.window_bytes = kUnreadBytes;
  RpcMetrics& metrics = parts_.metrics->AddMethod(method);
  methods_.push_back(std::make_unique<BlockingMethod>(
      [this, &metrics, work = std::move(work)](BlockingCall& call) { return Observe(metrics, work, call); },
      parts_.pool, options,
      [this, &metrics](const BlockingCall& call, const absl::Status& why) {
        RpcCall(metrics, call.arrival()).Finish(why.code());
        Log(metrics, call, nullptr, why);
      }));
  parts_.grpc->Add(absl::StrCat("/roicast.v1.", method), methods_.back().get());
}

int64_t BlockingService::running() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(running_.size());
}

void BlockingService::EndAll(const absl::Status& status) {
  absl::MutexLock lock(&mutex_);
  for (BlockingCall* const call : running_) call->EndEarly(status);
}

absl::Status BlockingService::Run(const Work& work, CallContext& context) {
  BlockingCall& call = context.call;
  {
    absl::MutexLock lock(&mutex_);
    running_.insert(&call);
  }
  const absl::Status status = call.cancelled() ? ClientDisconnected() : work(context);
  {
    // The call is there until it has returned from here.
    absl::MutexLock lock(&mutex_);
    running_.erase(&call);
  }
  const absl::Status ended = call.EndedEarly();
  return ended.ok() ? status : ended;
}

absl::Status BlockingService::Observe(RpcMetrics& metrics, const Work& work, BlockingCall& call) {
  RpcCall observed(metrics, call.arrival());
  CallContext context{call, "", 0};
  absl::Status status = parts_.lifecycle->Admit();
  if (status.ok()) status = Run(work, context);
  if (const absl::Status unwritten = call.WriteError(); !unwritten.ok()) status = unwritten;
  observed.Finish(status.code(), call.message_broken());
  Log(metrics, call, &context, status);
  return status;
}

void BlockingService::Log(const RpcMetrics& metrics, const BlockingCall& call, const CallContext* context,
                          const absl::Status& status) const {
  if (!parts_.access_log->Sampled()) return;
  parts_.access_log->Record({.method = metrics.method(),
                             .code = status.code(),
                             .latency = absl::FromChrono(std::chrono::steady_clock::now() - call.arrival()),
                             .model = context != nullptr ? absl::string_view(context->model) : "",
                             .version = context != nullptr ? context->version : 0,
                             .rows = 0,
                             .peer = call.peer()});
}

}  // namespace roicast
