// log1p, asinh, exp, expm1, tanh, sinh and the activations on vectors of float32, accurate to about 2 ulp.
// Polynomials and argument reduction: Moshier, Cephes Mathematical Library (single precision logf and expf).

constexpr float kLn2High = 0.693359375f;
constexpr float kLn2Low = -2.12194440e-4f;
constexpr float kLn2 = 0.69314718056f;

inline F Abs(F x) { return AsFloat(AsInt(x) & SetI(0x7fffffff)); }
inline F WithSign(F magnitude, F sign) {
  return AsFloat((AsInt(magnitude) & SetI(0x7fffffff)) | (AsInt(sign) & SetI(static_cast<int>(0x80000000u))));
}

// x in [0, 1e38].
inline F Log1p(F x) {
  const F u = Set1(1.0f) + x;
  // 1 + x = 2^k (1 + f), f in [√½ − 1, √2 − 1).
  const I k = (AsInt(u) - SetI(0x3f3504f3)) >> 23;
  const F scale = AsFloat((SetI(127) - k) << 23);
  const F f = Fma(x, scale, scale - Set1(1.0f));  // scaling by a power of two is exact
  F p = Set1(7.0376836292e-2f);
  p = Fma(p, f, Set1(-1.1514610310e-1f));
  p = Fma(p, f, Set1(1.1676998740e-1f));
  p = Fma(p, f, Set1(-1.2420140846e-1f));
  p = Fma(p, f, Set1(1.4249322787e-1f));
  p = Fma(p, f, Set1(-1.6668057665e-1f));
  p = Fma(p, f, Set1(2.0000714765e-1f));
  p = Fma(p, f, Set1(-2.4999993993e-1f));
  p = Fma(p, f, Set1(3.3333331174e-1f));
  const F f2 = f * f;
  const F n = ToFloat(k);
  F y = p * f * f2;
  y = Fma(n, Set1(kLn2Low), y);
  y = Fma(Set1(-0.5f), f2, y);
  return Fma(n, Set1(kLn2High), f + y);
}

// |x| ≤ 1e38.
inline F Asinh(F x) {
  const F a = Abs(x);
  const M big = Less(Set1(1e8f), a);
  const F square = a * a;
  const F small = a + square / (Set1(1.0f) + Sqrt(Set1(1.0f) + square));
  const F y = Log1p(Select(big, a, small)) + Select(big, Set1(kLn2), Set1(0.0f));
  return WithSign(y, x);
}

struct ExpParts {
  F scale;        // 2^n
  F fraction_m1;  // e^r − 1, |r| ≤ ln 2 / 2
};

// x is clamped to [−87, 88].
inline ExpParts SplitExp(F x) {
  x = Min(Max(x, Set1(-87.0f)), Set1(88.0f));
  const I n = Round(x * Set1(1.44269504088896341f));
  const F nf = ToFloat(n);
  F r = Fma(nf, Set1(-kLn2High), x);
  r = Fma(nf, Set1(-kLn2Low), r);
  F p = Set1(1.9875691500e-4f);
  p = Fma(p, r, Set1(1.3981999507e-3f));
  p = Fma(p, r, Set1(8.3334519073e-3f));
  p = Fma(p, r, Set1(4.1665795894e-2f));
  p = Fma(p, r, Set1(1.6666665459e-1f));
  p = Fma(p, r, Set1(5.0000001201e-1f));
  return {AsFloat((n + SetI(127)) << 23), Fma(p, r * r, r)};
}

inline F Exp(F x) {
  const ExpParts e = SplitExp(x);
  return (e.fraction_m1 + Set1(1.0f)) * e.scale;
}

inline F Expm1(F x) {
  const ExpParts e = SplitExp(x);
  return Fma(e.scale, e.fraction_m1, e.scale - Set1(1.0f));
}

inline F Tanh(F x) {
  const F e = Expm1(Min(Abs(x), Set1(10.0f)) * Set1(2.0f));
  return WithSign(e / (e + Set1(2.0f)), x);
}

struct Hyperbolic {
  F sinh, cosh;
};

inline Hyperbolic SinhCosh(F x) {
  const F a = Abs(x);
  const F e = Exp(a);
  const F r = Set1(1.0f) / e;
  const F x2 = x * x;
  // Taylor below 1, where the difference of exponentials would cancel.
  F p = Set1(2.7557319224e-6f);
  p = Fma(p, x2, Set1(1.9841269841e-4f));
  p = Fma(p, x2, Set1(8.3333333333e-3f));
  p = Fma(p, x2, Set1(1.6666666667e-1f));
  const F small = Fma(p, x2 * a, a);
  const F sinh = Select(Less(a, Set1(1.0f)), small, Set1(0.5f) * (e - r));
  return {WithSign(sinh, x), Set1(0.5f) * (e + r)};
}

inline F Activate(Activation activation, F x) {
  switch (activation) {
    case Activation::kIdentity:
      return x;
    case Activation::kRelu:
      return Max(x, Set1(0.0f));
    case Activation::kLeakyRelu:
      return Max(x, Set1(0.01f) * x);
    case Activation::kGelu: {
      // x Φ(x) ≈ x σ(2u), u = √(2/π) (x + 0.044715 x³).
      const F cubic = Fma(Set1(0.044715f) * x * x, x, x);
      return x / (Set1(1.0f) + Exp(cubic * Set1(-1.59576912160573f)));
    }
    case Activation::kSilu:
      return x / (Set1(1.0f) + Exp(Set1(0.0f) - x));
    case Activation::kMish: {
      // tanh(log(1 + w)) = (w² + 2w) / (w² + 2w + 2), w = e^x.
      const F w = Exp(Min(x, Set1(20.0f)));
      const F n = w * (w + Set1(2.0f));
      return x * (n / (n + Set1(2.0f)));
    }
    case Activation::kTanh:
      return Tanh(x);
  }
  return x;
}

inline F Logistic(F x) { return Set1(1.0f) / (Set1(1.0f) + Exp(Set1(0.0f) - x)); }

// From the transformed scale to ROI, without the floor. 80 is kMaxTransformedTarget.
inline F InvertTarget(const CompiledModel& model, F m) {
  switch (model.inverse) {
    case Inverse::kNone:
      return m;
    case Inverse::kAsinh: {
      const F x = Min(Max(Set1(model.mean_slope) * m, Set1(-80.0f)), Set1(80.0f));
      if (model.mean_slope != 1.0f) {
        // Its terms may be almost equal: their sum as below would be a rounding error of far larger numbers.
        return Fma(Set1(model.mean_rise), Exp(x), Set1(-model.mean_fall) * Exp(Set1(0.0f) - x));
      }
      const Hyperbolic h = SinhCosh(x);
      return Fma(Set1(model.smear_cosh), h.sinh, Set1(model.smear_sinh) * h.cosh);
    }
    case Inverse::kLog1p: {
      const F e = Expm1(Min(Max(m, Set1(-80.0f)), Set1(80.0f)));
      return Fma(Set1(model.smear_exp), e, Set1(model.smear_exp - 1.0f));
    }
    case Inverse::kLogistic:
      return Logistic(m);
  }
  return m;
}

inline F ToRoi(const CompiledModel& model, F m) {
  // If an argument is NaN, Max returns the second one.
  return Max(Set1(model.roi_floor), InvertTarget(model, m));
}

// With the probability of another value than `rest`.
inline F ToRoi(const CompiledModel& model, F m, F share) {
  const F rest = Set1(model.rest);
  return Max(Set1(model.roi_floor), Fma(share, InvertTarget(model, m) - rest, rest));
}
