// Correspondence: a run's questions to models and their answers. What was answered before is taken from the
// run's journal, the rest is asked for and written to the journal at arrival. Without a client it is a
// replay: everything must be in the journal. Read store/reply_journal.h and endpoint/client.h for its two
// halves. Answers are a function of the journal, so a run that was killed or is replayed gets the same ones.
// Safe to call from several threads.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "samara/endpoint/client.h"
#include "samara/store/reply_journal.h"

namespace samara::prompt {

struct CorrespondenceOptions {
  std::optional<endpoint::ClientOptions> client;  ///< none: a replay
  endpoint::Budget budget;
  endpoint::Client::Observer observe;  ///< called on another thread; may be empty
};

class Correspondence {
 public:
  /// @param run_folder of the run whose journal it is; `stop` is borrowed
  /// Errors: those of ReplyJournal::open() and Client::make().
  static Result<std::unique_ptr<Correspondence>> open(const std::filesystem::path& run_folder,
                                                      CorrespondenceOptions options,
                                                      const std::atomic<bool>& stop);
  ~Correspondence();

  /// One answer per question, in order. Errors: those of Client::ask() and of the journal; kInvalidData when
  /// a recorded reply answers another question than this one; kNotFound when a replay has none.
  Result<std::vector<endpoint::Answer>> answers(std::span<const endpoint::Question> questions);

  /// Ends every answers(), now and later.
  void cancel();

  /// Of the whole run so far, as shown while it goes on.
  struct Figures {
    endpoint::Spending spent;
    std::size_t in_flight = 0;
    std::string paused;  ///< why, or empty
  };
  Figures figures() const;

  ReplyJournal& journal();

 private:
  struct Impl;
  explicit Correspondence(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace samara::prompt
