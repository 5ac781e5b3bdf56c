// The kernels in the shape of AVX-512 (512-bit vectors, 32 registers), compiled without its instructions: the
// compiler lowers each vector to several narrower ones. Slow, but the tile shapes, strips and partial stores
// are those of AVX-512, and so they are tested on every machine.
#define KERNEL_ISA wide
#define KERNEL_VECTOR_BYTES 64
#define KERNEL_REGISTERS 32
#include "kernels/table.h"
#include "test/exp_kernels.cc"
#include "test/support.h"

namespace mnist {

const KernelSet kWideKernels = {"wide", "512-bit vectors, lowered to what the compiler was allowed to use",
                                wide::kernel_table<float>(), wide::kernel_table<double>()};

}  // namespace mnist
