// The OpenAI protocol from the client's side: a question as JSON, an answer out of JSON or out of a stream of
// events. Read client.h for who sends them; docs/lm-serve.md describes a server. What comes from outside is
// never trusted: anything that is not a complete answer in valid UTF-8 is an Error that says what came
// instead. Pure functions and values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "samara/base/result.h"
#include "samara/base/sha256.h"

namespace samara::endpoint {

struct Message {
  std::string role;  ///< "system", "user" or "assistant"
  std::string text;  ///< valid UTF-8
  friend bool operator==(const Message&, const Message&) = default;
};

enum class Protocol {
  kChat,         ///< /chat/completions
  kCompletions,  ///< /completions: the messages' texts, one after the other
};

/// What all questions of a run have in common.
struct Sampling {
  Protocol protocol = Protocol::kChat;
  double temperature = 0.8;
  std::uint32_t max_tokens = 2048;
  std::string body;  ///< JSON object merged over each request; null removes a field; empty: nothing
};

/// Which question of a run it is. `attempt` counts from 0.
struct QuestionKey {
  std::uint32_t iteration = 0;
  std::uint32_t slot = 0;
  std::uint32_t attempt = 0;
  auto operator<=>(const QuestionKey&) const = default;
};

struct Question {
  QuestionKey key;
  std::string model;  ///< as the endpoint calls it
  std::string arm;    ///< of the operator; for the ledger
  std::vector<Message> messages;
  std::uint64_t seed = 0;  ///< below 2^31; most endpoints take no larger one
  std::string subject;     ///< what it is about, e.g. the parents' ids; not sent
  bool continues = false;  ///< with Protocol::kCompletions: the reply goes on within the last message's line
};

/// What an endpoint said, or why it will not answer this question.
struct Answer {
  bool refused = false;       ///< then `text` says why
  std::string text;           ///< valid UTF-8
  std::string served_model;   ///< what the endpoint calls the model that answered; may be empty
  std::string finish_reason;  ///< "stop", "length" ...; may be empty
  std::uint64_t prompt_tokens = 0, completion_tokens = 0;
  bool counted = false;  ///< by the endpoint; otherwise estimated, at four bytes a token
  double cost = 0.0;     ///< in the currency of the prices
};

/// Errors: kInvalidArgument when Sampling::body is no JSON object.
Status check(const Sampling& sampling);

/// The body of the request.
std::string request_json(const Question& question, const Sampling& sampling, bool stream);

/// The most tokens that the answer to such a request can have, with what Sampling::body asks for.
std::uint64_t most_completion_tokens(const Sampling& sampling);

/// The path below the base address.
std::string_view path_of(Protocol protocol);

/// Over model, seed and messages: what was sent.
Sha256Digest request_hash(const Question& question);
/// Over model, seed, arm and subject: what an answer is an answer to, however the prompt was worded.
Sha256Digest subject_hash(const Question& question);

std::uint64_t text_bytes(const Question& question);

/// The answer in the body of a response with status 200, without its cost. Errors: kInvalidData for anything
/// else: no JSON, no UTF-8, an error object, no choice.
Result<Answer> read_answer(std::string_view body, const Question& question);

/// What an error response says, on one line; an excerpt where it is no error object.
struct Complaint {
  std::string message;
  std::string code;  ///< e.g. "context_length_exceeded"; may be empty
};
Complaint read_complaint(std::string_view body);

/// An answer that comes as server-sent events, put together event by event.
class StreamedAnswer {
 public:
  /// Takes the data of an event; false when there is nothing more to come or to make of it.
  bool take(std::string_view data);
  /// Once the stream has ended. Errors: kInvalidData for a stream that was cut off or had an error in it.
  Result<Answer> finish(const Question& question) const;
  const std::string& text() const { return answer_.text; }

 private:
  Answer answer_;
  bool done_ = false;
  std::string fault_;
};

}  // namespace samara::endpoint
