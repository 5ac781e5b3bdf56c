// What this processor can do, and the kernel set that follows from it.
#ifndef MNIST_NATIVE_CPU_H_
#define MNIST_NATIVE_CPU_H_

#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace mnist {

// Every kernel set in this build that the processor and the operating system can run, the best one last.
std::vector<const KernelSet*> runnable_kernel_sets();

// The best of them, or the one named by `name` if that is not empty.
// Throws std::runtime_error, in a sentence for the user, where this machine cannot run `name`.
const KernelSet& select_kernel_set(const std::string& name);

}  // namespace mnist

#endif  // MNIST_NATIVE_CPU_H_
