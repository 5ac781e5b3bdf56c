// How work is cut for threads and handed to them, and when a team is taken for a waste of time.
#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

#include "image_layer.h"
#include "operations.h"
#include "parallel.h"
#include "test/gemm_problem.h"

namespace mnist {

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
  for (const KernelSet* const each : kernel_sets_under_test()) {
    CAPTURE(name_of(*each));
    const KernelSet& set = *each;
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
  }
}
#endif

}  // namespace mnist
