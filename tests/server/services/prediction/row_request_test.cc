// A row read from the wire means what the generated parser says that it means, however its bytes are written and cut.
#include "server/services/prediction/row_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace roicast {
namespace {

// What a request says, in the words of both of its forms.
std::string Describe(const std::vector<NamedValue>& values) {
  std::string text = "row";
  for (const NamedValue& value : values) {
    absl::StrAppend(&text, " [", absl::CHexEscape(value.name), " ", static_cast<int>(value.kind), " ", value.number,
                    " ", absl::CHexEscape(value.word), " ", value.seconds, " ", value.nanos, "]");
  }
  return text;
}

std::string DescribeDense(const std::vector<float>& values, absl::string_view digest) {
  std::string text = absl::StrCat("dense ", digest);
  for (const float value : values) absl::StrAppend(&text, " ", value);
  return text;
}

// As a message has them: the fields by number, those that are set.
std::string Describe(const CampaignFields& fields) {
  std::string text = "campaign";
  for (int field = 1; field < static_cast<int>(CampaignFields::kSize); ++field) {
    if (!fields.has(field)) continue;
    const google::protobuf::FieldDescriptor& known = *v1::Campaign::descriptor()->FindFieldByNumber(field);
    absl::StrAppend(&text, " ", known.name(), "=");
    switch (known.cpp_type()) {
      case google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE:
        absl::StrAppend(&text, fields.numbers[static_cast<size_t>(field)]);
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_STRING:
        absl::StrAppend(&text, absl::CHexEscape(fields.words[static_cast<size_t>(field)]));
        break;
      default:
        absl::StrAppend(&text, fields.seconds, " ", fields.nanos);
    }
  }
  return text;
}

// The same by reflection, without the code under test.
std::string Describe(const v1::Campaign& campaign) {
  std::string text = "campaign";
  const google::protobuf::Descriptor& type = *v1::Campaign::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *type.field(i);
    if (!campaign.GetReflection()->HasField(campaign, &field)) continue;
    absl::StrAppend(&text, " ", field.name(), "=");
    switch (field.cpp_type()) {
      case google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE:
        absl::StrAppend(&text, campaign.GetReflection()->GetDouble(campaign, &field));
        break;
      case google::protobuf::FieldDescriptor::CPPTYPE_STRING:
        absl::StrAppend(&text, absl::CHexEscape(campaign.GetReflection()->GetString(campaign, &field)));
        break;
      default:
        absl::StrAppend(&text, campaign.start_time().seconds(), " ", campaign.start_time().nanos());
    }
  }
  return text;
}

std::string Describe(const RowRequest& request) {
  std::string text = absl::StrCat(request.model(), " ", request.version(), " ");
  switch (request.input()) {
    case RowRequest::Input::kNone:
      return absl::StrCat(text, "none");
    case RowRequest::Input::kCampaign:
      return absl::StrCat(text, Describe(request.campaign()));
    case RowRequest::Input::kRow:
      return absl::StrCat(text, Describe(std::vector<NamedValue>(request.values().begin(), request.values().end())));
    case RowRequest::Input::kDenseRow: {
      std::vector<float> values(request.dense_size());
      if (!values.empty()) request.CopyDense(values.data());
      return absl::StrCat(text, DescribeDense(values, request.schema_digest()));
    }
  }
  return text;
}

std::string Describe(const v1::PredictRequest& request) {
  std::string text = absl::StrCat(request.model().name(), " ", request.model().version(), " ");
  switch (request.input_case()) {
    case v1::PredictRequest::kCampaign:
      // Both ways to the fields have to say the same.
      EXPECT_EQ(Describe(FieldsOf(request.campaign())), Describe(request.campaign()));
      return absl::StrCat(text, Describe(request.campaign()));
    case v1::PredictRequest::kRow: {
      std::vector<NamedValue> values;
      ReadNamedValues(request.row(), &values);
      return absl::StrCat(text, Describe(values));
    }
    case v1::PredictRequest::kDenseRow:
      return absl::StrCat(text,
                          DescribeDense({request.dense_row().values().begin(), request.dense_row().values().end()},
                                        request.dense_row().schema_digest()));
    case v1::PredictRequest::INPUT_NOT_SET:
      break;
  }
  return absl::StrCat(text, "none");
}

v1::PredictRequest RandomRequest(std::mt19937& random) {
  v1::PredictRequest request;
  if (random() % 2 == 0) request.mutable_model()->set_name("spring");
  if (random() % 2 == 0) request.mutable_model()->set_version(static_cast<int64_t>(random() % 1000) - 1);
  switch (random() % 5) {
    case 0:
      request.mutable_campaign()->set_channel("search");
      request.mutable_campaign()->set_spend(static_cast<double>(random()));
      if (random() % 2 == 0) request.mutable_campaign()->set_region(std::string(random() % 20, 'r'));
      if (random() % 2 == 0) request.mutable_campaign()->set_page_views_per_user(static_cast<double>(random()) / 7);
      if (random() % 2 == 0) request.mutable_campaign()->set_audience_size(-0.0);
      request.mutable_campaign()->mutable_start_time()->set_seconds(random());
      break;
    case 1:
      for (int i = static_cast<int>(random() % 30); i > 0; --i) {
        request.mutable_dense_row()->add_values(static_cast<float>(random() % 100));
      }
      request.mutable_dense_row()->set_schema_digest("a digest");
      break;
    case 2:
      break;
    default:
      for (int i = static_cast<int>(random() % 10); i > 0; --i) {
        v1::NamedValue& value = *request.mutable_row()->add_values();
        value.set_name(absl::StrCat("größe ", i));
        switch (random() % 4) {
          case 0:
            value.set_number(random() % 2 == 0 ? 1.5 : std::numeric_limits<double>::quiet_NaN());
            break;
          case 1:
            value.set_word(random() % 2 == 0 ? "" : "日本語");
            break;
          case 2:
            value.mutable_time()->set_seconds(static_cast<int64_t>(random()) - (int64_t{1} << 31));
            value.mutable_time()->set_nanos(static_cast<int32_t>(random()));
            break;
          default:
            break;  // A name without a value.
        }
      }
  }
  return request;
}

TEST(RowRequest, MeansWhatTheGeneratedParserSays) {
  std::mt19937 random(1);
  RowRequest read;
  for (int i = 0; i < 2000; ++i) {
    const v1::PredictRequest request = RandomRequest(random);
    const std::string bytes = request.SerializeAsString();
    ASSERT_TRUE(read.Read(bytes).ok());
    EXPECT_EQ(Describe(read), Describe(request));
    v1::StreamPredictRequest item;
    *item.mutable_predict() = request;
    const std::string in_item = item.SerializeAsString();
    ASSERT_TRUE(read.ReadStreamItem(in_item).value());
    EXPECT_EQ(Describe(read), Describe(request));
    v1::PredictRequest taken = request;
    ASSERT_TRUE(read.Take(&taken).ok());
    EXPECT_EQ(Describe(read), Describe(request));
    if (i % 5 == 0) read.Trim();
  }
}

TEST(RowRequest, DamagedBytesAreRefusedOrMeanWhatTheGeneratedParserSays) {
  std::mt19937 random(2);
  RowRequest read;
  int refused = 0;
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = RandomRequest(random).SerializeAsString();
    for (int change = static_cast<int>(random() % 4); change >= 0 && !bytes.empty(); --change) {
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.erase(at, 1 + random() % 3);
          break;
        default:
          bytes.insert(at, 1, static_cast<char>(random() % 40));
      }
    }
    v1::PredictRequest expected;
    const bool parses = expected.ParseFromString(bytes);
    const absl::Status status = read.Read(bytes);
    ASSERT_EQ(status.ok(), parses) << absl::CHexEscape(bytes);
    if (parses) {
      ASSERT_EQ(Describe(read), Describe(expected)) << absl::CHexEscape(bytes);
      ++accepted;
    } else {
      EXPECT_EQ(status.message(), "the bytes are not a roicast.v1.PredictRequest");
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
  EXPECT_GT(accepted, 1000);
}

TEST(RowRequest, FieldsInTwoPartsAndUnpackedNumbersMeanTheSame) {
  v1::PredictRequest first;
  first.mutable_dense_row()->add_values(1);
  v1::PredictRequest second;
  second.mutable_dense_row()->set_schema_digest("d");
  second.mutable_model()->set_version(3);
  // Field 4, its only content field 1 as a single float 2.
  const std::string unpacked("\x22\x05\x0d\x00\x00\x00\x40", 7);
  RowRequest read;
  const std::string bytes = absl::StrCat(first.SerializeAsString(), unpacked, second.SerializeAsString());
  ASSERT_TRUE(read.Read(bytes).ok());
  EXPECT_EQ(Describe(read), " 3 dense d 1 2");
}

// `bytes`, which are a message's, with a field of each kind behind them that no message has.
std::string WithLaterFields(const std::string& bytes, std::mt19937& random) {
  static const std::string* const kLater[] = {
      new std::string("\xf8\x07\x01", 3),               // Field 127: a varint,
      new std::string("\xf9\x07\0\0\0\0\0\0\0\0", 10),  // fixed64,
      new std::string("\xfa\x07\x01x", 4),              // bytes,
      new std::string("\xfd\x07\0\0\0\0", 6),           // fixed32,
      new std::string("\xfb\x07\x08\x01\xfc\x07", 6),   // a group;
      new std::string("\xf8\xff\x07\x01", 4),           // field 16,383,
      new std::string("\x01\0\0\0\0\0\0\0\0", 9),       // and fields that have no number,
      new std::string("\x0c", 1),
      new std::string("\xf8\x07\xff", 3)};  // end a group or do not end.
  const size_t kinds = random() % 16 == 0 ? std::size(kLater) : 6;
  std::string all = bytes;
  for (int i = static_cast<int>(random() % 4); i > 0; --i) absl::StrAppend(&all, *kLater[random() % kinds]);
  return all;
}

std::string Field(char tag, const std::string& bytes) {
  EXPECT_LT(bytes.size(), 16384u);
  return absl::StrCat(std::string(1, tag), std::string(1, static_cast<char>((bytes.size() & 0x7f) | 0x80)),
                      std::string(1, static_cast<char>(bytes.size() >> 7)), bytes);
}

TEST(RowRequest, FieldsOfALaterVersionAreIgnoredWhereverTheyAre) {
  std::mt19937 random(3);
  RowRequest read;
  int accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    v1::PredictRequest request = RandomRequest(random);
    std::string bytes;
    if (request.has_model()) {
      absl::StrAppend(&bytes, Field('\x0a', WithLaterFields(request.model().SerializeAsString(), random)));
    }
    if (request.has_campaign()) {
      absl::StrAppend(&bytes, Field('\x12', WithLaterFields(request.campaign().SerializeAsString(), random)));
    }
    if (request.has_row()) {
      std::string row;
      for (const v1::NamedValue& value : request.row().values()) {
        absl::StrAppend(&row,
                        WithLaterFields(Field('\x0a', WithLaterFields(value.SerializeAsString(), random)), random));
      }
      absl::StrAppend(&bytes, Field('\x1a', row));
    }
    if (request.has_dense_row()) {
      absl::StrAppend(&bytes, Field('\x22', WithLaterFields(request.dense_row().SerializeAsString(), random)));
    }
    bytes = WithLaterFields(bytes, random);
    v1::PredictRequest expected;
    const bool parses = expected.ParseFromString(bytes);
    ASSERT_EQ(read.Read(bytes).ok(), parses) << absl::CHexEscape(bytes);
    if (!parses) continue;
    ASSERT_EQ(Describe(read), Describe(expected)) << absl::CHexEscape(bytes);
    ++accepted;
  }
  EXPECT_GT(accepted, 10000);
}

std::string Times(int count, const std::string& bytes) {
  std::string all;
  for (int i = 0; i < count; ++i) all += bytes;
  return all;
}

// They went to the generated parser, which keeps each: a megabyte of them took 40 ms of the thread that answers
// everybody's calls.
TEST(RowRequest, ManyFieldsOfALaterVersionNeedNoMessage) {
  v1::PredictRequest request;
  request.mutable_dense_row()->add_values(1);
  const std::string bytes = absl::StrCat(request.SerializeAsString(), Times(340000, std::string("\xba\x3e\x00", 3)));
  RowRequest read;
  EXPECT_TRUE(read.ReadQuickly(bytes).value());
  EXPECT_EQ(Describe(read), " 0 dense  1");
}

// Known to the format, but not written by libraries: groups, which the generated parser keeps as sets.
TEST(RowRequest, WhatTakesLongToParseIsNotReadQuickly) {
  v1::PredictRequest request;
  request.mutable_dense_row()->add_values(1);
  RowRequest read;
  const std::string some = absl::StrCat(request.SerializeAsString(), Times(1000, "\xbb\x3e\xbc\x3e"));
  EXPECT_FALSE(read.ReadQuickly(some).value());
  ASSERT_TRUE(read.Read(some).ok());
  EXPECT_EQ(Describe(read), " 0 dense  1");
  const std::string few = absl::StrCat(request.SerializeAsString(), Times(10, "\xbb\x3e\xbc\x3e"));
  EXPECT_TRUE(read.ReadQuickly(few).value());
  const absl::Status many = read.Read(absl::StrCat(request.SerializeAsString(), Times(200000, "\xbb\x3e\xbc\x3e")));
  EXPECT_TRUE(absl::IsResourceExhausted(many)) << many;
  EXPECT_THAT(std::string(many.message()), testing::HasSubstr("bytes of a parsed row: limit 4194304, got "));
  // Options of uncertainty are parsed, too.
  const std::string options = Field('\x2a', Times(2000, std::string("\xba\x3e\x00", 3)));
  EXPECT_FALSE(read.ReadQuickly(request.SerializeAsString() + options).value());
  EXPECT_TRUE(read.Read(request.SerializeAsString() + options).ok());
}

TEST(RowRequest, MoreValuesThanAnySchemaHasAreRefusedBeforeTheyAreRead) {
  v1::PredictRequest request;
  for (size_t i = 0; i < RowRequest::kMaxValues; ++i) request.mutable_row()->add_values();
  RowRequest read;
  EXPECT_TRUE(read.Read(request.SerializeAsString()).ok());
  EXPECT_EQ(read.values().size(), RowRequest::kMaxValues);
  request.mutable_row()->add_values();
  const absl::Status expected =
      absl::InvalidArgumentError("row.values: expected at most 4096, one per feature, got more");
  EXPECT_EQ(read.Read(request.SerializeAsString()), expected);
  EXPECT_EQ(read.ReadQuickly(request.SerializeAsString()).status(), expected);
  v1::StreamPredictRequest item;
  *item.mutable_predict() = request;
  EXPECT_EQ(read.ReadStreamItem(item.SerializeAsString()).status(), expected);
  EXPECT_EQ(read.Take(&request), expected);
}

TEST(RowRequest, FieldsOfALaterVersionAreIgnored) {
  v1::PredictRequest request;
  request.mutable_dense_row()->add_values(1);
  // Field 15 of the request, a varint.
  const std::string bytes = absl::StrCat(request.SerializeAsString(), std::string("\x78\x01", 2));
  RowRequest read;
  ASSERT_TRUE(read.Read(bytes).ok());
  EXPECT_EQ(Describe(read), " 0 dense  1");
}

TEST(RowRequest, AStreamItemOfAnotherKindIsLeftToTheGeneratedParser) {
  v1::StreamPredictRequest item;
  item.mutable_batch_predict()->set_max_issues(1);
  RowRequest read;
  const std::string batch = item.SerializeAsString();
  EXPECT_FALSE(read.ReadStreamItem(batch).value());
  EXPECT_FALSE(read.ReadStreamItem("").value());
}

// Parsed on a thread that answers everybody's calls, into fifty times as much.
TEST(RowRequest, ARowOfMoreThanAMegabyteIsRefused) {
  v1::PredictRequest request;
  v1::NamedValue& value = *request.mutable_row()->add_values();
  value.set_word(std::string(RowRequest::kMaxBytes, 'x'));
  RowRequest read;
  const absl::Status refused = read.Read(request.SerializeAsString());
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(refused.message(), absl::StrCat("bytes of a row: limit 1048576, got ", request.ByteSizeLong()));
  value.mutable_word()->resize(RowRequest::kMaxBytes - 100);
  EXPECT_EQ(read.Read(request.SerializeAsString()), absl::OkStatus());
}

}  // namespace
}  // namespace roicast
