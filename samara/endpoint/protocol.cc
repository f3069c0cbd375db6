#include "samara/endpoint/protocol.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "samara/base/text.h"

namespace samara::endpoint {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kExcerptBytes = 160;
constexpr std::uint64_t kBytesPerToken = 4;                    // of English and code, about
constexpr std::uint64_t kMostTokens = std::uint64_t{1} << 40;  // no call has more; sums of such do not wrap

/// A JSON value, or nothing for anything that is none, invalid UTF-8 included.
Json parse(std::string_view text) {
  return Json::parse(text, nullptr, false);
}

std::string excerpt(std::string_view text) {
  return one_line(sanitize_utf8(text.substr(0, 4 * kExcerptBytes)), kExcerptBytes);
}

/// The object's member as text; empty where it is missing or something else.
std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t count_at(const Json& object, const char* key) {
  if (!object.is_object()) return 0;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return 0;
  return std::min(found->get<std::uint64_t>(), kMostTokens);
}

/// A message's content: a string, or a list of parts with texts.
std::string content_of(const Json& message) {
  if (!message.is_object()) return {};
  const auto content = message.find("content");
  if (content == message.end()) return {};
  if (content->is_string()) return content->get<std::string>();
  std::string text;
  if (content->is_array()) {
    for (const Json& part : *content) text += text_at(part, "text");
  }
  return text;
}

void take_usage(const Json& reply, Answer& answer) {
  const auto usage = reply.find("usage");
  if (usage == reply.end() || !usage->is_object()) return;
  answer.prompt_tokens = count_at(*usage, "prompt_tokens");
  answer.completion_tokens = count_at(*usage, "completion_tokens");
  answer.counted = answer.prompt_tokens + answer.completion_tokens > 0;
}

void estimate_usage(const Question& question, Answer& answer) {
  if (answer.counted) return;
  answer.prompt_tokens = text_bytes(question) / kBytesPerToken + 1;
  answer.completion_tokens = answer.text.size() / kBytesPerToken + 1;
}

/// The error object of a reply, if it has one.
std::optional<Complaint> complaint_in(const Json& reply) {
  if (!reply.is_object()) return std::nullopt;
  const auto error = reply.find("error");
  if (error == reply.end() || error->is_null()) return std::nullopt;
  Complaint complaint;
  if (error->is_string()) {
    complaint.message = error->get<std::string>();
  } else {
    complaint.message = text_at(*error, "message");
    complaint.code = text_at(*error, "code");
    if (complaint.code.empty()) complaint.code = text_at(*error, "type");
  }
  if (complaint.message.empty()) complaint.message = error->dump();
  complaint.message = one_line(complaint.message, 300);
  return complaint;
}

}  // namespace

Status check(const Sampling& sampling) {
  if (sampling.body.empty() || parse(sampling.body).is_object()) return {};
  return make_error(ErrorCode::kInvalidArgument,
                    "prompt.body is not a JSON object; an example: '{{\"top_p\": 0.9}}'");
}

std::string request_json(const Question& question, const Sampling& sampling, bool stream) {
  Json body = Json::object();
  body["model"] = question.model;
  body["temperature"] = sampling.temperature;
  body["max_tokens"] = sampling.max_tokens;
  body["seed"] = question.seed;
  if (sampling.protocol == Protocol::kChat) {
    Json& messages = body["messages"] = Json::array();
    for (const Message& message : question.messages) {
      messages.push_back({{"role", message.role}, {"content", message.text}});
    }
  } else {
    std::string prompt;
    for (const Message& message : question.messages) prompt += (prompt.empty() ? "" : "\n\n") + message.text;
    if (!question.continues) prompt += "\n\n";
    body["prompt"] = std::move(prompt);
  }
  if (stream) {
    body["stream"] = true;
    body["stream_options"] = {{"include_usage", true}};
  }
  if (!sampling.body.empty()) body.merge_patch(parse(sampling.body));
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::uint64_t most_completion_tokens(const Sampling& sampling) {
  Json body = {{"max_tokens", sampling.max_tokens}};
  if (!sampling.body.empty()) body.merge_patch(parse(sampling.body));
  std::uint64_t most = std::max(count_at(body, "max_tokens"), count_at(body, "max_completion_tokens"));
  if (most == 0) most = sampling.max_tokens;  // the body took it out and nothing in its place
  return std::min(most * std::max<std::uint64_t>(1, count_at(body, "n")), kMostTokens);
}

std::string_view path_of(Protocol protocol) {
  return protocol == Protocol::kChat ? "/chat/completions" : "/completions";
}

Sha256Digest subject_hash(const Question& question) {
  return Sha256()
      .add_string(question.model)
      .add_u64(question.seed)
      .add_string(question.arm)
      .add_string(question.subject)
      .finish();
}

Sha256Digest request_hash(const Question& question) {
  Sha256 hash;
  hash.add_string(question.model).add_u64(question.seed).add_u64(question.messages.size());
  for (const Message& message : question.messages) hash.add_string(message.role).add_string(message.text);
  return hash.finish();
}

std::uint64_t text_bytes(const Question& question) {
  std::uint64_t bytes = 0;
  for (const Message& message : question.messages) bytes += message.text.size();
  return bytes;
}

Result<Answer> read_answer(std::string_view body, const Question& question) {
  const auto useless = [](std::string_view what, std::string_view text) {
    return make_error(ErrorCode::kInvalidData, "{}: '{}'", what, excerpt(text));
  };
  if (body.empty()) return make_error(ErrorCode::kInvalidData, "the answer is empty");
  if (sanitize_utf8(body) != body) return useless("the answer is not valid UTF-8", body);
  const Json reply = parse(body);
  if (reply.is_discarded()) return useless("the answer is not valid JSON", body);
  if (const auto complaint = complaint_in(reply)) {
    return make_error(ErrorCode::kInvalidData, "the answer is an error: {}", complaint->message);
  }
  const auto choices = reply.is_object() ? reply.find("choices") : reply.end();
  if (choices == reply.end() || !choices->is_array() || choices->empty()) {
    return useless("the answer has no choice in it", body);
  }
  const Json& choice = choices->front();
  const auto message = choice.is_object() ? choice.find("message") : choice.end();
  Answer answer;
  if (choice.is_object() && message != choice.end()) {
    answer.text = content_of(*message);
  } else if (choice.is_object() && choice.contains("text")) {
    answer.text = text_at(choice, "text");
  } else {
    return useless("the answer's choice has no text", body);
  }
  answer.finish_reason = text_at(choice, "finish_reason");
  answer.served_model = one_line(text_at(reply, "model"), 200);
  take_usage(reply, answer);
  estimate_usage(question, answer);
  return answer;
}

Complaint read_complaint(std::string_view body) {
  if (auto complaint = complaint_in(parse(sanitize_utf8(body)))) return std::move(*complaint);
  return {body.empty() ? "without a reason" : excerpt(body), ""};
}

bool StreamedAnswer::take(std::string_view data) {
  if (data == "[DONE]") {
    done_ = true;
    return false;
  }
  const Json event = parse(data);
  if (!event.is_object()) {
    fault_ = fmt::format("the stream has an event that is not valid JSON: '{}'", excerpt(data));
    return false;
  }
  if (const auto complaint = complaint_in(event)) {
    fault_ = "the stream has an error in it: " + complaint->message;
    return false;
  }
  if (answer_.served_model.empty()) answer_.served_model = one_line(text_at(event, "model"), 200);
  take_usage(event, answer_);
  const auto choices = event.find("choices");
  if (choices == event.end() || !choices->is_array() || choices->empty()) return true;
  const Json& choice = choices->front();
  if (!choice.is_object()) return true;
  const auto delta = choice.find("delta");
  answer_.text += delta != choice.end() ? content_of(*delta) : text_at(choice, "text");
  const std::string reason = text_at(choice, "finish_reason");
  if (!reason.empty()) answer_.finish_reason = reason;
  return true;
}

Result<Answer> StreamedAnswer::finish(const Question& question) const {
  if (!fault_.empty()) return make_error(ErrorCode::kInvalidData, "{}", fault_);
  if (!done_ && answer_.finish_reason.empty()) {
    return make_error(ErrorCode::kInvalidData, "the stream was cut off after {} bytes of text",
                      answer_.text.size());
  }
  Answer answer = answer_;
  estimate_usage(question, answer);
  return answer;
}

}  // namespace samara::endpoint
