#include "samara/endpoint/internal/verdict.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>

namespace samara::endpoint::internal {
namespace {

constexpr double kLongestWait = 3600.0;  // a proxy's nonsense shall not stop a run for years

Verdict::Kind kind_of(int status, const Complaint& complaint) {
  using Kind = Verdict::Kind;
  if (complaint.code == "context_length_exceeded" || complaint.code == "content_filter" ||
      complaint.code == "content_policy_violation") {
    return Kind::kRefused;
  }
  switch (status) {
    case 401:
    case 403:
    case 404:
    case 405:
      return Kind::kWrong;
    case 408:
    case 409:
    case 425:
      return Kind::kAgain;
    case 429:
      return Kind::kCrowded;
    default:
      break;
  }
  if (status >= 500) return Kind::kAgain;
  if (status >= 400) return Kind::kDoubtful;
  return Kind::kWrong;  // a redirection, or a success that is none
}

}  // namespace

std::optional<double> retry_after(std::string_view value) {
  if (value.empty()) return std::nullopt;
  const std::string text(value);
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  if (end != text.c_str() && *end == '\0') {
    if (!std::isfinite(seconds) || seconds < 0.0) return std::nullopt;
    return std::min(seconds, kLongestWait);
  }
  std::tm date{};
  const char* const rest = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  return std::clamp(std::difftime(timegm(&date), std::time(nullptr)), 0.0, kLongestWait);
}

Verdict judge(const Result<HttpReply>& reply, const StreamedAnswer* streamed, const Question& question,
              const std::string& host) {
  Verdict verdict;
  if (!reply.ok()) {
    verdict.reason = reply.error().message;
    verdict.timed_out = reply.error().code == ErrorCode::kTimeout;
    if (reply.error().code == ErrorCode::kInvalidArgument) verdict.kind = Verdict::Kind::kWrong;
    return verdict;
  }
  verdict.status = reply->status;
  if (reply->status == 200) {
    Result<Answer> answer =
        streamed != nullptr ? streamed->finish(question) : read_answer(reply->body, question);
    if (answer.ok()) {
      verdict.kind = Verdict::Kind::kAnswer;
      verdict.answer = std::move(answer).value();
    } else {
      verdict.reason = fmt::format("{}: {}", host, answer.error().message);
    }
    return verdict;
  }
  const Complaint complaint = read_complaint(reply->body);
  verdict.kind = kind_of(reply->status, complaint);
  verdict.reason = fmt::format("{} answered {}: {}", host, reply->status, complaint.message);
  verdict.retry_seconds = retry_after(reply->header("retry-after"));
  return verdict;
}

}  // namespace samara::endpoint::internal
