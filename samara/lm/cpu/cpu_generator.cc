#include "samara/lm/cpu/cpu_generator.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <unordered_map>
#include <utility>

#include "samara/lm/cpu/internal/prompt_reader.h"
#include "samara/lm/cpu/internal/token_sampler.h"

namespace samara::lm {
namespace {

using namespace cpu;  // NOLINT: this file is the door to that namespace

/// A request from when it is taken until it ends.
struct Job {
  std::size_t number = 0;
  GenerationRequest request;
  Generation generation = {};
};
using JobPtr = std::list<Job>::iterator;

/// Completions of one prompt wait here for slots.
struct Family {
  Prompt prompt;
  std::vector<JobPtr> jobs;
  std::size_t started = 0;  ///< of them
};

/// A request under way.
struct Slot {
  JobPtr job;
  const GenerationRequest* request = nullptr;  ///< of the job, as is the next
  Generation* generation = nullptr;
  KvSequence sequence;
  Rng rng;
  std::size_t fed = 0;  ///< tokens, of prompt and completion, whose keys and values are known
  bool ended = false;   ///< no token follows; log-probabilities of forced ones may be outstanding

  std::size_t length() const { return request->prompt.size() + generation->tokens.size(); }
  /// Tokens to go through the decoder next. The last token of a completion that has ended need not.
  std::size_t unfed() const { return length() - fed - (ended ? 1 : 0); }
};

/// Requests that are all there from the beginning.
class Batch final : public RequestSource {
 public:
  explicit Batch(std::span<const GenerationRequest> requests)
      : waiting_(requests.begin(), requests.end()), generations_(requests.size()) {}

  std::vector<GenerationRequest> take(std::size_t) override { return std::exchange(waiting_, {}); }
  void end(std::size_t number, Result<Generation> generation) override {
    if (generation.ok()) {
      generations_[number] = *std::move(generation);
    } else if (!error_) {
      error_ = generation.error();
    }
  }
  Result<std::vector<Generation>> result() {
    if (error_) return *error_;
    return std::move(generations_);
  }

 private:
  std::vector<GenerationRequest> waiting_;
  std::vector<Generation> generations_;
  std::optional<Error> error_;
};

class CpuGenerator final : public Generator {
 public:
  CpuGenerator(std::shared_ptr<const PackedModel> model, const CpuGeneratorOptions& options)
      : model_(std::move(model)),
        config_(model_->config()),
        slots_(options.slots),
        decoder_(model_->parts()),
        pool_(model_->prefixes().pool()),
        reader_(config_, decoder_, model_->prefixes()),
        sampler_(*model_->parts().kernels, config_.vocab_size) {}

  Result<std::vector<Generation>> generate(std::span<const GenerationRequest> requests) override {
    for (std::size_t i = 0; i < requests.size(); ++i) SAMARA_TRY_STATUS(check(requests[i], i));
    Batch batch(requests);
    serve(batch);
    return batch.result();
  }

  void serve(RequestSource& source) override;

 private:
  Status check(const GenerationRequest& request, std::size_t index) const;
  bool take_in(RequestSource& source);
  void admit(RequestSource& source);
  void step(RequestSource& source);
  void feed(std::span<const Row> rows, std::span<Slot* const> owners);
  void choose(Slot& slot);
  void append(Slot& slot, TokenId token);
  void end(RequestSource& source, JobPtr job) {
    source.end(job->number, std::move(job->generation));
    jobs_.erase(job);
  }

  std::shared_ptr<const PackedModel> model_;
  const ModelConfig& config_;
  std::size_t slots_;
  Decoder decoder_;
  PagePool& pool_;
  PromptReader reader_;
  TokenSampler sampler_;
  std::size_t taken_ = 0;       // requests, by this serve()
  std::list<Job> jobs_;         // that have not ended
  std::list<Family> families_;  // of those that have not begun
  std::list<Slot> active_;
};

Status CpuGenerator::check(const GenerationRequest& request, std::size_t index) const {
  const auto refuse = [&](const std::string& why) {
    return make_error(ErrorCode::kInvalidArgument, "request {} cannot be completed: {}", index, why);
  };
  if (request.prompt.empty()) return refuse("its prompt is empty; give at least one token");
  if (request.prompt.size() >= config_.max_positions) {
    return refuse(fmt::format("its prompt has {} tokens and the model's context {}; shorten the prompt",
                              request.prompt.size(), config_.max_positions));
  }
  for (const TokenId token : request.prompt) {
    if (token >= config_.vocab_size) {
      return refuse(fmt::format("token {} is not one of the model's {}; encode with the model's tokenizer",
                                token, config_.vocab_size));
    }
  }
  const SamplingOptions& sampling = request.sampling;
  if (!(sampling.temperature >= 0.0F) || !std::isfinite(sampling.temperature)) {
    return refuse(fmt::format("temperature {} is not a number from 0 on", sampling.temperature));
  }
  if (!(sampling.top_p >= 0.0F && sampling.top_p <= 1.0F)) {
    return refuse(fmt::format("top-p {} is not within 0 to 1", sampling.top_p));
  }
  return {};
}

void CpuGenerator::serve(RequestSource& source) {
  taken_ = 0;
  try {
    for (admit(source); !active_.empty(); admit(source)) step(source);
  } catch (const dnnl::error& error) {
    active_.clear();
    families_.clear();
    for (const Job& job : jobs_) {
      source.end(job.number,
                 make_error(ErrorCode::kInternal, "sampling failed: oneDNN says: {}", error.message));
    }
    jobs_.clear();
  }
}

/// Takes requests, by equal prompts, those with equal prefixes next to each other, otherwise as they come.
/// False when nothing waits.
bool CpuGenerator::take_in(RequestSource& source) {
  const std::vector<GenerationRequest> requests = source.take(slots_ - active_.size());
  std::unordered_map<std::string_view, std::list<Family>::iterator> by_prompt, by_prefix;
  for (const GenerationRequest& request : requests) {
    const std::size_t number = taken_++;
    if (const Status status = check(request, number); !status.ok()) {
      source.end(number, status.error());
      continue;
    }
    jobs_.push_back({number, request});
    const JobPtr job = std::prev(jobs_.end());
    const auto known = by_prompt.find(token_bytes(request.prompt));
    if (known != by_prompt.end()) {
      known->second->jobs.push_back(job);
      continue;
    }
    const std::size_t reusable = std::min(request.reusable_prefix, request.prompt.size());
    const auto prefix = token_bytes(request.prompt.first(reusable));
    const auto relative = reusable == 0 ? by_prefix.end() : by_prefix.find(prefix);
    const auto place = relative == by_prefix.end() ? families_.end() : std::next(relative->second);
    const auto family = families_.insert(place, {{request.prompt, reusable, KvSequence(pool_), {}}, {job}});
    by_prompt.emplace(token_bytes(request.prompt), family);
    by_prefix.insert_or_assign(prefix, family);
  }
  return !requests.empty();
}

/// Fills the free slots; a request whose first token is its last does not keep one.
void CpuGenerator::admit(RequestSource& source) {
  while (active_.size() < slots_) {
    while (families_.empty()) {
      if (!take_in(source)) return;
    }
    std::vector<Prompt*> needed;
    std::size_t free = slots_ - active_.size();
    // No more than fit in a pass: the logits of a prompt that has been read wait here.
    for (auto family = families_.begin();
         family != families_.end() && free > 0 && needed.size() < decoder_.max_rows(); ++family) {
      needed.push_back(&family->prompt);
      free -= std::min(free, family->jobs.size() - family->started);
    }
    reader_.read(needed);
    while (active_.size() < slots_ && !families_.empty() && !families_.front().prompt.logits.empty()) {
      Family& family = families_.front();
      const JobPtr job = family.jobs[family.started++];
      const GenerationRequest& request = job->request;
      const std::size_t length = request.prompt.size();
      active_.push_back(
          {job, &request, &job->generation, family.prompt.sequence.fork(length), request.rng, length});
      Slot& slot = active_.back();
      if (request.sampling.max_tokens == 0) {
        slot.ended = true;
        slot.fed = length - 1;
      } else {
        sampler_.read(family.prompt.logits.data());
        choose(slot);
      }
      if (family.started == family.jobs.size()) families_.pop_front();
      if (slot.unfed() > 0) continue;
      active_.pop_back();
      end(source, job);
    }
  }
}

/// One pass (or more, where much was forced) for all slots.
void CpuGenerator::step(RequestSource& source) {
  std::vector<Row> rows;
  std::vector<Slot*> owners;
  for (Slot& slot : active_) {
    const std::size_t unfed = slot.unfed();
    slot.sequence.reserve(slot.fed + unfed);
    for (std::size_t i = 0; i < unfed; ++i) {
      const std::size_t position = slot.fed + i;
      rows.push_back(
          {slot.generation->tokens[position - slot.request->prompt.size()], position, &slot.sequence});
      owners.push_back(&slot);
    }
  }
  for (std::size_t from = 0; from < rows.size(); from += decoder_.max_rows()) {
    const std::size_t count = std::min(decoder_.max_rows(), rows.size() - from);
    feed(std::span(rows).subspan(from, count), std::span(owners).subspan(from, count));
  }
  for (auto slot = active_.begin(); slot != active_.end();) {
    if (slot->unfed() > 0) {
      ++slot;
      continue;
    }
    const JobPtr job = slot->job;
    slot = active_.erase(slot);
    end(source, job);
  }
}

void CpuGenerator::feed(std::span<const Row> rows, std::span<Slot* const> owners) {
  decoder_.forward(rows);
  std::vector<std::size_t> all(rows.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const float* logits = decoder_.logits(all);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Slot& slot = *owners[i];
    sampler_.read(logits + i * config_.vocab_size);
    slot.fed = rows[i].position + 1;
    if (slot.fed < slot.length()) {
      const Tokens& tokens = slot.generation->tokens;
      slot.generation->log_probability +=
          sampler_.log_probability(tokens[slot.fed - slot.request->prompt.size()]);
    } else {
      choose(slot);
    }
  }
}

/// Appends the token that the sampler has read the logits of, and those that are forced after it, whose
/// log-probabilities follow when they are fed.
void CpuGenerator::choose(Slot& slot) {
  TokenFilter* filter = slot.request->filter;
  std::optional<TokenId> token = filter != nullptr ? filter->forced() : std::nullopt;
  if (!token) token = sampler_.choose(slot.request->sampling, filter, slot.rng);
  if (!token) {
    slot.ended = true;
    slot.fed = slot.length() - 1;
    slot.generation->finish = FinishReason::kStuck;
    return;
  }
  slot.generation->log_probability += sampler_.log_probability(*token);
  append(slot, *token);
  if (filter == nullptr) return;
  while (!slot.ended && (token = filter->forced())) append(slot, *token);
}

void CpuGenerator::append(Slot& slot, TokenId token) {
  const GenerationRequest& request = *slot.request;
  SAMARA_CHECK(token < config_.vocab_size);
  Tokens& tokens = slot.generation->tokens;
  tokens.push_back(token);
  if (request.filter != nullptr) request.filter->accept(token);
  if (std::find(request.stop_tokens.begin(), request.stop_tokens.end(), token) != request.stop_tokens.end()) {
    slot.ended = true;
    slot.generation->finish = FinishReason::kStop;
  } else if (tokens.size() >= request.sampling.max_tokens || slot.length() >= config_.max_positions) {
    slot.ended = true;
    slot.generation->finish = FinishReason::kLength;
  }
}

}  // namespace

Result<std::unique_ptr<Generator>> make_cpu_generator(std::shared_ptr<const PackedModel> model,
                                                      const CpuGeneratorOptions& options) {
  if (options.slots == 0) {
    return make_error(ErrorCode::kInvalidArgument, "a sampler needs at least one slot; the default is {}",
                      CpuGeneratorOptions{}.slots);
  }
  return std::unique_ptr<Generator>(std::make_unique<CpuGenerator>(std::move(model), options));
}

}  // namespace samara::lm
