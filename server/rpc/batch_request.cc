#include "server/rpc/batch_request.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr uint32_t LengthDelimited(int field) { return static_cast<uint32_t>(field) << 3 | 2; }
constexpr uint32_t VarintTag(int field) { return static_cast<uint32_t>(field) << 3; }

// Reads the form in which every protobuf library writes the request: packed numbers, each field once. Anything else
// that the format allows is left to the generated parser, so that it means the same.
class FastReader {
 public:
  FastReader(CodedInputStream* in, int64_t max_rows) : in_(*in), max_rows_(max_rows) {}

  // False: not in that form, or not a request at all.
  bool ReadString(std::string* out) {
    uint32_t size = 0;
    return in_.ReadVarint32(&size) && in_.ReadString(out, static_cast<int>(size)) &&
           WireFormatLite::VerifyUtf8String(out->data(), static_cast<int>(out->size()), WireFormatLite::PARSE, nullptr);
  }

  template <typename T>
  bool ReadPackedFixed(Scratch<T>* out) {
    uint32_t size = 0;
    if (!in_.ReadVarint32(&size) || size % sizeof(T) != 0 || !Fits(size)) return false;
    return in_.ReadRaw(out->Resize(size / sizeof(T)), static_cast<int>(size));
  }

  // Small numbers take a byte each on the wire and up to eight in memory: those beyond the limit are only counted.
  template <typename T, typename Decode>
  bool ReadPackedVarint(Scratch<T>* out, Decode decode) {
    uint32_t size = 0;
    if (!in_.ReadVarint32(&size) || !Fits(size)) return false;
    const size_t room = std::min<size_t>(size, static_cast<size_t>(max_rows_));
    T* const values = out->Resize(room);
    size_t count = 0;
    const CodedInputStream::Limit limit = in_.PushLimit(static_cast<int>(size));
    while (in_.BytesUntilLimit() > 0) {
      uint64_t value = 0;
      if (!in_.ReadVarint64(&value)) return false;
      if (count < room) values[count] = decode(value);
      ++count;
    }
    in_.PopLimit(limit);
    rows_over_limit_ = std::max(rows_over_limit_, count > room ? static_cast<int64_t>(count) : 0);
    out->Resize(std::min(count, room));
    return true;
  }

  // Calls field(tag) for each field of the message that follows its length here.
  template <typename Field>
  bool ReadMessage(Field field) {
    uint32_t size = 0;
    if (!in_.ReadVarint32(&size) || !Fits(size)) return false;
    const CodedInputStream::Limit limit = in_.PushLimit(static_cast<int>(size));
    while (in_.BytesUntilLimit() > 0) {
      const uint32_t tag = in_.ReadTag();
      if (tag == 0 || !field(tag)) return false;
    }
    in_.PopLimit(limit);
    return true;
  }

  bool ReadInt64(int64_t* out) {
    uint64_t value = 0;
    if (!in_.ReadVarint64(&value)) return false;
    *out = static_cast<int64_t>(value);
    return true;
  }

  // 0, or the length of a column that is longer than allowed.
  int64_t rows_over_limit() const { return rows_over_limit_; }

 private:
  // A length that the bytes cannot hold would have memory made for nothing.
  bool Fits(uint32_t size) const {
    const int left = in_.BytesUntilTotalBytesLimit();
    return left < 0 || size <= static_cast<uint32_t>(left);
  }

  CodedInputStream& in_;
  const int64_t max_rows_;
  int64_t rows_over_limit_ = 0;
};

bool ReadColumn(FastReader& reader, BatchColumn& column) {
  bool has_name = false;
  const auto once = [&column](BatchColumn::Values kind) {
    if (column.kind != BatchColumn::Values::kNone) return false;
    column.kind = kind;
    return true;
  };
  return reader.ReadMessage([&](uint32_t tag) {
    switch (tag) {
      case LengthDelimited(v1::Column::kNameFieldNumber):
        return !std::exchange(has_name, true) && reader.ReadString(&column.name);
      case LengthDelimited(v1::Column::kFloatsFieldNumber): {
        bool has_values = false;
        column.floats.Resize(0);
        return once(BatchColumn::Values::kFloats) && reader.ReadMessage([&](uint32_t inner) {
          return inner == LengthDelimited(v1::FloatValues::kValuesFieldNumber) && !std::exchange(has_values, true) &&
                 reader.ReadPackedFixed(&column.floats);
        });
      }
      case LengthDelimited(v1::Column::kDoublesFieldNumber): {
        bool has_values = false;
        column.doubles.Resize(0);
        return once(BatchColumn::Values::kDoubles) && reader.ReadMessage([&](uint32_t inner) {
          return inner == LengthDelimited(v1::DoubleValues::kValuesFieldNumber) && !std::exchange(has_values, true) &&
                 reader.ReadPackedFixed(&column.doubles);
        });
      }
      case LengthDelimited(v1::Column::kCategoriesFieldNumber): {
        bool has_codes = false;
        column.codes.Resize(0);
        return once(BatchColumn::Values::kCategories) && reader.ReadMessage([&](uint32_t inner) {
          if (inner == LengthDelimited(v1::CategoricalValues::kDictionaryFieldNumber)) {
            return reader.ReadString(&column.dictionary.emplace_back());
          }
          return inner == LengthDelimited(v1::CategoricalValues::kCodesFieldNumber) &&
                 !std::exchange(has_codes, true) && reader.ReadPackedVarint(&column.codes, [](uint64_t value) {
                   return WireFormatLite::ZigZagDecode32(static_cast<uint32_t>(value));
                 });
        });
      }
      case LengthDelimited(v1::Column::kTimesFieldNumber): {
        bool has_values = false;
        column.times.Resize(0);
        return once(BatchColumn::Values::kTimes) && reader.ReadMessage([&](uint32_t inner) {
          return inner == LengthDelimited(v1::TimeValues::kUnixSecondsFieldNumber) &&
                 !std::exchange(has_values, true) &&
                 reader.ReadPackedVarint(&column.times, [](uint64_t value) { return static_cast<int64_t>(value); });
        });
      }
      default:
        return false;
    }
  });
}

}  // namespace

int64_t BatchColumn::size() const {
  switch (kind) {
    case Values::kNone:
      return 0;
    case Values::kFloats:
      return static_cast<int64_t>(floats.size());
    case Values::kDoubles:
      return static_cast<int64_t>(doubles.size());
    case Values::kCategories:
      return static_cast<int64_t>(codes.size());
    case Values::kTimes:
      return static_cast<int64_t>(times.size());
  }
  return 0;
}

void BatchRequest::Clear() {
  model.clear();
  version = 0;
  max_issues = 0;
  input = Input::kNone;
  column_count = 0;
  values.Resize(0);
  rows = 0;
  schema_digest.clear();
  campaigns.Clear();
}

BatchColumn& BatchRequest::AddColumn() {
  if (column_count == columns.size()) columns.emplace_back();
  BatchColumn& column = columns[column_count++];
  column.name.clear();
  column.kind = BatchColumn::Values::kNone;
  column.dictionary.clear();
  return column;
}

absl::StatusOr<bool> BatchRequest::ReadFast(grpc::ByteBuffer& bytes, int64_t max_rows, bool in_stream_item) {
  Clear();
  const int total = static_cast<int>(bytes.Length());
  grpc::ProtoBufferReader pieces(&bytes);
  CodedInputStream in(&pieces);
  in.SetTotalBytesLimit(total);
  FastReader reader(&in, max_rows);
  if (in_stream_item) {
    uint32_t size = 0;
    if (in.ReadTag() != LengthDelimited(v1::StreamPredictRequest::kBatchPredictFieldNumber) ||
        !in.ReadVarint32(&size) || static_cast<int64_t>(in.CurrentPosition()) + size != total) {
      return false;
    }
  }
  bool has_model = false;
  const auto once = [this](Input kind) {
    if (input != Input::kNone) return false;
    input = kind;
    return true;
  };
  bool simple = pieces.status().ok();
  while (simple && in.CurrentPosition() < total) {
    const uint32_t tag = in.ReadTag();
    switch (tag) {
      case LengthDelimited(v1::BatchPredictRequest::kModelFieldNumber):
        simple = !std::exchange(has_model, true) && reader.ReadMessage([&](uint32_t inner) {
          if (inner == LengthDelimited(v1::ModelRef::kNameFieldNumber)) return reader.ReadString(&model);
          return inner == VarintTag(v1::ModelRef::kVersionFieldNumber) && reader.ReadInt64(&version);
        });
        break;
      case LengthDelimited(v1::BatchPredictRequest::kColumnsFieldNumber):
        simple = once(Input::kColumns) && reader.ReadMessage([&](uint32_t inner) {
          return inner == LengthDelimited(v1::Columns::kColumnsFieldNumber) && ReadColumn(reader, AddColumn());
        });
        break;
      case LengthDelimited(v1::BatchPredictRequest::kMatrixFieldNumber): {
        bool has_values = false;
        simple = once(Input::kMatrix) && reader.ReadMessage([&](uint32_t inner) {
          switch (inner) {
            case LengthDelimited(v1::DenseMatrix::kValuesFieldNumber):
              return !std::exchange(has_values, true) && reader.ReadPackedFixed(&values);
            case VarintTag(v1::DenseMatrix::kRowsFieldNumber):
              return reader.ReadInt64(&rows);
            case LengthDelimited(v1::DenseMatrix::kSchemaDigestFieldNumber):
              return reader.ReadString(&schema_digest);
            default:
              return false;
          }
        });
        break;
      }
      case VarintTag(v1::BatchPredictRequest::kMaxIssuesFieldNumber): {
        int64_t value = 0;
        simple = reader.ReadInt64(&value);
        max_issues = static_cast<int32_t>(value);
        break;
      }
      default:
        simple = false;
    }
  }
  if (simple && reader.rows_over_limit() > 0) {
    return absl::ResourceExhaustedError(absl::StrCat("rows: limit ", max_rows, ", got ", reader.rows_over_limit()));
  }
  return simple;
}

absl::Status BatchRequest::Read(grpc::ByteBuffer& bytes, int64_t max_rows) {
  ROICAST_ASSIGN_OR_RETURN(const bool done, ReadFast(bytes, max_rows, false));
  if (done) return absl::OkStatus();
  v1::BatchPredictRequest request;
  grpc::ProtoBufferReader pieces(&bytes);
  if (!request.ParseFromZeroCopyStream(&pieces)) {
    return absl::InvalidArgumentError("the bytes are not a roicast.v1.BatchPredictRequest");
  }
  Take(request);
  return absl::OkStatus();
}

absl::StatusOr<bool> BatchRequest::ReadStreamItem(grpc::ByteBuffer& bytes, int64_t max_rows) {
  return ReadFast(bytes, max_rows, true);
}

void BatchRequest::Take(const v1::BatchPredictRequest& request) {
  Clear();
  model = request.model().name();
  version = request.model().version();
  max_issues = request.max_issues();
  const auto copy = [](const auto& from, auto& to) { std::copy(from.begin(), from.end(), to.Resize(from.size())); };
  switch (request.input_case()) {
    case v1::BatchPredictRequest::kColumns:
      input = Input::kColumns;
      for (const v1::Column& from : request.columns().columns()) {
        BatchColumn& to = AddColumn();
        to.name = from.name();
        if (from.has_floats()) {
          to.kind = BatchColumn::Values::kFloats;
          copy(from.floats().values(), to.floats);
        } else if (from.has_doubles()) {
          to.kind = BatchColumn::Values::kDoubles;
          copy(from.doubles().values(), to.doubles);
        } else if (from.has_categories()) {
          to.kind = BatchColumn::Values::kCategories;
          copy(from.categories().codes(), to.codes);
          to.dictionary.assign(from.categories().dictionary().begin(), from.categories().dictionary().end());
        } else if (from.has_times()) {
          to.kind = BatchColumn::Values::kTimes;
          copy(from.times().unix_seconds(), to.times);
        }
      }
      break;
    case v1::BatchPredictRequest::kMatrix:
      input = Input::kMatrix;
      copy(request.matrix().values(), values);
      rows = request.matrix().rows();
      schema_digest = request.matrix().schema_digest();
      break;
    case v1::BatchPredictRequest::kCampaigns:
      input = Input::kCampaigns;
      campaigns = request.campaigns();
      break;
    case v1::BatchPredictRequest::INPUT_NOT_SET:
      break;
  }
}

void BatchRequest::Trim() {
  constexpr size_t kKeepBytes = size_t{4} << 20;
  values.ShrinkTo(kKeepBytes / sizeof(float));
  size_t column_bytes = 0;
  for (const BatchColumn& column : columns) {
    column_bytes += column.floats.size() * sizeof(float) + column.doubles.size() * sizeof(double) +
                    column.codes.size() * sizeof(int32_t) + column.times.size() * sizeof(int64_t);
  }
  if (column_bytes > kKeepBytes || columns.size() > 256) {
    columns.clear();
    columns.shrink_to_fit();
    column_count = 0;
  }
  if (campaigns.campaigns_size() > 1000) campaigns = v1::CampaignList();
}

}  // namespace roicast
