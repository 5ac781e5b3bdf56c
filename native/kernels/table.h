// Fills in the kernel table for the instruction set that this file is compiled for.
#ifndef MNIST_NATIVE_KERNELS_TABLE_H_
#define MNIST_NATIVE_KERNELS_TABLE_H_

#include "kernels/activations.h"
#include "kernels/gemm.h"
#include "kernels/images.h"
#include "kernels/kernels.h"
#include "kernels/losses.h"
#include "kernels/optimizers.h"
#include "kernels/peak.h"
#include "kernels/rows.h"

namespace mnist {
namespace KERNEL_ISA {

template <typename T>
constexpr Kernels<T> kernel_table() {
  return {
      /*.lanes =*/kLanes<T>,
      /*.gemm_pack_b =*/gemm_pack_b_kernel<T>,
      /*.gemm_pack_a =*/gemm_pack_a_kernel<T>,
      /*.gemm_block =*/gemm_block_kernel<T>,
      /*.sigmoid =*/sigmoid_kernel<T>,
      /*.sigmoid_backward =*/sigmoid_backward_kernel<T>,
      /*.output_delta =*/output_delta_kernel<T>,
      /*.gather_rows =*/gather_rows_kernel<T>,
      /*.column_sums =*/column_sums_kernel<T>,
      /*.argmax_rows =*/argmax_rows_kernel<T>,
      /*.images_pack =*/images_pack_kernel<T>,
      /*.images_forward =*/images_forward_kernel<T>,
      /*.images_pack_delta =*/images_pack_delta_kernel<T>,
      /*.images_gradient =*/images_gradient_kernel<T>,
      /*.count_ink =*/count_ink_kernel,
      /*.sgd_update =*/sgd_update_kernel<T>,
      /*.peak =*/peak_kernel<T>,
  };
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_TABLE_H_
