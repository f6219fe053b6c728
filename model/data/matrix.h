// The one matrix alias with its storage order, because Eigen's default is column-major.
#pragma once

#include <Eigen/Core>

namespace roicast {

using RowMajorMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace roicast
