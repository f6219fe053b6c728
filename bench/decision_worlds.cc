#include "bench/decision_worlds.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "bench/known_form.h"
#include "bench/worlds.h"
#include "client/generator/campaign_csv.h"
#include "client/generator/campaign_generator.h"
#include "client/generator/ground_truth.h"
#include "model/decision/budget_optimizer.h"
#include "model/decision/split_search.h"
#include "model/training/train_model.h"

namespace roicast::bench {
namespace {

constexpr double kLevel = 0.9;
constexpr int kTrueLevels = 400;

struct DecisionWorld {
  std::string name;
  TargetSpec target;
  std::string training_csv, campaigns_csv;
  std::vector<double> present;
  // What is expected of a campaign with another spend.
  std::function<double(size_t campaign, double spend)> expected_roi;
  // The same by a fit that knows the form of the law, to the same past campaigns.
  std::function<double(size_t campaign, double spend)> fitted_roi;
  double noise = 0.0;  // of log(1 + ROI)
  bool wide = false;   // anything that training saw
};

DecisionWorld MakeGenerated(int number, int campaigns, int rows, double noise) {
  DecisionWorld world;
  client::GeneratorOptions generator_options;
  generator_options.seed = 5'000 + static_cast<uint64_t>(number);
  generator_options.noise = noise;
  auto generator = client::CampaignGenerator::Create(generator_options);
  world.target = {"", "revenue", "spend"};
  client::AppendCampaignHeader(false, &world.training_csv);
  std::vector<KnownTerms> past;
  std::vector<double> log_returns;
  for (int i = 0; i < rows; ++i) {
    const client::GeneratedCampaign campaign = generator->Next();
    client::AppendCampaignRow(campaign, false, &world.training_csv);
    if (campaign.revenue <= 0.0) continue;
    past.push_back(TermsOf(campaign));
    log_returns.push_back(std::log(campaign.revenue / campaign.spend));
  }
  const KnownForm form(past, log_returns, static_cast<int>(client::kChannels.size()));
  std::vector<client::GeneratedCampaign> fresh;
  client::AppendCampaignHeader(false, &world.campaigns_csv);
  for (int i = 0; i < campaigns; ++i) {
    fresh.push_back(generator->Next());
    client::AppendCampaignRow(fresh.back(), false, &world.campaigns_csv);
    world.present.push_back(fresh.back().spend);
  }
  world.expected_roi = [fresh](size_t campaign, double spend) {
    client::GeneratedCampaign changed = fresh[campaign];
    changed.spend = spend;
    return client::ExpectedRoi(changed);
  };
  world.fitted_roi = [fresh, form](size_t campaign, double spend) {
    client::GeneratedCampaign changed = fresh[campaign];
    changed.spend = spend;
    return form.ExpectedRoi(TermsOf(changed));
  };
  world.noise = noise;
  world.name = absl::StrCat("generated, ", rows, " rows, noise ", noise);
  return world;
}

DecisionWorld MakeSimple(int number, int campaigns, int rows, double noise) {
  DecisionWorld world;
  WorldOptions options;
  options.seed = 5'000 + static_cast<uint64_t>(number);
  options.rows = rows;
  options.columns = 6;
  options.noise = noise;
  world.target.column = "roi";
  const World past = MakeWorld(options);
  world.training_csv = past.csv;
  std::vector<KnownTerms> terms;
  std::vector<double> log_returns;
  for (size_t i = 0; i < past.campaigns.size(); ++i) {
    terms.push_back(TermsOf(past.campaigns[i]));
    log_returns.push_back(std::log1p(past.roi[i]));
  }
  const KnownForm form(terms, log_returns, 0);
  world.campaigns_csv = "channel,region,spend,start,x5,x6\n";
  Random random(options.seed + 100'000);
  std::vector<WorldCampaign> fresh;
  for (int i = 0; i < campaigns; ++i) {
    fresh.push_back(DrawCampaign(random));
    absl::StrAppend(&world.campaigns_csv, fresh.back().Csv(), ",", random.Normal(), ",", random.Normal(), "\n");
    world.present.push_back(fresh.back().spend);
  }
  world.expected_roi = [fresh, options](size_t campaign, double spend) {
    WorldCampaign changed = fresh[campaign];
    changed.spend = spend;
    return ExpectedRoi(changed, options);
  };
  world.fitted_roi = [fresh, form](size_t campaign, double spend) {
    WorldCampaign changed = fresh[campaign];
    changed.spend = spend;
    return form.ExpectedRoi(TermsOf(changed));
  };
  world.noise = noise;
  world.name = absl::StrCat("world, ", rows, " rows, noise ", noise);
  return world;
}

DecisionWorld MakeDecisionWorld(int number, int campaigns, int rows) {
  const bool few = number / 2 % 2 == 0, quiet = number / 4 % 2 == 0;
  const bool generated = number % 2 == 0;
  if (rows == 0) rows = !few ? 3'000 : generated ? 1'000 : 600;
  DecisionWorld world = generated ? MakeGenerated(number, campaigns, rows, quiet ? 0.1 : 0.4)
                                  : MakeSimple(number, campaigns, rows, quiet ? 0.4 : 0.8);
  world.wide = number / 8 % 2 == 1;
  return world;
}

absl::StatusOr<Artifact> TrainOrLoad(const DecisionWorld& world, int number, const DecisionWorldsOptions& options) {
  const std::string& cache = options.cache;
  const std::string of_rows =
      absl::StrCat(options.rows > 0 ? absl::StrCat("-", options.rows) : "", options.accurate ? "-accurate" : "");
  const std::string path = cache.empty() ? "" : absl::StrCat(cache, "/", number, of_rows, ".roicast");
  if (std::ifstream file(path, std::ios::binary); !path.empty() && file) {
    return ParseArtifact(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  ROICAST_ASSIGN_OR_RETURN(const CsvTable data, ReadCsvText(world.training_csv, {}));
  TrainingSpec spec = SpecFromPreset(options.accurate ? Preset::kAccurate : Preset::kCompact);
  spec.target = world.target;
  ROICAST_ASSIGN_OR_RETURN(Artifact artifact, TrainModel(data, spec, {}));
  if (!path.empty()) std::ofstream(path, std::ios::binary) << SerializeArtifact(artifact);
  return artifact;
}

// The true profit of the best split by some curves, on a fine grid of the same limits.
absl::StatusOr<double> TrueProfitBy(const std::function<double(size_t campaign, double spend)>& roi,
                                    const DecisionWorld& world, const BudgetProblem& problem, const Feature& spend) {
  SearchProblem search;
  search.budget = std::llround(*problem.budget * 100.0);
  for (size_t c = 0; c < world.present.size(); ++c) {
    SearchCampaign& campaign = search.campaigns.emplace_back();
    const double min = problem.campaigns[c].min.value_or(std::max(0.0, spend.seen_min));
    const double max = std::min(problem.campaigns[c].max.value_or(spend.seen_max), *problem.budget);
    if (!problem.campaigns[c].min.has_value()) {
      campaign.spend.push_back(0);
      campaign.value.push_back(0.0);
    }
    for (int i = 0; i < kTrueLevels; ++i) {
      const double amount = min + (max - min) * std::pow(static_cast<double>(i) / (kTrueLevels - 1), 2.0);
      const int64_t units = std::llround(amount * 100.0);
      if (!campaign.spend.empty() && units <= campaign.spend.back()) continue;
      campaign.spend.push_back(units);
      campaign.value.push_back(roi(c, amount) * amount);
    }
  }
  ROICAST_ASSIGN_OR_RETURN(const SearchResult best, SearchSplit(search, {}));
  if (!best.found) return absl::InternalError("no best split");
  double profit = 0.0;
  for (size_t c = 0; c < world.present.size(); ++c) {
    const double amount = static_cast<double>(search.campaigns[c].spend[static_cast<size_t>(best.level[c])]) / 100.0;
    if (amount > 0.0) profit += world.expected_roi(c, amount) * amount;
  }
  return profit;
}

struct WorldResult {
  std::string name;
  double best = 0.0;      // true profit of the best split there is
  double known = 0.0;     // of the best one by the fit that knows the form
  double truth = 0.0;     // true profit of the model's split
  double present = 0.0;   // of the present one
  double comes_in = 0.0;  // with luck
  double revenue = 0.0;   // true
  Promise promise;
};

absl::StatusOr<WorldResult> MeasureOne(const DecisionWorldsOptions& options, int number) {
  const DecisionWorld world = MakeDecisionWorld(number, options.campaigns, options.rows);
  ROICAST_ASSIGN_OR_RETURN(const Artifact artifact, TrainOrLoad(world, number, options));
  ROICAST_ASSIGN_OR_RETURN(const std::unique_ptr<const Predictor> predictor, Predictor::Compile(artifact));
  const Uncertainty uncertainty(artifact);
  const DecisionFacts facts = DecisionFactsOf(artifact);
  const DecisionModel model = {predictor.get(), &uncertainty, &facts};

  BudgetProblem problem;
  ROICAST_ASSIGN_OR_RETURN(const CsvTable campaigns, ReadCsvText(world.campaigns_csv, {}));
  const RowMajorMatrix rows = ToRawRows(campaigns.table, artifact.schema);
  problem.rows.assign(rows.data(), rows.data() + rows.size());
  double budget = 0.0;
  for (const double spend : world.present) {
    budget += spend;
    BudgetCampaign& campaign = problem.campaigns.emplace_back();
    if (world.wide) continue;
    campaign.min = std::ceil(25.0 * spend) / 100.0;
    campaign.max = std::floor(400.0 * spend) / 100.0;
  }
  problem.budget = std::floor(100.0 * budget) / 100.0;
  problem.interval_level = kLevel;
  ROICAST_ASSIGN_OR_RETURN(const BudgetAnswer answer, OptimizeBudget(model, problem, {}));
  if (!answer.conflicts.empty()) return absl::InternalError(answer.conflicts.front().message);

  WorldResult result;
  result.name = absl::StrCat(world.name, world.wide ? ", wide" : "");
  const int spend_feature = artifact.schema.IndexOf("spend");
  const Feature& spend = artifact.schema.features[static_cast<size_t>(spend_feature)];
  ROICAST_ASSIGN_OR_RETURN(result.best, TrueProfitBy(world.expected_roi, world, problem, spend));
  ROICAST_ASSIGN_OR_RETURN(result.known, TrueProfitBy(world.fitted_roi, world, problem, spend));
  Random luck(7'000 + static_cast<uint64_t>(number));
  for (size_t c = 0; c < world.present.size(); ++c) {
    const double spent = answer.optimum.campaigns[c].spend;
    result.present += world.expected_roi(c, world.present[c]) * world.present[c];
    const double factor = std::exp(world.noise * luck.Normal() - 0.5 * world.noise * world.noise);
    if (spent == 0.0) continue;
    const double revenue = (1.0 + world.expected_roi(c, spent)) * spent;
    result.revenue += revenue;
    result.truth += revenue - spent;
    result.comes_in += revenue * factor - spent;
  }
  result.promise = answer.optimum.promise;
  if (!options.verbose) return result;
  const Promise& promise = result.promise;
  std::fprintf(stderr,
               "%d %s: spend %.0f best %.0f true %.0f known form %.0f present %.0f promised %.0f corrected %.0f "
               "expected %.0f to %.0f "
               "comes in %.0f of %.0f to %.0f\n",
               number, result.name.c_str(), promise.spend, result.best, result.truth, result.known, result.present,
               promise.profit, promise.corrected_profit, promise.expected_low, promise.expected_high, result.comes_in,
               promise.low, promise.high);
  return result;
}

double Sum(const std::vector<WorldResult>& results, const std::function<double(const WorldResult&)>& of) {
  double sum = 0.0;
  for (const WorldResult& result : results) sum += of(result);
  return sum;
}

// Ratios of profits are of the worlds where the best split has one.
void AddResults(const std::string& which, const std::vector<WorldResult>& results, Report& report) {
  const auto n = static_cast<double>(results.size());
  const auto share = [&](const std::function<bool(const WorldResult&)>& holds) {
    return Sum(results, [&](const WorldResult& r) { return holds(r) ? 1.0 : 0.0; }) / n;
  };
  const auto median = [&](const std::function<double(const WorldResult&)>& of) {
    std::vector<double> values;
    for (const WorldResult& result : results) {
      if (result.best > 0.0) values.push_back(of(result));
    }
    return Median(values);
  };
  const std::string of = absl::StrCat(which, " (", results.size(), ")");
  const double of_best = median([](const WorldResult& r) { return r.truth / r.best; });
  report.Add({"decision", absl::StrCat("true profit, ", of), of_best, "of best", "bar", 0.98, of_best / 0.98});
  const double all_of_best = Sum(results, [](const WorldResult& r) { return r.truth; }) /
                             Sum(results, [](const WorldResult& r) { return r.best; });
  report.Add(
      {"decision", absl::StrCat("true profit of all, ", of), all_of_best, "of best", "bar", 0.98, all_of_best / 0.98});
  const double known = median([](const WorldResult& r) { return r.known / r.best; });
  report.Add(
      {"decision", absl::StrCat("of a fit that knows the form, ", of), known, "of best", "bar", 0.98, known / 0.98});
  const double present = Sum(results, [](const WorldResult& r) { return r.present; }) /
                         Sum(results, [](const WorldResult& r) { return r.best; });
  report.Add({"decision", absl::StrCat("present split's, ", of), present, "of best", "bar", 0.98, present / 0.98});
  const double promised = median([](const WorldResult& r) { return r.promise.profit / r.truth; });
  const double corrected = median([](const WorldResult& r) { return r.promise.corrected_profit / r.truth; });
  report.Add({"decision", absl::StrCat("promise, ", of), corrected, "of truth", "uncorrected", promised, 0.0});
  const double expected = share(
      [](const WorldResult& r) { return r.promise.expected_low <= r.truth && r.truth <= r.promise.expected_high; });
  report.Add({"decision", absl::StrCat("expected profit in interval, ", of), expected, "share", "level", kLevel, 0.0});
  const double below = share([](const WorldResult& r) { return r.truth < r.promise.expected_low; });
  report.Add({"decision", absl::StrCat("below it, ", of), below, "share", "tail", 0.05, 0.0});
  const double comes =
      share([](const WorldResult& r) { return r.promise.low <= r.comes_in && r.comes_in <= r.promise.high; });
  report.Add({"decision", absl::StrCat("profit that comes in, ", of), comes, "share", "level", kLevel, 0.0});
}

}  // namespace

absl::Status MeasureDecisionWorlds(const DecisionWorldsOptions& options, Report& report) {
  std::vector<WorldResult> results, generated, simple, few, many, wide;
  for (int i = options.first; i < options.first + options.worlds; ++i) {
    ROICAST_ASSIGN_OR_RETURN(const WorldResult result, MeasureOne(options, i));
    results.push_back(result);
    (i % 2 == 0 ? generated : simple).push_back(result);
    (i / 2 % 2 == 0 ? few : many).push_back(result);
    if (i / 8 % 2 == 1) wide.push_back(result);
  }
  AddResults("all worlds", results, report);
  for (const auto& [name, part] :
       {std::pair("generator", &generated), std::pair("simple worlds", &simple), std::pair("few rows", &few),
        std::pair("3,000 rows", &many), std::pair("wide limits", &wide)}) {
    if (!part->empty()) AddResults(name, *part, report);
  }
  return absl::OkStatus();
}

}  // namespace roicast::bench
