#include "samara/mutation/diff/diff_operator.h"

#include <fmt/format.h>

#include <algorithm>

#include "samara/base/check.h"
#include "samara/base/text.h"
#include "samara/mutation/diff/bare_program.h"
#include "samara/mutation/diff/call_faults.h"
#include "samara/mutation/diff/diff_constraint.h"
#include "samara/mutation/diff/name_faults.h"
#include "samara/patch/line_diff.h"

namespace samara::diff {
namespace {

/// The whole program where it fits; else windows that overlap by half, so that every line stands in one with
/// lines around it.
std::vector<Window> windows_of(std::span<const std::size_t> line_costs, std::size_t max_tokens) {
  const std::size_t max_lines = DiffCodec::kLineTokens - 1;  // one number is kept for appending
  std::vector<Window> windows;
  for (std::size_t first = 0; first < line_costs.size();) {
    std::size_t count = 0, used = 0;
    while (first + count < line_costs.size() && count < max_lines &&
           (count == 0 || used + line_costs[first + count] <= max_tokens)) {
      used += line_costs[first + count++];
    }
    windows.push_back({first, count});
    if (first + count == line_costs.size()) break;
    first += std::max<std::size_t>(1, count / 2);
  }
  return windows;
}

Failure does_not_apply(std::string reason) {
  return {Outcome::kDiffDoesNotApply, one_line(reason)};
}

lm::SamplingOptions sampling_of(const DiffOptions& options, const lm::Model& model) {
  const auto first = [](std::optional<double> asked, std::optional<double> advised, double usual) {
    return static_cast<float>(asked ? *asked : advised.value_or(usual));
  };
  return {.temperature = first(options.sampling.temperature, model.sampling.temperature, 0.8),
          .top_p = first(options.sampling.top_p, model.sampling.top_p, 1.0),
          .max_tokens = options.max_tokens};
}

class FixedModel : public ModelSource {
 public:
  explicit FixedModel(std::shared_ptr<const lm::Model> model) : model_(std::move(model)) {}
  Result<std::shared_ptr<const lm::Model>> model_for(std::uint32_t) override { return model_; }

 private:
  std::shared_ptr<const lm::Model> model_;
};

}  // namespace

/// A model made ready: its codec and a generator.
struct DiffOperator::Engine {
  std::shared_ptr<const lm::Model> model;
  DiffCodec codec;
  std::unique_ptr<lm::Generator> generator;
  lm::TokenId end_token = 0;
  lm::SamplingOptions sampling;
  std::vector<lm::Tokens> message_tokens;  ///< by arm
};

/// What prompts show of one parent, made once for all of its children.
struct DiffOperator::Parent {
  const Program* program = nullptr;
  std::optional<BareProgram> bare;      ///< where comments are not shown
  std::vector<std::string_view> lines;  ///< of what is shown
  std::vector<Window> windows;          ///< at least one where there are lines
  std::vector<lm::Tokens> prompts;      ///< of the windows, without the request
  std::optional<PythonProgram> python;  ///< for constrained sampling
  std::vector<std::string> faults;      ///< of its names and calls; its children may have them too
  CallHabits call_habits;
};

/// A proposal under way: what the model is shown, and how its diff is drawn.
struct DiffOperator::Draft {
  std::size_t request = 0;
  const Parent* parent = nullptr;
  Window window;
  lm::Tokens prompt;  ///< and behind it the beginning of the diff that the next attempt goes on from
  std::size_t prompt_size = 0;  ///< without that beginning
  std::size_t reusable_prefix = 0;
  Rng rng{0};  ///< of the next attempt
  std::uint32_t attempts_left = 1;
  std::optional<DiffConstraint> constraint;

  std::span<const lm::TokenId> written() const { return std::span(prompt).subspan(prompt_size); }
};

std::vector<Message> paper_messages() {
  return {{"diff.change", "Changed {function} function.", 0.4},
          {"diff.parameters", "Changed parameters in {function} function.", 0.3},
          {"diff.small", "Small change to {function} function.", 0.3}};
}

std::string filled_in(std::string text, std::string_view function) {
  constexpr std::string_view kPlace = "{function}";
  for (std::size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos; at += function.size()) {
    text.replace(at, kPlace.size(), function);
  }
  return text;
}

std::vector<ArmWeight> arm_weights(std::span<const Message> messages) {
  std::vector<ArmWeight> weights;
  for (const Message& message : messages) weights.push_back({message.arm, message.weight});
  return weights;
}

std::unique_ptr<ModelSource> fixed_model(std::shared_ptr<const lm::Model> model) {
  return std::make_unique<FixedModel>(std::move(model));
}

DiffOperator::DiffOperator(std::shared_ptr<ModelSource> models, GeneratorFactory make_generator,
                           DiffOptions options)
    : models_(std::move(models)), make_generator_(std::move(make_generator)), options_(std::move(options)) {
  SAMARA_CHECK(!options_.messages.empty());
  for (Message& message : options_.messages) {
    arms_.push_back(message.arm);
    message.text = filled_in(std::move(message.text), options_.function);
  }
}

DiffOperator::~DiffOperator() = default;

Result<DiffOperator::Engine*> DiffOperator::engine_for(std::uint32_t iteration) {
  SAMARA_TRY(std::shared_ptr<const lm::Model> model, models_->model_for(iteration));
  for (const auto& engine : engines_) {
    if (engine->model == model) return engine.get();
  }
  // Iterations overlap, so a batch of the model before may still come; an older one does not, and what is
  // kept for it goes before the new one takes as much.
  constexpr std::size_t kModelsInUse = 2;
  if (engines_.size() == kModelsInUse) engines_.erase(engines_.begin());
  SAMARA_TRY(DiffCodec codec, DiffCodec::make(model->tokenizer));
  SAMARA_TRY(std::unique_ptr<lm::Generator> generator, make_generator_(model));
  std::vector<lm::Tokens> message_tokens;
  for (const Message& message : options_.messages)
    message_tokens.push_back(codec.encode_request(message.text));
  const lm::TokenId end_token = codec.end_token();
  const lm::SamplingOptions sampling = sampling_of(options_, *model);
  engines_.push_back(std::make_unique<Engine>(Engine{std::move(model), std::move(codec), std::move(generator),
                                                     end_token, sampling, std::move(message_tokens)}));
  return engines_.back().get();
}

Result<std::vector<ProposalResult>> DiffOperator::propose(std::span<const MutationRequest> requests) {
  std::vector<ProposalResult> proposals(requests.size());
  for (std::size_t begin = 0; begin < requests.size();) {  // runs of requests of one iteration
    std::size_t end = begin + 1;
    while (end < requests.size() && requests[end].iteration == requests[begin].iteration) ++end;
    SAMARA_TRY(Engine* const engine, engine_for(requests[begin].iteration));
    SAMARA_TRY_STATUS(propose_with(*engine, requests.subspan(begin, end - begin),
                                   std::span(proposals).subspan(begin, end - begin)));
    begin = end;
  }
  return proposals;
}

void DiffOperator::show(const Program& program, const DiffCodec& codec, Parent& parent) const {
  parent.program = &program;
  if (!options_.comments) parent.bare = bare_program(program.source());
  const std::string& shown = parent.bare ? parent.bare->source : program.source();
  parent.lines = split_lines(shown);
  std::vector<std::size_t> costs;
  for (const std::string_view line : parent.lines) costs.push_back(codec.tokenizer().encode(line).size() + 2);
  parent.windows = windows_of(costs, options_.window_tokens);
  for (const Window& window : parent.windows) {
    parent.prompts.push_back(
        codec.encode_program(std::span(parent.lines).subspan(window.first, window.count)));
  }
  if (options_.constrained) {
    parent.python = PythonProgram::parse(shown, options_.known_names);
    if (options_.constrain_names) {
      parent.call_habits = call_habits(*parent.python);
      parent.faults = faults_of(*parent.python, parent);
    }
  }
}

std::vector<DiffOperator::Draft> DiffOperator::show_parents(
    const Engine& engine, std::span<const MutationRequest> requests,
    std::unordered_map<ProgramId, Parent>& parents) const {
  std::vector<Draft> drafts;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const MutationRequest& request = requests[i];
    SAMARA_CHECK(request.parent != nullptr && request.arm < arms_.size());
    const auto [found, is_new] = parents.try_emplace(request.parent->id());
    Parent& parent = found->second;
    if (is_new) show(*request.parent, engine.codec, parent);
    if (parent.windows.empty()) continue;
    Draft draft;
    draft.request = i;
    draft.parent = &parent;
    draft.rng = request.rng;
    if (options_.constrained) draft.attempts_left = options_.attempts;
    // Every child draws a window; that of the first one counts for its siblings, which so share its prompt.
    const auto windows = static_cast<std::uint32_t>(parent.windows.size());
    std::size_t window = draft.rng.below(windows);
    if (request.first_sibling) window = Rng(*request.first_sibling).below(windows);
    draft.window = parent.windows[window];
    draft.prompt = parent.prompts[window];
    draft.reusable_prefix = draft.prompt.size();
    const lm::Tokens& message = engine.message_tokens[request.arm];
    draft.prompt.insert(draft.prompt.end(), message.begin(), message.end());
    draft.prompt_size = draft.prompt.size();
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

lm::GenerationRequest DiffOperator::begin_attempt(const Engine& engine, Draft& draft) const {
  lm::GenerationRequest generation;
  generation.prompt = draft.prompt;
  generation.reusable_prefix = draft.reusable_prefix;
  generation.sampling = engine.sampling;
  generation.sampling.max_tokens -= static_cast<std::uint32_t>(draft.written().size());
  generation.stop_tokens = {&engine.end_token, 1};
  generation.rng = draft.rng;
  draft.rng = Rng(draft.rng.next_u64());
  --draft.attempts_left;
  if (options_.constrained) {
    draft.constraint.emplace(
        engine.codec, draft.parent->lines, draft.window,
        PythonGuard(*draft.parent->python, {options_.constrain_names, options_.comments}));
    for (const lm::TokenId token : draft.written()) draft.constraint->accept(token);
    generation.filter = &*draft.constraint;
  }
  return generation;
}

ProposalResult DiffOperator::read(const Engine& engine, const Draft& draft,
                                  const lm::Generation& completion) const {
  if (completion.finish == lm::FinishReason::kLength) {
    return does_not_apply(fmt::format("the diff does not end within {} tokens", options_.max_tokens));
  }
  if (completion.finish == lm::FinishReason::kStuck) {
    return does_not_apply("nothing that fits the program can follow what was written of the diff");
  }
  auto decoded = engine.codec.decode(completion.tokens, draft.window.count);
  if (std::string* reason = std::get_if<std::string>(&decoded)) return does_not_apply(std::move(*reason));
  auto& hunks = std::get<std::vector<Hunk>>(decoded);
  for (Hunk& hunk : hunks) hunk.line += draft.window.first;
  if (draft.parent->bare) hunks = hunks_of_whole(*draft.parent->bare, std::move(hunks));
  return Proposal{
      .source = apply_hunks(draft.parent->program->source(), hunks), .note = "", .used_donor = false};
}

std::vector<std::string> DiffOperator::faults_of(const PythonProgram& program, const Parent& parent) const {
  std::vector<std::string> faults = name_faults(program);
  const std::vector<std::string> of_calls = call_faults(program, options_.function, parent.call_habits);
  faults.insert(faults.end(), of_calls.begin(), of_calls.end());
  std::sort(faults.begin(), faults.end());
  return faults;
}

bool DiffOperator::changes_something(const Draft& draft, const ProposalResult& result) {
  const Proposal* proposal = std::get_if<Proposal>(&result);
  return proposal != nullptr && proposal->source != draft.parent->program->source();
}

std::size_t DiffOperator::tokens_to_keep(const Engine& engine, const Draft& draft,
                                         std::span<const lm::TokenId> tokens, const ProposalResult& result) {
  if (!changes_something(draft, result)) return 0;
  const auto shown = std::span(draft.parent->lines).subspan(draft.window.first, draft.window.count);
  return engine.codec.line_put_back(tokens, shown).value_or(0);
}

bool DiffOperator::is_good(const Draft& draft, const ProposalResult& result) const {
  if (!changes_something(draft, result)) return false;
  if (!options_.constrain_names) return true;
  // Read like the parent: what looks for faults looks at texts, and comments are in its way.
  const std::string& source = std::get<Proposal>(result).source;
  const std::string shown = draft.parent->bare ? bare_program(source).source : source;
  const std::vector<std::string> faults =
      faults_of(PythonProgram::parse(shown, options_.known_names), *draft.parent);
  return std::includes(draft.parent->faults.begin(), draft.parent->faults.end(), faults.begin(),
                       faults.end());
}

/// The attempts of a batch, one after the other for each draft. Further attempts go before first ones, so
/// that the last draft to end is not one that has just begun.
class DiffOperator::Attempts : public lm::RequestSource {
 public:
  Attempts(const DiffOperator& diff, const Engine& engine, std::span<Draft> drafts,
           std::span<ProposalResult> proposals)
      : diff_(diff), engine_(engine), drafts_(drafts), proposals_(proposals) {
    for (std::size_t i = drafts.size(); i > 0; --i) waiting_.push_back(i - 1);
  }

  std::vector<lm::GenerationRequest> take(std::size_t room) override {
    std::vector<lm::GenerationRequest> requests;
    for (; requests.size() < room && !waiting_.empty(); waiting_.pop_back()) {
      begun_.push_back(waiting_.back());
      requests.push_back(diff_.begin_attempt(engine_, drafts_[waiting_.back()]));
    }
    return requests;
  }

  void end(std::size_t number, Result<lm::Generation> completion) override {
    const std::size_t index = begun_[number];
    Draft& draft = drafts_[index];
    if (!completion.ok()) {
      if (status_.ok()) status_ = completion.error();
      waiting_.clear();
      return;
    }
    lm::Tokens& tokens = completion->tokens;
    tokens.insert(tokens.begin(), draft.written().begin(), draft.written().end());
    draft.prompt.resize(draft.prompt_size);
    ProposalResult& proposal = proposals_[draft.request];
    proposal = diff_.read(engine_, draft, *completion);
    if (draft.attempts_left == 0) return;
    const auto kept = static_cast<std::ptrdiff_t>(tokens_to_keep(engine_, draft, tokens, proposal));
    draft.prompt.insert(draft.prompt.end(), tokens.begin(), tokens.begin() + kept);
    if (kept > 0 || !diff_.is_good(draft, proposal)) waiting_.push_back(index);
  }

  const Status& status() const { return status_; }

 private:
  const DiffOperator& diff_;
  const Engine& engine_;
  std::span<Draft> drafts_;
  std::span<ProposalResult> proposals_;
  std::vector<std::size_t> waiting_;  ///< drafts to begin an attempt of, the last one first
  std::vector<std::size_t> begun_;    ///< draft of each attempt
  Status status_;
};

Status DiffOperator::propose_with(Engine& engine, std::span<const MutationRequest> requests,
                                  std::span<ProposalResult> proposals) {
  std::fill(proposals.begin(), proposals.end(),
            Failure{Outcome::kNoDiff, "the program has no lines to show"});
  std::unordered_map<ProgramId, Parent> parents;
  std::vector<Draft> drafts = show_parents(engine, requests, parents);
  Attempts attempts(*this, engine, drafts, proposals);
  engine.generator->serve(attempts);
  SAMARA_TRY_STATUS(attempts.status());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (Proposal* proposal = std::get_if<Proposal>(&proposals[i])) {
      proposal->note = options_.messages[requests[i].arm].text;
    }
  }
  return {};
}

}  // namespace samara::diff
