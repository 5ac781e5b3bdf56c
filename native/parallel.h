// Splitting work over threads: the only file that names OpenMP. Without it everything runs on the calling
// thread.
//
// Work is split over elements of the result, never over a summed dimension, so the number of threads does not
// change a single bit of any result.
#ifndef MNIST_NATIVE_PARALLEL_H_
#define MNIST_NATIVE_PARALLEL_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "denormals.h"

#ifdef _OPENMP
#include <omp.h>

#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>
#endif
#ifdef __linux__
#include <dirent.h>
#include <sched.h>

#include <limits>
#include <string>
#endif

namespace mnist {

inline int64_t nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

// Notices when other processes keep our threads from running. Then a team loses whole time slices, for work
// that one thread does in microseconds: one waits in vain for another, or both take turns on one processor.
// After such a loss the caller works alone for ten times as long, so that at most about a tenth of the time
// is lost. Every number of threads gives the same bits, so no result changes. Times are in nanoseconds.
//
// Judged over windows of some milliseconds: a thread that has slept begins on a busy processor, and moves to
// an idle one after a while. A window in which the team waited long for its slowest thread is no more than a
// suspicion, as that thread may have had more to do. In the next one each thread is asked how long it was on
// a processor, which costs a system call; only what exceeds the longest of these times was lost.
class ContentionGovernor {
 public:
  bool allows_team(int64_t now) const { return now >= alone_until_; }

  // Whether `own` of the next regions is to be the longest time that a thread was on a processor, and not the
  // shortest time that one took.
  bool suspects() const { return suspects_; }

  // After a region that took `elapsed` until `now`, and should have taken `own`.
  void record(int64_t own, int64_t elapsed, int64_t now) {
    own_ += own;
    lost_ += elapsed - own;
    if (own_ + lost_ < kWindow) return;
    const bool is_suspicious = lost_ > 2 * own_;
    if (is_suspicious && suspects_) alone_until_ = now + 10 * lost_;
    suspects_ = is_suspicious && !suspects_;
    own_ = lost_ = 0;
  }

 private:
  static constexpr int64_t kWindow = 10'000'000;
  int64_t alone_until_ = 0, own_ = 0, lost_ = 0;
  bool suspects_ = false;
};

inline thread_local ContentionGovernor governor;

#ifdef _OPENMP
// How long the calling thread has been on a processor.
inline int64_t processor_nanoseconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

// How many threads this process has, or -1 where that cannot be told.
inline int threads_of_process() {
#ifdef __linux__
  DIR* const tasks = opendir("/proc/self/task");
  if (!tasks) return -1;
  int count = 0;
  while (const dirent* const entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
#else
  return -1;
#endif
}

// A thread that was joined counts against the limit of threads until the system is done with it: waits, for a
// tenth of a second at most, until there are no more threads than `before`.
inline void wait_for_ended_threads(int before) {
  const int64_t start = nanoseconds();
  while (threads_of_process() > before && nanoseconds() - start < 100'000'000) std::this_thread::yield();
}

// The largest team, of `wanted` threads at most, that this process may have. libgomp ends the process where a
// thread cannot be created, so that before the first team of a size as many threads are started and ended by
// us. The caller is one of the team.
inline int possible_team(int wanted) {
  thread_local int proved = 1, most = INT_MAX;
  // The size of the last team, and the threads of the process without a team.
  thread_local int last = 1, alone = -1;
  wanted = std::min(wanted, most);
  if (wanted <= proved) {
    // libgomp ends threads that a team has no use for; under a limit a larger team waits until they are gone.
    if (most < INT_MAX && wanted > last && alone > 0) wait_for_ended_threads(alone + last - 1);
    last = wanted;
    return wanted;
  }
  std::mutex mutex;
  std::condition_variable ended;
  bool is_over = false;
  const int before = threads_of_process();
  std::vector<std::thread> others;
  try {
    others.reserve(static_cast<size_t>(wanted - 1));
    while (static_cast<int>(others.size()) < wanted - 1) {
      others.emplace_back([&] {
        std::unique_lock<std::mutex> lock(mutex);
        ended.wait(lock, [&] { return is_over; });
      });
    }
    proved = wanted;
  } catch (const std::exception&) {  // no thread, or no memory for one
    most = proved = std::max(proved, static_cast<int>(others.size()) + 1);
  }
  {
    std::lock_guard<std::mutex> lock(mutex);
    is_over = true;
  }
  ended.notify_all();
  for (std::thread& other : others) other.join();
  if (before > 0) wait_for_ended_threads(before);
  alone = before - (last - 1);
  last = std::min(wanted, proved);
  return last;
}

// Runs body(rank, size, wait) on each thread of a team, unless the caller should work alone; says whether it
// did. wait() waits until all of the team have called it. The body may throw std::bad_alloc, which reaches
// the caller, and nothing else; and where it waits, nothing at all.
template <typename Body>
bool run_team(int64_t wanted, const Body& body) {
  if (wanted < 2) return false;
  const int64_t start = nanoseconds();
  if (!governor.allows_team(start)) return false;
  const int threads = possible_team(static_cast<int>(wanted));
  if (threads < 2) return false;
  const bool by_processor = governor.suspects();
  int64_t shortest = INT64_MAX, longest = 0;
  bool lacks_memory = false;
#pragma omp parallel num_threads(threads) reduction(min : shortest) reduction(max : longest) \
    reduction(|| : lacks_memory)
  {
    const FlushDenormals flush;  // as the caller does, see addon.cc
    const auto clock = [&] { return by_processor ? processor_nanoseconds() : nanoseconds(); };
    const int64_t own_start = clock();
    int64_t waited = 0;
    const auto wait = [&] {
      const int64_t wait_start = clock();
#pragma omp barrier
      waited += clock() - wait_start;
    };
    try {
      body(int64_t{omp_get_thread_num()}, int64_t{omp_get_num_threads()}, wait);
    } catch (const std::bad_alloc&) {
      lacks_memory = true;  // An exception that left the region would end the process.
    }
    shortest = longest = clock() - own_start - waited;
  }
  if (lacks_memory) throw std::bad_alloc();
  const int64_t now = nanoseconds(), elapsed = now - start;
  governor.record(std::min(elapsed, by_processor ? longest : shortest), elapsed, now);
  return true;
}
#endif

// Runs body(first, last) over parts of [0, n), one for each thread; a part is at least `grain` long, so that
// a small n stays on this thread. See run_team for what the body may throw.
template <typename Body>
void parallel_for(int threads, int64_t n, int64_t grain, const Body& body) {
#ifdef _OPENMP
  const auto part = [&](int64_t rank, int64_t size, const auto&) {
    const int64_t first = n * rank / size, last = n * (rank + 1) / size;
    if (first < last) body(first, last);
  };
  if (run_team(std::min<int64_t>(threads, n / grain), part)) return;
#else
  (void)threads;
  (void)grain;
#endif
  if (n > 0) body(int64_t{0}, n);
}

// Hands out the parts [0, count), which may weigh unequally. Each thread has a share of its own, the same
// every time, so that its cache knows it, and helps others when it is done.
class Deal {
 public:
  Deal(int64_t count, int64_t size) : count_(count), shares_(std::min<int64_t>(size, kMostShares)) {}

  // The next part for a thread, or -1.
  int64_t next(int64_t rank) {
    for (int64_t i = 0; i < shares_; ++i) {
      const int64_t share = (rank + i) % shares_, end = count_ * (share + 1) / shares_;
      const int64_t part =
          count_ * share / shares_ + taken_[share].count.fetch_add(1, std::memory_order_relaxed);
      if (part < end) return part;
    }
    return -1;
  }

 private:
  static constexpr int64_t kMostShares = 16;
  struct alignas(64) Taken {  // a cache line each
    std::atomic<int64_t> count{0};
  };
  const int64_t count_, shares_;
  Taken taken_[kMostShares];
};

// Runs body(next) on up to `threads` threads, where next() gives one part of [0, parts) after the other, and
// -1 at the end.
template <typename Body>
void parallel_deal(int threads, int64_t parts, const Body& body) {
  const int64_t wanted = std::min<int64_t>(threads, parts);
  Deal deal(parts, std::max<int64_t>(1, wanted));
#ifdef _OPENMP
  if (run_team(wanted, [&](int64_t rank, int64_t, const auto&) { body([&] { return deal.next(rank); }); }))
    return;
#endif
  if (parts > 0) body([&] { return deal.next(0); });
}

// Runs body(rank, size, next, wait) on each thread of a team of up to `threads`: in phases with wait()
// between them, of which the last may take the parts [0, parts) that next() gives, and -1 at the end. The
// body must not throw.
template <typename Body>
void parallel_phases(int threads, int64_t parts, const Body& body) {
  Deal deal(parts, std::max(1, threads));
#ifdef _OPENMP
  const auto on_thread = [&](int64_t rank, int64_t size, const auto& wait) {
    body(rank, size, [&] { return deal.next(rank); }, wait);
  };
  if (run_team(threads, on_thread)) return;
#endif
  body(int64_t{0}, int64_t{1}, [&] { return deal.next(0); }, [] {});
}

#ifdef __linux__
// The numbers at the start of a small file; those that are not there stay as they are.
inline void read_numbers(const std::string& path, double* first, double* second) {
  if (std::FILE* file = std::fopen(path.c_str(), "re")) {
    if (std::fscanf(file, "%lf", first) == 1 && second) (void)!std::fscanf(file, "%lf", second);
    std::fclose(file);
  }
}

// The limit of one control group, in CPUs; infinite where there is none. Version 2 has "quota period" or "max
// period" in cpu.max; version 1 has two files, and a quota of -1 for none.
inline double group_cpu_limit(const std::string& group, bool is_version_2) {
  double quota = -1, period = 0;
  if (is_version_2) {
    read_numbers(group + "/cpu.max", &quota, &period);
  } else {
    read_numbers(group + "/cpu.cfs_quota_us", &quota, nullptr);
    read_numbers(group + "/cpu.cfs_period_us", &period, nullptr);
  }
  return quota > 0 && period > 0 ? quota / period : std::numeric_limits<double>::infinity();
}

// The CPU time that this process may use, in CPUs: the least limit of its control groups and of those around
// them. In a container the path may be the host's, so that folders are missing; the container's own limit
// then stands at the root. Files are read with C's functions: C++'s streams would add a megabyte to a binary
// that brings its library along.
inline double cpu_limit() {
  double least = std::numeric_limits<double>::infinity();
  std::FILE* groups = std::fopen("/proc/self/cgroup", "re");
  if (!groups) return least;
  char buffer[8192];
  while (std::fgets(buffer, sizeof buffer,
                    groups)) {  // number:controllers:path, in version 2 without controllers
    std::string line = buffer;
    if (!line.empty() && line.back() == '\n') line.pop_back();
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_version_2 = controllers.empty();
    if (!is_version_2 && ("," + controllers + ",").find(",cpu,") == std::string::npos) continue;
    const std::string root = "/sys/fs/cgroup" + (is_version_2 ? "" : "/" + controllers);
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      least = std::min(least, group_cpu_limit(root + path, is_version_2));
      if (path.rfind('/') == std::string::npos) break;
    }
  }
  std::fclose(groups);
  return least;
}
#endif

// The most threads that an operation may be asked to use.
constexpr int kMostThreads = 1024;

// The CPUs that this process may use, by its affinity and its control groups, or OMP_NUM_THREADS where it is
// set. A part of a CPU counts as one: two threads with one and a half CPUs do more than one thread.
inline int default_threads() {
#ifdef _OPENMP
  if (std::getenv("OMP_NUM_THREADS")) return std::clamp(omp_get_max_threads(), 1, kMostThreads);
  int cpus = omp_get_num_procs();
#ifdef __linux__
  // With places or a binding OpenMP has pinned this thread to its place already, and knows itself how many
  // there are.
  const bool is_bound = std::getenv("OMP_PROC_BIND") || std::getenv("OMP_PLACES");
  cpu_set_t set;
  if (!is_bound && sched_getaffinity(0, sizeof set, &set) == 0) cpus = CPU_COUNT(&set);
  const double limit = std::ceil(cpu_limit());
  if (limit < cpus) cpus = static_cast<int>(limit);
#endif
  return std::clamp(cpus, 1, kMostThreads);
#else
  return 1;
#endif
}

inline bool parallel_available() {
#ifdef _OPENMP
  return true;
#else
  return false;
#endif
}

}  // namespace mnist

#endif  // MNIST_NATIVE_PARALLEL_H_
