// Interpreter: the embedded Python of the warm process. It starts isolated (nothing of the user's
// environment, fixed hash seed, no signal handlers), loads the harnesses once, and then runs jobs; jobs run
// only in forked children. Read gate.h, guard.h and identity.h for how programs that share a child are kept
// apart, encode.h for how a result leaves. One interpreter per process; single threaded.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "samara/base/result.h"
#include "samara/program/outcome.h"

namespace samara::sandbox {

struct HarnessSource {
  bool candidate = true;  ///< Harness::Kind::kCandidate
  std::string_view name;
  std::string_view source;
  std::string_view entry;
};

/// How one job ended.
struct Ended {
  enum class Kind { kValue, kFailure, kNeedsOwnChild };
  Kind kind = Kind::kValue;
  Outcome outcome = Outcome::kRuntimeError;  ///< of a failure
  std::size_t size = 0;                      ///< bytes written: the value, or the message
  bool child_is_spent = false;               ///< something shared was touched: run nothing more in this child
};

class Interpreter {
 public:
  /// Starts Python and loads the harnesses. Errors: kInvalidArgument (a harness), kInternal.
  static Result<std::unique_ptr<Interpreter>> start(std::span<const HarnessSource> harnesses,
                                                    bool with_numpy);
  virtual ~Interpreter() = default;

  /// Runs one job. `text` is followed by a null byte. `alone`: nothing else has run or will run in this
  /// child. The value or message goes to `out`.
  virtual Ended run(std::size_t harness, std::string_view text, bool alone, std::span<char> out) = 0;
};

}  // namespace samara::sandbox
