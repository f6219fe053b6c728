// The kernels, written once for the vectors of model/simd with ROICAST_KERNELS_LANES floats; included by one source per
// instruction set. Everything here has internal linkage, so that no code for a newer machine can stand in for another
// source's.
#include "model/network/kernels/kernels.h"

#define ROICAST_INLINE inline __attribute__((always_inline))

namespace roicast {
namespace {

constexpr int kWidest = ROICAST_KERNELS_LANES;
// The widest vector that divides every count of floats.
constexpr int kAnyCount = kWidest < 8 ? kWidest : 8;

template <int kLanes>
using Vector = simd::Float<kLanes>;

template <int kLanes>
ROICAST_INLINE Vector<kLanes> Load(const float* from) {
  return simd::LoadAligned<kLanes>(from);
}
template <int kLanes>
ROICAST_INLINE void Store(float* to, Vector<kLanes> value) {
  simd::StoreAligned<kLanes>(to, value);
}
template <int kLanes>
ROICAST_INLINE Vector<kLanes> Splat(float value) {
  return simd::Splat<kLanes>(value);
}

// ---- Matrix product -------------------------------------------------------------------------------------------------

// A tile of kRows × (kColumns · kLanes) of c, kept in registers over the whole depth.
template <int kLanes, int kRows, int kColumns>
ROICAST_INLINE void Tile(const float* a, ptrdiff_t a_row, ptrdiff_t a_depth, int depth, const float* b, int n,
                         const float* bias, bool accumulate, float* c) {
  Vector<kLanes> sum[kRows][kColumns];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) {
      sum[i][j] = accumulate        ? Load<kLanes>(c + i * n + j * kLanes)
                  : bias != nullptr ? Load<kLanes>(bias + j * kLanes)
                                    : Vector<kLanes>{};
    }
  }
  for (int p = 0; p < depth; ++p) {
    Vector<kLanes> row[kColumns];
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) row[j] = Load<kLanes>(b + j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      const Vector<kLanes> factor = Splat<kLanes>(a[i * a_row]);
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) sum[i][j] += factor * row[j];
    }
    a += a_depth;
    b += n;
  }
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) Store<kLanes>(c + i * n + j * kLanes, sum[i][j]);
  }
}

// All rows of a panel of kColumns vectors, kRows at a time, then fewer.
template <int kLanes, int kRows, int kColumns>
ROICAST_INLINE void Panel(const float* a, ptrdiff_t a_row, ptrdiff_t a_depth, int rows, int depth, const float* b,
                          int n, const float* bias, bool accumulate, float* c) {
  int i = 0;
  for (; i + kRows <= rows; i += kRows) {
    Tile<kLanes, kRows, kColumns>(a + i * a_row, a_row, a_depth, depth, b, n, bias, accumulate, c + i * n);
  }
  if constexpr (kRows > 1) {
    if (i < rows) {
      Panel<kLanes, kRows / 2, kColumns>(a + i * a_row, a_row, a_depth, rows - i, depth, b, n, bias, accumulate,
                                         c + i * n);
    }
  }
}

template <int kLanes, int kRows, int kColumns>
__attribute__((noinline)) void PanelCall(const float* a, ptrdiff_t a_row, ptrdiff_t a_depth, int rows, int depth,
                                         const float* b, int n, const float* bias, bool accumulate, float* c) {
  Panel<kLanes, kRows, kColumns>(a, a_row, a_depth, rows, depth, b, n, bias, accumulate, c);
}

// Row counts that keep the sums within the 32 (AVX-512) or 16 registers.
constexpr int RowsOfTile(int columns) {
  if (kWidest == 16) return columns == 4 ? 6 : (columns == 3 ? 8 : 12);
  return columns >= 2 ? 6 : 8;
}
constexpr int kMaxColumns = kWidest == 16 ? 4 : 2;

template <int kLanes, int kColumns>
ROICAST_INLINE void Panels(const float* a, ptrdiff_t a_row, ptrdiff_t a_depth, int rows, int depth, const float* b,
                           int n, int from, const float* bias, bool accumulate, float* c) {
  constexpr int kWidth = kLanes * kColumns;
  int j = from;
  for (; j + kWidth <= n; j += kWidth) {
    PanelCall<kLanes, RowsOfTile(kColumns), kColumns>(a, a_row, a_depth, rows, depth, b + j, n,
                                                      bias == nullptr ? nullptr : bias + j, accumulate, c + j);
  }
  if constexpr (kColumns > 1) {
    if (j < n) Panels<kLanes, kColumns - 1>(a, a_row, a_depth, rows, depth, b, n, j, bias, accumulate, c);
  }
}

void Multiply(const float* a, ptrdiff_t a_row, ptrdiff_t a_depth, int rows, int depth, const float* b, int n,
              const float* bias, bool accumulate, float* c) {
  if constexpr (kWidest > 8) {
    if (n == 8) {
      PanelCall<8, RowsOfTile(1), 1>(a, a_row, a_depth, rows, depth, b, n, bias, accumulate, c);
      return;
    }
  }
  Panels<kWidest, kMaxColumns>(a, a_row, a_depth, rows, depth, b, n, 0, bias, accumulate, c);
}

// ---- Activations ----------------------------------------------------------------------------------------------------

// e^x, relative error < 2e-7 for −87 ≤ x ≤ 88, clamped outside; NaN stays NaN. Range reduction by ln 2 and a polynomial
// of degree 6, whose coefficients are Taylor's: |r| ≤ ½ ln 2 leaves a remainder of 1.2e-7 · 2^-0.5.
template <int kLanes>
ROICAST_INLINE Vector<kLanes> Exp(Vector<kLanes> x) {
  using Float = Vector<kLanes>;
  using Int = simd::Int<kLanes>;
  const Float low = Splat<kLanes>(-87.0f), high = Splat<kLanes>(88.0f);
  x = x < low ? low : x;
  x = x > high ? high : x;
  const Float magic = Splat<kLanes>(12582912.0f);  // 1.5 · 2^23: adding it rounds to an integer
  const Float shifted = x * 1.44269504088896341f + magic;
  const Float rounded = shifted - magic;
  const Float r = (x - rounded * 0.693359375f) - rounded * -2.12194440e-4f;
  Float p = Splat<kLanes>(1.0f / 720.0f);
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  const Int exponent = ((Int)shifted - (Int)magic + 127) << 23;
  return p * (Float)exponent;
}

struct IdentityOp {
  template <int kLanes>
  static ROICAST_INLINE void Apply(Vector<kLanes> x, Vector<kLanes>& value, Vector<kLanes>& derivative) {
    value = x;
    derivative = Splat<kLanes>(1.0f);
  }
};

// Not `x > 0 ? x : 0`: NaN must come through, or a diverged network would look healthy.
struct ReluOp {
  template <int kLanes>
  static ROICAST_INLINE void Apply(Vector<kLanes> x, Vector<kLanes>& value, Vector<kLanes>& derivative) {
    const Vector<kLanes> zero{};
    value = x <= zero ? zero : x;
    derivative = x > zero ? Splat<kLanes>(1.0f) : zero;
  }
};

struct LeakyReluOp {
  template <int kLanes>
  static ROICAST_INLINE void Apply(Vector<kLanes> x, Vector<kLanes>& value, Vector<kLanes>& derivative) {
    const Vector<kLanes> zero{}, slope = Splat<kLanes>(0.01f);
    value = x <= zero ? slope * x : x;
    derivative = x > zero ? Splat<kLanes>(1.0f) : slope;
  }
};

template <int kLanes>
ROICAST_INLINE Vector<kLanes> SigmoidOf(Vector<kLanes> x) {
  return 1.0f / (1.0f + Exp<kLanes>(-x));
}

struct SiluOp {
  template <int kLanes>
  static ROICAST_INLINE void Apply(Vector<kLanes> x, Vector<kLanes>& value, Vector<kLanes>& derivative) {
    const Vector<kLanes> s = SigmoidOf<kLanes>(x);
    value = x * s;
    derivative = s + value * (1.0f - s);
  }
};

// ½ (1 + tanh u) = σ(2u).
struct GeluOp {
  template <int kLanes>
  static ROICAST_INLINE void Apply(Vector<kLanes> x, Vector<kLanes>& value, Vector<kLanes>& derivative) {
    constexpr float kTwice = 2.0f * 0.79788456080286535588f;
    const Vector<kLanes> square = x * x;
    const Vector<kLanes> s = SigmoidOf<kLanes>(x * (kTwice * 0.044715f * square + kTwice));
    value = x * s;
    derivative = s + value * (1.0f - s) * (kTwice * 3.0f * 0.044715f * square + kTwice);
  }
};

// tanh(softplus x) = n / (n + 2) with n = e^x (e^x + 2). Beyond 20 it is 1 in float32.
struct MishOp {
  template <int kLanes>
  static ROICAST_INLINE void Apply(Vector<kLanes> x, Vector<kLanes>& value, Vector<kLanes>& derivative) {
    const Vector<kLanes> limit = Splat<kLanes>(20.0f);
    const Vector<kLanes> e = Exp<kLanes>(x > limit ? limit : x);
    const Vector<kLanes> numerator = e * (e + 2.0f);
    const Vector<kLanes> t = numerator / (numerator + 2.0f);
    value = x * t;
    derivative = t + x * (1.0f - t * t) * (e / (1.0f + e));
  }
};

struct TanhOp {
  template <int kLanes>
  static ROICAST_INLINE void Apply(Vector<kLanes> x, Vector<kLanes>& value, Vector<kLanes>& derivative) {
    const Vector<kLanes> e = Exp<kLanes>(2.0f * x);
    value = 1.0f - 2.0f / (e + 1.0f);
    derivative = 1.0f - value * value;
  }
};

template <int kLanes, typename Op>
ROICAST_INLINE void ActivateWith(float* values, float* derivatives, const float* mask, size_t from, size_t to) {
  for (size_t i = from; i + kLanes <= to; i += kLanes) {
    Vector<kLanes> value, derivative;
    Op::template Apply<kLanes>(Load<kLanes>(values + i), value, derivative);
    if (mask != nullptr) {
      const Vector<kLanes> kept = Load<kLanes>(mask + i);
      value *= kept;
      derivative *= kept;
    }
    Store<kLanes>(values + i, value);
    if (derivatives != nullptr) Store<kLanes>(derivatives + i, derivative);
  }
}

template <typename Op>
ROICAST_INLINE void ActivateAll(float* values, float* derivatives, const float* mask, size_t n) {
  const size_t whole = n / kWidest * kWidest;
  ActivateWith<kWidest, Op>(values, derivatives, mask, 0, whole);
  ActivateWith<kAnyCount, Op>(values, derivatives, mask, whole, n);
}

void Activate(Activation activation, float* values, float* derivatives, const float* mask, size_t n) {
  switch (activation) {
    case Activation::kIdentity:
      return ActivateAll<IdentityOp>(values, derivatives, mask, n);
    case Activation::kRelu:
      return ActivateAll<ReluOp>(values, derivatives, mask, n);
    case Activation::kLeakyRelu:
      return ActivateAll<LeakyReluOp>(values, derivatives, mask, n);
    case Activation::kGelu:
      return ActivateAll<GeluOp>(values, derivatives, mask, n);
    case Activation::kSilu:
      return ActivateAll<SiluOp>(values, derivatives, mask, n);
    case Activation::kMish:
      return ActivateAll<MishOp>(values, derivatives, mask, n);
    case Activation::kTanh:
      return ActivateAll<TanhOp>(values, derivatives, mask, n);
  }
}

// ---- The last layer, of one unit, and the loss ----------------------------------------------------------------------

void OutputForward(const float* h, int rows, int n, const float* w, float bias, float* z) {
  for (int i = 0; i < rows; ++i, h += n) {
    Vector<kAnyCount> sum{};
    for (int j = 0; j < n; j += kAnyCount) sum += Load<kAnyCount>(h + j) * Load<kAnyCount>(w + j);
    z[i] = bias + simd::Sum(sum);
  }
}

float OutputBackward(const float* h, int rows, int n, const float* w, const float* dz, const float* derivatives,
                     float* dw, float* dh) {
  for (int j = 0; j < n; j += kAnyCount) {
    const Vector<kAnyCount> weight = Load<kAnyCount>(w + j);
    Vector<kAnyCount> sum = Load<kAnyCount>(dw + j);
    for (int i = 0; i < rows; ++i) {
      const size_t at = static_cast<size_t>(i) * n + j;
      sum += dz[i] * Load<kAnyCount>(h + at);
      if (dh != nullptr) Store<kAnyCount>(dh + at, dz[i] * weight * Load<kAnyCount>(derivatives + at));
    }
    Store<kAnyCount>(dw + j, sum);
  }
  float total = 0.0f;
  for (int i = 0; i < rows; ++i) total += dz[i];
  return total;
}

// ln(1 + u) = 2 atanh(u / (2 + u)) for 0 ≤ u ≤ 1: the series up to t¹³ leaves a remainder below 1e-8.
template <int kLanes>
ROICAST_INLINE Vector<kLanes> Log1pOfShare(Vector<kLanes> u) {
  const Vector<kLanes> t = u / (u + 2.0f), square = t * t;
  Vector<kLanes> p = Splat<kLanes>(2.0f / 13.0f);
  p = p * square + 2.0f / 11.0f;
  p = p * square + 2.0f / 9.0f;
  p = p * square + 2.0f / 7.0f;
  p = p * square + 2.0f / 5.0f;
  p = p * square + 2.0f / 3.0f;
  p = p * square + 2.0f;
  return p * t;
}

double LossOf(const LossArguments& arguments, const float* z, const float* y, const float* weights, size_t n,
              float* dz) {
  constexpr int kLanes = kAnyCount;
  const Vector<kLanes> delta = Splat<kLanes>(arguments.huber_delta);
  double total = 0.0;
  for (size_t i = 0; i < n; i += kLanes) {
    const Vector<kLanes> prediction = Load<kLanes>(z + i), truth = Load<kLanes>(y + i);
    const Vector<kLanes> error = prediction - truth;
    const Vector<kLanes> zero{};
    const Vector<kLanes> size = error < zero ? -error : error;
    const Vector<kLanes> sign = error > zero ? Splat<kLanes>(1.0f) : (error < zero ? Splat<kLanes>(-1.0f) : zero);
    Vector<kLanes> value{}, derivative{};
    switch (arguments.loss) {
      case Loss::kSquared:
        value = error * error;
        derivative = 2.0f * error;
        break;
      case Loss::kAbsolute:
        value = size;
        derivative = sign;
        break;
      case Loss::kHuber:
        value = size > delta ? delta * (size - 0.5f * delta) : 0.5f * error * error;
        derivative = size > delta ? delta * sign : error;
        break;
      case Loss::kLogistic: {
        const Vector<kLanes> distance = prediction < zero ? prediction : -prediction;
        value =
            (prediction > zero ? prediction : zero) + Log1pOfShare<kLanes>(Exp<kLanes>(distance)) - truth * prediction;
        derivative = SigmoidOf<kLanes>(prediction) - truth;
        break;
      }
    }
    const Vector<kLanes> weight = Load<kLanes>(weights + i);
    total += static_cast<double>(simd::Sum(weight * value));
    if (dz != nullptr) Store<kLanes>(dz + i, arguments.scale * weight * derivative);
  }
  return total;
}

// ---- Sums and scalings ----------------------------------------------------------------------------------------------

void ColumnSums(const float* a, int rows, int n, float* sums) {
  for (int j = 0; j < n; j += kAnyCount) {
    Vector<kAnyCount> sum = Load<kAnyCount>(sums + j);
    for (int i = 0; i < rows; ++i) sum += Load<kAnyCount>(a + static_cast<size_t>(i) * n + j);
    Store<kAnyCount>(sums + j, sum);
  }
}

void MultiplyElements(float* values, const float* factors, size_t n) {
  for (size_t i = 0; i < n; i += kAnyCount) {
    Store<kAnyCount>(values + i, Load<kAnyCount>(values + i) * Load<kAnyCount>(factors + i));
  }
}

void Scale(float* values, float factor, size_t n) {
  for (size_t i = 0; i < n; i += kAnyCount) Store<kAnyCount>(values + i, Load<kAnyCount>(values + i) * factor);
}

void Average(float* average, const float* values, float share, size_t n) {
  for (size_t i = 0; i < n; i += kAnyCount) {
    const Vector<kAnyCount> old = Load<kAnyCount>(average + i);
    Store<kAnyCount>(average + i, old + share * (Load<kAnyCount>(values + i) - old));
  }
}

double SquaredNorm(const float* values, size_t n) {
  Vector<kAnyCount> sum{};
  for (size_t i = 0; i < n; i += kAnyCount) sum += Load<kAnyCount>(values + i) * Load<kAnyCount>(values + i);
  return simd::Sum(sum);
}

void Penalize(float* gradient, const float* w, float l1, float l2, size_t n) {
  const Vector<kAnyCount> zero{}, up = Splat<kAnyCount>(l1);
  for (size_t i = 0; i < n; i += kAnyCount) {
    const Vector<kAnyCount> weight = Load<kAnyCount>(w + i);
    const Vector<kAnyCount> sign = weight > zero ? up : (weight < zero ? -up : zero);
    Store<kAnyCount>(gradient + i, Load<kAnyCount>(gradient + i) + sign + l2 * weight);
  }
}

// ---- Updates --------------------------------------------------------------------------------------------------------

template <int kLanes>
ROICAST_INLINE void AdamRange(const AdamCoefficients& k, float* w, float* m, float* v, const float* gradient,
                              size_t from, size_t to) {
  for (size_t i = from; i + kLanes <= to; i += kLanes) {
    const Vector<kLanes> g = Load<kLanes>(gradient + i);
    const Vector<kLanes> first = k.beta1 * Load<kLanes>(m + i) + k.one_minus_beta1 * g;
    const Vector<kLanes> second = k.beta2 * Load<kLanes>(v + i) + k.one_minus_beta2 * (g * g);
    Store<kLanes>(m + i, first);
    Store<kLanes>(v + i, second);
    Store<kLanes>(w + i, Load<kLanes>(w + i) - k.step * first / (simd::Sqrt(second) + k.epsilon));
  }
}

void Adam(const AdamCoefficients& k, float* w, float* m, float* v, const float* gradient, size_t n) {
  const size_t whole = n / kWidest * kWidest;
  AdamRange<kWidest>(k, w, m, v, gradient, 0, whole);
  AdamRange<kAnyCount>(k, w, m, v, gradient, whole, n);
}

void Sgd(float momentum, float rate, float* w, float* velocity, const float* gradient, size_t n) {
  for (size_t i = 0; i < n; i += kAnyCount) {
    const Vector<kAnyCount> moved = momentum * Load<kAnyCount>(velocity + i) + Load<kAnyCount>(gradient + i);
    Store<kAnyCount>(velocity + i, moved);
    Store<kAnyCount>(w + i, Load<kAnyCount>(w + i) - rate * moved);
  }
}

// ---- Random masks and rows ------------------------------------------------------------------------------------------

template <int kLanes>
ROICAST_INLINE void MaskLanes(DropoutState& state, int lane, int32_t threshold, float scale, float* mask, size_t n) {
  using Int = simd::Int<kLanes>;
  typedef uint32_t Word __attribute__((vector_size(kLanes * 4), may_alias));
  const auto load = [&](int word) { return *reinterpret_cast<const Word*>(&state.words[word][lane]); };
  Word s0 = load(0), s1 = load(1), s2 = load(2), s3 = load(3);
  const Int kept = (Int)Splat<kLanes>(scale);
  for (size_t i = 0; i < n; i += 16) {
    const Word sum = s0 + s3;
    const Word result = ((sum << 7) | (sum >> 25)) + s0;
    const Word t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >> 21);
    const Int keeps = (Int)result <= threshold;
    Store<kLanes>(mask + i + lane, (Vector<kLanes>)(keeps & kept));
  }
  const auto store = [&](int word, Word value) { *reinterpret_cast<Word*>(&state.words[word][lane]) = value; };
  store(0, s0), store(1, s1), store(2, s2), store(3, s3);
}

// A word counts as signed: it is at most the threshold with probability keep.
void DropoutMask(DropoutState& state, float keep, float* mask, size_t n) {
  const double threshold = -2147483648.0 + 4294967296.0 * static_cast<double>(keep) - 1.0;
  const int32_t limit = threshold >= 2147483647.0 ? 2147483647 : static_cast<int32_t>(threshold);
  for (int lane = 0; lane < 16; lane += kWidest) MaskLanes<kWidest>(state, lane, limit, 1.0f / keep, mask, n);
}

void Gather(const float* from, const int32_t* rows, int count, int n, float* to) {
  for (int i = 0; i < count; ++i, to += n) {
    const float* row = from + static_cast<size_t>(rows[i]) * n;
    for (int j = 0; j < n; j += kAnyCount) Store<kAnyCount>(to + j, Load<kAnyCount>(row + j));
  }
}

}  // namespace

const Kernels ROICAST_KERNELS = {
    ROICAST_KERNELS_NAME, Multiply, Activate, OutputForward, OutputBackward, LossOf, ColumnSums,
    MultiplyElements,     Scale,    Average,  SquaredNorm,   Penalize,       Adam,   Sgd,
    DropoutMask,          Gather,
};

}  // namespace roicast
