#pragma once

#include "../core/backend.h"
#include "column_major_product.h"

namespace handgrad::cuda {

/// The three products of a linear layer, from the contract's row-major matrices to the column-major ones of cuBLAS.
///
/// Nothing is moved for it: a row-major [r,c] matrix, whose rows follow each other, is a column-major [c,r] matrix, whose
/// columns follow each other, with c elements from one column to the next. So what lies in memory as X reads as Xᵀ, and a
/// product P = L R of ours is computed as Pᵀ = Rᵀ Lᵀ: the right operand comes first, and a factor is transposed by cuBLAS
/// where ours was not transposed the other way about.
///
///   ours                          theirs: C [M,N] = op(A) [M,K] · op(B) [K,N]       M  N  K    A   lda        B   ldb        ldc
///   Y  [B,O] = X [B,I] · Wᵀ       Yᵀ  [O,B] = W [O,I] · Xᵀ [I,B]                    O  B  I    W   I  trans.  X   I  as is   O
///   dX [B,I] = dZ [B,O] · W       dXᵀ [I,B] = Wᵀ [I,O] · dZᵀ [O,B]                  I  B  O    W   I  as is   dZ  O  as is   I
///   dW [O,I] = dZᵀ · X [B,I]      dWᵀ [I,O] = Xᵀ [I,B] · dZ [B,O]                   I  O  B    X   I  as is   dZ  O  trans.  I

/// Y = f(X Wᵀ + b). ReLU and the bias are done with the product; tanh is left to do.
ColumnMajorProduct forward_product(ConstMatrix X, ConstMatrix W, ConstVector b, Activation f, Matrix Y);

/// dX = dZ W.
ColumnMajorProduct input_gradient_product(ConstMatrix dZ, ConstMatrix W, Matrix dX);

/// dW = dZᵀ X, and with it db = Σ_B dZ, unless db is empty.
ColumnMajorProduct weight_gradient_product(ConstMatrix dZ, ConstMatrix X, Matrix dW, Vector db);

}  // namespace handgrad::cuda
