// Rows of any schema through Predict, StreamPredict and BatchPredict: one answer, whatever the form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/server/services/prediction/prediction_service_fixture.h"

namespace roicast {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// The network of the campaign model on a schema that nothing in the server knows.
Artifact OwnArtifact() {
  Artifact artifact = bench::MakeCampaignArtifact(3);
  for (Feature& feature : artifact.schema.features) {
    if (feature.name == "device") feature.vocabulary = {"1", "2", "3"};
    if (feature.name == "region") feature.vocabulary[2] = "NA";
    feature.name = absl::StrCat("my ", feature.name);
  }
  return artifact;
}

int IndexOf(const Schema& schema, const std::string& name) { return schema.IndexOf(name); }

class RowPredictionTest : public PredictionServiceTest {
 protected:
  RowPredictionTest() : own_(OwnArtifact()), own_predictor_(*Predictor::Compile(own_)) {}

  static void AddValue(const Feature& feature, float value, v1::Row* row) {
    if (std::isnan(value)) return;
    v1::NamedValue& named = *row->add_values();
    named.set_name(feature.name);
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        named.set_number(value);
        break;
      case FeatureKind::kCategorical:
        named.set_word(value < static_cast<float>(feature.vocabulary.size())
                           ? feature.vocabulary[static_cast<size_t>(value)]
                           : "a word that nobody knows");
        break;
      case FeatureKind::kTime:
        named.mutable_time()->set_seconds(static_cast<int64_t>(value) * 3600 + 59);
        break;
    }
  }
  v1::Row NamedRow(const std::vector<float>& raw) const {
    v1::Row row;
    for (size_t i = 0; i < raw.size(); ++i) AddValue(own_.schema.features[i], raw[i], &row);
    return row;
  }
  v1::DenseRow DenseRow(const std::vector<float>& raw) const {
    v1::DenseRow row;
    row.mutable_values()->Add(raw.begin(), raw.end());
    row.set_schema_digest(own_.schema.Digest());
    return row;
  }
  std::vector<float> UsualRow() const { return bench::MakeCampaignRows(own_.schema, 1, 7); }

  static std::string Describe(const v1::ServedBy& served_by, float roi,
                              const google::protobuf::RepeatedPtrField<v1::Warning>& warnings) {
    uint32_t bits = 0;
    std::memcpy(&bits, &roi, sizeof(bits));
    std::string text = absl::StrCat(served_by.version(), " ", absl::Hex(bits));
    for (const v1::Warning& warning : warnings) {
      absl::StrAppend(&text, " ", v1::WarningKind_Name(warning.kind()), " ", warning.feature());
    }
    return text;
  }
  std::string Answer(const v1::PredictRequest& request) {
    v1::PredictResponse response;
    const grpc::Status status = Predict(request, &response);
    if (!status.ok()) return absl::StrCat(status.error_code(), " ", status.error_message());
    return Describe(response.served_by(), response.roi(), response.warnings());
  }
  std::string Answer(const v1::Row& row) {
    v1::PredictRequest request;
    *request.mutable_row() = row;
    return Answer(request);
  }
  std::string Answer(const v1::DenseRow& row) {
    v1::PredictRequest request;
    *request.mutable_dense_row() = row;
    return Answer(request);
  }
  // Of a batch of one row.
  std::string Answer(const v1::BatchPredictRequest& request) {
    v1::BatchPredictResponse response;
    const grpc::Status status = BatchPredict(request, &response);
    if (!status.ok()) return absl::StrCat(status.error_code(), " ", status.error_message());
    EXPECT_EQ(response.roi_size(), 1);
    const v1::RowIssue none;
    const v1::RowIssue& issue = response.issues_size() == 0 ? none : response.issues(0);
    if (issue.status().code() != 0) return absl::StrCat(issue.status().code(), " ", issue.status().message());
    return Describe(response.served_by(), response.roi(0), issue.warnings());
  }
  // The same row as columns, the numbers in double precision.
  v1::BatchPredictRequest ColumnsOf(const v1::Row& row) const {
    v1::BatchPredictRequest request;
    for (const v1::NamedValue& value : row.values()) {
      v1::Column& column = *request.mutable_columns()->add_columns();
      column.set_name(value.name());
      if (value.has_number()) column.mutable_doubles()->add_values(value.number());
      if (value.has_time()) column.mutable_times()->add_unix_seconds(value.time().seconds());
      if (value.has_word()) {
        column.mutable_categories()->add_dictionary(value.word());
        column.mutable_categories()->add_codes(0);
      }
    }
    return request;
  }
  static v1::NamedValue& ValueOf(v1::Row& row, const std::string& name) {
    for (v1::NamedValue& value : *row.mutable_values()) {
      if (value.name() == name) return value;
    }
    row.add_values()->set_name(name);
    return *row.mutable_values(row.values_size() - 1);
  }

  const Artifact own_;
  const std::unique_ptr<const Predictor> own_predictor_;
};

TEST_F(RowPredictionTest, AllFormsOfARowGiveThePredictorsBitsAndTheSameWarnings) {
  Publish(own_);
  std::vector<std::vector<float>> rows(200);
  const std::vector<float> usual = bench::MakeCampaignRows(own_.schema, 200, 7);
  const size_t width = own_.schema.features.size();
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].assign(usual.begin() + static_cast<std::ptrdiff_t>(i * width),
                   usual.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
    if (i % 3 == 1) rows[i][i % width] = kNan;
    if (i % 3 == 2) {
      const Feature& feature = own_.schema.features[i % width];
      const bool bounded = std::isfinite(feature.allowed_max) || feature.kind == FeatureKind::kTime;
      rows[i][i % width] = feature.kind == FeatureKind::kCategorical ? kUnseenCode : bounded ? kNan : 20000;
    }
  }
  int with_warnings = 0;
  for (const std::vector<float>& raw : rows) {
    const v1::Row row = NamedRow(raw);
    float expected = 0;
    own_predictor_->Predict(raw.data(), 1, absl::MakeSpan(&expected, 1), {});
    const std::string answer = Answer(row);
    uint32_t bits = 0;
    std::memcpy(&bits, &expected, sizeof(bits));
    EXPECT_THAT(answer, StartsWith(absl::StrCat("1 ", absl::Hex(bits))));
    EXPECT_EQ(Answer(DenseRow(raw)), answer);
    EXPECT_EQ(Answer(ColumnsOf(row)), answer);
    v1::BatchPredictRequest list;
    *list.mutable_rows()->add_rows() = row;
    EXPECT_EQ(Answer(list), answer);
    v1::BatchPredictRequest matrix;
    matrix.mutable_matrix()->mutable_values()->Add(raw.begin(), raw.end());
    matrix.mutable_matrix()->set_rows(1);
    matrix.mutable_matrix()->set_schema_digest(own_.schema.Digest());
    EXPECT_EQ(Answer(matrix), answer);
    with_warnings += answer.find("WARNING") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(with_warnings, 100);
}

TEST_F(RowPredictionTest, TheOrderOfTheValuesDoesNotMatter) {
  Publish(own_);
  const v1::Row row = NamedRow(UsualRow());
  v1::Row reversed;
  for (int i = row.values_size() - 1; i >= 0; --i) *reversed.add_values() = row.values(i);
  EXPECT_EQ(Answer(reversed), Answer(row));
}

TEST_F(RowPredictionTest, FeaturesWithoutAValueAreImputedWithAWarning) {
  Publish(own_);
  v1::Row row;
  v1::NamedValue& spend = *row.add_values();
  spend.set_name("my spend");
  spend.set_number(100);
  v1::PredictRequest request;
  *request.mutable_row() = row;
  v1::PredictResponse response;
  ASSERT_TRUE(Predict(request, &response).ok());
  EXPECT_EQ(response.warnings_size(), own_.schema.size() - 1);
  for (const v1::Warning& warning : response.warnings()) {
    EXPECT_EQ(warning.kind(), v1::WARNING_KIND_VALUE_IMPUTED);
    EXPECT_NE(warning.feature(), "my spend");
  }
  request.mutable_row()->clear_values();
  ASSERT_TRUE(Predict(request, &response).ok());
  EXPECT_EQ(response.warnings_size(), own_.schema.size());
}

TEST_F(RowPredictionTest, NamedValuesOfTheWrongNameKindOrNumberAreRefused) {
  Publish(own_);
  const auto error = [&](const std::string& name, const v1::NamedValue& value) {
    v1::Row row = NamedRow(UsualRow());
    v1::NamedValue& changed = ValueOf(row, "my spend");
    if (value.value_case() == v1::NamedValue::VALUE_NOT_SET) changed.clear_value();
    changed.MergeFrom(value);
    changed.set_name(name);
    return Answer(row);
  };
  v1::NamedValue number, word, time, nothing;
  number.set_number(5);
  word.set_word("much");
  time.mutable_time()->set_seconds(0);
  const int at = IndexOf(own_.schema, "my spend");
  const std::string where = absl::StrCat("3 row.values[", at, "]");
  EXPECT_EQ(error("my spent", number), absl::StrCat(where,
                                                    ".name: model \"default\" version 1 has no feature "
                                                    "\"my spent\"; did you mean \"my spend\"?"));
  EXPECT_THAT(error("budget", number), StartsWith(absl::StrCat(where,
                                                               ".name: model \"default\" version 1 has no feature "
                                                               "\"budget\"; it has my ")));
  EXPECT_EQ(error("my spend", word),
            absl::StrCat(where, " \"my spend\": expected a number (it is numeric), got a word"));
  EXPECT_EQ(error("my spend", time),
            absl::StrCat(where, " \"my spend\": expected a number (it is numeric), got a time"));
  EXPECT_EQ(error("my spend", nothing),
            absl::StrCat(where, " \"my spend\": expected a number (it is numeric), got no value"));
  EXPECT_EQ(error("my channel", number),
            absl::StrCat(where, " \"my channel\": expected a word (it is categorical), got a number"));
  EXPECT_EQ(error("my start_time", word),
            absl::StrCat(where, " \"my start_time\": expected a time (it is time), got a word"));
  EXPECT_EQ(error("my price", number),
            absl::StrCat(where, " \"my price\": expected each feature once, got it in values[",
                         IndexOf(own_.schema, "my price"), "] too"));
}

TEST_F(RowPredictionTest, ValuesThatTheModelDoesNotAllowAreRefusedAsInABatch) {
  Publish(own_);
  const auto expect_refused = [&](const std::string& name, const v1::NamedValue& value, const std::string& message) {
    v1::Row row = NamedRow(UsualRow());
    v1::NamedValue& changed = ValueOf(row, name);
    changed.MergeFrom(value);
    EXPECT_EQ(Answer(row), absl::StrCat("3 row.", message));
    v1::BatchPredictRequest list;
    *list.mutable_rows()->add_rows() = row;
    EXPECT_EQ(Answer(list), absl::StrCat("3 ", message));
    if (!value.has_time()) {
      EXPECT_EQ(Answer(ColumnsOf(row)), absl::StrCat("3 ", message));
    }
  };
  v1::NamedValue value;
  value.set_number(-5);
  expect_refused("my spend", value, "my spend: expected > 0, got -5");
  value.set_number(1.5);
  expect_refused("my discount_rate", value, "my discount_rate: expected 0 to 1, got 1.5");
  value.set_number(std::numeric_limits<double>::infinity());
  expect_refused("my price", value, "my price: expected a finite number, got inf");
  value.mutable_time()->set_seconds(99999999999);
  expect_refused("my start_time", value,
                 "my start_time: expected a time in the years 1900 to 2199, got 99999999999 s and 0 ns since 1970");
}

TEST_F(RowPredictionTest, ANumberThatIsNanCountsAsMissing) {
  Publish(own_);
  std::vector<float> raw = UsualRow();
  raw[0] = kNan;
  v1::Row row = NamedRow(raw);
  const std::string without = Answer(row);
  EXPECT_THAT(without, HasSubstr("WARNING_KIND_VALUE_IMPUTED my avg_session_seconds"));
  ValueOf(row, "my avg_session_seconds").set_number(std::nan(""));
  EXPECT_EQ(Answer(row), without);
}

TEST_F(RowPredictionTest, SpellingsOfNothingAreMissingUnlessTheVocabularyHasThem) {
  Publish(own_);
  v1::Row row = NamedRow(UsualRow());
  const auto answers = [&](const std::string& feature, const std::string& word) {
    ValueOf(row, feature).set_word(word);
    const std::string answer = Answer(row);
    EXPECT_EQ(Answer(ColumnsOf(row)), answer) << feature << "=" << word;
    return answer;
  };
  const std::string usual = answers("my channel", "my channel");
  EXPECT_THAT(usual, HasSubstr(" WARNING_KIND_CATEGORY_UNSEEN my channel"));
  for (const char* word : {"", "NA", "none", "N/A", "null"}) {
    EXPECT_THAT(answers("my channel", word), HasSubstr(" WARNING_KIND_VALUE_IMPUTED my channel")) << word;
  }
  const std::string known = own_.schema.features[static_cast<size_t>(IndexOf(own_.schema, "my channel"))].vocabulary[1];
  answers("my channel", known);
  EXPECT_THAT(answers("my region", "NA"), Not(HasSubstr("my region")));
  EXPECT_THAT(answers("my region", "none"), HasSubstr(" WARNING_KIND_VALUE_IMPUTED my region"));
}

TEST_F(RowPredictionTest, WordsOfNumbersAreComparedAsNumbers) {
  Publish(own_);
  v1::Row row = NamedRow(UsualRow());
  ValueOf(row, "my device").set_word("2");
  const std::string expected = Answer(row);
  EXPECT_THAT(expected, Not(HasSubstr("my device")));
  for (const char* word : {"2.0", "2.", "2e0"}) {
    ValueOf(row, "my device").set_word(word);
    EXPECT_EQ(Answer(row), expected) << word;
    EXPECT_EQ(Answer(ColumnsOf(row)), expected) << word;
  }
  ValueOf(row, "my device").set_word("2.5");
  EXPECT_THAT(Answer(row), HasSubstr(" WARNING_KIND_CATEGORY_UNSEEN my device"));
}

TEST_F(RowPredictionTest, ACampaignsWordsFollowTheSameRule) {
  Publish(artifact_);
  v1::PredictRequest request = UsualRequest();
  request.mutable_campaign()->clear_channel();
  const std::string missing = Answer(request);
  request.mutable_campaign()->set_channel("n/a");
  EXPECT_EQ(Answer(request), missing);
}

TEST_F(RowPredictionTest, ADenseRowForAnotherSchemaOrOfAnotherSizeIsRefused) {
  Publish(own_);
  v1::DenseRow row = DenseRow(UsualRow());
  const std::string digest = own_.schema.Digest();
  row.set_schema_digest(artifact_.schema.Digest());
  EXPECT_EQ(Answer(row), absl::StrCat("9 dense_row.schema_digest: expected \"", digest,
                                      "\" (model \"default\" version "
                                      "1), got \"",
                                      artifact_.schema.Digest(),
                                      "\": the rows were built for another "
                                      "schema"));
  row.clear_schema_digest();
  EXPECT_EQ(Answer(row), absl::StrCat("3 dense_row.schema_digest: expected \"", digest,
                                      "\" (model \"default\" version 1), got none"));
  row.set_schema_digest(digest);
  row.add_values(1);
  EXPECT_EQ(Answer(row), "3 dense_row.values: expected 20, one per feature, got 21");
  row.clear_values();
  EXPECT_EQ(Answer(row), "3 dense_row.values: expected 20, one per feature, got 0");
}

TEST_F(RowPredictionTest, ADenseRowThatThePredictorRefusesIsAnErrorAndNeverNan) {
  Publish(own_);
  std::vector<float> raw = UsualRow();
  raw[static_cast<size_t>(IndexOf(own_.schema, "my spend"))] = -5;
  EXPECT_EQ(Answer(DenseRow(raw)), "3 dense_row.my spend: expected > 0, got -5");
  raw = UsualRow();
  raw[0] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(Answer(DenseRow(raw)), "3 dense_row.my avg_session_seconds: expected a finite number, got -inf");
}

TEST_F(RowPredictionTest, AMismatchCarriesItsReasonForUnaryCallsAndItems) {
  Publish(own_);
  v1::PredictRequest request;
  *request.mutable_dense_row() = DenseRow(UsualRow());
  request.mutable_dense_row()->set_schema_digest("another");
  v1::PredictResponse response;
  const grpc::Status status = Predict(request, &response);
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  ASSERT_EQ(details.details_size(), 1);
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "SCHEMA_MISMATCH");
  EXPECT_EQ(info.metadata().at("schema_digest"), own_.schema.Digest());
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  v1::StreamPredictRequest item;
  *item.mutable_predict() = request;
  ASSERT_TRUE(stream->Write(item));
  stream->WritesDone();
  v1::StreamPredictResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.status().code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(answer.status().reason(), v1::SCHEMA_MISMATCH);
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(RowPredictionTest, StreamItemsTakeTheSameRows) {
  Publish(own_);
  const v1::Row row = NamedRow(UsualRow());
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  std::vector<v1::StreamPredictRequest> items(4);
  *items[0].mutable_predict()->mutable_row() = row;
  *items[1].mutable_predict()->mutable_dense_row() = DenseRow(UsualRow());
  *items[2].mutable_predict()->mutable_row() = row;
  ValueOf(*items[2].mutable_predict()->mutable_row(), "my spend").set_number(0);
  *items[3].mutable_batch_predict()->mutable_rows()->add_rows() = row;
  for (const v1::StreamPredictRequest& item : items) ASSERT_TRUE(stream->Write(item));
  stream->WritesDone();
  const std::string expected = Answer(row);
  std::vector<v1::StreamPredictResponse> answers(4);
  for (v1::StreamPredictResponse& answer : answers) ASSERT_TRUE(stream->Read(&answer));
  for (const int i : {0, 1}) {
    const v1::PredictResponse& predict = answers[static_cast<size_t>(i)].predict();
    EXPECT_EQ(Describe(predict.served_by(), predict.roi(), predict.warnings()), expected);
  }
  EXPECT_EQ(answers[2].status().message(), "row.my spend: expected > 0, got 0");
  EXPECT_EQ(Describe(answers[3].batch_predict().served_by(), answers[3].batch_predict().roi(0), {}), expected);
}

TEST_F(RowPredictionTest, ABadRowInAListGetsNanAndItsNeighboursAreAsWithoutIt) {
  Publish(own_);
  const v1::Row row = NamedRow(UsualRow());
  v1::BatchPredictRequest request;
  for (int i = 0; i < 4; ++i) *request.mutable_rows()->add_rows() = row;
  v1::Row& misspelt = *request.mutable_rows()->mutable_rows(1);
  ValueOf(misspelt, "my price").set_name("my pirce");
  ValueOf(*request.mutable_rows()->mutable_rows(2), "my spend").set_number(-1);
  v1::BatchPredictResponse response;
  ASSERT_TRUE(BatchPredict(request, &response).ok());
  v1::PredictRequest single;
  *single.mutable_row() = row;
  v1::PredictResponse expected;
  ASSERT_TRUE(Predict(single, &expected).ok());
  EXPECT_EQ(response.roi(0), expected.roi());
  EXPECT_EQ(response.roi(3), expected.roi());
  EXPECT_TRUE(std::isnan(response.roi(1)));
  EXPECT_TRUE(std::isnan(response.roi(2)));
  EXPECT_EQ(response.rows_refused(), 2);
  std::vector<std::string> messages;
  for (const v1::RowIssue& issue : response.issues()) messages.push_back(issue.status().message());
  EXPECT_THAT(messages,
              ElementsAre(HasSubstr("].name: model \"default\" version 1 has no feature \"my pirce\"; did you "
                                    "mean \"my price\"?"),
                          "my spend: expected > 0, got -1"));
  request.mutable_rows()->clear_rows();
  ExpectBatchError(request, grpc::StatusCode::INVALID_ARGUMENT, "rows: expected at least one row, got none");
}

TEST_F(RowPredictionTest, TheCampaignModelTakesRowsAsWell) {
  Publish(artifact_);
  const std::vector<float> raw = Rows(1);
  v1::Row row;
  for (size_t i = 0; i < raw.size(); ++i) AddValue(artifact_.schema.features[i], raw[i], &row);
  EXPECT_EQ(Answer(row), Answer(UsualRequest()));
}

// A Campaign took 1e308, and 5e-324 for a spend above 0; rows and columns refused both.
TEST_F(RowPredictionTest, NumbersBeyondFloat32AreTreatedAlikeInEveryForm) {
  Publish(artifact_);
  const std::vector<float> raw = Rows(1);
  struct Case {
    double spend;
    std::string of_campaign;
    std::string of_row;
  };
  const Case cases[] = {
      {1e308, "spend: expected a number within float32's range, got 1e+308",
       "spend: expected a finite number, got inf"},
      {-1e308, "spend: expected a number within float32's range, got -1e+308",
       "spend: expected a finite number, got -inf"},
      {5e-324, "spend: expected > 0, got 4.94066e-324", "spend: expected > 0, got 0"},
      {1e-60, "spend: expected > 0, got 1e-60", "spend: expected > 0, got 0"},
  };
  for (const Case& one : cases) {
    v1::PredictRequest campaign = UsualRequest();
    campaign.mutable_campaign()->set_spend(one.spend);
    EXPECT_EQ(Answer(campaign), absl::StrCat("3 campaign.", one.of_campaign));
    v1::BatchPredictRequest list;
    *list.mutable_campaigns()->add_campaigns() = campaign.campaign();
    EXPECT_EQ(Answer(list), absl::StrCat("3 ", one.of_campaign));

    v1::Row row;
    for (size_t i = 0; i < raw.size(); ++i) AddValue(artifact_.schema.features[i], raw[i], &row);
    ValueOf(row, "spend").set_number(one.spend);
    EXPECT_EQ(Answer(row), absl::StrCat("3 row.", one.of_row));
    EXPECT_EQ(Answer(ColumnsOf(row)), absl::StrCat("3 ", one.of_row));
    v1::DenseRow dense;
    dense.mutable_values()->Add(raw.begin(), raw.end());
    dense.set_values(IndexOf(artifact_.schema, "spend"), static_cast<float>(one.spend));
    dense.set_schema_digest(artifact_.schema.Digest());
    EXPECT_EQ(Answer(dense), absl::StrCat("3 dense_row.", one.of_row));

    grpc::ClientContext context;
    const auto stream = stub_->StreamPredict(&context);
    v1::StreamPredictRequest item;
    *item.mutable_predict() = campaign;
    ASSERT_TRUE(stream->Write(item));
    stream->WritesDone();
    v1::StreamPredictResponse answer;
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.status().message(), absl::StrCat("campaign.", one.of_campaign));
  }
  // The largest that fits is taken by all, with a warning.
  v1::PredictRequest campaign = UsualRequest();
  campaign.mutable_campaign()->set_spend(3e38);
  v1::Row row;
  for (size_t i = 0; i < raw.size(); ++i) AddValue(artifact_.schema.features[i], raw[i], &row);
  ValueOf(row, "spend").set_number(3e38);
  EXPECT_THAT(Answer(row), HasSubstr("WARNING_KIND_VALUE_OUT_OF_RANGE spend"));
  EXPECT_EQ(Answer(campaign), Answer(row));
}

// The message of an item quoted what the client sent as it was; that of a call does not.
TEST_F(RowPredictionTest, ControlCharactersOfAnItemsMessageAreShownAsSymbols) {
  Publish(artifact_);
  v1::PredictRequest request = UsualRequest();
  request.mutable_model()->set_name("a\033[2Jb\n");
  grpc::ClientContext context;
  const auto stream = stub_->StreamPredict(&context);
  v1::StreamPredictRequest item;
  *item.mutable_predict() = request;
  *request.mutable_row() = v1::Row();
  ValueOf(*request.mutable_row(), "a\033[2Jb\n").set_number(1);
  request.mutable_model()->clear_name();
  v1::StreamPredictRequest second;
  *second.mutable_predict() = request;
  ASSERT_TRUE(stream->Write(item) && stream->Write(second));
  stream->WritesDone();
  v1::StreamPredictResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_THAT(answer.status().message(), HasSubstr("a\u241b[2Jb "));
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_THAT(answer.status().message(), HasSubstr("has no feature \"a\u241b[2Jb \""));
  EXPECT_EQ(answer.status().message().find('\033'), std::string::npos);
  EXPECT_EQ(Answer(request), absl::StrCat("3 ", answer.status().message()));
}

TEST_F(RowPredictionTest, AModelOfAnotherSchemaSaysThatItTakesRowsInsteadOfCampaigns) {
  Publish(own_);
  EXPECT_EQ(
      Answer(UsualRequest()),
      "9 model \"default\" version 1 does not take campaigns: its feature \"my avg_session_seconds\" is not a field "
      "of Campaign; send named values (PredictRequest.row, BatchPredictRequest.columns)");
}

}  // namespace
}  // namespace roicast
