#include "samara/mutation/prompt/prompt_operator.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "samara/base/check.h"
#include "samara/base/text.h"
#include "samara/patch/patch.h"

namespace samara::prompt {
namespace {

using endpoint::Answer;
using endpoint::Question;

constexpr std::size_t kMaxNote = 160;
constexpr std::size_t kMaxArtifact = std::size_t{4} << 10;     // of one
constexpr std::size_t kMaxArtifacts = std::size_t{16} << 10;   // of all of a program
constexpr std::size_t kMaxReplyShown = std::size_t{16} << 10;  // of a reply that is sent back

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

std::string_view without_end_space(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

/// At most `max_bytes`, cut between characters, with the middle left out.
std::string bounded(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return sanitize_utf8(text);
  const std::size_t half = max_bytes / 2;
  const auto begins_character = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
  };
  std::size_t head = half, tail = text.size() - half;
  while (head > 0 && !begins_character(head)) --head;
  while (tail < text.size() && !begins_character(tail)) ++tail;
  return sanitize_utf8(text.substr(0, head)) + "\n[...]\n" + sanitize_utf8(text.substr(tail));
}

/// A reply without what a model thought before it answered: all of it where the thoughts were cut off.
std::string_view without_thoughts(std::string_view reply) {
  constexpr std::string_view kBegin = "<think>", kEnd = "</think>";
  const std::size_t end = reply.rfind(kEnd);
  if (end != std::string_view::npos) return reply.substr(end + kEnd.size());
  return trim(reply).starts_with(kBegin) ? std::string_view() : reply;
}

/// The first line of prose in front of the edit: what the model says that it changes.
std::string note_of(std::string_view reply, std::string_view otherwise) {
  while (!reply.empty()) {
    const std::size_t end = std::min(reply.find('\n'), reply.size() - 1);
    const std::string_view line = trim(reply.substr(0, end + 1));
    reply.remove_prefix(end + 1);
    if (line.empty()) continue;
    const bool is_prose = line.find(' ') != std::string_view::npos && !line.starts_with("```") &&
                          !line.starts_with("<<<") && !line.starts_with("@@") && !line.starts_with("---") &&
                          !line.starts_with("#") && !line.starts_with("def ") &&
                          !line.starts_with("import ") && !line.starts_with("from ") &&
                          !line.starts_with("*** ");
    if (!is_prose) break;
    return one_line(sanitize_utf8(line), kMaxNote);
  }
  return std::string(otherwise);
}

std::string number_text(double value) {
  return fmt::format("{:.6g}", value);
}

/// Metrics and artifacts, for templates.
/// @param minimized metrics whose direction is declared, and whether smaller is better
void add_details(const Details& details, const std::map<std::string, bool>& minimized, Scope& scope) {
  const auto json = nlohmann::json::parse(details, nullptr, false);
  if (!json.is_object()) return;
  std::vector<Scope> metrics, artifacts;
  if (const auto found = json.find("metrics"); found != json.end() && found->is_object()) {
    for (const auto& [name, value] : found->items()) {
      if (!value.is_number()) continue;
      std::string text = number_text(value.get<double>());
      if (const auto direction = minimized.find(name); direction != minimized.end()) {
        text += direction->second ? " (smaller is better)" : " (larger is better)";
      }
      metrics.push_back({{{"name", one_line(name, 100)}, {"value", std::move(text)}}});
    }
  }
  std::size_t left = kMaxArtifacts;
  if (const auto found = json.find("artifacts"); found != json.end() && found->is_object()) {
    for (const auto& [name, value] : found->items()) {
      if (!value.is_string() || left == 0) continue;
      std::string text = bounded(value.get_ref<const std::string&>(), std::min(kMaxArtifact, left));
      left -= std::min(left, text.size());
      artifacts.push_back({{{"name", one_line(name, 100)}, {"text", std::move(text)}}});
    }
  }
  scope.values["metrics"] = std::move(metrics);
  scope.values["artifacts"] = std::move(artifacts);
}

}  // namespace

ReadReply read_reply(const std::string& parent, std::string_view reply, bool cut_off,
                     std::size_t max_program_bytes) {
  reply = without_thoughts(reply);
  PatchResult patched = apply_patch(parent, reply);
  if (const auto* refusal = std::get_if<PatchRefusal>(&patched)) {
    const bool nothing =
        refusal->problem == PatchProblem::kNoEdit || refusal->problem == PatchProblem::kNoChange;
    const Outcome outcome = nothing ? Outcome::kNoDiff : Outcome::kDiffDoesNotApply;
    std::string reason = sanitize_utf8(one_line(refusal->reason));
    if (cut_off) reason += " (the reply was cut off at the limit of tokens)";
    return {Failure{outcome, reason}, reason};
  }
  Patched& child = std::get<Patched>(patched);
  if (child.text.size() > max_program_bytes) {
    const std::string reason = fmt::format("the program has {} bytes, and {} are allowed; make it shorter",
                                           child.text.size(), max_program_bytes);
    return {Failure{Outcome::kDiffDoesNotApply, reason}, reason};
  }
  std::string reason;
  if (without_end_space(child.text) == without_end_space(parent)) {
    child.text = parent;
    reason = "it changes nothing: the program is the one that was shown";
  }
  const char* const kind = child.format == PatchFormat::kRewrite         ? "rewritten"
                           : child.format == PatchFormat::kSearchReplace ? "search/replace"
                                                                         : "diff";
  return {Proposal{std::move(child.text), note_of(reply, kind), false}, std::move(reason)};
}

bool has_code(const Question& question, const Answer& answer) {
  const std::string_view reply = without_thoughts(answer.text);
  if (question.continues) return !trim(reply).empty();
  const PatchResult patched = apply_patch("", reply);
  const auto* refusal = std::get_if<PatchRefusal>(&patched);
  return refusal == nullptr || refusal->problem != PatchProblem::kNoEdit;
}

PromptOperator::PromptOperator(std::shared_ptr<Correspondence> correspondence, ModelPicker pick_model,
                               PromptOptions options)
    : correspondence_(std::move(correspondence)),
      pick_model_(std::move(pick_model)),
      options_(std::move(options)) {
  SAMARA_CHECK(!options_.arms.empty());
  for (const PromptArm& arm : options_.arms) arms_.push_back(arm.name);
}

Scope PromptOperator::scope_of(const Neighbor& neighbor) const {
  Scope scope;
  scope.values["program"] = sanitize_utf8(without_end_space(neighbor.program->source()));
  scope.values["fitness"] = number_text(neighbor.fitness);
  std::string behavior;
  for (std::size_t i = 0; i < neighbor.behavior.size(); ++i) {
    const std::string name = i < options_.behavior_names.size() ? options_.behavior_names[i] : "behavior";
    behavior += fmt::format("{}{} {}", i == 0 ? "" : ", ", name, number_text(neighbor.behavior[i]));
  }
  scope.values["behavior"] = std::move(behavior);
  scope.values["metrics"] = std::string();
  scope.values["artifacts"] = std::string();
  if (neighbor.details) add_details(*neighbor.details, options_.minimized, scope);
  return scope;
}

Scope PromptOperator::scope_of(const MutationRequest& request) const {
  SAMARA_CHECK(request.context != nullptr);
  const MutationContext& context = *request.context;
  Scope scope = scope_of(context.parent);
  scope.values["task"] = options_.task;
  scope.values["language"] = options_.language;
  scope.values["function"] = options_.function;
  scope.values["error"] = sanitize_utf8(context.last_failure);
  scope.values["continues"] = std::string("yes");
  std::vector<Scope> lineage, inspirations, donor;
  for (const std::string& note : context.lineage) lineage.push_back({{{"note", sanitize_utf8(note)}}});
  for (const Neighbor& neighbor : context.inspirations) inspirations.push_back(scope_of(neighbor));
  if (context.donor.program && context.donor.program->id() != context.parent.program->id()) {
    donor.push_back(scope_of(context.donor));
  }
  scope.values["lineage"] = std::move(lineage);
  scope.values["inspirations"] = std::move(inspirations);
  scope.values["donor"] = std::move(donor);
  return scope;
}

Result<std::vector<ProposalResult>> PromptOperator::propose(std::span<const MutationRequest> requests) {
  struct Talk {
    std::string reply_begins;
    std::uint64_t second_seed = 0;
    bool shows_donor = false;
  };
  std::vector<Question> questions;
  std::vector<Talk> talks;
  for (const MutationRequest& request : requests) {
    SAMARA_CHECK(request.arm < options_.arms.size());
    Rng rng = request.rng;
    const Scope scope = scope_of(request);
    const PromptForm& form = options_.arms[request.arm].form;
    PromptForm::Rendered rendered = form.render(scope);
    Question question;
    question.key = {request.iteration, request.slot, 0};
    question.arm = arms_[request.arm];
    question.seed = rng.next_u32() >> 1;
    question.model = pick_model_(request.iteration, rng);
    question.messages = std::move(rendered.messages);
    question.continues = !rendered.reply_begins.empty();
    question.subject = request.parent->id().hex() + request.donor->id().hex();
    questions.push_back(std::move(question));
    talks.push_back({std::move(rendered.reply_begins), rng.next_u32() >> 1,
                     form.uses_donor() && request.context->donor.program &&
                         request.context->donor.program->id() != request.context->parent.program->id()});
  }
  SAMARA_TRY(std::vector<Answer> answers, correspondence_->answers(questions));

  std::vector<ProposalResult> results(requests.size());
  std::vector<Question> again;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (answers[i].refused) {
      results[i] = Failure{Outcome::kNoDiff, one_line(answers[i].text)};
      continue;
    }
    const std::string reply = talks[i].reply_begins + answers[i].text;
    ReadReply read = read_reply(requests[i].parent->source(), reply, answers[i].finish_reason == "length",
                                options_.max_program_bytes);
    if (const auto* proposal = std::get_if<Proposal>(&read.result);
        proposal && read.reason.empty() && options_.forbidden) {
      if (const auto why = options_.forbidden(proposal->source)) read.reason = "the program " + *why;
    }
    results[i] = std::move(read.result);
    if (read.reason.empty() || !options_.retries) continue;
    Question question = questions[i];
    question.key.attempt = 1;
    question.continues = false;
    question.seed = talks[i].second_seed;
    question.messages.push_back({"assistant", bounded(answers[i].text, kMaxReplyShown)});
    Scope scope;
    scope.values["reason"] = read.reason;
    for (endpoint::Message& message : options_.retry.render(scope).messages) {
      question.messages.push_back(std::move(message));
    }
    again.push_back(std::move(question));
    places.push_back(i);
  }

  SAMARA_TRY(const std::vector<Answer> second, correspondence_->answers(again));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t place = places[i];
    if (second[i].refused) continue;  // the first reply's failure stands
    results[place] = read_reply(requests[place].parent->source(), second[i].text,
                                second[i].finish_reason == "length", options_.max_program_bytes)
                         .result;
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (auto* proposal = std::get_if<Proposal>(&results[i])) proposal->used_donor = talks[i].shows_donor;
  }
  return results;
}

}  // namespace samara::prompt
