#include "model/training/capacity/symmetric_eigen.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <vector>

#include "base/random.h"
#include "tests/testing/stop_after.h"

namespace roicast {
namespace {

// xᵀ x of so many random rows: singular with fewer than n.
Eigen::MatrixXd RandomMoments(Eigen::Index n, Eigen::Index rows, double scale, uint64_t seed) {
  Random random(seed);
  Eigen::MatrixXd x(rows, n);
  for (double& value : x.reshaped()) value = scale * random.Normal();
  return x.transpose() * x;
}

void ExpectEigensNumbers(const Eigen::MatrixXd& matrix) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(matrix);
  const auto eigen = DecomposeSymmetric(matrix, nullptr);
  ASSERT_TRUE(eigen.ok()) << eigen.status();
  EXPECT_TRUE(eigen->values == solver.eigenvalues()) << matrix.rows() << " rows";
  EXPECT_TRUE(eigen->vectors == solver.eigenvectors()) << matrix.rows() << " rows";
}

TEST(DecomposeSymmetric, GivesTheNumbersOfEigenToTheBit) {
  for (const Eigen::Index n : {1, 2, 3, 4, 7, 16, 33, 150}) {
    ExpectEigensNumbers(RandomMoments(n, 2 * n, 1.0, 1));
    ExpectEigensNumbers(RandomMoments(n, n / 2 + 1, 1e-3, 2));
    ExpectEigensNumbers(RandomMoments(n, 2 * n, 1e120, 3));
    ExpectEigensNumbers(RandomMoments(n, 2 * n, 1e-120, 4));
    ExpectEigensNumbers(Eigen::MatrixXd::Zero(n, n));
    ExpectEigensNumbers(Eigen::MatrixXd::Identity(n, n));
    ExpectEigensNumbers(Eigen::MatrixXd::Constant(n, n, -2.0));
    ExpectEigensNumbers(Eigen::VectorXd::LinSpaced(n, 3.0, -1.0).asDiagonal());
  }
}

TEST(DecomposeSymmetric, RebuildsTheMatrix) {
  const Eigen::MatrixXd matrix = RandomMoments(40, 60, 1.0, 5);
  const auto eigen = DecomposeSymmetric(matrix, nullptr);
  ASSERT_TRUE(eigen.ok()) << eigen.status();
  EXPECT_LT((eigen->vectors * eigen->values.asDiagonal() * eigen->vectors.transpose() - matrix).norm(),
            1e-12 * matrix.norm());
  EXPECT_LT((eigen->vectors.transpose() * eigen->vectors - Eigen::MatrixXd::Identity(40, 40)).norm(), 1e-12);
}

TEST(DecomposeSymmetric, IsStopped) {
  const Eigen::MatrixXd matrix = RandomMoments(50, 80, 1.0, 6);
  testing::ExpectStopsWhereItAsks([&](const StopCheck& stop) { return DecomposeSymmetric(matrix, stop).status(); },
                                  150);
}

}  // namespace
}  // namespace roicast
