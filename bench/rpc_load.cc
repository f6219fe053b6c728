#include "bench/rpc_load.h"

#include <grpcpp/generic/generic_stub.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>

namespace roicast::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Window {
  Clock::time_point measure_from;
  Clock::time_point until;
};

// Latencies of the calls that started within the measurement window.
class Recorder {
 public:
  explicit Recorder(const Window& window) : window_(window) { latencies_.reserve(1 << 20); }
  void Add(Clock::time_point begin, Clock::time_point end) {
    if (begin >= window_.measure_from) latencies_.push_back(std::chrono::duration<double>(end - begin).count());
  }
  void AddError(const grpc::Status& status) {
    if (result_.errors++ == 0) result_.first_error = status.error_message();
  }
  LoadResult Finish(Clock::time_point end) {
    result_.calls_per_second =
        static_cast<double>(latencies_.size()) / std::chrono::duration<double>(end - window_.measure_from).count();
    std::sort(latencies_.begin(), latencies_.end());
    if (!latencies_.empty()) {
      result_.p50_seconds = latencies_[latencies_.size() / 2];
      result_.p99_seconds = latencies_[std::min(latencies_.size() - 1, latencies_.size() * 99 / 100)];
    }
    return result_;
  }

 private:
  const Window window_;
  std::vector<double> latencies_;
  LoadResult result_;
};

Window WindowFrom(Clock::time_point start, const LoadOptions& options) {
  const auto seconds = [](double s) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s));
  };
  return {start + seconds(options.warm_up_seconds), start + seconds(options.warm_up_seconds + options.seconds)};
}

struct Call {
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  Clock::time_point begin;
  grpc::GenericStub* stub = nullptr;
};

// One stream with a fixed number of items in flight.
struct Stream {
  enum class Tag { kStarted, kWritten, kRead };
  struct Event {
    Stream* stream;
    Tag tag;
  };
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> rpc;
  grpc::ByteBuffer response;
  Event started{this, Tag::kStarted}, written{this, Tag::kWritten}, read{this, Tag::kRead};
  std::deque<Clock::time_point> begins;
  int credit = 0;
  bool writing = false;

  void Write(const grpc::ByteBuffer& request) {
    if (writing || credit == 0) return;
    --credit;
    writing = true;
    begins.push_back(Clock::now());
    grpc::WriteOptions options;
    if (credit > 0) options.set_buffer_hint();
    rpc->Write(request, options, &written);
  }
};

}  // namespace

grpc::ByteBuffer BytesOf(const std::string& message) {
  const grpc::Slice slice(message);
  return grpc::ByteBuffer(&slice, 1);
}

std::string StringOf(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  std::string joined;
  if (!bytes.Dump(&slices).ok()) return joined;
  for (const grpc::Slice& slice : slices) joined.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return joined;
}

LoadClient::LoadClient(const std::string& target, int channels) {
  for (int i = 0; i < channels; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
    arguments.SetMaxReceiveMessageSize(-1);
    channels_.push_back(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments));
  }
}

grpc::Status LoadClient::Call(const std::string& method, const grpc::ByteBuffer& request, grpc::ByteBuffer* response) {
  grpc::GenericStub stub(channels_[0]);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto reader = stub.PrepareUnaryCall(&context, method, request, &queue);
  reader->StartCall();
  grpc::Status status;
  reader->Finish(response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return status;
}

LoadResult LoadClient::RunUnary(const LoadOptions& options) {
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (const auto& channel : channels_) stubs.push_back(std::make_unique<grpc::GenericStub>(channel));
  grpc::CompletionQueue queue;
  const Window window = WindowFrom(Clock::now(), options);
  Recorder recorder(window);
  std::vector<bench::Call> calls(static_cast<size_t>(options.in_flight));
  const auto start = [&](bench::Call& call) {
    call.begin = Clock::now();
    call.context.emplace();
    call.response.Clear();
    call.reader = call.stub->PrepareUnaryCall(&*call.context, options.method, options.request, &queue);
    call.reader->StartCall();
    call.reader->Finish(&call.response, &call.status, &call);
  };
  for (size_t i = 0; i < calls.size(); ++i) {
    calls[i].stub = stubs[i % stubs.size()].get();
    start(calls[i]);
  }
  int under_way = options.in_flight;
  Clock::time_point now;
  while (under_way > 0) {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    now = Clock::now();
    bench::Call& call = *static_cast<bench::Call*>(tag);
    if (call.status.ok()) {
      if (now < window.until) recorder.Add(call.begin, now);
    } else {
      recorder.AddError(call.status);
    }
    if (now < window.until) {
      start(call);
    } else {
      --under_way;
    }
  }
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
  return recorder.Finish(window.until);
}

LoadResult LoadClient::RunStream(const LoadOptions& options) {
  grpc::CompletionQueue queue;
  const Window window = WindowFrom(Clock::now(), options);
  Recorder recorder(window);
  std::vector<std::unique_ptr<Stream>> streams;
  for (const auto& channel : channels_) {
    auto stream = std::make_unique<Stream>();
    grpc::GenericStub stub(channel);
    stream->rpc = stub.PrepareCall(&stream->context, options.method, &queue);
    stream->credit = options.in_flight / static_cast<int>(channels_.size());
    stream->rpc->StartCall(&stream->started);
    streams.push_back(std::move(stream));
  }
  bool failed = false;
  while (!failed) {
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    const Clock::time_point now = Clock::now();
    if (now >= window.until) break;
    const Stream::Event& event = *static_cast<Stream::Event*>(tag);
    Stream& stream = *event.stream;
    if (!ok) {
      recorder.AddError(grpc::Status(grpc::StatusCode::UNKNOWN, "the stream broke"));
      failed = true;
      break;
    }
    switch (event.tag) {
      case Stream::Tag::kStarted:
        stream.Write(options.request);
        stream.rpc->Read(&stream.response, &stream.read);
        break;
      case Stream::Tag::kWritten:
        stream.writing = false;
        stream.Write(options.request);
        break;
      case Stream::Tag::kRead:
        recorder.Add(stream.begins.front(), now);
        stream.begins.pop_front();
        ++stream.credit;
        stream.response.Clear();
        stream.rpc->Read(&stream.response, &stream.read);
        stream.Write(options.request);
        break;
    }
  }
  for (const auto& stream : streams) stream->context.TryCancel();
  grpc::Status ignored;
  for (const auto& stream : streams) stream->rpc->Finish(&ignored, nullptr);
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
  return recorder.Finish(window.until);
}

}  // namespace roicast::bench
