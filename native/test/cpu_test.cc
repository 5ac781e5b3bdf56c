// Which kernel sets run on this machine, and the choice among them.
#include <doctest/doctest.h>

#include <stdexcept>

#include "cpu.h"
#include "test/support.h"

namespace mnist {

TEST_CASE("this machine's kernel sets: what is tested, and what cannot be") {
#if defined(__x86_64__)
  const std::vector<std::string> built = {"baseline", "avx2", "avx512"};
#elif defined(__aarch64__)
  const std::vector<std::string> built = {"neon"};
#else
  const std::vector<std::string> built = {"baseline"};
#endif
  std::vector<std::string> runnable;
  for (const KernelSet* set : runnable_kernel_sets()) runnable.push_back(set->name);
  REQUIRE_FALSE(runnable.empty());
  std::vector<std::string> tested;
  for (const KernelSet* set : kernel_sets_under_test()) tested.push_back(set->name);
  const auto contains = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const std::string& name : built) {
    if (contains(tested, name)) {
      MESSAGE("The kernel set ", name, " is tested.");
    } else {
      MESSAGE(
          "The kernel set ", name, " is NOT tested: ",
          std::string(contains(runnable, name) ? "MNIST_NATIVE_CPU names another."
                                               : "this processor or its operating system cannot run it."));
    }
  }
  for (const std::string& name : runnable) CHECK(std::count(built.begin(), built.end(), name) == 1);
}

TEST_CASE("without a name the best kernel set is chosen, and by name any that runs") {
  const std::vector<const KernelSet*> sets = runnable_kernel_sets();
  CHECK(&select_kernel_set("") == sets.back());
  for (const KernelSet* set : sets) CHECK(&select_kernel_set(set->name) == set);
}

TEST_CASE("a kernel set that this machine cannot run is refused by a sentence that names those it can") {
  for (const std::string& name : std::vector<std::string>{"altivec", "AVX2", "avx", " baseline"}) {
    CAPTURE(name);
    std::string message;
    try {
      select_kernel_set(name);
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    CHECK(message.find("\"" + name + "\"") != std::string::npos);
    for (const KernelSet* set : runnable_kernel_sets()) CHECK(message.find(set->name) != std::string::npos);
  }
}

TEST_CASE("a kernel set has a description, and vectors of twice as many floats as doubles") {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    CHECK(set->f32.lanes == 2 * set->f64.lanes);
    CHECK(set->f64.lanes >= 2);
    CHECK(std::string(set->description) != "");
  }
}

}  // namespace mnist
