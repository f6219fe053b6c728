#include "tests/differential/conversation.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "tests/differential/echo_servers.h"
#include "tests/differential/random_choice.h"

namespace roicast {
namespace {

// Less than the window that every stream begins with (RFC 9113, section 6.9.2).
constexpr size_t kMaxBody = 60000;
// nghttp2 takes no more CONTINUATION frames than eight for a header block.
constexpr size_t kMaxContinuations = 6;
// What all answers fit into.
constexpr uint32_t kWideWindow = 1 << 20;
constexpr uint8_t kUnknownType = 0xfa;

std::string Setting(uint16_t id, uint32_t value) { return Number32(id).substr(2) + Number32(value); }

// gRPC's server closes the connection after it.
bool HasBadMetadata(const RawCall& call) {
  return std::any_of(call.headers.begin(), call.headers.end(), [](const auto& header) {
    return header.first == "x-bytes-bin" && absl::StrContains(header.second, ",");
  });
}

// The call is over only once the client has ended it.
bool IsReadToItsEnd(const RawCall& call) { return StreamsIn(call.header(":path")) && call.mutations.empty(); }

RawCall CallOfMany(std::mt19937_64& random) {
  while (true) {
    RawCall call = RandomCall(random);
    if (call.body().size() > kMaxBody || call.trailers || HasBadMetadata(call)) continue;
    if (IsReadToItsEnd(call) && Once(random, 4)) {
      call.trailers = true;
      call.mutations = "trailers; ";
    }
    return call;
  }
}

class Interleaver {
 public:
  Interleaver(std::mt19937_64& random, size_t calls) : random_(random) {
    ROICAST_CHECK(nghttp2_hd_deflate_new(&deflater_, NGHTTP2_DEFAULT_HEADER_TABLE_SIZE) == 0);
    for (size_t i = 0; i < calls; ++i) {
      conversation_.calls.push_back(CallOfMany(random_));
      streams_.push_back(FramesOf(conversation_.calls.back(), static_cast<int32_t>(2 * i + 1)));
    }
  }
  ~Interleaver() { nghttp2_hd_deflate_del(deflater_); }
  Interleaver(const Interleaver&) = delete;
  Interleaver& operator=(const Interleaver&) = delete;

  Conversation Make() && {
    Begin();
    while (Stream* const stream = NextStream()) {
      SendNext(*stream);
      if (Once(random_, 3)) SendBetween();
    }
    End();
    return std::move(conversation_);
  }

 private:
  struct Stream {
    int32_t id = 0;
    // Those of HEADERS have no payload yet: it depends on what is sent before.
    std::deque<RawFrame> left;
    bool begun = false;
    bool reset = false;
  };

  Stream FramesOf(const RawCall& call, int32_t id) {
    Stream stream;
    stream.id = id;
    std::deque<RawFrame>& frames = stream.left;
    frames.push_back({NGHTTP2_HEADERS, NGHTTP2_FLAG_NONE, id, {}});
    for (const std::string& part : call.parts) frames.push_back({NGHTTP2_DATA, NGHTTP2_FLAG_NONE, id, part});
    if (call.trailers) {
      frames.push_back({NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, id, {}});
    } else if (Once(random_, 3)) {
      frames.push_back({NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, id, {}});
    } else {
      frames.back().flags |= NGHTTP2_FLAG_END_STREAM;
    }
    if (call.resets) {
      frames.resize(1 + random_() % frames.size());
      frames.push_back({NGHTTP2_RST_STREAM, NGHTTP2_FLAG_NONE, id,
                        Number32(OneOf<uint32_t>(random_, {NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, 1000000}))});
    }
    return stream;
  }

  void Begin() {
    std::string settings;
    if (Once(random_, 2)) {
      settings +=
          Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, OneOf<uint32_t>(random_, {0, 1, 100, 5000, kWideWindow}));
    }
    if (Once(random_, 2)) {
      settings += Setting(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, OneOf<uint32_t>(random_, {0, 64, 4096}));
    }
    Send({NGHTTP2_SETTINGS, NGHTTP2_FLAG_NONE, 0, settings});
  }

  // From now on all answers have room, and all that was sent before has been read.
  void End() {
    Send({NGHTTP2_SETTINGS, NGHTTP2_FLAG_NONE, 0, Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWideWindow)});
    Send({NGHTTP2_WINDOW_UPDATE, NGHTTP2_FLAG_NONE, 0, Number32(kWideWindow)});
    SendPing();
    conversation_.steps.back().awaits_answers = true;
  }

  // One that has frames left; of those that have not begun, the first. nullptr: none has.
  Stream* NextStream() {
    // A few frames of one stream in a row now and then.
    if (last_ != nullptr && !last_->left.empty() && Once(random_, 3)) return last_;
    std::vector<Stream*> choices;
    for (Stream& stream : streams_) {
      if (stream.left.empty()) continue;
      choices.push_back(&stream);
      if (!stream.begun) break;
    }
    last_ = choices.empty() ? nullptr : OneOf(random_, choices);
    return last_;
  }

  void SendNext(Stream& stream) {
    RawFrame frame = std::move(stream.left.front());
    stream.left.pop_front();
    stream.reset = frame.type == NGHTTP2_RST_STREAM;
    if (frame.type != NGHTTP2_HEADERS) {
      Send(std::move(frame));
    } else if (!std::exchange(stream.begun, true)) {
      SendHeaders(frame, conversation_.calls[static_cast<size_t>(stream.id / 2)].headers);
    } else {
      SendHeaders(frame, {{"x-trailer", "yes"}});
    }
  }

  // In one frame, or with CONTINUATION; now and then with a priority.
  void SendHeaders(RawFrame& frame, const std::vector<std::pair<std::string, std::string>>& headers) {
    std::string block = Encode(headers);
    size_t part = Once(random_, 3) ? random_() % (block.size() + 1) : block.size();
    frame.payload = block.substr(0, part);
    if (Once(random_, 6)) {
      frame.flags |= NGHTTP2_FLAG_PRIORITY;
      frame.payload = RandomPriority(frame.stream) + frame.payload;
    }
    block.erase(0, part);
    for (size_t left = kMaxContinuations; !block.empty(); --left) {
      Send(std::exchange(frame, {NGHTTP2_CONTINUATION, NGHTTP2_FLAG_NONE, frame.stream, {}}));
      part = left > 1 ? random_() % (block.size() + 1) : block.size();
      frame.payload = block.substr(0, part);
      block.erase(0, part);
    }
    frame.flags |= NGHTTP2_FLAG_END_HEADERS;
    Send(std::move(frame));
  }

  std::string Encode(const std::vector<std::pair<std::string, std::string>>& headers) {
    if (Once(random_, 8)) {
      nghttp2_hd_deflate_change_table_size(deflater_, OneOf<size_t>(random_, {0, 100, 4096}));
    }
    std::vector<nghttp2_nv> fields;
    for (const auto& [name, value] : headers) {
      fields.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                        reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
                        static_cast<uint8_t>(Once(random_, 4) ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE)});
    }
    std::string block(nghttp2_hd_deflate_bound(deflater_, fields.data(), fields.size()), '\0');
    const ssize_t size = nghttp2_hd_deflate_hd(deflater_, reinterpret_cast<uint8_t*>(block.data()), block.size(),
                                               fields.data(), fields.size());
    ROICAST_CHECK(size >= 0);
    block.resize(static_cast<size_t>(size));
    return block;
  }

  void SendBetween() {
    switch (random_() % 7) {
      case 0:
        SendPing();
        conversation_.steps.back().awaits_answers = Once(random_, 4);
        break;
      case 1:
        Send({NGHTTP2_WINDOW_UPDATE, NGHTTP2_FLAG_NONE, 0, RandomIncrement()});
        break;
      case 2:
      case 3:
        if (const Stream& stream = RandomStream(); stream.begun && !stream.reset) {
          Send({NGHTTP2_WINDOW_UPDATE, NGHTTP2_FLAG_NONE, stream.id, RandomIncrement()});
        }
        break;
      case 4:
        Send({NGHTTP2_SETTINGS, NGHTTP2_FLAG_NONE, 0, RandomSettings()});
        break;
      case 5: {
        const int32_t id = RandomStream().id;
        Send({NGHTTP2_PRIORITY, NGHTTP2_FLAG_NONE, id, RandomPriority(id)});
        break;
      }
      default:
        Send({kUnknownType, static_cast<uint8_t>(random_()), OneOf<int32_t>(random_, {0, RandomStream().id}),
              RandomText(random_, random_() % 50)});
    }
  }

  void SendPing() { Send({NGHTTP2_PING, NGHTTP2_FLAG_NONE, 0, RandomText(random_, 8)}); }

  Stream& RandomStream() { return streams_[random_() % streams_.size()]; }

  std::string RandomIncrement() { return Number32(OneOf<uint32_t>(random_, {1, 7, 1000, 10000})); }

  std::string RandomSettings() {
    switch (random_() % 5) {
      case 0:
        return Setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, OneOf<uint32_t>(random_, {0, 100, 65535}));
      case 1:
        return Setting(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, OneOf<uint32_t>(random_, {16384, 16385, 16777215})) +
               Setting(NGHTTP2_SETTINGS_ENABLE_PUSH, 0);
      case 2:
        return Setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<uint32_t>(random_() % 200));
      case 3:
        return Setting(0xfe00, static_cast<uint32_t>(random_()));
      default:
        return {};
    }
  }

  // The fields of PRIORITY, for a stream that does not depend on itself.
  std::string RandomPriority(int32_t id) {
    int32_t other = OneOf<int32_t>(random_, {0, RandomStream().id});
    if (other == id) other = 0;
    const uint32_t exclusive = Once(random_, 4) ? 0x80000000 : 0;
    return Number32(static_cast<uint32_t>(other) | exclusive) + std::string(1, static_cast<char>(random_()));
  }

  void Send(RawFrame frame) {
    Conversation::Step step;
    if (Once(random_, 6)) step.cut = random_() % (frame.Bytes().size() + 1);
    step.frame = std::move(frame);
    conversation_.steps.push_back(std::move(step));
  }

  std::mt19937_64& random_;
  nghttp2_hd_deflater* deflater_ = nullptr;
  Conversation conversation_;
  std::vector<Stream> streams_;
  Stream* last_ = nullptr;
};

}  // namespace

std::string Conversation::ToString() const {
  std::string text;
  for (size_t i = 0; i < calls.size(); ++i) {
    absl::StrAppend(&text, "\n  stream ", 2 * i + 1, " to ", calls[i].header(":path"), ": ", calls[i].mutations);
  }
  absl::StrAppend(&text, "\n ");
  for (const Step& step : steps) {
    absl::StrAppend(&text, " ", step.frame.ToString());
    if (step.cut != kTogether) absl::StrAppend(&text, "|", step.cut);
    if (step.awaits_answers) absl::StrAppend(&text, "?");
  }
  return text;
}

Conversation RandomConversation(std::mt19937_64& random, size_t calls) { return Interleaver(random, calls).Make(); }

}  // namespace roicast
