// The matrix alias used everywhere: row-major, while Eigen's default is column-major.
#pragma once

#include <Eigen/Core>

namespace roicast {

using RowMajorMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace roicast
