// The number of threads never changes a bit of any result, and the work is cut without gaps.
#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

#include "image_layer.h"
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
      require_same_for_all_thread_counts([&](int threads) {
        Guarded<T> delta(rows * columns);
        const LossSums sums = output_delta<T>(Device{set, threads}, rows, columns, x.data(), labels.data(),
                                              static_cast<T>(0.1), delta.data());
        REQUIRE(delta.intact());
        std::vector<double> all(delta.begin(), delta.end());
        all.insert(all.end(), {sums.squared_error, static_cast<double>(sums.correct)});
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

TEST_CASE("parallel_for visits every element once, and keeps small work on the calling thread") {
  for (int threads : {1, 2, 3, 16}) {
    for (int64_t n : {0, 1, 9, 10, 19, 20, 21, 1000}) {
      CAPTURE(threads);
      CAPTURE(n);
      forget_contention();
      std::vector<int> visits(static_cast<size_t>(n), 0);
      std::vector<std::thread::id> visitors(static_cast<size_t>(n));
      parallel_for(threads, n, 10, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) {
          ++visits[static_cast<size_t>(i)];
          visitors[static_cast<size_t>(i)] = std::this_thread::get_id();
        }
      });
      CHECK(visits == std::vector<int>(static_cast<size_t>(n), 1));
      const size_t different = std::set<std::thread::id>(visitors.begin(), visitors.end()).size();
#ifdef _OPENMP
      const int64_t most = std::min<int64_t>(threads, omp_get_thread_limit());
      if (n > 0) CHECK(different == static_cast<size_t>(std::max<int64_t>(1, std::min(most, n / 10))));
#else
      CHECK(different == (n > 0 ? 1 : 0));
#endif
    }
  }
}

TEST_CASE("a deal hands out every part once") {
  for (int threads : {1, 2, 3, 16}) {
    for (int64_t parts : {0, 1, 2, 3, 100}) {
      CAPTURE(threads);
      CAPTURE(parts);
      forget_contention();
      std::vector<std::atomic<int>> visits(static_cast<size_t>(parts));
      parallel_deal(threads, parts, [&](const auto& next) {
        for (int64_t part; (part = next()) >= 0;) ++visits[static_cast<size_t>(part)];
        CHECK(next() == -1);
      });
      CHECK(std::all_of(visits.begin(), visits.end(), [](int count) { return count == 1; }));
    }
  }
}

TEST_CASE("phases take every part once, and none begins before all of the team have left the one before") {
  constexpr int kPhases = 3;
  for (int threads : {1, 2, 3, 5, 16, 40}) {
    for (int64_t parts : {0, 1, 2, 3, 100}) {
      CAPTURE(threads);
      CAPTURE(parts);
      forget_contention();
      std::vector<std::atomic<int>> visits(static_cast<size_t>(parts)), members(static_cast<size_t>(threads));
      std::atomic<int> entered[kPhases] = {}, early{0}, without_end{0}, strangers{0};
      std::atomic<int64_t> team{0};
      std::vector<std::thread::id> ids(static_cast<size_t>(threads));
      parallel_phases(threads, parts, [&](int64_t rank, int64_t size, const auto& next, const auto& wait) {
        if (rank < 0 || rank >= size || size > threads) {
          ++strangers;
          return;
        }
        team = size;
        ++members[static_cast<size_t>(rank)];
        for (int phase = 0; phase < kPhases; ++phase) {
          // One of them is late, another one in each phase.
          if (rank == phase % size) std::this_thread::sleep_for(std::chrono::microseconds(200));
          if (phase == 0) ids[static_cast<size_t>(rank)] = std::this_thread::get_id();
          ++entered[phase];
          wait();
          early += entered[phase] != size;
          if (phase + 1 < kPhases) early += ids[static_cast<size_t>((rank + 1) % size)] == std::thread::id();
        }
        for (int64_t part; (part = next()) >= 0;) ++visits[static_cast<size_t>(part)];
        without_end += next() != -1;
      });
      CHECK(strangers == 0);
      CHECK(early == 0);
      CHECK(without_end == 0);
      CHECK(std::all_of(visits.begin(), visits.end(), [](int count) { return count == 1; }));
      for (int64_t rank = 0; rank < threads; ++rank)
        CHECK(members[static_cast<size_t>(rank)] == (rank < team));
      const std::set<std::thread::id> different(ids.begin(), ids.begin() + team);
      CHECK(different.size() == static_cast<size_t>(team));
#ifdef _OPENMP
      CHECK(team == std::min(threads, omp_get_thread_limit()));
#else
      CHECK(team == 1);
#endif
    }
  }
}

// One thread, with all of the parts; waiting ends at once.
void check_alone(int threads) {
  const std::thread::id caller = std::this_thread::get_id();
  std::vector<int> visits(5, 0);
  int calls = 0;
  parallel_phases(threads, 5, [&](int64_t rank, int64_t size, const auto& next, const auto& wait) {
    ++calls;
    CHECK(rank == 0);
    CHECK(size == 1);
    CHECK(std::this_thread::get_id() == caller);
    wait();
    for (int64_t part; (part = next()) >= 0;) ++visits[static_cast<size_t>(part)];
    wait();
  });
  CHECK(calls == 1);
  CHECK(visits == std::vector<int>(5, 1));
}

TEST_CASE("phases are the caller's alone where a team would lose time, or is not asked for") {
  forget_contention();
  check_alone(1);
  check_alone(0);
  constexpr int64_t kSecond = 1'000'000'000;
  for (int window = 0; window < 2; ++window) governor.record(kSecond, 100 * kSecond, nanoseconds());
  REQUIRE_FALSE(governor.allows_team(nanoseconds()));
  check_alone(2);
  check_alone(40);
  forget_contention();
}

TEST_CASE("phases within a team wait for their own team, not for the one around it") {
  forget_contention();
  std::atomic<int> visits{0}, calls{0};
  parallel_for(2, 2, 1, [&](int64_t first, int64_t) {
    for (int64_t round = 0; round <= first; ++round) {  // The second thread calls once more than the first.
      ++calls;
      parallel_phases(2, 10, [&](int64_t, int64_t, const auto& next, const auto& wait) {
        wait();
        while (next() >= 0) ++visits;
        wait();
      });
    }
  });
  CHECK(calls > 0);
  CHECK(visits == 10 * calls);
}

TEST_CASE("after a team lost much time, twice, the caller works alone for ten times as long") {
  constexpr int64_t kMillisecond = 1'000'000;
  ContentionGovernor governor;
  int64_t now = 0;
  CHECK(governor.allows_team(now));
  for (int region = 0; region < 100; ++region) {  // each loses less than its own work
    now += 2 * kMillisecond;
    governor.record(kMillisecond * 11 / 10, 2 * kMillisecond, now);
    CHECK(governor.allows_team(now));
  }
  now += kMillisecond;
  governor.record(10'000, 40'000, now);  // a short loss does no harm
  CHECK(governor.allows_team(now));
  CHECK_FALSE(governor.suspects());

  governor = ContentionGovernor();
  now += 100 * kMillisecond;
  governor.record(10 * kMillisecond, 100 * kMillisecond, now);
  CHECK(governor.allows_team(now));
  CHECK(governor.suspects());
  now += 100 * kMillisecond;
  governor.record(10 * kMillisecond, 100 * kMillisecond, now);
  CHECK_FALSE(governor.allows_team(now));
  CHECK_FALSE(governor.suspects());
  CHECK_FALSE(governor.allows_team(now + 900 * kMillisecond - 1));
  CHECK(governor.allows_team(now + 900 * kMillisecond));
}

TEST_CASE("a suspicion ends where threads were on their processors all the time") {
  constexpr int64_t kMillisecond = 1'000'000;
  ContentionGovernor governor;
  int64_t now = 0;
  for (int window = 0; window < 10; ++window) {
    now += 100 * kMillisecond;
    governor.record(0, 100 * kMillisecond, now);  // One thread had nothing to do,
    CHECK(governor.suspects());
    now += 100 * kMillisecond;
    governor.record(99 * kMillisecond, 100 * kMillisecond, now);  // while another was busy.
    CHECK_FALSE(governor.suspects());
    CHECK(governor.allows_team(now));
  }
}

#ifdef _OPENMP
// Keeps the calling thread on a processor.
void spin(int64_t duration) {
  const int64_t start = processor_nanoseconds();
  while (processor_nanoseconds() - start < duration) {
  }
}

// Whether teams are still allowed after `work` went on for many windows of the governor.
template <typename Work>
bool ends_with_a_team(const Work& work) {
  forget_contention();
  const int64_t start = nanoseconds();
  bool allows = true;
  while (allows && nanoseconds() - start < 60'000'000) {
    work();
    allows = governor.allows_team(nanoseconds());
  }
  return allows;
}

// Whether `work` lets its teams go on where parts of equal weight do. On a busy machine neither may, and
// rightly so.
template <typename Work>
bool keeps_its_team(const Work& work) {
  const auto equal = [] { parallel_for(2, 2, 1, [](int64_t, int64_t) { spin(200'000); }); };
  for (int trial = 0; trial < 8; ++trial) {
    if (ends_with_a_team(work) || !ends_with_a_team(equal)) return true;
  }
  return false;
}

TEST_CASE("unequal parts are not taken for contention") {
  CHECK(keeps_its_team([] {
    parallel_for(2, 2, 1, [](int64_t first, int64_t) {
      if (first == 0) spin(500'000);
    });
  }));
  // One thread has all of a phase to do, while another waits.
  CHECK(keeps_its_team([] {
    parallel_phases(2, 0, [](int64_t rank, int64_t size, const auto&, const auto& wait) {
      if (rank == 0) spin(300'000);
      wait();
      if (rank == size - 1) spin(300'000);
    });
  }));
  for_each_set([](const KernelSet& set) {
    // One row and one vector of columns: there is nothing to share.
    constexpr int64_t kLength = 400'000;
    const int64_t lanes = set.f32.lanes;
    std::vector<float> a(kLength, 1), b(static_cast<size_t>(kLength * lanes), 1),
        c(static_cast<size_t>(lanes));
    CHECK(keeps_its_team([&] {
      gemm<float>(Device{set, 2}, {false, false, 1, lanes, kLength, 1, a.data(), kLength, b.data(), lanes, 0,
                                   c.data(), lanes, nullptr, Activation::kIdentity});
    }));
    // The first half of the images is blank.
    constexpr int64_t kCount = 200, kWidth = 784, kUnits = 50;
    std::vector<uint8_t> images(2 * kWidth, 0);
    std::fill(images.begin() + kWidth + 100, images.begin() + kWidth + 300, uint8_t{9});
    std::vector<int32_t> rows(kCount, 0);
    std::fill(rows.begin() + kCount / 2, rows.end(), 1);
    const ImageMatrix<float> x = {images.data(), rows.data(), kCount, kWidth, 1, 0};
    constexpr int64_t kStride = 64;
    std::vector<float> weight(kStride * kWidth, 1), out(kCount * kUnits);
    CHECK(keeps_its_team([&] {
      image_linear<float>(Device{set, 2}, x, kUnits, weight.data(), kStride, nullptr, Activation::kIdentity,
                          out.data());
      image_gradient<float>(Device{set, 2}, x, kUnits, out.data(), weight.data(), kStride);
    }));
  });
}

TEST_CASE("operations leave the OpenMP settings of the process alone") {
  const int before = omp_get_max_threads(), dynamic = omp_get_dynamic();
  GemmProblem<float> problem = random_problem<float>({200, 100, 100}, {}, 30);
  problem.run(*kernel_sets_under_test().front(), before + 3);
  CHECK(omp_get_max_threads() == before);
  CHECK(omp_get_dynamic() == dynamic);
}
#endif

}  // namespace mnist
