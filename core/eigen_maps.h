#pragma once

// Private to eigen_*.cpp: the views of the contract as Eigen sees them.

// A train step does not allocate. Matrix products copy panels of their operands, to the stack up to this many bytes each and
// to the heap beyond: room for kSlice by kSlice doubles (eigen_layers.cpp), padded.
#define EIGEN_STACK_ALLOCATION_LIMIT 655360
#include <Eigen/Core>

#include "matrix.h"

namespace handgrad::inline HANDGRAD_PRECISION {

using EigenRowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using EigenVector = Eigen::Matrix<Real, 1, Eigen::Dynamic>;
using EigenArray = Eigen::Array<Real, 1, Eigen::Dynamic>;

inline Eigen::Map<EigenRowMajor> map(Matrix m) { return {m.data, m.rows, m.cols}; }
inline Eigen::Map<const EigenRowMajor> map(ConstMatrix m) { return {m.data, m.rows, m.cols}; }
inline Eigen::Map<EigenVector> map(Vector v) { return {v.data(), static_cast<Eigen::Index>(v.size())}; }
inline Eigen::Map<const EigenVector> map(ConstVector v) { return {v.data(), static_cast<Eigen::Index>(v.size())}; }
inline Eigen::Map<EigenArray> array(Vector v) { return {v.data(), static_cast<Eigen::Index>(v.size())}; }
inline Eigen::Map<const EigenArray> array(ConstVector v) { return {v.data(), static_cast<Eigen::Index>(v.size())}; }
inline Eigen::Map<EigenArray> array(Matrix m) { return {m.data, m.size()}; }
inline Eigen::Map<const EigenArray> array(ConstMatrix m) { return {m.data, m.size()}; }

}  // namespace handgrad::inline HANDGRAD_PRECISION
