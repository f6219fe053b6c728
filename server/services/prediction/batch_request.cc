#include "server/services/prediction/batch_request.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "server/errors/errors.h"
#include "server/protobuf/parsed_size.h"
#include "server/services/prediction/how_sure.h"
#include "server/services/prediction/packed_varints.h"

namespace roicast {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr size_t kKeepBytes = size_t{4} << 20;
constexpr size_t kKeepColumns = 256;
// Less does not count: as much is kept from one request to the next.
constexpr uint64_t kCountedBytes = uint64_t{64} << 10;
// A request with more is left to the generated parser, which counts them first.
constexpr size_t kMaxDictionaryWords = size_t{1} << 20;

// The options of uncertainty that this release knows, and more.
constexpr size_t kMaxUncertaintyBytes = 64;

constexpr uint32_t LengthDelimited(int field) { return static_cast<uint32_t>(field) << 3 | 2; }
constexpr uint32_t VarintTag(int field) { return static_cast<uint32_t>(field) << 3; }

}  // namespace

// Reads the form in which every protobuf library writes the request: packed numbers, each field once. Anything else
// that the format allows is left to the generated parser, so that it means the same.
class FastReader {
 public:
  // What is not in the form that libraries write has fields over and over, and names without an end.
  struct Limits {
    int64_t fields = std::numeric_limits<int64_t>::max();
    size_t string_bytes = std::numeric_limits<size_t>::max();
    size_t columns = BatchRequest::kMaxColumns;
  };

  // `in` reads `bytes`.
  FastReader(CodedInputStream* in, absl::string_view bytes, const Limits& limits)
      : in_(*in), bytes_(bytes), limits_(limits) {}

  size_t max_columns() const { return limits_.columns; }

  // All that follow return false if the bytes are not in that form, are beyond the limits, or not a request at all.

  // 0: no tag, or one of more than two bytes: no field of these messages has one. CodedInputStream would take ten,
  // which the generated parser refuses.
  uint32_t ReadTag() {
    if (--limits_.fields < 0) return 0;
    const int begin = in_.CurrentPosition();
    const uint32_t tag = in_.ReadTag();
    return in_.CurrentPosition() - begin <= 2 ? tag : 0;
  }

  // A length. False, too, if it takes more than four bytes: of longer ones CodedInputStream drops what does not fit
  // into 32 bits, and the generated parser refuses them.
  bool ReadSize(uint32_t* size) {
    const int begin = in_.CurrentPosition();
    return in_.ReadVarint32(size) && in_.CurrentPosition() - begin <= 4;
  }

  bool ReadString(std::string* out) {
    uint32_t size = 0;
    return ReadSize(&size) && Fits(size) && size <= limits_.string_bytes &&
           in_.ReadString(out, static_cast<int>(size)) &&
           WireFormatLite::VerifyUtf8String(out->data(), static_cast<int>(out->size()), WireFormatLite::PARSE, nullptr);
  }

  bool ReadInt64(int64_t* out) {
    uint64_t value = 0;
    if (!in_.ReadVarint64(&value)) return false;
    *out = static_cast<int64_t>(value);
    return true;
  }

  // Skips a field's content and returns where it is.
  bool Locate(absl::string_view* out) {
    uint32_t length = 0;
    if (!ReadSize(&length) || !Fits(length)) return false;
    *out = bytes_.substr(static_cast<size_t>(in_.CurrentPosition()), length);
    return in_.Skip(static_cast<int>(length));
  }

  template <typename T>
  bool LocatePacked(PackedArray<T>* out) {
    absl::string_view packed;
    if (!Locate(&packed) || packed.size() % sizeof(T) != 0) return false;
    out->Refer(packed);
    return true;
  }

  // Calls field(tag) for each field of the message that follows its length here.
  template <typename Field>
  bool ReadMessage(Field field) {
    uint32_t size = 0;
    if (!ReadSize(&size) || !Fits(size)) return false;
    const CodedInputStream::Limit limit = in_.PushLimit(static_cast<int>(size));
    while (in_.BytesUntilLimit() > 0) {
      const uint32_t tag = ReadTag();
      if (tag == 0 || !field(tag)) return false;
    }
    in_.PopLimit(limit);
    return true;
  }

  // The same for a message that has one field, `tag`, at most once.
  template <typename Field>
  bool ReadOnlyField(uint32_t tag, Field field) {
    bool seen = false;
    return ReadMessage([&](uint32_t inner) { return inner == tag && !std::exchange(seen, true) && field(); });
  }

 private:
  // A length that reaches beyond the surrounding message, or the request, is a lie.
  bool Fits(uint32_t size) const {
    const int limit = in_.BytesUntilLimit();
    const int total = in_.BytesUntilTotalBytesLimit();
    return (limit < 0 || size <= static_cast<uint32_t>(limit)) && (total < 0 || size <= static_cast<uint32_t>(total));
  }

  CodedInputStream& in_;
  const absl::string_view bytes_;
  // Of fields: that are left.
  Limits limits_;
};

// A matrix is found where other calls wait meanwhile, whatever the size of the request.
constexpr FastReader::Limits kMatrixLimits = {.fields = 64, .string_bytes = size_t{4} << 10};
// So is what small requests have. A column has four fields; as many as these are kept from one request to the next.
constexpr FastReader::Limits kQuickLimits = {.fields = 1024, .columns = kKeepColumns};

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
  uncertainty = UncertaintyOptions();
  input = Input::kNone;
  column_count = 0;
  values.Clear();
  rows = 0;
  schema_digest.clear();
  campaigns.Clear();
  named_rows.Clear();
  memory_.Clear();
  dictionary_words_ = 0;
}

BatchColumn& BatchRequest::AddColumn() {
  if (column_count == columns.size()) columns.emplace_back();
  BatchColumn& column = columns[column_count++];
  column.name.clear();
  column.kind = BatchColumn::Values::kNone;
  column.floats.Clear();
  column.doubles.Clear();
  column.codes.Resize(0);
  column.dictionary.clear();
  column.times.Resize(0);
  column.encoded = {};
  return column;
}

bool BatchRequest::ReadColumn(FastReader& reader) {
  if (column_count == reader.max_columns()) return false;
  BatchColumn& column = AddColumn();
  bool has_name = false;
  const auto is_first = [&column](BatchColumn::Values kind) {
    return std::exchange(column.kind, kind) == BatchColumn::Values::kNone;
  };
  return reader.ReadMessage([&](uint32_t tag) {
    switch (tag) {
      case LengthDelimited(v1::Column::kNameFieldNumber):
        return !std::exchange(has_name, true) && reader.ReadString(&column.name);
      case LengthDelimited(v1::Column::kFloatsFieldNumber):
        return is_first(BatchColumn::Values::kFloats) &&
               reader.ReadOnlyField(LengthDelimited(v1::FloatValues::kValuesFieldNumber),
                                    [&] { return reader.LocatePacked(&column.floats); });
      case LengthDelimited(v1::Column::kDoublesFieldNumber):
        return is_first(BatchColumn::Values::kDoubles) &&
               reader.ReadOnlyField(LengthDelimited(v1::DoubleValues::kValuesFieldNumber),
                                    [&] { return reader.LocatePacked(&column.doubles); });
      case LengthDelimited(v1::Column::kCategoriesFieldNumber): {
        bool has_codes = false;
        return is_first(BatchColumn::Values::kCategories) && reader.ReadMessage([&](uint32_t inner) {
          if (inner == LengthDelimited(v1::CategoricalValues::kDictionaryFieldNumber)) {
            return ++dictionary_words_ <= kMaxDictionaryWords && reader.ReadString(&column.dictionary.emplace_back());
          }
          return inner == LengthDelimited(v1::CategoricalValues::kCodesFieldNumber) &&
                 !std::exchange(has_codes, true) && reader.Locate(&column.encoded);
        });
      }
      case LengthDelimited(v1::Column::kTimesFieldNumber):
        return is_first(BatchColumn::Values::kTimes) &&
               reader.ReadOnlyField(LengthDelimited(v1::TimeValues::kUnixSecondsFieldNumber),
                                    [&] { return reader.Locate(&column.encoded); });
      default:
        return false;
    }
  });
}

// Each column is independent of the others, so that threads can share them.
absl::StatusOr<bool> BatchRequest::DecodeColumns(const Options& options) {
  uint64_t needed = 0;
  for (size_t i = 0; i < column_count; ++i) {
    const BatchColumn& column = columns[i];
    needed += column.encoded.size() * (column.kind == BatchColumn::Values::kTimes ? sizeof(int64_t) : sizeof(int32_t));
  }
  if (needed >= kCountedBytes) {
    absl::StatusOr<MemoryClaim> claim = options.memory->Claim(MemoryUse::kBatches, needed);
    if (!claim.ok()) return MemoryShort(claim.status());
    memory_ = *std::move(claim);
  }
  std::atomic<bool> well_formed{true};
  std::atomic<int64_t> most_rows{0};
  const auto decode = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      BatchColumn& column = columns[static_cast<size_t>(i)];
      if (column.encoded.empty()) continue;
      const absl::Span<const uint8_t> encoded(reinterpret_cast<const uint8_t*>(column.encoded.data()),
                                              column.encoded.size());
      const size_t count = CountVarints(encoded);
      if (static_cast<int64_t>(count) > options.max_rows) {
        most_rows = static_cast<int64_t>(count);
        continue;
      }
      const bool decoded = column.kind == BatchColumn::Values::kTimes
                               ? DecodeInt64(encoded, {column.times.Resize(count), count})
                               : DecodeSint32(encoded, {column.codes.Resize(count), count});
      if (!decoded) well_formed = false;
    }
  };
  const auto all = static_cast<int64_t>(column_count);
  if (options.pool == nullptr) {
    decode(0, all);
  } else {
    options.pool->ParallelFor(all, 1, decode);
  }
  if (well_formed && most_rows > 0) {
    return RequestTooLarge("rows", options.max_rows, most_rows);
  }
  return well_formed.load();
}

bool BatchRequest::ReadModelRef(FastReader& reader) {
  return reader.ReadMessage([&](uint32_t tag) {
    if (tag == LengthDelimited(v1::ModelRef::kNameFieldNumber)) return reader.ReadString(&model);
    return tag == VarintTag(v1::ModelRef::kVersionFieldNumber) && reader.ReadInt64(&version);
  });
}

bool BatchRequest::LocateMatrix(FastReader& reader) {
  bool has_values = false;
  return reader.ReadMessage([&](uint32_t tag) {
    switch (tag) {
      case LengthDelimited(v1::DenseMatrix::kValuesFieldNumber):
        return !std::exchange(has_values, true) && reader.LocatePacked(&values);
      case VarintTag(v1::DenseMatrix::kRowsFieldNumber):
        return reader.ReadInt64(&rows);
      case LengthDelimited(v1::DenseMatrix::kSchemaDigestFieldNumber):
        return reader.ReadString(&schema_digest);
      default:
        return false;
    }
  });
}

bool BatchRequest::LocateField(uint32_t tag, FastReader& reader) {
  const auto is_first = [this](Input kind) { return std::exchange(input, kind) == Input::kNone; };
  switch (tag) {
    case LengthDelimited(v1::BatchPredictRequest::kColumnsFieldNumber):
      return is_first(Input::kColumns) && reader.ReadMessage([&](uint32_t inner) {
        return inner == LengthDelimited(v1::Columns::kColumnsFieldNumber) && ReadColumn(reader);
      });
    case LengthDelimited(v1::BatchPredictRequest::kMatrixFieldNumber):
      return is_first(Input::kMatrix) && LocateMatrix(reader);
    case VarintTag(v1::BatchPredictRequest::kMaxIssuesFieldNumber): {
      int64_t value = 0;
      if (!reader.ReadInt64(&value)) return false;
      max_issues = static_cast<int32_t>(value);
      return true;
    }
    case LengthDelimited(v1::BatchPredictRequest::kUncertaintyFieldNumber): {
      absl::string_view bytes;
      v1::UncertaintyOptions asked;
      // A second one would be merged with the first.
      if (AsksHowSure(uncertainty) || !reader.Locate(&bytes) || bytes.size() > kMaxUncertaintyBytes ||
          !asked.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return false;
      }
      uncertainty = UncertaintyFromProto(asked);
      return true;
    }
    default:
      return false;
  }
}

bool BatchRequest::Locate(absl::string_view bytes, Form form) {
  Clear();
  const int total = static_cast<int>(bytes.size());
  CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()), total);
  in.SetTotalBytesLimit(total);
  FastReader reader(&in, bytes,
                    form == Form::kMatrix  ? kMatrixLimits
                    : form == Form::kQuick ? kQuickLimits
                                           : FastReader::Limits());
  if (form == Form::kInStreamItem) {
    uint32_t size = 0;
    if (reader.ReadTag() != LengthDelimited(v1::StreamPredictRequest::kBatchPredictFieldNumber) ||
        !reader.ReadSize(&size) || static_cast<int64_t>(in.CurrentPosition()) + size != total) {
      return false;
    }
  }
  bool has_model = false;
  bool simple = true;
  while (simple && in.CurrentPosition() < total) {
    const uint32_t tag = reader.ReadTag();
    if (tag == LengthDelimited(v1::BatchPredictRequest::kModelFieldNumber)) {
      simple = !std::exchange(has_model, true) && ReadModelRef(reader);
    } else if (form == Form::kMatrix && tag == LengthDelimited(v1::BatchPredictRequest::kColumnsFieldNumber)) {
      simple = false;
    } else {
      simple = LocateField(tag, reader);
    }
  }
  return simple && (form != Form::kMatrix || input == Input::kMatrix);
}

absl::StatusOr<bool> BatchRequest::ReadFast(absl::string_view bytes, const Options& options, Form form) {
  if (!Locate(bytes, form)) return false;
  if (input != Input::kColumns) return true;
  return DecodeColumns(options);
}

bool BatchRequest::ReadMatrix(absl::string_view bytes) { return Locate(bytes, Form::kMatrix); }

absl::StatusOr<bool> BatchRequest::ReadQuickly(absl::string_view bytes, const Options& options) {
  ROICAST_ASSIGN_OR_RETURN(const bool done, ReadFast(bytes, options, Form::kQuick));
  if (done) return true;
  if (ParsedBytes(v1::BatchPredictRequest::default_instance(), bytes) > kQuickParsedBytes) return false;
  ROICAST_RETURN_IF_ERROR(ReadParsed(bytes, options));
  return true;
}

absl::Status BatchRequest::Read(absl::string_view bytes, const Options& options) {
  ROICAST_ASSIGN_OR_RETURN(const bool done, ReadFast(bytes, options, Form::kAny));
  return done ? absl::OkStatus() : ReadParsed(bytes, options);
}

absl::Status BatchRequest::ReadParsed(absl::string_view bytes, const Options& options) {
  v1::BatchPredictRequest request;
  ROICAST_RETURN_IF_ERROR(ClaimParsing(request, bytes, options.memory));
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("the bytes are not a roicast.v1.BatchPredictRequest");
  }
  return Take(std::move(request));
}

absl::Status BatchRequest::ClaimParsing(const google::protobuf::Message& prototype, absl::string_view bytes,
                                        MemoryBudget* memory) {
  memory_.Clear();
  // The smallest fields become objects a hundred times as large.
  if (bytes.size() < kCountedBytes / 128) return absl::OkStatus();
  absl::StatusOr<MemoryClaim> claim = memory->Claim(MemoryUse::kBatches, ParsedBytes(prototype, bytes));
  if (!claim.ok()) return MemoryShort(claim.status());
  memory_ = *std::move(claim);
  return absl::OkStatus();
}

absl::Status BatchRequest::Take(v1::BatchPredictRequest&& request) {
  if (request.has_columns() && static_cast<size_t>(request.columns().columns_size()) > kMaxColumns) {
    return absl::InvalidArgumentError(
        absl::StrCat("columns: expected at most ", kMaxColumns, " columns, got ", request.columns().columns_size()));
  }
  // Of columns there is a copy for a moment, and of the rest there is none.
  MemoryClaim memory = std::move(memory_);
  v1::CampaignList all_campaigns;
  v1::RowList all_rows;
  if (request.has_campaigns()) all_campaigns.Swap(request.mutable_campaigns());
  if (request.has_rows()) all_rows.Swap(request.mutable_rows());
  Take(static_cast<const v1::BatchPredictRequest&>(request));
  memory_ = std::move(memory);
  campaigns.Swap(&all_campaigns);
  named_rows.Swap(&all_rows);
  return absl::OkStatus();
}

absl::StatusOr<bool> BatchRequest::ReadStreamItem(absl::string_view bytes, const Options& options) {
  return ReadFast(bytes, options, Form::kInStreamItem);
}

void BatchRequest::Take(const v1::BatchPredictRequest& request) {
  Clear();
  model = request.model().name();
  version = request.model().version();
  max_issues = request.max_issues();
  uncertainty = UncertaintyFromProto(request.uncertainty());
  const auto copy = [](const auto& from, auto& to) { std::copy(from.begin(), from.end(), to.Resize(from.size())); };
  switch (request.input_case()) {
    case v1::BatchPredictRequest::kColumns:
      input = Input::kColumns;
      for (const v1::Column& from : request.columns().columns()) {
        BatchColumn& to = AddColumn();
        to.name = from.name();
        if (from.has_floats()) {
          to.kind = BatchColumn::Values::kFloats;
          to.floats.Copy(from.floats().values());
        } else if (from.has_doubles()) {
          to.kind = BatchColumn::Values::kDoubles;
          to.doubles.Copy(from.doubles().values());
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
      values.Copy(request.matrix().values());
      rows = request.matrix().rows();
      schema_digest = request.matrix().schema_digest();
      break;
    case v1::BatchPredictRequest::kCampaigns:
      input = Input::kCampaigns;
      campaigns = request.campaigns();
      break;
    case v1::BatchPredictRequest::kRows:
      input = Input::kRows;
      named_rows = request.rows();
      break;
    case v1::BatchPredictRequest::INPUT_NOT_SET:
      break;
  }
}

int64_t BatchRequest::RowCount() const {
  switch (input) {
    case Input::kNone:
      return 0;
    case Input::kColumns: {
      int64_t longest = 0;
      for (size_t i = 0; i < column_count; ++i) longest = std::max(longest, columns[i].size());
      return longest;
    }
    case Input::kMatrix:
      return rows;
    case Input::kCampaigns:
      return campaigns.campaigns_size();
    case Input::kRows:
      return named_rows.rows_size();
  }
  return 0;
}

void BatchRequest::Trim() {
  values.Clear();
  values.ShrinkTo(kKeepBytes / sizeof(float));
  size_t column_bytes = 0;
  for (const BatchColumn& column : columns) {
    column_bytes += column.floats.own_bytes() + column.doubles.own_bytes() + column.codes.size() * sizeof(int32_t) +
                    column.times.size() * sizeof(int64_t);
  }
  column_count = 0;
  memory_.Clear();
  if (column_bytes > kKeepBytes || columns.size() > kKeepColumns) {
    columns.clear();
    columns.shrink_to_fit();
  }
  if (campaigns.campaigns_size() > 1000) campaigns = v1::CampaignList();
  if (named_rows.rows_size() > 1000) named_rows = v1::RowList();
}

}  // namespace roicast
