// ReplyJournal: what endpoints answered to a run's questions, on disk as soon as it arrived, so that a run
// that was killed asks (and pays) nothing twice and a finished one can be evolved anew without an endpoint.
// docs/formats/reply-journal.md describes the file, RUN/replies.db; run_store.h is the log beside it. Replies
// are read back as they were written. Safe to call from several threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"
#include "samara/base/sha256.h"
#include "samara/store/run_store.h"

namespace samara {

/// (iteration, slot, attempt) is the key: attempt 0 is the first question for that slot.
struct RecordedReply {
  std::uint32_t iteration = 0, slot = 0, attempt = 0;
  std::string model;       ///< that was asked
  std::string arm;         ///< of the operator that asked
  Sha256Digest request{};  ///< hash of what was sent
  Sha256Digest subject{};  ///< hash of what the question was about
  bool refused = false;    ///< then `text` says why there is no answer
  std::string text;
  std::string served_model, finish_reason;  ///< as the endpoint named them
  std::uint64_t prompt_tokens = 0, completion_tokens = 0;
  bool counted = true;  ///< tokens are the endpoint's count, not an estimate
  double cost = 0.0;
  friend bool operator==(const RecordedReply&, const RecordedReply&) = default;
};

/// What a model cost for an arm: a line of the ledger.
struct LedgerLine {
  std::string model, arm;
  std::uint64_t requests = 0;  ///< failed ones too
  std::uint64_t failures = 0;  ///< of these, calls without an answer
  std::uint64_t prompt_tokens = 0, completion_tokens = 0;
  double cost = 0.0;
  friend bool operator==(const LedgerLine&, const LedgerLine&) = default;
};

/// Errors of every function, beside those named: kIo, kInvalidData (a damaged database), kInUse.
class ReplyJournal {
 public:
  /// Opens the journal of the run in `folder`, making an empty one where there is none and `access` is
  /// kWrite. Errors: kNotFound when there is none to read; kUnsupported when a newer Samara wrote it.
  static Result<std::unique_ptr<ReplyJournal>> open(const std::filesystem::path& folder, Access access);
  static bool is_in(const std::filesystem::path& folder);
  /// Copies the journal of a run to another folder, whole or not at all; the run may be going on. Errors:
  /// kNotFound.
  static Status copy(const std::filesystem::path& from_folder, const std::filesystem::path& to_folder);
  ~ReplyJournal();

  /// Nothing where no such reply was recorded.
  Result<std::optional<RecordedReply>> find(std::uint32_t iteration, std::uint32_t slot,
                                            std::uint32_t attempt);
  /// On disk when it returns, against the end of this process; its key must be new.
  Status add(const RecordedReply& reply);
  /// Counts a call that brought no answer. @param line with requests and failures 1
  Status add_failure(const LedgerLine& line);

  /// By model and arm, in their order.
  Result<std::vector<LedgerLine>> ledger();

  /// What a slot's replies cost together: who answered and for how much.
  struct SlotCost {
    std::uint32_t iteration = 0, slot = 0;
    std::string model;
    double cost = 0.0;
  };
  /// Of iterations `from` to `to`, ordered by (iteration, slot).
  Status for_each_slot(std::uint32_t from, std::uint32_t to,
                       const std::function<void(const SlotCost&)>& callback);

  /// How many replies there are.
  Result<std::uint64_t> size();

 private:
  struct Impl;
  explicit ReplyJournal(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace samara
