// The eigen decomposition of a symmetric matrix that can be stopped: of 512 rows it takes half a second.
#pragma once

#include <Eigen/Core>

#include "absl/status/statusor.h"
#include "base/stop_check.h"

namespace roicast {

// matrix = vectors · diag(values) · vectorsᵀ.
struct SymmetricEigen {
  Eigen::VectorXd values;   // [n], ascending
  Eigen::MatrixXd vectors;  // [n, n], orthonormal columns
};

// matrix [n, n], n ≥ 1, symmetric and finite. The same numbers as Eigen::SelfAdjointEigenSolver, to the bit:
// Householder's tridiagonal form, then implicit symmetric QR steps with Wilkinson's shift, Golub and Van Loan, Matrix
// Computations (4th ed., 2013), algorithms 8.3.1 to 8.3.3. After 30·n steps, which no such matrix needs, the values and
// vectors are as they are then, in no order. Errors: those of `stop`.
absl::StatusOr<SymmetricEigen> DecomposeSymmetric(const Eigen::MatrixXd& matrix, const StopCheck& stop);

}  // namespace roicast
