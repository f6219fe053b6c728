#include "bench/row_forms.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "bench/campaign_artifact.h"
#include "bench/rpc_load.h"

namespace roicast::bench {
namespace {

// Calls/s of a form as a share of the campaign's.
constexpr double kTarget = 0.97;

v1::Row NamedRow(const Schema& schema, const std::vector<float>& raw) {
  v1::Row row;
  for (size_t i = 0; i < raw.size(); ++i) {
    const Feature& feature = schema.features[i];
    v1::NamedValue& value = *row.add_values();
    value.set_name(feature.name);
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        value.set_number(raw[i]);
        break;
      case FeatureKind::kCategorical:
        value.set_word(feature.vocabulary[static_cast<size_t>(raw[i])]);
        break;
      case FeatureKind::kTime:
        value.mutable_time()->set_seconds(static_cast<int64_t>(raw[i]) * 3600);
        break;
    }
  }
  return row;
}

// All forms have to give the same answer before their speed means anything.
void CheckSameAnswers(const std::vector<RowForm>& forms, LoadClient& client) {
  std::string first;
  for (const RowForm& form : forms) {
    grpc::ByteBuffer answer;
    const grpc::Status status =
        client.Call("/roicast.v1.PredictionService/Predict", BytesOf(form.request.SerializeAsString()), &answer);
    if (!status.ok()) {
      std::fprintf(stderr, "%s: %s\n", form.name.c_str(), status.error_message().c_str());
      std::exit(1);
    }
    if (first.empty()) first = StringOf(answer);
    ROICAST_CHECK(StringOf(answer) == first);
  }
}

double Rate(LoadClient& client, const LoadOptions& load, bool stream) {
  const LoadResult result = stream ? client.RunStream(load) : client.RunUnary(load);
  if (result.errors > 0) {
    std::fprintf(stderr, "%lld errors, first: %s\n", static_cast<long long>(result.errors), result.first_error.c_str());
    std::exit(1);
  }
  return result.calls_per_second;
}

std::string Request(const RowForm& form, bool stream) {
  if (!stream) return form.request.SerializeAsString();
  v1::StreamPredictRequest item;
  *item.mutable_predict() = form.request;
  return item.SerializeAsString();
}

}  // namespace

std::vector<RowForm> MakeRowForms(const Schema& schema) {
  const std::vector<float> raw = MakeCampaignRows(schema, 1, 7);
  std::vector<RowForm> forms(3);
  forms[0].name = "campaign";
  *forms[0].request.mutable_campaign() = ToCampaign(schema, raw.data());
  forms[1].name = "named values";
  *forms[1].request.mutable_row() = NamedRow(schema, raw);
  forms[2].name = "dense row";
  forms[2].request.mutable_dense_row()->mutable_values()->Add(raw.begin(), raw.end());
  forms[2].request.mutable_dense_row()->set_schema_digest(schema.Digest());
  return forms;
}

void CompareRowForms(const RowFormsSettings& settings, const Schema& schema, Report* report) {
  const std::vector<RowForm> forms = MakeRowForms(schema);
  for (const bool stream : {false, true}) {
    for (const auto& [in_flight, channels] : {std::pair(1, 1), {16, 1}, {64, 4}}) {
      LoadClient client(settings.server, channels);
      CheckSameAnswers(forms, client);
      std::vector<std::vector<double>> rates(forms.size());
      std::vector<std::vector<double>> ratios(forms.size());
      for (int round = 0; round < settings.rounds; ++round) {
        std::vector<double> now(forms.size());
        for (size_t turn = 0; turn < forms.size(); ++turn) {
          const size_t form = (turn + static_cast<size_t>(round)) % forms.size();
          LoadOptions load;
          load.method =
              stream ? "/roicast.v1.PredictionService/StreamPredict" : "/roicast.v1.PredictionService/Predict";
          load.request = BytesOf(Request(forms[form], stream));
          load.in_flight = in_flight;
          load.channels = channels;
          load.seconds = settings.seconds;
          now[form] = Rate(client, load, stream);
        }
        for (size_t form = 0; form < forms.size(); ++form) {
          rates[form].push_back(now[form]);
          ratios[form].push_back(now[form] / now[0]);
        }
      }
      for (size_t form = 1; form < forms.size(); ++form) {
        report->Add({.name = "rpc_row",
                     .test_case = absl::StrCat(forms[form].name, ", ", in_flight, " in flight, ", channels,
                                               stream ? " streams" : " channels"),
                     .value = Median(rates[form]),
                     .unit = stream ? "items/s" : "calls/s",
                     .peer = "campaign",
                     .peer_value = Median(rates[0]),
                     .ratio = Median(ratios[form]),
                     .target_ratio = kTarget});
      }
    }
  }
}

}  // namespace roicast::bench
