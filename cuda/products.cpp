#include "products.h"

#include <cassert>

namespace handgrad::cuda {

using Epilogue = ColumnMajorProduct::Epilogue;

ColumnMajorProduct forward_product(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y) {
  const std::int64_t B = X.rows, I = X.cols, O = W.rows;
  assert(W.cols == I && Y.rows == B && Y.cols == O && std::ssize(b) == O);
  // M = O, N = B, K = I:  Yᵀ [O,B] = W [O,I] · Xᵀ [I,B].  W reads as Wᵀ [I,O] and is transposed back; X reads as Xᵀ [I,B].
  // A row of C is an output: one bias each.
  return {.transpose_a = true,
          .transpose_b = false,
          .M = O,
          .N = B,
          .K = I,
          .A = W.data,
          .lda = I,
          .B = X.data,
          .ldb = I,
          .C = Y.data,
          .ldc = O,
          .epilogue = f == Activation::relu ? Epilogue::relu_bias : Epilogue::bias,
          .bias = b.data()};
}

ColumnMajorProduct input_gradient_product(ConstMatrix dZ, ConstMatrix W, Matrix dX) {
  const std::int64_t B = dZ.rows, O = dZ.cols, I = W.cols;
  assert(W.rows == O && dX.rows == B && dX.cols == I);
  // M = I, N = B, K = O:  dXᵀ [I,B] = Wᵀ [I,O] · dZᵀ [O,B].  W reads as Wᵀ [I,O] and dZ as dZᵀ [O,B], just as they are wanted.
  return {.transpose_a = false,
          .transpose_b = false,
          .M = I,
          .N = B,
          .K = O,
          .A = W.data,
          .lda = I,
          .B = dZ.data,
          .ldb = O,
          .C = dX.data,
          .ldc = I};
}

ColumnMajorProduct weight_gradient_product(ConstMatrix dZ, ConstMatrix X, Matrix dW, Vector db) {
  const std::int64_t B = dZ.rows, O = dZ.cols, I = X.cols;
  assert(X.rows == B && dW.rows == O && dW.cols == I && (db.empty() || std::ssize(db) == O));
  // M = I, N = O, K = B:  dWᵀ [I,O] = Xᵀ [I,B] · dZ [B,O].  X reads as Xᵀ [I,B]; dZ reads as dZᵀ [O,B] and is transposed back.
  // A column of C is an output, and summing op(B) = dZ over K is summing over the batch.
  return {.transpose_a = false,
          .transpose_b = true,
          .M = I,
          .N = O,
          .K = B,
          .A = X.data,
          .lda = I,
          .B = dZ.data,
          .ldb = O,
          .C = dW.data,
          .ldc = I,
          .epilogue = db.empty() ? Epilogue::none : Epilogue::bias_gradient,
          .bias_gradient = db.empty() ? nullptr : db.data()};
}

}  // namespace handgrad::cuda
