// predict, against a fake server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/cli/run_command.h"
#include "tests/client/fake_server.h"

namespace roicast::client {
namespace {

using roicast::testing::FakeServer;
using roicast::testing::ProcessResult;
using ::testing::HasSubstr;
using testing::Roicast;

TEST(PredictCommand, PredictSendsNamedValuesAndPrintsWarnings) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::CampaignModel();
    return grpc::Status::OK;
  };
  v1::PredictRequest seen;
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest& request, v1::PredictResponse* response) {
    seen = request;
    response->set_roi(0.25f);
    v1::Warning& imputed = *response->add_warnings();
    imputed.set_kind(v1::WARNING_KIND_VALUE_IMPUTED);
    imputed.set_feature("price");
    v1::Warning& unseen = *response->add_warnings();
    unseen.set_kind(v1::WARNING_KIND_CATEGORY_UNSEEN);
    unseen.set_feature("channel");
    return grpc::Status::OK;
  };
  server.Start();
  const ProcessResult result =
      Roicast({"predict", "spend=1000", "channel=serch", "start_time=2025-03-01", "--server", server.target()});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(result.output,
            "ROI 0.2500: 1.00 spent brings 1.25 back (default version 7)\n"
            "  warning: channel=serch was not seen in training; did you mean \"search\"?\n"
            "  not given, typical values used: price\n");
  ASSERT_EQ(seen.row().values_size(), 3);
  EXPECT_EQ(seen.row().values(0).name(), "spend");
  EXPECT_EQ(seen.row().values(0).number(), 1000);
  EXPECT_EQ(seen.row().values(1).word(), "serch");
  EXPECT_EQ(seen.row().values(2).time().seconds(), 1740787200);
  EXPECT_EQ(seen.model().version(), 7);

  const ProcessResult json =
      Roicast({"--json", "predict", "{\"spend\": 1000, \"channel\": \"serch\"}", "--server", server.target()});
  const nlohmann::json answer = nlohmann::json::parse(json.output);
  EXPECT_EQ(answer["roi"], 0.25);
  EXPECT_EQ(answer["version"], 7);
  EXPECT_EQ(answer["warnings"][0], nlohmann::json::parse(R"({"feature": "price", "kind": "value_imputed"})"));
  EXPECT_EQ(answer["warnings"][1], nlohmann::json::parse(R"({"feature": "channel", "kind": "category_unseen",
                                                             "value": "serch", "nearest": "search"})"));
}

// What is spent brings nothing back where the target is not an ROI.
TEST(PredictCommand, NamesATargetThatIsNotAnRoi) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::CampaignModel();
    model->mutable_report()->mutable_target()->set_name("strength");
    return grpc::Status::OK;
  };
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse* response) {
    response->set_roi(0.6925f);
    return grpc::Status::OK;
  };
  server.Start();
  EXPECT_EQ(Roicast({"predict", "spend=1000", "--server", server.target()}).output,
            "strength 0.6925 (default version 7)\n");
}

TEST(PredictCommand, SaysHowSureItIs) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    return grpc::Status::OK;
  };
  v1::PredictRequest seen;
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest& request, v1::PredictResponse* response) {
    seen = request;
    response->set_roi(0.25f);
    response->mutable_interval()->set_low(-0.5f);
    response->mutable_interval()->set_high(1.5f);
    response->set_profit_probability(0.75f);
    return grpc::Status::OK;
  };
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                       v1::BatchPredictResponse* response) {
    EXPECT_TRUE(request.uncertainty().profit_probability());
    for (int i = 0; i < request.rows().rows_size(); ++i) {
      response->add_roi(0.0f);
      response->add_profit_probability(0.25f);
    }
    return grpc::Status::OK;
  };
  server.Start();
  const ProcessResult result = Roicast({"predict", "spend=300", "--interval", "0.9", "--profit-probability",
                                        "--profit-threshold", "0.2", "-s", server.target()});
  EXPECT_EQ(result.output,
            "ROI 0.2500: 1.00 spent brings 1.25 back (small version 3)\n"
            "  -0.5000 to 1.5000 with a probability of 90 %; profitable with one of 75.0 %\n");
  EXPECT_EQ(seen.uncertainty().interval_level(), 0.9);
  EXPECT_TRUE(seen.uncertainty().profit_probability());
  EXPECT_EQ(seen.uncertainty().profit_threshold(), 0.2);
  const nlohmann::json answer = nlohmann::json::parse(
      Roicast({"predict", "--json", "spend=300", "--interval", "0.5", "--profit-probability", "-s", server.target()})
          .output);
  EXPECT_EQ(answer["interval"], nlohmann::json::parse(R"({"level": 0.5, "low": -0.5, "high": 1.5})"));
  EXPECT_EQ(answer["profit_probability"], 0.75);
  EXPECT_FALSE(seen.uncertainty().has_profit_threshold());
  const nlohmann::json batch = nlohmann::json::parse(
      Roicast({"predict", "--json", R"([{"spend": 1}, {"spend": 2}])", "--profit-probability", "-s", server.target()})
          .output);
  EXPECT_EQ(batch[1]["profit_probability"], 0.25);
  EXPECT_FALSE(batch[1].contains("interval"));
  EXPECT_EQ(Roicast({"predict", "spend=300", "-s", server.target()}).exit_code, 0);
  EXPECT_FALSE(seen.has_uncertainty());
}

TEST(PredictCommand, RefusesALevelOutsideZeroAndOne) {
  for (const char* level : {"0", "1", "90"}) {
    const ProcessResult result = Roicast({"predict", "spend=300", "--interval", level});
    EXPECT_EQ(result.exit_code, 2) << level;
    EXPECT_THAT(result.errors, HasSubstr(std::string("above 0 and below 1, got ") + level));
  }
  const ProcessResult alone = Roicast({"predict", "spend=300", "--profit-threshold", "0.1"});
  EXPECT_EQ(alone.exit_code, 2);
  EXPECT_THAT(alone.errors, HasSubstr("--profit-probability"));
}

TEST(PredictCommand, NamesTheValueWhoseProbabilityItIs) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::CampaignModel();
    v1::TargetSpec& target = *model->mutable_provenance()->mutable_spec()->mutable_target();
    target.set_column("Churn");
    target.set_kind(v1::TARGET_KIND_TWO_VALUED);
    target.set_positive_value("Yes");
    model->mutable_report()->mutable_target()->set_name("Churn");
    return grpc::Status::OK;
  };
  server.on_predict = [&](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse* response) {
    response->set_roi(0.6925f);
    return grpc::Status::OK;
  };
  server.Start();
  EXPECT_EQ(Roicast({"predict", "spend=1000", "--server", server.target()}).output,
            "P(Churn = Yes) 0.6925 (default version 7)\n");
  EXPECT_THAT(Roicast({"predict", "spend=1000", "--json", "--server", server.target()}).output,
              HasSubstr("\"probability_of\""));
}

TEST(PredictCommand, SaysWhichGivenValuesAreNoneOrUnusual) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    model->mutable_schema()->mutable_features(0)->set_seen_min(10);
    model->mutable_schema()->mutable_features(0)->set_seen_max(250);
    return grpc::Status::OK;
  };
  server.on_predict = [](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse* response) {
    v1::Warning& range = *response->add_warnings();
    range.set_kind(v1::WARNING_KIND_VALUE_OUT_OF_RANGE);
    range.set_feature("spend");
    v1::Warning& none = *response->add_warnings();
    none.set_kind(v1::WARNING_KIND_VALUE_IMPUTED);
    none.set_feature("channel");
    return grpc::Status::OK;
  };
  server.Start();
  EXPECT_EQ(Roicast({"predict", "spend=300", "channel=NA", "-s", server.target()}).output,
            "ROI 0.0000: 1.00 spent brings 1.00 back (small version 3)\n"
            "  warning: spend=300 is outside the range seen in training, 10 to 250\n"
            "  warning: channel=NA means that there is no value: a typical one is used\n");
  const nlohmann::json answer =
      nlohmann::json::parse(Roicast({"predict", "--json", "spend=300", "channel=NA", "-s", server.target()}).output);
  EXPECT_EQ(answer["warnings"][0]["seen_min"], 10);
  EXPECT_EQ(answer["warnings"][0]["seen_max"], 250);
  EXPECT_EQ(answer["warnings"][1]["value"], "NA");
}

TEST(PredictCommand, SaysWhatCampaignsWithItsWordHad) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    v1::WordRange range;
    range.set_feature("channel");
    for (const v1::Feature& feature : model->schema().features()) {
      if (feature.name() == "channel") range.set_word(feature.vocabulary(0));
    }
    range.set_min(10);
    range.set_max(250);
    *model->mutable_schema()->mutable_features(0)->add_word_ranges() = range;
    return grpc::Status::OK;
  };
  server.on_predict = [](grpc::ServerContext*, const v1::PredictRequest&, v1::PredictResponse* response) {
    v1::Warning& warning = *response->add_warnings();
    warning.set_kind(v1::WARNING_KIND_VALUE_OUT_OF_WORD_RANGE);
    warning.set_feature("spend");
    return grpc::Status::OK;
  };
  server.Start();
  v1::Model model = FakeServer::SmallModel();
  std::string word;
  for (const v1::Feature& feature : model.schema().features()) {
    if (feature.name() == "channel") word = feature.vocabulary(0);
  }
  EXPECT_THAT(Roicast({"predict", "spend=300", "channel=" + word, "-s", server.target()}).output,
              HasSubstr("  warning: spend=300 is outside of what campaigns with channel=" + word +
                        " had in training, 10 to 250\n"));
  const nlohmann::json answer = nlohmann::json::parse(
      Roicast({"predict", "--json", "spend=300", "channel=" + word, "-s", server.target()}).output);
  EXPECT_EQ(answer["warnings"][0]["kind"], "value_out_of_word_range");
  EXPECT_EQ(answer["warnings"][0]["of"]["word"], word);
  EXPECT_EQ(answer["warnings"][0]["seen_max"], 250);
}

TEST(PredictCommand, PredictNamesWhatIsWrongWithTheInput) {
  FakeServer server;
  server.Start();
  const auto predict = [&](const std::string& cell) { return Roicast({"predict", cell, "-s", server.target()}); };
  EXPECT_EQ(predict("spendd=1").exit_code, 5);
  EXPECT_THAT(predict("spendd=1").errors, HasSubstr("no feature \"spendd\"; did you mean \"spend\"?"));
  EXPECT_THAT(predict("spend=much").errors, HasSubstr("\"spend\": expected a number, got \"much\""));
  EXPECT_THAT(predict("spend").errors, HasSubstr("expected name=value, got \"spend\""));
  EXPECT_THAT(predict("{\"spend\": [1]}").errors, HasSubstr("JSON: \"spend\": expected a number or a string"));
  // The last value was taken.
  EXPECT_THAT(predict("[{\"spend\": 1}, {\"spend\": 1, \"spend\": 2}]").errors,
              HasSubstr("JSON: \"spend\" is given twice"));
  EXPECT_THAT(predict("{spend").errors, HasSubstr("got an error at byte 2 of 6"));
  EXPECT_THAT(predict("{\"spend\": 1").errors, HasSubstr("got an unexpected end"));
  EXPECT_THAT(predict("{\"spend\": 1e400}").errors,
              HasSubstr("JSON: expected numbers up to 1.8e308 in size, got '1e400'"));
  EXPECT_EQ(Roicast({"predict", "-f", "/", "-s", server.target()}).errors,
            "roicast: /: expected a file, got a directory\n");
  EXPECT_EQ(Roicast({"predict", "[{\"spend\": 1}, {\"spend\": \"x\"}]", "-s", server.target()}).errors,
            "roicast: campaign 2: \"spend\": expected a number, got \"x\"\n");
}

TEST(PredictCommand, PredictTakesAListOfCampaigns) {
  FakeServer server;
  server.on_batch = [](grpc::ServerContext*, const v1::BatchPredictRequest& request,
                       v1::BatchPredictResponse* response) {
    EXPECT_EQ(request.model().version(), 3);
    for (const v1::Row& row : request.rows().rows()) {
      EXPECT_EQ(row.values(0).name(), "spend");
      response->add_roi(static_cast<float>(row.values(0).number()));
    }
    return grpc::Status::OK;
  };
  server.Start();
  const std::string first = "{\"spend\": 5, \"channel\": \"search\"}", second = "{\"spend\": 2}";
  for (const std::vector<std::string>& campaigns :
       {std::vector<std::string>{"[" + first + "," + second + "]"}, std::vector<std::string>{first, second}}) {
    std::vector<std::string> arguments = {"predict", "--json", "-s", server.target()};
    arguments.insert(arguments.end(), campaigns.begin(), campaigns.end());
    const ProcessResult result = Roicast(arguments);
    ASSERT_EQ(result.exit_code, 0) << result.errors;
    const nlohmann::json answers = nlohmann::json::parse(result.output);
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0]["roi"], 5);
    EXPECT_EQ(answers[1]["roi"], 2);
  }
}

// predict asked for the schema, got that of the newest version, and predicted with it by its number.
TEST(PredictCommand, AModelThatDoesNotServeDoesNotPredict) {
  FakeServer server;
  server.on_get_model = [](const v1::GetModelRequest&, v1::Model* model) {
    *model = FakeServer::SmallModel();
    model->set_name("noise");
    model->set_version(1);
    model->set_not_serving("no better than a constant");
    return grpc::Status::OK;
  };
  server.Start();
  const ProcessResult refused = Roicast({"predict", "--model", "noise", "spend=5", "-s", server.target()});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_EQ(refused.errors,
            "roicast: no version of model \"noise\" is ready: version 1 is stored but does not serve: no better than a "
            "constant\n");
  const ProcessResult named =
      Roicast({"predict", "--model", "noise", "--version", "1", "spend=5", "-s", server.target()});
  EXPECT_EQ(named.exit_code, 0) << named.errors;
}

}  // namespace
}  // namespace roicast::client
