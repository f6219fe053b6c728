// What one observation costs beside prometheus-cpp's own histogram, alone and with threads that share it.
// The figures are in docs/adr/0010-lock-free-histograms.md.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/random.h"
#include "prometheus/histogram.h"
#include "server/telemetry/fast_histogram.h"

namespace roicast {
namespace {

const std::vector<double>& Bounds() {
  static const auto* const bounds = new std::vector<double>{-0.9, -0.75, -0.5, -0.25, -0.1, 0.0,  0.1,  0.25,
                                                            0.5,  1.0,   2.0,  4.0,   8.0,  16.0, 64.0, 256.0};
  return *bounds;
}

const std::vector<float>& Values() {
  static const auto* const values = [] {
    Random random(1);
    auto* made = new std::vector<float>;
    for (int i = 0; i < 10'000; ++i) made->push_back(static_cast<float>(random.Normal()));
    return made;
  }();
  return *values;
}

void BM_Prometheus(benchmark::State& state) {
  static prometheus::Histogram histogram(Bounds());
  size_t i = 0;
  for (auto _ : state) histogram.Observe(Values()[i++ % Values().size()]);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Prometheus)->Threads(1)->Threads(2)->Threads(4)->UseRealTime();

void BM_FastHistogram(benchmark::State& state) {
  static FastHistogram histogram(Bounds());
  size_t i = 0;
  for (auto _ : state) histogram.Observe(Values()[i++ % Values().size()]);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_FastHistogram)->Threads(1)->Threads(2)->Threads(4)->UseRealTime();

void BM_PrometheusTenThousand(benchmark::State& state) {
  static prometheus::Histogram histogram(Bounds());
  for (auto _ : state) {
    for (const float value : Values()) histogram.Observe(value);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(Values().size()));
}
BENCHMARK(BM_PrometheusTenThousand);

void BM_FastHistogramTenThousand(benchmark::State& state) {
  static FastHistogram histogram(Bounds());
  for (auto _ : state) histogram.ObserveMany(Values());
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(Values().size()));
}
BENCHMARK(BM_FastHistogramTenThousand);

}  // namespace
}  // namespace roicast

BENCHMARK_MAIN();
