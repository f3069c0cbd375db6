// PromptOperator: any language model behind an endpoint as mutation operator. It shows a model the parent
// with its context, reads an edit or a whole program out of the reply, and answers a reply that cannot be
// used once with the reason. Each form is an arm. Read docs/prompt-operator.md for the whole and
// correspondence.h for where replies come from. A proposal is a pure function of its request and of the
// replies to it. One thread per operator object.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "samara/mutation/mixture.h"
#include "samara/mutation/operator.h"
#include "samara/mutation/prompt/correspondence.h"
#include "samara/mutation/prompt/prompt_form.h"

namespace samara::prompt {

struct PromptArm {
  std::string name;  ///< e.g. "prompt.diff"
  PromptForm form;
};

struct PromptOptions {
  std::vector<PromptArm> arms;
  PromptForm retry;      ///< its last message answers a reply that cannot be used
  bool retries = true;   ///< whether there is a second attempt
  std::string task;      ///< what is evolved, in a sentence or a page; may be empty
  std::string language;  ///< e.g. "python"; marks code blocks
  std::string function;  ///< that the domain calls; may be empty
  /// Why the domain will not try a program, as "adds line 1 ..."; empty: it tries every one.
  std::function<std::optional<std::string>(std::string_view program)> forbidden;
  std::vector<std::string> behavior_names;  ///< of the behavior dimensions, with their units
  std::map<std::string, bool> minimized;    ///< metrics with a direction, and whether smaller is better
  std::size_t max_program_bytes = std::size_t{64} << 10;
  std::size_t chunk = 256;  ///< requests in flight together
};

/// Name of the model that is asked: a draw from the candidate's stream with what is known in its iteration.
using ModelPicker = std::function<std::string(std::uint32_t iteration, Rng& rng)>;

/// What a reply comes to.
struct ReadReply {
  ProposalResult result;
  std::string reason;  ///< why it cannot be used, for the model; empty where it can
};

/// Reads a proposal out of a model's reply: search/replace blocks, a unified diff or a whole program. A
/// program that differs from its parent in nothing but white space at the end of the text is the parent,
/// which is a reason too.
/// @param cut_off the reply ended at the limit of tokens
ReadReply read_reply(const std::string& parent, std::string_view reply, bool cut_off,
                     std::size_t max_program_bytes);

/// Whether a reply has an edit or a program in it, be it one that does not apply. What goes on from the
/// prompt's last line (Question::continues) need only say something.
bool has_code(const endpoint::Question& question, const endpoint::Answer& answer);

class PromptOperator : public MutationOperator {
 public:
  /// @param correspondence shared by all workers' operators
  PromptOperator(std::shared_ptr<Correspondence> correspondence, ModelPicker pick_model,
                 PromptOptions options);

  std::span<const std::string> arms() const override { return arms_; }
  bool needs_context() const override { return true; }
  std::size_t preferred_chunk() const override { return options_.chunk; }

  /// Failures: kNoDiff for prose, for an edit that changes nothing and for a question that the endpoint
  /// refuses; kDiffDoesNotApply, with the reason. After two attempts a program may still be its parent, or
  /// one that the domain forbids. Errors: those of Correspondence::answers().
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override;

 private:
  Scope scope_of(const MutationRequest& request) const;
  Scope scope_of(const Neighbor& program) const;

  std::shared_ptr<Correspondence> correspondence_;
  ModelPicker pick_model_;
  PromptOptions options_;
  std::vector<std::string> arms_;
};

}  // namespace samara::prompt
