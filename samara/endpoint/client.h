// Client: puts a run's questions to an endpoint of the OpenAI protocol and does not come back without the
// answers. One thread holds all that is in flight; calls that fail are made again, later and later; while
// nothing is answered the client pauses, says so, and tries with one call at a time until the endpoint is
// back. Read protocol.h before and account.h for budgets. Which answer comes when is not repeatable:
// whoever needs that records them (samara/mutation/prompt). ask() is safe to call from several threads.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "samara/endpoint/account.h"
#include "samara/endpoint/protocol.h"

namespace samara::endpoint {

struct ClientOptions {
  std::string url;      ///< base address, e.g. "https://api.example.com/v1"
  std::string api_key;  ///< sent as a bearer token; never in a message, an error or an answer
  Sampling sampling;
  bool stream = false;
  std::map<std::string, Price> prices;  ///< by model; free where missing
  std::set<std::string> known_good;     ///< models that answered earlier questions of the run
  std::size_t in_flight = 256;          ///< calls at a time
  double connect_seconds = 10.0;
  double stall_seconds = 120.0;  ///< without a byte; without `stream` that is the time for the whole answer
  double total_seconds = 600.0;
  std::size_t max_reply_bytes = std::size_t{4} << 20;
  double first_pause_seconds = 1.0;  ///< pauses double from this
  double max_pause_seconds = 60.0;   ///< up to this
  std::string ca_file;               ///< see HttpClientOptions
  /// Whether an answer has in it what was asked for. Empty: every answer is of use. On the client's thread.
  std::function<bool(const Question&, const Answer&)> is_usable;
};

/// The variable's value. Errors: kInvalidArgument when it is not set or cannot be a key.
Result<std::string> key_from_environment(const std::string& variable);

/// What happens between questions and answers, for people.
struct Notice {
  enum class Kind {
    kPaused,       ///< nothing is answered; the next try is in `seconds`
    kRecovered,    ///< answered again, after `seconds`
    kBudgetSpent,  ///< no call will be made any more
    kRemark,       ///< something that is told once and changes nothing
  };
  Kind kind = Kind::kPaused;
  double seconds = 0.0;
  std::string message;  ///< one line: who, what, since when
};

/// So many answers in a row of which none is usable are not the questions' fault.
inline constexpr int kUselessInRow = 16;
/// A question is asked again, with another seed, until so many answers to it were not usable; the last one
/// stands.
inline constexpr int kUselessToAQuestion = 4;

/// Hears of calls as they end, on the client's thread. An error ends every ask() with it.
class CallListener {
 public:
  virtual ~CallListener() = default;
  virtual Status on_answer(const Question& question, const Answer& answer) = 0;
  /// A call that brought no answer and will be made again. @param spent with requests and failures 1
  virtual Status on_failure(const Question& question, const Spending& spent) = 0;
};

class Client {
 public:
  using Observer = std::function<void(const Notice&)>;

  /// `listener`, `account` and `stop` are borrowed. @param observe called on the client's thread; may be
  /// empty. Errors: kInvalidArgument for an address, key or body that cannot be right; kNotFound without the
  /// ca_file.
  static Result<std::unique_ptr<Client>> make(ClientOptions options, Account& account, CallListener& listener,
                                              Observer observe, const std::atomic<bool>& stop);
  ~Client();

  /// One answer per question, in order; waits as long as it takes. A question that the endpoint refuses, or
  /// that alone cannot be answered again and again, has an answer that is `refused`. When kUselessInRow
  /// answers in a row are not usable, the last and those that follow are no answers but an outage, until one
  /// is usable. What is asked again for that has another seed.
  /// Errors: kCancelled when `stop` was raised, after cancel(), or when the budget is spent; kInvalidArgument
  /// when the endpoint does not take the key or the model from the first call on, refuses every question to a
  /// model that is not known to be good, or begins with kUselessInRow answers that are not usable; the
  /// listener's.
  Result<std::vector<Answer>> ask(std::span<const Question> questions);

  /// Ends every ask(), now and later. From any thread.
  void cancel();

  std::size_t in_flight() const;
  /// The reason of the pause that the client is in; empty while it is in none.
  std::string paused() const;

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace samara::endpoint
