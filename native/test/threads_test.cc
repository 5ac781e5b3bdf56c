// The number of threads never changes a bit of any result.
#include <doctest/doctest.h>

#include <thread>

#include "dropout_operations.h"
#include "image_layer.h"
#include "loss_operations.h"
#include "normalization_operations.h"
#include "operations.h"
#include "test/gemm_problem.h"

namespace mnist {
namespace {

const std::vector<int> kThreadCounts = {2, 3, 5};

// Calls compute(threads), which returns a result, for several thread counts and compares with that of one
// thread.
template <typename Compute>
void require_same_for_all_thread_counts(const Compute& compute) {
  const auto alone = compute(1);
  for (int threads : kThreadCounts) {
    CAPTURE(threads);
    forget_contention();
    REQUIRE(same_bits(compute(threads), alone));
  }
}

template <typename Body>
void for_each_set(const Body& body) {
  for (const KernelSet* set : kernel_sets_under_test()) {
    CAPTURE(name_of(*set));
    body(*set);
  }
}

template <typename T>
GemmProblem<T> random_problem(GemmShape shape, const GemmOptions& options, uint64_t seed) {
  Random random(seed);
  return GemmProblem<T>(shape, options, [&] { return static_cast<T>(random.uniform(-1, 1)); });
}

}  // namespace

TEST_CASE_TEMPLATE("gemm gives the same bits on every number of threads", T, float, double) {
  // Large enough for a second thread; tall, wide and deep; widths that leave part of a vector.
  const GemmShape shapes[] = {{100, 30, 784},  {9, 50, 784},   {30, 784, 100}, {784, 30, 100},
                              {257, 50, 300},  {1, 2049, 300}, {2049, 1, 300}, {3, 5, 9000},
                              {10, 2050, 265}, {131, 129, 67}, {2, 2, 30000}};
  Random random(18);
  int64_t index = 0;
  for (const GemmShape& shape : shapes) {
    for (int transposes = 0; transposes < 4; ++transposes) {
      if (index++ % std::min<int64_t>(kThinning, 3) != 0) continue;
      GemmOptions options;
      options.transpose_a = transposes & 1;
      options.transpose_b = transposes & 2;
      options.bias = random.integer(0, 1);
      options.activation = random.integer(0, 1) ? Activation::kSigmoid : Activation::kIdentity;
      options.alpha = 0.7;
      options.beta = random.one_of<double>({0, 0.3});
      options.padding_b = random.one_of<int64_t>({0, 0, 14});
      CAPTURE(shape.m);
      CAPTURE(shape.n);
      CAPTURE(shape.k);
      CAPTURE(transposes);
      GemmProblem<T> problem = random_problem<T>(shape, options, 19);
      for_each_set([&](const KernelSet& set) {
        require_same_for_all_thread_counts([&](int threads) {
          REQUIRE(problem.run(set, threads));
          return problem.result();
        });
      });
    }
  }
}

TEST_CASE_TEMPLATE("element-wise operations give the same bits on every number of threads", T, float,
                   double) {
  Random random(20);
  for (int64_t size : {int64_t{32 * 1024}, int64_t{100'003}, int64_t{200'001}}) {
    CAPTURE(size);
    const std::vector<T> x = random_values<T>(random, size, -30, 30),
                         a = random_values<T>(random, size, 0, 1);
    for_each_set([&](const KernelSet& set) {
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<T> out(size);
        sigmoid<T>(Device{set, threads}, size, x.data(), out.data());
        REQUIRE(out.intact());
        return out.values();
      });
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<T> out(size);
        sigmoid_backward<T>(Device{set, threads}, size, x.data(), a.data(), out.data());
        REQUIRE(out.intact());
        return out.values();
      });
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<T> parameter(x);
        sgd_update<T>(Device{set, threads}, size, static_cast<T>(0.1), a.data(), parameter.data());
        REQUIRE(parameter.intact());
        return parameter.values();
      });
    });
  }
}

TEST_CASE_TEMPLATE("operations on rows give the same bits on every number of threads", T, float, double) {
  struct Size {
    int64_t rows, columns;
  };
  Random random(21);
  for (Size size : {Size{10'007, 10}, {200, 785}, {3, 40'001}, {70'001, 1}}) {
    const int64_t rows = size.rows, columns = size.columns;
    CAPTURE(rows);
    CAPTURE(columns);
    const std::vector<T> x = random_values<T>(random, rows * columns, 0, 1);
    std::vector<uint8_t> labels(static_cast<size_t>(rows)), images(static_cast<size_t>(rows * columns));
    for (uint8_t& label : labels)
      label = static_cast<uint8_t>(random.integer(0, std::min<int64_t>(columns, 256) - 1));
    for (uint8_t& byte : images) byte = static_cast<uint8_t>(random.bits() >> 56);
    std::vector<int32_t> order(static_cast<size_t>(rows));
    for (int32_t& row : order) row = static_cast<int32_t>(random.integer(0, rows - 1));

    for_each_set([&](const KernelSet& set) {
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<T> out(columns);
        column_sums<T>(Device{set, threads}, rows, columns, x.data(), static_cast<T>(0.1), out.data());
        REQUIRE(out.intact());
        return out.values();
      });
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<int32_t> out(rows);
        argmax_rows<T>(Device{set, threads}, rows, columns, x.data(), out.data());
        REQUIRE(out.intact());
        return out.values();
      });
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<T> out(rows * columns);
        gather_rows<T>(Device{set, threads}, rows, columns, images.data(), order.data(), T{2} / 255, -1,
                       out.data());
        REQUIRE(out.intact());
        return out.values();
      });
      for (LossKind kind : {LossKind::kSquaredErrorOfSigmoid, LossKind::kBinaryCrossEntropy}) {
        require_same_for_all_thread_counts([&](int threads) {
          Guarded<T> delta(rows * columns);
          const LossSums sums =
              loss<T>(Device{set, threads}, {kind, rows, columns, x.data(), x.data(), labels.data(), nullptr,
                                             nullptr, nullptr, 0, 1, 0.1, delta.data()});
          REQUIRE(delta.intact());
          std::vector<double> all(delta.begin(), delta.end());
          all.insert(all.end(), {sums.loss, sums.correct, sums.weight});
          return all;
        });
      }
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<T> out(rows * columns);
        dropout<T>(Device{set, threads}, {0.3, 1, 2, 3}, rows * columns, x.data(), out.data());
        REQUIRE(out.intact());
        return out.values();
      });
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<T> out(rows * columns);
        copy_rows<T>(Device{set, threads}, rows, columns, x.data(), order.data(), out.data());
        scale_columns<T>(Device{set, threads}, rows, columns, out.data(), x.data(), x.data(), out.data());
        REQUIRE(out.intact());
        return out.values();
      });
      require_same_for_all_thread_counts([&](int threads) {
        const BatchColumns<T> batch = {rows, columns, x.data(), x.data()};
        Guarded<T> out(rows * columns), gradient(rows * columns), mean(columns), inverse(columns);
        std::vector<T> running(x.begin(), x.begin() + columns), variance = running;
        const Device device{set, threads};
        normalize_batch<T>(device, {batch, x.data(), mean.data(), inverse.data(), running.data(),
                                    variance.data(), out.data(), 1e-5, 0.1});
        normalize_batch_backward<T>(device, {batch, out.data(), mean.data(), inverse.data(), running.data(),
                                             variance.data(), gradient.data()});
        REQUIRE((out.intact() && gradient.intact() && mean.intact() && inverse.intact()));
        std::vector<T> all = out.values();
        for (const std::vector<T>& more :
             {gradient.values(), mean.values(), inverse.values(), running, variance})
          all.insert(all.end(), more.begin(), more.end());
        return all;
      });
    });
  }
}

TEST_CASE("operations called from several threads at once do not disturb each other") {
  constexpr int kCallers = 4, kRounds = 10;
  for_each_set([&](const KernelSet& set) {
    std::vector<char> same(kCallers, 0);  // not bool: its elements share a byte
    std::vector<std::thread> callers;
    for (int caller = 0; caller < kCallers; ++caller) {
      callers.emplace_back([&, caller] {
        GemmOptions options;
        options.transpose_b = caller % 2;
        GemmProblem<float> problem = random_problem<float>({150, 140 + caller, 300}, options, 22 + caller);
        problem.run(set, 1);
        const std::vector<float> alone = problem.result();
        bool all_same = true;
        for (int round = 0; round < kRounds; ++round) {
          all_same = problem.run(set, 2) && same_bits(problem.result(), alone) && all_same;
        }
        same[static_cast<size_t>(caller)] = all_same;
      });
    }
    for (std::thread& caller : callers) caller.join();
    CHECK(std::count(same.begin(), same.end(), 1) == kCallers);
  });
}

#ifdef _OPENMP
TEST_CASE("operations leave the OpenMP settings of the process alone") {
  const int before = omp_get_max_threads(), dynamic = omp_get_dynamic();
  GemmProblem<float> problem = random_problem<float>({200, 100, 100}, {}, 30);
  problem.run(*kernel_sets_under_test().front(), before + 3);
  CHECK(omp_get_max_threads() == before);
  CHECK(omp_get_dynamic() == dynamic);
}
#endif

}  // namespace mnist
