// Fills in the kernel table for the instruction set that this file is compiled for.
#ifndef MNIST_NATIVE_KERNELS_TABLE_H_
#define MNIST_NATIVE_KERNELS_TABLE_H_

#include "kernels/activations.h"
#include "kernels/gemm.h"
#include "kernels/gemm_dots.h"
#include "kernels/gemm_pack.h"
#include "kernels/ink_lists.h"
#include "kernels/kernels.h"
#include "kernels/losses.h"
#include "kernels/optimizers.h"
#include "kernels/peak.h"
#include "kernels/rows.h"

namespace mnist {
namespace KERNEL_ISA {

#define UNARY(name, js_name)                                                                        \
  template <typename T>                                                                             \
  inline void name##_kernel(int64_t size, const T* x, T* out) {                                     \
    for_each_vector<T>(                                                                             \
        size, [=](int64_t i) { store(out + i, name<T>(load(x + i))); },                             \
        [=](int64_t i, int64_t n) { store_partial(out + i, name<T>(load_partial(x + i, n)), n); }); \
  }
#define BINARY(name, js_name)                                                                 \
  template <typename T>                                                                       \
  inline void name##_kernel(int64_t size, const T* a, const T* b, T* out) {                   \
    for_each_vector<T>(                                                                       \
        size, [=](int64_t i) { store(out + i, name<T>(load(a + i), load(b + i))); },          \
        [=](int64_t i, int64_t n) {                                                           \
          store_partial(out + i, name<T>(load_partial(a + i, n), load_partial(b + i, n)), n); \
        });                                                                                   \
  }
MNIST_UNARY_OPERATIONS(UNARY)
MNIST_BINARY_OPERATIONS(BINARY)
#undef UNARY
#undef BINARY

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
      /*.output_delta =*/output_delta_kernel<T>,
      /*.gather_rows =*/gather_rows_kernel<T>,
      /*.column_sums =*/column_sums_kernel<T>,
      /*.argmax_rows =*/argmax_rows_kernel<T>,
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
      /*.peak =*/peak_kernel<T>,
  };
}

}  // namespace KERNEL_ISA
}  // namespace mnist

#endif  // MNIST_NATIVE_KERNELS_TABLE_H_
