// DiffOperator: the language model as mutation operator. It shows the diff model a parent and a commit
// message, samples a diff and applies it. Each message is an arm. Read docs/mutation-diff.md for the whole,
// docs/formats/diff-encoding.md for what the model reads and writes, diff_constraint.h for what its diffs are
// held to. A proposal is a pure function of its request and of the model that its iteration writes with. One
// thread per operator object.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "samara/lm/generator.h"
#include "samara/lm/model.h"
#include "samara/mutation/diff/diff_codec.h"
#include "samara/mutation/diff/python_program.h"
#include "samara/mutation/mixture.h"
#include "samara/mutation/operator.h"

namespace samara::diff {

/// A commit message to mutate with. "{function}" in the text stands for the function that the domain calls.
struct Message {
  std::string arm;  ///< name of the arm, e.g. "diff.change"
  std::string text;
  double weight = 1.0;
};

/// The three messages of Lehman et al., "Evolution through Large Models" (2022), with their probabilities.
std::vector<Message> paper_messages();

/// A message's text with `function` in the place of "{function}".
std::string filled_in(std::string text, std::string_view function);

/// Messages as arms with weights.
std::vector<ArmWeight> arm_weights(std::span<const Message> messages);

/// Says which model writes the diffs of an iteration. Called from every worker's thread.
class ModelSource {
 public:
  virtual ~ModelSource() = default;
  virtual Result<std::shared_ptr<const lm::Model>> model_for(std::uint32_t iteration) = 0;
};

/// One model for the whole run.
std::unique_ptr<ModelSource> fixed_model(std::shared_ptr<const lm::Model> model);

using GeneratorFactory =
    std::function<Result<std::unique_ptr<lm::Generator>>(std::shared_ptr<const lm::Model> model)>;

struct DiffOptions {
  std::vector<Message> messages = paper_messages();
  std::string function;                  ///< what "{function}" in a message stands for
  std::vector<std::string> known_names;  ///< names that programs may use without binding them
  lm::SamplingAdvice sampling;     ///< goes before what the model's folder says; else 0.8 and all tokens
  std::uint32_t max_tokens = 160;  ///< of a completion
  /// Of a program that a prompt shows. Of longer ones it shows a part.
  std::uint32_t window_tokens = 400;
  bool constrained = true;      ///< hold diffs to what applies and can be valid Python
  bool constrain_names = true;  ///< and names to those that exist; see python_guard.h
  /// Show the model comment lines, and let constrained diffs add comments. If not, comments are kept as they
  /// are or go with the line that they stand in.
  bool comments = false;
  /// Constrained diffs that run into a dead end, change nothing, or use names or calls in a wrong way that
  /// the parent does not (name_faults.h, call_faults.h), are drawn anew, and those that put back one of
  /// several lines are drawn anew from that line on, until this many have been drawn. The last one stands,
  /// whatever it is. At least 1.
  std::uint32_t attempts = 8;
};

class DiffOperator : public MutationOperator {
 public:
  DiffOperator(std::shared_ptr<ModelSource> models, GeneratorFactory make_generator, DiffOptions options);
  ~DiffOperator() override;

  std::span<const std::string> arms() const override { return arms_; }

  /// Failures: kNoDiff for a parent that has no lines to show, kDiffDoesNotApply, with the reason, for a
  /// completion that is no diff of the parent. Errors: the model source's, the generator's, kUnsupported for
  /// a model that is no diff model.
  Result<std::vector<ProposalResult>> propose(std::span<const MutationRequest> requests) override;

 private:
  struct Engine;
  struct Parent;
  struct Draft;
  class Attempts;

  Result<Engine*> engine_for(std::uint32_t iteration);
  void show(const Program& program, const DiffCodec& codec, Parent& parent) const;
  std::vector<Draft> show_parents(const Engine& engine, std::span<const MutationRequest> requests,
                                  std::unordered_map<ProgramId, Parent>& parents) const;
  lm::GenerationRequest begin_attempt(const Engine& engine, Draft& draft) const;
  ProposalResult read(const Engine& engine, const Draft& draft, const lm::Generation& completion) const;
  std::vector<std::string> faults_of(const PythonProgram& program, const Parent& parent) const;
  static bool changes_something(const Draft& draft, const ProposalResult& result);
  /// The tokens of a diff before a line that it puts back, if it changes another one: it meant to change that
  /// line, too. Else 0.
  static std::size_t tokens_to_keep(const Engine& engine, const Draft& draft,
                                    std::span<const lm::TokenId> tokens, const ProposalResult& result);
  bool is_good(const Draft& draft, const ProposalResult& result) const;
  Status propose_with(Engine& engine, std::span<const MutationRequest> requests,
                      std::span<ProposalResult> proposals);

  std::shared_ptr<ModelSource> models_;
  GeneratorFactory make_generator_;
  DiffOptions options_;
  std::vector<std::string> arms_;
  std::vector<std::unique_ptr<Engine>> engines_;  ///< the models in use, newest last
};

}  // namespace samara::diff
