#include "model/artifact/body_limits.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "absl/strings/str_cat.h"
#include "roicast/artifact/v1/artifact.pb.h"

namespace roicast {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;

constexpr int kMaxDepth = 16;

class BodyWalker {
 public:
  // `descriptor` is null inside unknown fields.
  absl::Status Walk(absl::string_view bytes, const Descriptor* descriptor, int depth) {
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                              static_cast<int>(bytes.size()));
    while (in.CurrentPosition() < static_cast<int>(bytes.size())) {
      const uint32_t tag = in.ReadTag();
      if (tag == 0) return NotProtobuf();
      if (++fields_ > kMaxBodyFields) {
        return absl::InvalidArgumentError(absl::StrCat("artifact body: more than ", kMaxBodyFields, " fields"));
      }
      const FieldDescriptor* field = descriptor->FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
        if (!WireFormatLite::SkipField(&in, tag)) return NotProtobuf();
        continue;
      }
      uint32_t length = 0;
      if (!in.ReadVarint32(&length)) return NotProtobuf();
      const int start = in.CurrentPosition();
      if (length > bytes.size() - static_cast<size_t>(start) || !in.Skip(static_cast<int>(length))) {
        return NotProtobuf();
      }
      const absl::string_view content = bytes.substr(start, length);
      if (field != nullptr && field->type() == FieldDescriptor::TYPE_MESSAGE) {
        if (depth == kMaxDepth) return absl::InvalidArgumentError("artifact body: nested too deeply");
        if (absl::Status status = Walk(content, field->message_type(), depth + 1); !status.ok()) return status;
      } else if (field == nullptr || field->type() != FieldDescriptor::TYPE_FLOAT) {
        text_bytes_ += length;
        if (text_bytes_ > kMaxBodyTextBytes) {
          return absl::InvalidArgumentError(
              absl::StrCat("artifact body: more than ", kMaxBodyTextBytes, " bytes outside weights and golden rows"));
        }
      }
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status NotProtobuf() {
    return absl::InvalidArgumentError("artifact body: not a valid protobuf message");
  }

  int64_t fields_ = 0;
  int64_t text_bytes_ = 0;
};

}  // namespace

absl::Status CheckBodyLimits(absl::string_view body) {
  return BodyWalker().Walk(body, artifact::v1::Artifact::descriptor(), 0);
}

}  // namespace roicast
