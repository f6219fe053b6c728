#include "tests/differential/raw_frame.h"

#include <nghttp2/nghttp2.h>

#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

constexpr size_t kHeadBytes = 9;

std::string TypeName(uint8_t type) {
  switch (type) {
    case NGHTTP2_DATA:
      return "DATA";
    case NGHTTP2_HEADERS:
      return "HEADERS";
    case NGHTTP2_PRIORITY:
      return "PRIORITY";
    case NGHTTP2_RST_STREAM:
      return "RST_STREAM";
    case NGHTTP2_SETTINGS:
      return "SETTINGS";
    case NGHTTP2_PING:
      return "PING";
    case NGHTTP2_GOAWAY:
      return "GOAWAY";
    case NGHTTP2_WINDOW_UPDATE:
      return "WINDOW_UPDATE";
    case NGHTTP2_CONTINUATION:
      return "CONTINUATION";
    default:
      return absl::StrCat("type ", static_cast<int>(type));
  }
}

std::string Number24(size_t number) { return Number32(static_cast<uint32_t>(number)).substr(1); }

}  // namespace

std::string Number32(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(number >> shift));
  return bytes;
}

uint32_t ReadNumber(absl::string_view bytes) {
  uint32_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

std::string RawFrame::Bytes() const {
  return absl::StrCat(Number24(payload.size()), std::string(1, static_cast<char>(type)),
                      std::string(1, static_cast<char>(flags)), Number32(static_cast<uint32_t>(stream)), payload);
}

std::string RawFrame::ToString() const {
  std::string text = TypeName(type);
  if (stream != 0) absl::StrAppend(&text, ":", stream);
  absl::StrAppend(&text, "(", payload.size(), " bytes");
  if (type == NGHTTP2_DATA || type == NGHTTP2_HEADERS) {
    if (has(NGHTTP2_FLAG_END_STREAM)) absl::StrAppend(&text, ", END_STREAM");
  }
  if (type == NGHTTP2_HEADERS || type == NGHTTP2_CONTINUATION) {
    if (!has(NGHTTP2_FLAG_END_HEADERS)) absl::StrAppend(&text, ", without END_HEADERS");
    if (has(NGHTTP2_FLAG_PRIORITY)) absl::StrAppend(&text, ", PRIORITY");
  }
  if (type == NGHTTP2_WINDOW_UPDATE || type == NGHTTP2_RST_STREAM) absl::StrAppend(&text, ", ", ReadNumber(payload));
  return absl::StrCat(text, ")");
}

std::optional<RawFrame> TakeFrame(absl::string_view* bytes) {
  if (bytes->size() < kHeadBytes) return std::nullopt;
  const size_t size = ReadNumber(bytes->substr(0, 3));
  if (bytes->size() - kHeadBytes < size) return std::nullopt;
  RawFrame frame;
  frame.type = static_cast<uint8_t>((*bytes)[3]);
  frame.flags = static_cast<uint8_t>((*bytes)[4]);
  frame.stream = static_cast<int32_t>(ReadNumber(bytes->substr(5, 4)) & 0x7fffffff);
  frame.payload = std::string(bytes->substr(kHeadBytes, size));
  bytes->remove_prefix(kHeadBytes + size);
  return frame;
}

}  // namespace roicast
