#include "test/support.h"

#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "cpu.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) static_cast<void>(0)
#define ASAN_UNPOISON_MEMORY_REGION(address, size) static_cast<void>(0)
#endif

namespace mnist {
namespace {

// Wider than the widest strip of GEMM, three vectors of 64 bytes.
constexpr int64_t kGuardBytes = 256;
constexpr std::align_val_t kAlignment{64};

bool all_guard(const unsigned char* first, const unsigned char* last) {
  return std::all_of(first, last, [](unsigned char byte) { return byte == 0xff; });
}

// Tests of kernels that this machine cannot run would test nothing: then there is a message, and no test at
// all.
const KernelSet& named_kernel_set(const std::string& name) {
  if (name == kWideKernels.name) return kWideKernels;
  try {
    return select_kernel_set(name);
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::exit(1);
  }
}

}  // namespace

const std::vector<const KernelSet*>& kernel_sets_under_test() {
  static const std::vector<const KernelSet*> sets = [] {
    const char* name = std::getenv("MNIST_NATIVE_CPU");
    if (name && *name) return std::vector<const KernelSet*>{&named_kernel_set(name)};
    std::vector<const KernelSet*> all = runnable_kernel_sets();
    all.push_back(&kWideKernels);
    return all;
  }();
  return sets;
}

GuardedBytes::GuardedBytes(int64_t size, int64_t offset)
    : size_(size), capacity_(size + offset + 2 * kGuardBytes) {
  memory_ = static_cast<unsigned char*>(::operator new(static_cast<size_t>(capacity_), kAlignment));
  memset(memory_, 0xff, static_cast<size_t>(capacity_));
  begin_ = memory_ + kGuardBytes + offset;
  poison_guards();
}

GuardedBytes::~GuardedBytes() {
  ASAN_UNPOISON_MEMORY_REGION(memory_, static_cast<size_t>(capacity_));
  ::operator delete(memory_, kAlignment);
}

bool GuardedBytes::intact() const {
  ASAN_UNPOISON_MEMORY_REGION(memory_, static_cast<size_t>(capacity_));
  bool whole = all_guard(memory_, begin_) && all_guard(end(), memory_ + capacity_);
  poison_guards();
  return whole;
}

void GuardedBytes::poison_guards() const {
  ASAN_POISON_MEMORY_REGION(memory_, static_cast<size_t>(begin_ - memory_));
  ASAN_POISON_MEMORY_REGION(end(), static_cast<size_t>(memory_ + capacity_ - end()));
}

const std::vector<int64_t>& vector_sizes() {
  static const std::vector<int64_t> sizes = [] {
    std::vector<int64_t> all;
    for (int64_t size = 0; size <= 70; ++size) all.push_back(size);
    for (int64_t size : {100, 127, 128, 129, 263, 264, 265, 783, 784, 785}) all.push_back(size);
    return all;
  }();
  return sizes;
}

}  // namespace mnist
