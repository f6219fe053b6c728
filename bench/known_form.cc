#include "bench/known_form.h"

#include <Eigen/Dense>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

namespace roicast::bench {
namespace {

constexpr int kIterations = 30;
// Keeps sums of indicators apart that say the same.
constexpr double kRidge = 1e-3;
constexpr double kFirstH = 0.1;

void AddIndicators(size_t is, size_t count, double value, std::vector<double>& terms) {
  for (size_t i = 0; i < count; ++i) terms.push_back(i == is ? value : 0.0);
}

void AddSeason(double month, size_t is, size_t count, std::vector<double>& terms) {
  const double angle = 2.0 * std::numbers::pi * month / 12.0;
  AddIndicators(is, count, std::cos(angle), terms);
  AddIndicators(is, count, std::sin(angle), terms);
}

}  // namespace

KnownTerms TermsOf(const client::GeneratedCampaign& c) {
  KnownTerms known;
  std::vector<double>& terms = known.terms;
  const size_t categories = client::kProductCategories.size();
  AddIndicators(c.channel * categories + c.product_category, client::kChannels.size() * categories, 1.0, terms);
  AddIndicators(c.region, client::kRegions.size(), 1.0, terms);
  const auto day = std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds(c.start_time)});
  const bool weekend = std::chrono::weekday(day).iso_encoding() >= 6;
  const auto month = static_cast<unsigned>(std::chrono::year_month_day(day).month());
  AddSeason(month, c.product_category, categories, terms);
  AddIndicators(2 * c.device + (weekend ? 1 : 0), 2 * client::kDevices.size(), 1.0, terms);
  terms.push_back(std::log(c.add_to_cart_rate));
  terms.push_back(std::tanh((std::log(c.avg_session_seconds / 160.0) + std::log(c.page_views_per_user / 4.0)) / 1.2));
  terms.push_back(std::log1p(c.purchases_per_user_90d) * std::exp(-c.days_since_last_purchase / 60.0));
  terms.push_back(c.avg_user_rating);
  const double price = std::log(c.price);
  terms.push_back(price * price);
  AddIndicators(c.product_category, categories, price, terms);
  terms.push_back(std::tanh((c.product_rating - 4.0) / 0.5) * (1.0 - std::exp(-c.review_count / 250.0)));
  terms.push_back(std::log1p(c.units_sold_30d / 800.0));
  terms.push_back(std::log1p(-c.discount_rate));
  AddIndicators(c.product_category, categories, c.discount_rate * (1.0 - c.discount_rate), terms);
  terms.push_back(c.gross_margin_rate);
  known.group = static_cast<int>(c.channel);
  known.capacity = c.audience_size * std::sqrt(c.duration_days / 30.0);
  known.spend = c.spend;
  return known;
}

KnownTerms TermsOf(const WorldCampaign& campaign) {
  KnownTerms known;
  AddIndicators(static_cast<size_t>(campaign.channel), 4, 1.0, known.terms);
  AddIndicators(static_cast<size_t>(campaign.region), 3, 1.0, known.terms);
  AddSeason(campaign.month, 0, 1, known.terms);
  known.terms.push_back(std::log(campaign.spend));
  known.spend = campaign.spend;
  return known;
}

KnownForm::KnownForm(const std::vector<KnownTerms>& campaigns, const std::vector<double>& log_one_plus_roi, int groups)
    : coefficients_(campaigns.front().terms.size(), 0.0), log_h_(static_cast<size_t>(groups), std::log(kFirstH)) {
  const auto n = static_cast<Eigen::Index>(campaigns.size());
  const auto linear = static_cast<Eigen::Index>(coefficients_.size()), all = linear + groups;
  Eigen::MatrixXd jacobian = Eigen::MatrixXd::Zero(n, all);
  Eigen::VectorXd residual(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const KnownTerms& campaign = campaigns[static_cast<size_t>(i)];
    for (Eigen::Index t = 0; t < linear; ++t) jacobian(i, t) = campaign.terms[static_cast<size_t>(t)];
  }
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    for (Eigen::Index i = 0; i < n; ++i) {
      const KnownTerms& campaign = campaigns[static_cast<size_t>(i)];
      residual(i) = log_one_plus_roi[static_cast<size_t>(i)] - Log(campaign);
      if (campaign.group < 0) continue;
      const double capacity = std::exp(log_h_[static_cast<size_t>(campaign.group)]) * campaign.capacity;
      jacobian(i, linear + campaign.group) = campaign.spend / (capacity + campaign.spend);
    }
    Eigen::MatrixXd normal = jacobian.transpose() * jacobian;
    normal.diagonal().array() += kRidge;
    const Eigen::VectorXd step = normal.ldlt().solve(jacobian.transpose() * residual);
    for (Eigen::Index t = 0; t < linear; ++t) coefficients_[static_cast<size_t>(t)] += step(t);
    for (Eigen::Index g = 0; g < groups; ++g) log_h_[static_cast<size_t>(g)] += std::clamp(step(linear + g), -1.0, 1.0);
    if (groups == 0 || step.cwiseAbs().maxCoeff() < 1e-9) break;
  }
  double squares = 0.0;
  for (size_t i = 0; i < campaigns.size(); ++i) {
    const double error = log_one_plus_roi[i] - Log(campaigns[i]);
    squares += error * error;
  }
  log_mean_noise_ = 0.5 * squares / std::max(1.0, static_cast<double>(n - all));
}

double KnownForm::Log(const KnownTerms& campaign) const {
  double log = 0.0;
  for (size_t t = 0; t < coefficients_.size(); ++t) log += coefficients_[t] * campaign.terms[t];
  if (campaign.group < 0) return log;
  const double capacity = std::exp(log_h_[static_cast<size_t>(campaign.group)]) * campaign.capacity;
  return log - std::log1p(campaign.spend / capacity);
}

double KnownForm::ExpectedRoi(const KnownTerms& campaign) const { return std::expm1(Log(campaign) + log_mean_noise_); }

}  // namespace roicast::bench
