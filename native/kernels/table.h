// Fills in the kernel table for the instruction set that this file is compiled for.
#ifndef MNIST_NATIVE_KERNELS_TABLE_H_
#define MNIST_NATIVE_KERNELS_TABLE_H_

#include "kernels/dropout.h"
#include "kernels/elementwise_loops.h"
#include "kernels/gemm.h"
#include "kernels/gemm_dots.h"
#include "kernels/gemm_pack.h"
#include "kernels/ink_lists.h"
#include "kernels/kernels.h"
#include "kernels/losses.h"
#include "kernels/normalization.h"
#include "kernels/peak.h"
#include "kernels/rows.h"
#include "kernels/softmax.h"
#include "kernels/updates.h"

namespace mnist {
namespace KERNEL_ISA {

template <typename T>
constexpr Kernels<T> kernel_table() {
  return {
      /*.lanes =*/kLanes<T>,
      /*.gemm_pack_b =*/gemm_pack_b_kernel<T>,
      /*.gemm_pack_a =*/gemm_pack_a_kernel<T>,
      /*.gemm_block =*/gemm_block_kernel<T>,
      /*.gemm_dots =*/gemm_dots_kernel<T>,
#define ENTRY(name, js_name) /*.name =*/ name##_kernel<T>,
      MNIST_UNARY_OPERATIONS(ENTRY) MNIST_BINARY_OPERATIONS(ENTRY)
#undef ENTRY
      /*.loss =*/loss_kernel<T>,
      /*.dropout =*/dropout_kernel<T>,
      /*.normalize_batch =*/normalize_batch_kernel<T>,
      /*.normalize_batch_backward =*/normalize_batch_backward_kernel<T>,
      /*.scale_columns =*/scale_columns_kernel<T>,
      /*.gather_rows =*/gather_rows_kernel<T>,
      /*.column_sums =*/column_sums_kernel<T>,
      /*.argmax_rows =*/argmax_rows_kernel<T>,
      /*.softmax =*/softmax_kernel<T>,
      /*.panel_units =*/kPanelUnitVectors * kLanes<T>,
      /*.ink_list =*/ink_list_kernel,
      /*.ink_base =*/ink_base_kernel<T>,
      /*.ink_sums =*/ink_sums_kernel<T>,
      /*.ink_finish =*/ink_finish_kernel<T>,
      /*.ink_sort =*/ink_sort_kernel<T>,
      /*.ink_pack_delta =*/ink_pack_delta_kernel<T>,
      /*.ink_gradient =*/ink_gradient_kernel<T>,
      /*.count_ink =*/count_ink_kernel,
      /*.sgd_update =*/sgd_update_kernel<T>,
      /*.update =*/update_kernel<T>,
      /*.add_penalty =*/add_penalty_kernel<T>,
      /*.sum_of_squares =*/sum_of_squares_kernel<T>,
      /*.limit_norms =*/limit_norms_kernel<T>,
      /*.peak =*/peak_kernel<T>,
  };
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_TABLE_H_
