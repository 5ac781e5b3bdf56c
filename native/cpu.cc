#include "cpu.h"

#include <stdexcept>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace mnist {

#if defined(__x86_64__)
namespace {

struct Registers {
  unsigned eax, ebx, ecx, edx;
};

Registers cpuid(unsigned leaf, unsigned subleaf) {
  Registers r = {};
  __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
  return r;
}

// Which register states the operating system saves (XCR0); a feature that is not saved must not be used.
unsigned saved_states() {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

bool has_bits(unsigned value, unsigned bits) { return (value & bits) == bits; }

constexpr unsigned kSseAndAvxState = 0x6;
constexpr unsigned kAvx512State = 0xe6;

bool has_avx2_and_fma() {
  Registers leaf1 = cpuid(1, 0);
  if (!has_bits(leaf1.ecx, bit_OSXSAVE | bit_AVX | bit_FMA)) return false;
  return has_bits(saved_states(), kSseAndAvxState) && has_bits(cpuid(7, 0).ebx, bit_AVX2);
}

bool has_avx512() {
  return has_avx2_and_fma() && has_bits(saved_states(), kAvx512State) &&
         has_bits(cpuid(7, 0).ebx, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL);
}

}  // namespace
#endif

std::vector<const KernelSet*> runnable_kernel_sets() {
#if defined(__x86_64__)
  std::vector<const KernelSet*> sets = {&kBaselineKernels};
  if (has_avx2_and_fma()) sets.push_back(&kAvx2Kernels);
  if (has_avx512()) sets.push_back(&kAvx512Kernels);
  return sets;
#elif defined(__aarch64__)
  return {&kNeonKernels};
#else
  return {&kBaselineKernels};
#endif
}

const KernelSet& select_kernel_set(const std::string& name) {
  std::vector<const KernelSet*> sets = runnable_kernel_sets();
  if (name.empty()) return *sets.back();
  std::string names;
  for (const KernelSet* set : sets) {
    if (name == set->name) return *set;
    names += (names.empty() ? "" : ", ") + std::string(set->name);
  }
  throw std::runtime_error("MNIST_NATIVE_CPU names the kernel set \"" + name +
                           "\", which this machine cannot run; it can run: " + names + ".");
}

}  // namespace mnist
