// What a response means for the question that was asked and for the endpoint as a whole. The table of HTTP
// statuses is docs/prompt-operator.md. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "samara/endpoint/protocol.h"
#include "samara/net/http_client.h"

namespace samara::endpoint::internal {

struct Verdict {
  enum class Kind {
    kAnswer,
    kAgain,     ///< nobody's fault: ask again later
    kCrowded,   ///< the endpoint wants fewer calls: 429 and the like
    kRefused,   ///< this question will not be answered, whatever we do: too long, filtered
    kDoubtful,  ///< this question was not taken; whether any would be shows when others are answered
    kUseless,   ///< one answer too many without anything of use in it; the client's finding
    kWrong,     ///< key, model or address: no question will be answered unless something changes
  };
  Kind kind = Kind::kAgain;
  Answer answer;                        ///< of kAnswer
  std::string reason;                   ///< of all others: one line with the host
  std::optional<double> retry_seconds;  ///< how long the endpoint asks us to wait
  int status = 0;                       ///< of HTTP; 0 where none came
  bool timed_out = false;               ///< perhaps the endpoint has more calls than it can answer in time
};

/// @param streamed what came as a stream; null where the call was none
Verdict judge(const Result<HttpReply>& reply, const StreamedAnswer* streamed, const Question& question,
              const std::string& host);

/// "120", "1.5", or an HTTP date; seconds from now, at most an hour. Nothing for anything else.
std::optional<double> retry_after(std::string_view value);

}  // namespace samara::endpoint::internal
