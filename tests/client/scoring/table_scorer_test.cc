#include "client/scoring/table_scorer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "base/status_macros.h"
#include "base/tables/table_detection.h"
#include "base/tables/table_reader.h"
#include "client/scoring/table_findings.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Result {
  absl::StatusOr<ScoreSummary> summary = absl::UnknownError("");
  std::string output;
  std::vector<std::string> bad_rows;
  int retries = 0;
};

// stop_after: number of retries after which scoring is cancelled.
Result Score(testing::FakeServer& server, absl::string_view csv, ScoreOptions options = {}, int stop_after = 1000) {
  server.Start();
  ChannelOptions channel;
  channel.target = server.target();
  Result result;
  TableScorer::Events events;
  events.on_output = [&](absl::string_view bytes) {
    result.output.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  };
  events.on_bad_row = [&](int64_t line, absl::string_view message) {
    result.bad_rows.push_back(absl::StrCat(line, ": ", message));
  };
  events.on_retry = [&](const absl::Status&) { ++result.retries; };
  events.stopped = [&] { return result.retries >= stop_after; };
  options.first_backoff = absl::Microseconds(10);
  const v1::Model model = testing::FakeServer::SmallModel();
  const auto table = DetectSample(csv, false, options.table);
  const auto columns = table.ok() ? BindFeatures(model, *table, options.table.columns) : table.status();
  if (!columns.ok()) {
    result.summary = columns.status();
    return result;
  }
  TableScorer scorer(std::make_shared<PredictionClient>(*ChannelPool::Create(channel)), model, *table, *columns,
                     options, events);
  result.summary = [&]() -> absl::StatusOr<ScoreSummary> {
    for (size_t i = 0; i < csv.size(); i += 1000) ROICAST_RETURN_IF_ERROR(scorer.Feed(csv.substr(i, 1000)));
    return scorer.Finish();
  }();
  return result;
}

TEST(TableScorer, AddsTheRoiToEachRow) {
  testing::FakeServer server;
  const Result result = Score(server, "spend,name\n1.5,\"a, b\"\n2,c\n");
  ASSERT_TRUE(result.summary.ok()) << result.summary.status();
  EXPECT_EQ(result.output, "spend,name,roi\n1.5,\"a, b\",1.5\n2,c,2\n");
  EXPECT_EQ(result.summary->rows, 2);
  EXPECT_EQ(result.summary->rows_refused, 0);
}

TEST(TableScorer, PinsVersionAndSchemaAndBoundsWhatIsInFlight) {
  testing::FakeServer server;
  std::atomic<int> in_flight{0}, most{0};
  std::atomic<bool> pinned{true};
  server.on_batch = [&](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                        v1::BatchPredictResponse* response) {
    const int now = ++in_flight;
    int seen = most.load();
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
    pinned = pinned && request.model().name() == "small" && request.model().version() == 3 &&
             request.matrix().schema_digest() == "digest-of-the-schema" && request.matrix().rows() <= 10;
    const grpc::Status status = testing::FakeServer::EchoFirstValue(request, response);
    --in_flight;
    return status;
  };
  std::string csv = "spend\n", expected = "spend,roi\n";
  for (int i = 0; i < 1005; ++i) {
    absl::StrAppend(&csv, i, "\n");
    absl::StrAppend(&expected, i, ",", i, "\n");
  }
  ScoreOptions options;
  options.batch_rows = 10;
  options.in_flight = 3;
  const Result result = Score(server, csv, options);
  EXPECT_EQ(result.output, expected);
  EXPECT_TRUE(pinned);
  EXPECT_LE(most, 3);
}

TEST(TableScorer, KeepsTheOrderOfRowsIfAnswersArriveOutOfOrder) {
  testing::FakeServer server;
  absl::Notification second_answered;
  // The first batch is answered only after the second one was.
  server.on_batch = [&](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                        v1::BatchPredictResponse* response) {
    if (request.matrix().values(0) == 1) second_answered.WaitForNotification();
    if (request.matrix().values(0) == 2) second_answered.Notify();
    return testing::FakeServer::EchoFirstValue(request, response);
  };
  ScoreOptions options;
  options.batch_rows = 1;
  const Result result = Score(server, "spend\n1\n2\n3\n", options);
  EXPECT_EQ(result.output, "spend,roi\n1,1\n2,2\n3,3\n");
}

TEST(TableScorer, ReportsBadRowsWithTheirLinesAndContinues) {
  testing::FakeServer server;
  const Result result = Score(server,
                              "spend,price\n"
                              "1,2\n"
                              "much,2\n"    // line 3: no number
                              "-5,2\n"      // line 4: the server refuses it
                              "3\n"         // line 5: too few cells
                              "\"4\"x,2\n"  // line 6: no CSV
                              "\n"
                              "6,7\n");
  ASSERT_TRUE(result.summary.ok()) << result.summary.status();
  EXPECT_EQ(result.output, "spend,price,roi\n1,2,1\nmuch,2,\n-5,2,\n6,7,6\n");
  EXPECT_THAT(
      result.bad_rows,
      ElementsAre("3: column 1 \"spend\": expected a number, got \"much\"", "5: expected 2 cells, got 1; left out",
                  "6: column 1: expected a delimiter or a line end after the closing quote, got \"x\"; left out",
                  "4: spend: expected more than 0"));
  EXPECT_EQ(result.summary->rows, 4);
  EXPECT_EQ(result.summary->rows_refused, 2);
  EXPECT_EQ(result.summary->rows_left_out, 2);
}

TEST(TableScorer, WritesWarningsOnRequest) {
  testing::FakeServer server;
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                       v1::BatchPredictResponse* response) {
    EXPECT_EQ(request.max_issues(), 2);
    response->add_roi(0.5f);
    response->add_roi(0.25f);
    v1::RowIssue& issue = *response->add_issues();
    issue.set_row(1);
    v1::Warning& first = *issue.add_warnings();
    first.set_kind(v1::WARNING_KIND_CATEGORY_UNSEEN);
    first.set_feature("channel");
    v1::Warning& second = *issue.add_warnings();
    second.set_kind(v1::WARNING_KIND_VALUE_OUT_OF_RANGE);
    second.set_feature("price");
    return grpc::Status::OK;
  };
  ScoreOptions options;
  options.warnings_column = true;
  const Result result = Score(server, "spend\n1\n2\n", options);
  EXPECT_EQ(result.output, "spend,roi,roi_warnings\n1,0.5,\n2,0.25,channel: category unseen; price: out of range\n");
  EXPECT_EQ(result.summary->rows_with_warnings, 1);
}

TEST(TableScorer, SaysThatARowWasRejectedWhereTheAnswerDoesNotSayWhy) {
  testing::FakeServer server;
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse* response) {
    response->add_roi(std::numeric_limits<float>::quiet_NaN());
    response->add_roi(0.25f);
    response->set_rows_with_issues(1);
    response->set_rows_refused(1);
    return grpc::Status::OK;
  };
  const Result result = Score(server, "spend\n1\n2\n");
  EXPECT_EQ(result.output, "spend,roi\n1,\n2,0.25\n");
  EXPECT_EQ(result.summary->rows_refused, 1);
  EXPECT_THAT(result.bad_rows,
              ElementsAre("2: rejected; the server's answer had no room for why (use smaller batches)"));
}

TEST(TableScorer, RetriesABatchAfterOverloadAndFinallyGivesUp) {
  testing::FakeServer server;
  std::atomic<int> calls{0};
  server.on_batch = [&](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                        v1::BatchPredictResponse* response) {
    if (++calls <= 2) return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "in flight: limit 1, got 2");
    return testing::FakeServer::EchoFirstValue(request, response);
  };
  const Result result = Score(server, "spend\n1\n");
  EXPECT_EQ(result.output, "spend,roi\n1,1\n");
  EXPECT_EQ(calls, 3);

  testing::FakeServer full;
  std::atomic<int> refused{0};
  full.on_batch = [&](grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse*) {
    ++refused;
    return grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "full");
  };
  EXPECT_EQ(Score(full, "spend\n1\n2\n").summary.status(), absl::ResourceExhaustedError("lines 2 to 3: full"));
  EXPECT_EQ(refused, 6);
}

TEST(TableScorer, DoesNotRepeatARequestThatIsTooLarge) {
  testing::FakeServer server;
  std::atomic<int> calls{0};
  server.on_batch = [&](grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse*) {
    ++calls;
    return testing::FakeServer::Error(grpc::StatusCode::RESOURCE_EXHAUSTED, v1::REQUEST_TOO_LARGE,
                                      "rows: expected up to 1, got 2");
  };
  const absl::Status status = Score(server, "spend\n1\n2\n").summary.status();
  EXPECT_EQ(status.message(), "lines 2 to 3: rows: expected up to 1, got 2");
  EXPECT_EQ(calls, 1);
}

TEST(TableScorer, RetriesAnUnavailableServerLongerThanAnOverloadedOne) {
  testing::FakeServer server;
  std::atomic<int> calls{0};
  server.on_batch = [&](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                        v1::BatchPredictResponse* response) {
    if (++calls <= 12) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
    return testing::FakeServer::EchoFirstValue(request, response);
  };
  ScoreOptions options;
  options.max_backoff = absl::Microseconds(20);
  const Result result = Score(server, "spend\n1\n", options);
  EXPECT_EQ(result.output, "spend,roi\n1,1\n");
  EXPECT_EQ(calls, 13);
  EXPECT_EQ(result.retries, 12);

  testing::FakeServer gone;
  gone.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse*) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
  };
  options.reconnect_for = absl::ZeroDuration();
  EXPECT_EQ(Score(gone, "spend\n1\n", options).summary.status(), absl::UnavailableError("lines 2 to 2: draining"));
}

TEST(TableScorer, StopsWhileItWaitsForAServer) {
  testing::FakeServer server;
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse*) {
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining");
  };
  ScoreOptions options;
  options.reconnect_for = absl::InfiniteDuration();
  const Result result = Score(server, "spend\n1\n", options, 3);
  EXPECT_EQ(result.summary.status(), absl::CancelledError("score: cancelled by the caller"));
  EXPECT_EQ(result.retries, 3);
}

// The header had the column twice.
TEST(TableScorer, RefusesAnInputThatHasTheColumnAlready) {
  testing::FakeServer server;
  EXPECT_EQ(Score(server, "spend,roi\n1,2\n").summary.status(),
            absl::AlreadyExistsError("header: the file already has a column \"roi\""));
  ScoreOptions options;
  options.roi_column = "predicted";
  options.warnings_column = true;
  testing::FakeServer other;
  EXPECT_EQ(Score(other, "spend,roi\n1,2\n", options).output, "spend,roi,predicted,predicted_warnings\n1,2,1,\n");
}

TEST(TableScorer, StopsAtOnceIfTheRequestIsRefused) {
  testing::FakeServer server;
  std::atomic<int> calls{0};
  server.on_batch = [&](grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse*) {
    ++calls;
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "schema_digest: wrong");
  };
  EXPECT_EQ(Score(server, "spend\n1\n").summary.status(),
            absl::InvalidArgumentError("lines 2 to 2: schema_digest: wrong"));
  EXPECT_EQ(calls, 1);
}

TEST(TableScorer, AHeaderAloneGivesAHeaderAlone) {
  testing::FakeServer server;
  const Result result = Score(server, "spend,name\n");
  EXPECT_TRUE(result.summary.ok());
  EXPECT_EQ(result.output, "spend,name,roi\n");
  testing::FakeServer other;
}

TEST(TableScorer, KeepsEncodingDelimiterAndLineEnds) {
  testing::FakeServer server;
  const Result result = Score(server, "spend;name\r\n1.234,5;caf\xE9\r\n2,25;\"a;b\"\r\n");
  ASSERT_TRUE(result.summary.ok()) << result.summary.status();
  EXPECT_EQ(result.output, "spend;name;roi\r\n1.234,5;caf\xE9;1234,5\r\n2,25;\"a;b\";2,25\r\n");
}

TEST(TableScorer, LeavesOutWhatIsNoRowAndCountsIt) {
  testing::FakeServer server;
  const Result result = Score(server, "Report of May\n\nname,spend,note\na,1,x\nb,2,y\nc,3,z\nTotal,6,--\n");
  ASSERT_TRUE(result.summary.ok()) << result.summary.status();
  EXPECT_EQ(result.output, "name,spend,note,roi\na,1,x,1\nb,2,y,2\nc,3,z,3\n");
  std::vector<LeftOut> reasons;
  for (const LeftOutCount& left_out : result.summary->left_out) reasons.push_back(left_out.reason);
  EXPECT_THAT(reasons, ::testing::IsSupersetOf({LeftOut::kTitle, LeftOut::kTotals}));
}

TEST(TableScorer, CountsUnseenWordsAndNamesTheNearest) {
  testing::FakeServer server;
  const Result result = Score(server, "spend,channel\n1,search\n2,Search\n3,telepathy\n4,Search\n");
  ASSERT_TRUE(result.summary.ok()) << result.summary.status();
  ASSERT_EQ(result.summary->findings.unseen_words.size(), 2u);
  const UnseenWord& first = result.summary->findings.unseen_words[0];
  EXPECT_EQ(first.feature, "channel");
  EXPECT_EQ(first.word, "Search");
  EXPECT_EQ(first.line, 3);
  EXPECT_EQ(first.rows, 2);
  EXPECT_EQ(first.nearest, "search");
  EXPECT_EQ(result.summary->findings.unseen_words[1].word, "telepathy");
  EXPECT_EQ(result.summary->findings.unseen_words[1].nearest, "");
}

// Pounds were scored as the dollars that all of training was in.
TEST(FindingsCounter, TellsAnotherValueOfAColumnThatWasConstant) {
  v1::Model model = testing::FakeServer::SmallModel();
  const auto constant = [&](const char* column, const char* value) {
    v1::LeftOutColumn& left_out = *model.mutable_report()->mutable_cleaning()->add_left_out();
    left_out.set_column(column);
    left_out.set_reason("constant");
    left_out.set_value(value);
  };
  constant("currency", "USD");
  constant("discount", "0");
  constant("gone", "x");
  constant("same", "1.50");
  const std::string text = "spend,currency,discount,same\n1,USD,0.00,1.5\n2,GBP,,1.50\n3,INR,0.5,1.5\n4,,0,\n";
  TableOptions options;
  const auto table = DetectSample(text, false, options);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto columns = BindFeatures(model, *table, {});
  ASSERT_TRUE(columns.ok()) << columns.status();
  const RowEncoder encoder(model.schema(), *columns, MissingSpellings());
  FindingsCounter counter(model, *table, encoder);
  TableReader::Events events;
  events.on_row = [&](const TableRow& row) {
    std::vector<float> values(encoder.features());
    counter.Count(row.line, row.cells, values.data());
    return absl::OkStatus();
  };
  TableReader reader(OptionsFrom(*table, options).file, std::move(events));
  ASSERT_TRUE(reader.Feed(text).ok());
  ASSERT_TRUE(reader.Finish().ok());
  const TableFindings findings = counter.Take();
  ASSERT_EQ(findings.changed_constants.size(), 2u);
  const ChangedConstant& currency = findings.changed_constants[0];
  EXPECT_EQ(currency.column, "currency");
  EXPECT_EQ(currency.learnt, "USD");
  EXPECT_EQ(currency.value, "GBP");
  EXPECT_EQ(currency.line, 3);
  EXPECT_EQ(currency.rows, 2);
  EXPECT_EQ(findings.changed_constants[1].column, "discount");
  EXPECT_EQ(findings.changed_constants[1].rows, 1);
}

TableFindings FindingsOf(const v1::Model& model, const std::string& text) {
  TableOptions options;
  const auto table = DetectSample(text, false, options);
  EXPECT_TRUE(table.ok()) << table.status();
  const auto columns = BindFeatures(model, *table, {});
  EXPECT_TRUE(columns.ok()) << columns.status();
  const RowEncoder encoder(model.schema(), *columns, MissingSpellings());
  FindingsCounter counter(model, *table, encoder);
  TableReader::Events events;
  events.on_row = [&](const TableRow& row) {
    std::vector<float> values(encoder.features());
    EXPECT_TRUE(encoder.Encode(row.cells, values.data()).ok());
    counter.Count(row.line, row.cells, values.data());
    return absl::OkStatus();
  };
  TableReader reader(OptionsFrom(*table, options).file, std::move(events));
  EXPECT_TRUE(reader.Feed(text).ok());
  EXPECT_TRUE(reader.Finish().ok());
  return counter.Take();
}

// Of amounts in thousands, only the number of rows with warnings was said.
TEST(FindingsCounter, TellsNumbersOutsideTrainingAndAnotherUnit) {
  v1::Model model = testing::FakeServer::SmallModel();
  v1::Feature& spend = *model.mutable_schema()->mutable_features(0);
  ASSERT_EQ(spend.name(), "spend");
  spend.set_seen_min(200);
  spend.set_seen_max(15000);
  const TableFindings thousands = FindingsOf(model, "spend,price\n0.5,1\n12.5,2\n,3\n3.25,4\n");
  ASSERT_EQ(thousands.outside.size(), 1u);
  EXPECT_EQ(thousands.outside[0].feature, "spend");
  EXPECT_EQ(thousands.outside[0].rows, 3);
  EXPECT_EQ(thousands.outside[0].line, 2);
  EXPECT_EQ(thousands.outside[0].seen_max, 15000);
  EXPECT_EQ(thousands.outside[0].factor, 1000);
  const TableFindings one = FindingsOf(model, "spend,price\n500,1\n12.5,2\n900,3\n");
  ASSERT_EQ(one.outside.size(), 1u);
  EXPECT_EQ(one.outside[0].rows, 1);
  EXPECT_EQ(one.outside[0].line, 3);
  EXPECT_EQ(one.outside[0].factor, 0) << "most are inside as they stand";
  EXPECT_TRUE(FindingsOf(model, "spend,price\n500,1\n").outside.empty());
}

TEST(TableScorer, AddsRevenueAndProfitWithTheirSums) {
  testing::FakeServer server;
  ScoreOptions options;
  options.spend_column = "cost";
  // The fake server answers with the first feature: ROI 0.5, 2 and 1.
  const Result result = Score(server, "spend,cost\n0.5,100\n2,10\n1,0\n", options);
  ASSERT_TRUE(result.summary.ok()) << result.summary.status();
  EXPECT_EQ(result.output,
            "spend,cost,roi,predicted_revenue,predicted_profit\n0.5,100,0.5,150,50\n2,10,2,30,20\n1,0,1,,\n");
  EXPECT_EQ(result.summary->rows_with_spend, 2);
  EXPECT_EQ(result.summary->spend, 110);
  EXPECT_EQ(result.summary->revenue, 180);
  EXPECT_EQ(result.summary->profit, 70);
  testing::FakeServer other;
  options.spend_column = "Cost";
  EXPECT_EQ(Score(other, "spend,cost\n1,2\n", options).summary.status(),
            absl::InvalidArgumentError("header: no column \"Cost\" with the spend"));
}

TEST(TableScorer, BatchesOfBadRowsAloneAreNotSent) {
  testing::FakeServer server;
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest&, v1::BatchPredictResponse*) {
    return grpc::Status(grpc::StatusCode::INTERNAL, "must not be called");
  };
  const Result result = Score(server, "spend\na\nb\n");
  EXPECT_EQ(result.output, "spend,roi\na,\nb,\n");
}

}  // namespace
}  // namespace roicast::client
