// A request read from the wire means what the generated parser says that it means, however its bytes are cut.
#include "server/services/prediction/batch_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/errors/errors.h"
#include "server/services/prediction/packed_varints.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kMaxRows = 1000;

int64_t RandomTime(std::mt19937& random) {
  switch (random() % 4) {
    case 0:
      return std::numeric_limits<int64_t>::min();
    case 1:
      return -static_cast<int64_t>(random());
    case 2:
      return static_cast<int64_t>(random() % 100);
    default:
      return 1700000000 + static_cast<int64_t>(random() % 100000000);
  }
}

v1::BatchPredictRequest RandomColumns(std::mt19937& random) {
  v1::BatchPredictRequest request;
  if (random() % 2 == 0) request.mutable_model()->set_name("spring");
  if (random() % 2 == 0) request.mutable_model()->set_version(static_cast<int64_t>(random() % 1000));
  request.set_max_issues(static_cast<int32_t>(random() % 5) - 1);
  const int columns = static_cast<int>(random() % 6);
  for (int c = 0; c < columns; ++c) {
    v1::Column& column = *request.mutable_columns()->add_columns();
    column.set_name(absl::StrCat("feature ", c));
    const int rows = static_cast<int>(random() % 50);
    switch (random() % 5) {
      case 0:
        for (int i = 0; i < rows; ++i) column.mutable_floats()->add_values(static_cast<float>(random()));
        break;
      case 1:
        for (int i = 0; i < rows; ++i) column.mutable_doubles()->add_values(static_cast<double>(random()) / 3);
        break;
      case 2:
        column.mutable_categories()->add_dictionary("a word");
        column.mutable_categories()->add_dictionary("");
        for (int i = 0; i < rows; ++i) {
          const bool small = random() % 8 != 0;
          column.mutable_categories()->add_codes(small ? static_cast<int32_t>(random() % 60) - 1
                                                       : static_cast<int32_t>(random()));
        }
        break;
      case 3:
        for (int i = 0; i < rows; ++i) column.mutable_times()->add_unix_seconds(RandomTime(random));
        break;
      default:
        break;  // A column without values.
    }
  }
  return request;
}

v1::BatchPredictRequest RandomMatrix(std::mt19937& random) {
  v1::BatchPredictRequest request;
  const int size = static_cast<int>(random() % 300);
  for (int i = 0; i < size; ++i) request.mutable_matrix()->add_values(static_cast<float>(random()));
  request.mutable_matrix()->set_rows(static_cast<int64_t>(random() % 30));
  request.mutable_matrix()->set_schema_digest("0123456789abcdef");
  return request;
}

template <typename T>
std::vector<T> Values(const PackedArray<T>& array) {
  std::vector<T> room(array.size());
  if (room.empty()) return room;
  const T* const values = array.Part(0, room.size(), room.data());
  return std::vector<T>(values, values + room.size());
}

// Everything that a request holds, to compare.
std::string Describe(const BatchRequest& request) {
  std::string text = absl::StrCat(request.model, "/", request.version, "/", request.max_issues, "/",
                                  static_cast<int>(request.input), "/", request.rows, "/", request.schema_digest, "\n");
  for (const float value : Values(request.values)) absl::StrAppend(&text, value, " ");
  for (size_t c = 0; c < request.column_count; ++c) {
    const BatchColumn& column = request.columns[c];
    absl::StrAppend(&text, "\n", column.name, " ", static_cast<int>(column.kind), " ", column.size(), ":");
    for (const float value : Values(column.floats)) absl::StrAppend(&text, " ", value);
    for (const double value : Values(column.doubles)) absl::StrAppend(&text, " ", value);
    for (const int32_t value : column.codes.span()) absl::StrAppend(&text, " ", value);
    for (const int64_t value : column.times.span()) absl::StrAppend(&text, " ", value);
    for (const std::string& word : column.dictionary) absl::StrAppend(&text, " '", word, "'");
  }
  return text;
}

TEST(BatchRequest, MeansWhatTheGeneratedParserSays) {
  std::mt19937 random(1);
  ComputePool pool({.threads = 2});
  BatchRequest read, taken;  // Used again: what one request leaves behind must not reach the next.
  for (int i = 0; i < 2000; ++i) {
    const v1::BatchPredictRequest request = random() % 4 == 0 ? RandomMatrix(random) : RandomColumns(random);
    taken.Take(request);
    std::string bytes = request.SerializeAsString();
    ASSERT_TRUE(read.Read(bytes, {.max_rows = kMaxRows, .pool = i % 2 == 0 ? &pool : nullptr}).ok());
    ASSERT_EQ(Describe(read), Describe(taken));

    v1::StreamPredictRequest item;
    *item.mutable_batch_predict() = request;
    bytes = item.SerializeAsString();
    const absl::StatusOr<bool> is_batch = read.ReadStreamItem(bytes, {.max_rows = kMaxRows});
    ASSERT_TRUE(is_batch.ok());
    if (*is_batch) {
      ASSERT_EQ(Describe(read), Describe(taken));
    }
    if (i % 7 == 0) read.Trim();
  }
}

TEST(BatchRequest, TornBytesAreRefusedOrMeanWhatTheGeneratedParserSays) {
  std::mt19937 random(2);
  BatchRequest read, taken;
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = (i % 4 == 0 ? RandomMatrix(random) : RandomColumns(random)).SerializeAsString();
    if (bytes.empty()) continue;
    if (i % 2 == 0) bytes.resize(random() % bytes.size());
    for (size_t flips = random() % 3; flips > 0 && !bytes.empty(); --flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    v1::BatchPredictRequest parsed;
    const bool well_formed = parsed.ParseFromString(bytes);
    const absl::Status status = read.Read(bytes, {.max_rows = kMaxRows});
    if (absl::IsResourceExhausted(status)) continue;  // A flipped length can make a column long.
    ASSERT_EQ(status.ok(), well_formed) << status;
    if (!well_formed) continue;
    taken.Take(parsed);
    ASSERT_EQ(Describe(read), Describe(taken));
  }
}

// Lengths and tags that the generated parser refuses were read, with their upper bits dropped.
TEST(BatchRequest, LengthsAndTagsOfTooManyBytesAreRefusedAsTheGeneratedParserRefusesThem) {
  const std::string ten_byte_two = absl::StrCat("\x82", std::string(8, '\x80'), std::string(1, '\0'));
  const std::vector<std::string> refused = {
      absl::StrCat("\x0a", ten_byte_two, "\x10\x07"),                                            // model: 2 bytes.
      absl::StrCat("\x0a\x82\x80\x80\x80\x10", "\x10\x07"),                                      // 2³² + 2 bytes.
      absl::StrCat("\x12", ten_byte_two, "\x0a", std::string(1, '\0')),                          // columns.
      absl::StrCat("\x0a\x0a", "\x0a", std::string("\x80\x80\x80\x80\x80\x80\x80\x80\x00", 9)),  // model.name.
      absl::StrCat("\x8a\x80\x80\x80\x80", std::string(1, '\0'), "\x02\x10\x07"),                // A tag of six bytes.
  };
  for (const std::string& bytes : refused) {
    ASSERT_FALSE(v1::BatchPredictRequest().ParseFromString(bytes)) << absl::CHexEscape(bytes);
    BatchRequest read;
    EXPECT_EQ(read.Read(bytes, {.max_rows = 10}),
              absl::InvalidArgumentError("the bytes are not a roicast.v1.BatchPredictRequest"))
        << absl::CHexEscape(bytes);
  }
  // The same length in two bytes is unusual, and means the same.
  BatchRequest read;
  ASSERT_TRUE(read.Read(std::string("\x0a\x82\x00\x10\x07", 5), {.max_rows = 10}).ok());
  EXPECT_EQ(read.version, 7);
}

// Numbers may be sent one by one; no library does so by itself, and the format allows it.
TEST(BatchRequest, UnpackedNumbersMeanTheSameAsPackedOnes) {
  const std::string values("\x0d\x00\x00\x80\x3f\x0d\x00\x00\x00\x40", 10);  // Field 1: 1.0, 2.0.
  const std::string column =
      absl::StrCat("\x0a\x05price\x12", std::string(1, static_cast<char>(values.size())), values);
  const std::string columns = absl::StrCat("\x0a", std::string(1, static_cast<char>(column.size())), column);
  const std::string bytes = absl::StrCat("\x12", std::string(1, static_cast<char>(columns.size())), columns);
  BatchRequest request;
  ASSERT_TRUE(request.Read(bytes, {.max_rows = 10}).ok());
  ASSERT_EQ(request.input, BatchRequest::Input::kColumns);
  ASSERT_EQ(request.column_count, 1u);
  EXPECT_EQ(request.columns[0].name, "price");
  EXPECT_THAT(Values(request.columns[0].floats), ElementsAre(1.0F, 2.0F));
}

TEST(BatchRequest, AColumnBeyondTheLimitIsRefusedWithLimitAndValue) {
  v1::BatchPredictRequest request;
  v1::Column& column = *request.mutable_columns()->add_columns();
  for (int i = 0; i < 11; ++i) column.mutable_categories()->add_codes(i * 100);
  const std::string bytes = request.SerializeAsString();
  BatchRequest read;
  const absl::Status status = read.Read(bytes, {.max_rows = 10});
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("rows: limit 10, got 11"));
}

// Two bytes each, and a hundred times as much once they are read.
TEST(BatchRequest, MoreColumnsThanASchemaCanHaveAreRefused) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 4097; ++i) request.mutable_columns()->add_columns();
  BatchRequest read;
  EXPECT_EQ(read.Read(request.SerializeAsString(), {.max_rows = 10}),
            absl::InvalidArgumentError("columns: expected at most 4096 columns, got 4097"));
  request.mutable_columns()->mutable_columns()->RemoveLast();
  ASSERT_TRUE(read.Read(request.SerializeAsString(), {.max_rows = 10}).ok());
  EXPECT_EQ(read.column_count, 4096u);
}

TEST(BatchRequest, WhatParsingNeedsDrawsFromTheBudgetBeforeIt) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 100000; ++i) request.mutable_campaigns()->add_campaigns();
  const std::string bytes = request.SerializeAsString();
  MemoryBudget memory(bytes.size() * 10, 0);
  BatchRequest read;
  const absl::Status refused = read.Read(bytes, {.max_rows = 10, .memory = &memory});
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("memory for batches: "));
  EXPECT_EQ(ReasonOf(refused), v1::SERVER_OVERLOADED);
  EXPECT_EQ(memory.held(), 0u);
  MemoryBudget enough(request.SpaceUsedLong() * 4, 0);
  ASSERT_TRUE(read.Read(bytes, {.max_rows = 10, .memory = &enough}).ok());
  EXPECT_EQ(read.campaigns.campaigns_size(), 100000);
  EXPECT_GE(enough.held(MemoryUse::kBatches), request.SpaceUsedLong());
  read.Trim();
  EXPECT_EQ(enough.held(), 0u);
}

TEST(BatchRequest, NumbersThatAreDecodedDrawFromTheBudget) {
  v1::BatchPredictRequest request;
  v1::Column& column = *request.mutable_columns()->add_columns();
  for (int i = 0; i < 100000; ++i) column.mutable_times()->add_unix_seconds(1);
  const std::string bytes = request.SerializeAsString();
  MemoryBudget memory(799999, 0);
  BatchRequest read;
  EXPECT_TRUE(absl::IsResourceExhausted(read.Read(bytes, {.max_rows = 100000, .memory = &memory})));
  MemoryBudget enough(800000, 0);
  ASSERT_TRUE(read.Read(bytes, {.max_rows = 100000, .memory = &enough}).ok());
  EXPECT_EQ(enough.held(), 800000u);
}

TEST(BatchRequest, MoreWordsThanAreReadInPlaceMeanTheSame) {
  v1::BatchPredictRequest request;
  v1::Column& column = *request.mutable_columns()->add_columns();
  column.set_name("channel");
  for (int i = 0; i < (1 << 20) + 1; ++i) column.mutable_categories()->add_dictionary();
  column.mutable_categories()->add_codes(1 << 20);
  const std::string bytes = request.SerializeAsString();
  BatchRequest read;
  ASSERT_TRUE(read.Read(bytes, {.max_rows = 10}).ok());
  EXPECT_EQ(read.columns[0].dictionary.size(), (size_t{1} << 20) + 1);
  MemoryBudget memory(bytes.size() * 10, 0);
  EXPECT_TRUE(absl::IsResourceExhausted(read.Read(bytes, {.max_rows = 10, .memory = &memory})));
}

std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

absl::Span<const uint8_t> Bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

TEST(PackedVarints, NumbersOfEveryLengthRoundTrip) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 500; ++round) {
    std::vector<int64_t> numbers(random() % 60);
    std::string encoded;
    for (int64_t& number : numbers) {
      const uint64_t bits = random() >> (round % 3 == 0 ? 58 : random() % 64);
      number = static_cast<int64_t>(bits);
      encoded += Varint(bits);
    }
    ASSERT_EQ(CountVarints(Bytes(encoded)), numbers.size());
    std::vector<int64_t> decoded(numbers.size());
    ASSERT_TRUE(DecodeInt64(Bytes(encoded), absl::MakeSpan(decoded)));
    ASSERT_EQ(decoded, numbers);
  }
}

TEST(PackedVarints, SignedNumbersRoundTrip) {
  std::string encoded;
  std::vector<int32_t> numbers = {
      0, -1, 1, -2, 63, -64, 64, std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::min()};
  for (const int32_t number : numbers) {
    encoded += Varint((static_cast<uint32_t>(number) << 1) ^ static_cast<uint32_t>(number >> 31));
  }
  std::vector<int32_t> decoded(numbers.size());
  ASSERT_TRUE(DecodeSint32(Bytes(encoded), absl::MakeSpan(decoded)));
  EXPECT_EQ(decoded, numbers);
}

TEST(PackedVarints, TornAndOverlongNumbersAreRefused) {
  std::vector<int64_t> one(1);
  EXPECT_FALSE(DecodeInt64(Bytes("\x80"), absl::MakeSpan(one).subspan(0, 0)));
  EXPECT_FALSE(DecodeInt64(Bytes(std::string(10, '\xff') + '\x01'), absl::MakeSpan(one)));
  EXPECT_TRUE(DecodeInt64(Bytes(std::string(9, '\xff') + '\x01'), absl::MakeSpan(one)));
  EXPECT_EQ(one[0], -1);
}

// Each a body of megabytes that was gone through where everybody's calls arrive.
TEST(BatchRequest, AMatrixIsNotLookedForInMoreThanAFewFields) {
  v1::BatchPredictRequest usual;
  usual.mutable_model()->set_name("spring");
  usual.mutable_matrix()->set_rows(1);
  usual.mutable_matrix()->add_values(2);
  usual.mutable_matrix()->set_schema_digest("d");
  const std::string bytes = usual.SerializeAsString();
  BatchRequest request;
  EXPECT_TRUE(request.ReadMatrix(bytes));
  const auto with_model = [&](const std::string& model) {
    v1::BatchPredictRequest changed = usual;
    changed.clear_model();
    std::string all = "\x0a";
    for (size_t size = model.size(); size > 0; size >>= 7) {
      all.push_back(static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0)));
    }
    return all + model + changed.SerializeAsString();
  };
  std::string versions, numbers;
  for (int i = 0; i < 100; ++i) versions += "\x10\x02", numbers += "\x28\x02";
  const std::string long_name = std::string("\x0a\x81\x20") + std::string(4097, 'x');
  for (const std::string& odd : {with_model(versions), bytes + numbers, with_model(long_name)}) {
    EXPECT_FALSE(request.ReadMatrix(odd));
    // It means the same wherever it is read.
    ASSERT_TRUE(request.Read(odd, {.max_rows = 10}).ok());
    EXPECT_EQ(request.input, BatchRequest::Input::kMatrix);
    EXPECT_EQ(request.rows, 1);
  }
}

// Bytes that nobody may read, but for the first ones.
class Unreadable {
 public:
  static constexpr size_t kSize = size_t{1} << 20;
  explicit Unreadable(const std::string& first)
      : bytes_(static_cast<char*>(mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    std::copy(first.begin(), first.end(), bytes_);
    mprotect(bytes_ + kReadable, kSize - kReadable, PROT_NONE);
  }
  ~Unreadable() { munmap(bytes_, kSize); }
  absl::string_view view() const { return {bytes_, kSize}; }

 private:
  static constexpr size_t kReadable = size_t{16} << 10;
  char* const bytes_;
};

// The field was copied, whatever its size, before it was found to be too large.
TEST(BatchRequest, OptionsThatAreTooLargeAreNotReadWhereAMatrixIsLookedFor) {
  const std::string tag(1, static_cast<char>(v1::BatchPredictRequest::kUncertaintyFieldNumber << 3 | 2));
  const Unreadable bytes(absl::StrCat(tag, Varint(Unreadable::kSize - 4)));
  BatchRequest request;
  EXPECT_FALSE(request.ReadMatrix(bytes.view()));
}

// Columns of two bytes each were made where other calls wait, for twice as long as they may.
TEST(BatchRequest, ManyColumnsAreNotReadWhereOtherCallsWait) {
  v1::BatchPredictRequest request;
  for (int i = 0; i < 4000; ++i) request.mutable_columns()->add_columns();
  BatchRequest read;
  absl::StatusOr<bool> quick = read.ReadQuickly(request.SerializeAsString(), {.max_rows = 10});
  ASSERT_TRUE(quick.ok());
  EXPECT_FALSE(*quick);
  EXPECT_LE(read.column_count, 256u);
  // As many as wide models have are.
  request.Clear();
  for (int i = 0; i < 200; ++i) {
    v1::Column& column = *request.mutable_columns()->add_columns();
    column.set_name(absl::StrCat("feature ", i));
    column.mutable_floats()->add_values(1);
  }
  quick = read.ReadQuickly(request.SerializeAsString(), {.max_rows = 10});
  ASSERT_TRUE(quick.ok());
  EXPECT_TRUE(*quick);
  EXPECT_EQ(read.column_count, 200u);
}

}  // namespace
}  // namespace roicast
