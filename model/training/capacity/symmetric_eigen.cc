#include "model/training/capacity/symmetric_eigen.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr Eigen::Index kMostStepsPerRow = 30;

// Q T Qᵀ with a tridiagonal, symmetric T.
struct Tridiagonal {
  Eigen::VectorXd diagonal, below;
  Eigen::MatrixXd q;
};

// Algorithm 8.3.1 on the lower triangle. Leaves T on the matrix's diagonal and the one below, the vectors of the
// reflectors under these; returns their factors.
absl::StatusOr<Eigen::VectorXd> Reflect(Eigen::MatrixXd& matrix, const StopCheck& stop) {
  const Eigen::Index n = matrix.rows();
  Eigen::VectorXd factors(n - 1);
  for (Eigen::Index i = 0; i + 1 < n; ++i) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const Eigen::Index left = n - i - 1;
    auto v = matrix.col(i).tail(left);
    auto rest = matrix.bottomRightCorner(left, left);
    // Until it is one, a factor's place is part of what follows it.
    auto p = factors.tail(left);
    double factor = 0.0, beta = 0.0;
    v.makeHouseholderInPlace(factor, beta);
    v[0] = 1.0;
    p.noalias() = rest.selfadjointView<Eigen::Lower>() * (factor * v);
    p += (factor * -0.5 * p.dot(v)) * v;
    rest.selfadjointView<Eigen::Lower>().rankUpdate(v, p, -1.0);
    v[0] = beta;
    factors[i] = factor;
  }
  return factors;
}

// Of a symmetric matrix, whose lower triangle is given above zeroes.
absl::StatusOr<Tridiagonal> MakeTridiagonal(Eigen::MatrixXd matrix, const StopCheck& stop) {
  const Eigen::Index n = matrix.rows();
  ROICAST_ASSIGN_OR_RETURN(const Eigen::VectorXd factors, Reflect(matrix, stop));
  Tridiagonal made;
  made.diagonal = matrix.diagonal();
  made.below = matrix.diagonal<-1>();
  made.q = std::move(matrix);
  made.q.diagonal().setOnes();
  made.q.triangularView<Eigen::StrictlyUpper>().setZero();
  Eigen::VectorXd workspace(n);
  for (Eigen::Index k = n - 2; k >= 0; --k) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const Eigen::Index left = n - k - 1;
    // Left of the corner.
    const auto reflector = made.q.col(k).tail(left - 1);
    made.q.bottomRightCorner(left, left).applyHouseholderOnTheLeft(reflector, factors[k], workspace.data());
    made.q.col(k).tail(left).setZero();
  }
  return made;
}

// The eigenvalue of the last two rows that is nearer to the last, without overflow and underflow.
double WilkinsonShift(double above, double below, double last) {
  const double half = (above - last) * 0.5;
  if (half == 0.0) return last - std::abs(below);
  if (below == 0.0) return last;
  const double square = below * below, hypotenuse = Eigen::numext::hypot(half, below);
  const double far = half + (half > 0.0 ? hypotenuse : -hypotenuse);
  return square == 0.0 ? last - below / (far / below) : last - square / far;
}

// Algorithm 8.3.2 on rows start to end, where nothing below the diagonal is 0.
void TakeQrStep(Eigen::Index start, Eigen::Index end, Tridiagonal& t) {
  Eigen::VectorXd& diagonal = t.diagonal;
  Eigen::VectorXd& below = t.below;
  double x = diagonal[start] - WilkinsonShift(diagonal[end - 1], below[end - 1], diagonal[end]);
  double z = below[start];
  for (Eigen::Index k = start; k < end && z != 0.0; ++k) {
    Eigen::JacobiRotation<double> rotation;
    rotation.makeGivens(x, z);
    const double c = rotation.c(), s = rotation.s();
    const double sdk = s * diagonal[k] + c * below[k];
    const double dkp1 = s * below[k] + c * diagonal[k + 1];
    diagonal[k] = c * (c * diagonal[k] - s * below[k]) - s * (c * below[k] - s * diagonal[k + 1]);
    diagonal[k + 1] = s * sdk + c * dkp1;
    below[k] = c * sdk - s * dkp1;
    if (k > start) below[k - 1] = c * below[k - 1] - s * z;
    x = below[k];
    if (k < end - 1) {
      z = -s * below[k + 1];
      below[k + 1] = c * below[k + 1];
    }
    t.q.applyOnTheRight(k, k + 1, rotation);
  }
}

void DropNegligible(Eigen::Index start, Eigen::Index end, Tridiagonal& t) {
  constexpr double kPrecision = 1.0 / std::numeric_limits<double>::epsilon();
  for (Eigen::Index i = start; i < end; ++i) {
    const double scaled = kPrecision * t.below[i];
    const double around = std::abs(t.diagonal[i]) + std::abs(t.diagonal[i + 1]);
    const bool tiny = std::abs(t.below[i]) < std::numeric_limits<double>::min();
    if (tiny || scaled * scaled <= around) t.below[i] = 0.0;
  }
}

void SortAscending(Tridiagonal& t) {
  const Eigen::Index n = t.diagonal.size();
  for (Eigen::Index i = 0; i + 1 < n; ++i) {
    Eigen::Index least = 0;
    t.diagonal.segment(i, n - i).minCoeff(&least);
    if (least == 0) continue;
    std::swap(t.diagonal[i], t.diagonal[i + least]);
    t.q.col(i).swap(t.q.col(i + least));
  }
}

// Algorithm 8.3.3.
absl::Status Diagonalise(const StopCheck& stop, Tridiagonal& t) {
  const Eigen::Index n = t.diagonal.size();
  Eigen::Index start = 0, end = n - 1;
  for (Eigen::Index step = 0; end > 0; ++step) {
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    DropNegligible(start, end, t);
    while (end > 0 && t.below[end - 1] == 0.0) --end;
    if (end <= 0) break;
    if (step >= kMostStepsPerRow * n) return absl::OkStatus();
    start = end - 1;
    while (start > 0 && t.below[start - 1] != 0.0) --start;
    TakeQrStep(start, end, t);
  }
  SortAscending(t);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SymmetricEigen> DecomposeSymmetric(const Eigen::MatrixXd& matrix, const StopCheck& stop) {
  ROICAST_CHECK(matrix.rows() == matrix.cols() && matrix.rows() >= 1);
  // Scaled to at most 1, against overflow and underflow.
  Eigen::MatrixXd scaled = matrix.triangularView<Eigen::Lower>();
  const double largest = scaled.cwiseAbs().maxCoeff();
  const double scale = largest == 0.0 ? 1.0 : largest;
  scaled.triangularView<Eigen::Lower>() /= scale;
  ROICAST_ASSIGN_OR_RETURN(Tridiagonal t, MakeTridiagonal(std::move(scaled), stop));
  ROICAST_RETURN_IF_ERROR(Diagonalise(stop, t));
  return SymmetricEigen{t.diagonal * scale, std::move(t.q)};
}

}  // namespace roicast
