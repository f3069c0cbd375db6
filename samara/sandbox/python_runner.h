// PythonRunner: runs untrusted Python programs in contained children of one warm interpreter process, and
// turns whatever they do into a value or a Failure. Read docs/sandbox.md for what is contained and how, then
// python_runner.cc for how a batch is split, python/ for the process itself.
// The same program gives the same result whatever ran before or beside it: a child starts from the same warm
// image, `random` and hashing are seeded, and a program that could touch another runs alone. A runner is used
// by one thread at a time; make one per worker.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "samara/base/result.h"
#include "samara/program/evaluation.h"

namespace samara {

/// Trusted Python that is loaded into the warm interpreter once; jobs name it by its index. It must not keep
/// state between calls: what one program leaves there ends the child that it shared.
struct Harness {
  enum class Kind {
    /// A job's text is an untrusted program. It is executed in a fresh namespace that holds the names in the
    /// harness's `EXPORTS` dictionary; then its function `entry` is called without arguments.
    kCandidate,
    /// A job's text is an argument: the harness's own trusted function `entry` is called with it as `str`.
    kFunction,
  };
  std::string name;    ///< for messages: "<name>"
  std::string source;  ///< Python source of the harness module
  std::string entry;   ///< e.g. "make_walker"
  Kind kind = Kind::kCandidate;
};

struct Job {
  std::size_t harness = 0;  ///< index into PythonRunner::Options::harnesses
  std::string_view text;    ///< borrowed for the call
};

/// What the entry function returned, in MessagePack: None, bool, int (64 bit), float, str, bytes, list, tuple
/// (as list) and dict of exactly these types. Anything else is a Failure with kInvalidPhenotype. Decode it as
/// untrusted input.
struct EncodedValue {
  std::string msgpack;
};

using JobResult = std::variant<EncodedValue, Failure>;

class PythonRunner {
 public:
  struct Options {
    std::vector<Harness> harnesses;
    // What affects results.
    std::chrono::milliseconds cpu_limit{500};           ///< CPU time of one program
    std::chrono::milliseconds stall_limit{10000};       ///< wall time of one program asleep: deadlocks
    std::size_t memory_limit = std::size_t{512} << 20;  ///< address space of a child, bytes, 128 MiB or more
    std::size_t result_limit = std::size_t{1} << 18;    ///< encoded bytes of one result
    // What affects speed only.
    std::size_t batch = 256;  ///< programs per child, 1 to 256
    /// Run without the layers of containment that this kernel refuses. Trusted code only.
    bool allow_uncontained = false;
  };

  /// Starts the warm process, the executable samara-python beside the running one. Errors: kNotFound when
  /// there is none, kUnsupported when the kernel refuses a layer of containment (the message names it),
  /// kInvalidArgument when a harness does not load, kInternal.
  static Result<std::unique_ptr<PythonRunner>> start(Options options);
  virtual ~PythonRunner() = default;

  /// Runs the jobs; results stand in the jobs' order. Whatever a program does is a result; an Error means
  /// that the warm process itself was lost and could not be started again.
  virtual Result<std::vector<JobResult>> run(std::span<const Job> jobs) = 0;
};

}  // namespace samara
