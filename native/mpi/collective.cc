#include "collective.h"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace mnist_mpi {
namespace {

// MPI is started once for a process, whatever environments of Node.js are in it; so this is one for the
// process, too.
struct Session {
  enum class State { kNew, kStarted, kFinished } state = State::kNew;
  std::thread::id thread;
  int size = 1, rank = 0;
  // The operation that is under way; the counts and places of a gather belong to MPI for so long.
  MPI_Request request = MPI_REQUEST_NULL;
  bool busy = false;
  std::vector<int> counts, places;
};

Session session;

void check(int code, const char* call) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  if (MPI_Error_string(code, text, &length) != MPI_SUCCESS) length = 0;
  throw std::runtime_error(std::string(call) + ": " + std::string(text, static_cast<size_t>(length)));
}

void require_started() {
  if (session.state != Session::State::kStarted) throw std::runtime_error("MPI is not started");
  if (std::this_thread::get_id() != session.thread) {
    throw std::runtime_error("MPI is used by another thread of this process");
  }
}

void require_idle() {
  require_started();
  if (session.busy) throw std::runtime_error("another operation of all ranks is under way");
}

int local_size() {
  MPI_Comm local = MPI_COMM_NULL;
  check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &local),
        "MPI_Comm_split_type");
  int size = 1;
  check(MPI_Comm_size(local, &size), "MPI_Comm_size");
  check(MPI_Comm_free(&local), "MPI_Comm_free");
  return size;
}

}  // namespace

std::string library_version() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  check(MPI_Get_library_version(text, &length), "MPI_Get_library_version");
  return std::string(text, static_cast<size_t>(length));
}

Membership start() {
  if (session.state != Session::State::kNew) throw std::runtime_error("MPI can be started once in a process");
  int is_initialized = 0;
  check(MPI_Initialized(&is_initialized), "MPI_Initialized");
  if (is_initialized != 0) throw std::runtime_error("another part of this process has started MPI");
  int provided = MPI_THREAD_SINGLE;
  check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  session.state = Session::State::kStarted;
  session.thread = std::this_thread::get_id();
  if (provided < MPI_THREAD_FUNNELED) {
    throw std::runtime_error("this MPI does not allow threads beside the one that calls it");
  }
  // Errors are told rather than ending the process without a word.
  check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_rank(MPI_COMM_WORLD, &session.rank), "MPI_Comm_rank");
  check(MPI_Comm_size(MPI_COMM_WORLD, &session.size), "MPI_Comm_size");
  return {session.rank, session.size, local_size()};
}

void start_sum(void* data, int count, MPI_Datatype type) {
  require_idle();
  check(MPI_Iallreduce(MPI_IN_PLACE, data, count, type, MPI_SUM, MPI_COMM_WORLD, &session.request),
        "MPI_Iallreduce");
  session.busy = true;
}

void start_broadcast(void* data, int bytes) {
  require_idle();
  check(MPI_Ibcast(data, bytes, MPI_BYTE, 0, MPI_COMM_WORLD, &session.request), "MPI_Ibcast");
  session.busy = true;
}

void start_gather(const void* own, void* all, const std::vector<int>& counts) {
  require_idle();
  if (counts.size() != static_cast<size_t>(session.size)) {
    throw std::runtime_error("a gather takes one count for each rank");
  }
  session.counts = counts;
  session.places.assign(counts.size(), 0);
  for (size_t i = 1; i < counts.size(); i++) session.places[i] = session.places[i - 1] + counts[i - 1];
  check(MPI_Iallgatherv(own, session.counts[static_cast<size_t>(session.rank)], MPI_BYTE, all,
                        session.counts.data(), session.places.data(), MPI_BYTE, MPI_COMM_WORLD,
                        &session.request),
        "MPI_Iallgatherv");
  session.busy = true;
}

bool wait(int64_t microseconds) {
  require_started();
  if (!session.busy) throw std::runtime_error("no operation is under way");
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + std::chrono::microseconds(microseconds);
  for (;;) {
    int done = 0;
    const int code = MPI_Test(&session.request, &done, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS) {
      session.busy = false;
      check(code, "MPI_Test");
    }
    if (done != 0) {
      session.busy = false;
      return true;
    }
    if (Clock::now() >= end) return false;
    // There may be more ranks here than processors, and the one that all wait for may be waiting for this
    // one.
    std::this_thread::yield();
  }
}

int own_rank() {
  require_started();
  return session.rank;
}

void finish() {
  if (session.state != Session::State::kStarted) return;
  require_idle();
  session.state = Session::State::kFinished;
  check(MPI_Finalize(), "MPI_Finalize");
}

void abort(int exit_code) {
  if (session.state == Session::State::kStarted) MPI_Abort(MPI_COMM_WORLD, exit_code);
  std::_Exit(exit_code);
}

}  // namespace mnist_mpi
