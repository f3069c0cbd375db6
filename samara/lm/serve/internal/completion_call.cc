#include "samara/lm/serve/internal/completion_call.h"

#include <algorithm>
#include <utility>

#include "samara/lm/serve/text_stream.h"

namespace samara::lm::serve {

class CompletionCall::Mailbox {
 public:
  void put(ChoiceEvent event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
    }
    changed_.notify_one();
  }
  void fail(const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = error;
    }
    changed_.notify_one();
  }
  std::vector<ChoiceEvent> take(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [this] { return !events_.empty() || error_.has_value(); });
    return std::exchange(events_, {});
  }
  std::optional<Error> error() {
    const std::lock_guard lock(mutex_);
    return error_;
  }

  std::atomic<bool> abandoned{false};

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ChoiceEvent> events_;
  std::optional<Error> error_;
};

/// Outlives the call where the pool still works on a batch that it is part of.
class CompletionCall::Choice final : public GenerationListener {
 public:
  Choice(std::size_t index, std::uint32_t max_tokens, const CompletionAsk& ask, const ServedModel& model,
         const Tokens& stop_tokens, std::shared_ptr<Mailbox> mailbox)
      : index_(index),
        max_tokens_(max_tokens),
        skip_special_tokens_(ask.skip_special_tokens),
        tokenizer_(model.tokenizer),
        stop_tokens_(stop_tokens),
        text_(ask.stops),
        mailbox_(std::move(mailbox)) {}

  std::uint32_t max_tokens() const { return max_tokens_; }
  std::size_t tokens() const { return tokens_; }

  bool wants_more() const override { return !ended_ && !mailbox_->abandoned; }

  void on_token(TokenId token) override {
    ++tokens_;
    if (std::find(stop_tokens_.begin(), stop_tokens_.end(), token) != stop_tokens_.end()) {
      return end(text_.finish(), "stop");
    }
    const bool hidden = skip_special_tokens_ && tokenizer_.is_special(token);
    std::string text = text_.push(hidden ? std::string_view() : tokenizer_.bytes(token));
    if (text_.stopped()) return end(std::move(text), "stop");
    if (tokens_ >= max_tokens_) return end(text + text_.finish(), "length");
    if (!text.empty()) mailbox_->put({index_, std::move(text), ""});
  }

  void on_end(const Status& status) override {
    if (ended_) return;
    if (!status.ok()) return mailbox_->fail(status.error());
    end(text_.finish(), "length");
  }

 private:
  void end(std::string text, const char* reason) {
    ended_ = true;
    mailbox_->put({index_, std::move(text), reason});
  }

  const std::size_t index_;
  const std::uint32_t max_tokens_;
  const bool skip_special_tokens_;
  const Tokenizer tokenizer_;
  const Tokens stop_tokens_;
  TextStream text_;
  std::shared_ptr<Mailbox> mailbox_;
  std::atomic<std::size_t> tokens_{0};
  bool ended_ = false;
};

CompletionCall::CompletionCall(CompletionAsk ask, const ServedModel& model, const Tokens& stop_tokens)
    : ask_(std::move(ask)), mailbox_(std::make_shared<Mailbox>()) {
  for (std::size_t i = 0; i < choices(); ++i) {
    // The context ends a completion too; the pool need not be asked to find out.
    const std::size_t room = model.max_positions - ask_.prompts[i / ask_.n]->size();
    const auto max_tokens = static_cast<std::uint32_t>(std::min<std::size_t>(ask_.sampling.max_tokens, room));
    choices_.push_back(std::make_shared<Choice>(i, max_tokens, ask_, model, stop_tokens, mailbox_));
  }
  open_ = choices_.size();
}

CompletionCall::~CompletionCall() {
  abandon();
}

std::vector<GenerationJob> CompletionCall::jobs(std::uint64_t seed, std::uint32_t request) const {
  std::vector<GenerationJob> jobs;
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    GenerationJob job;
    job.prompt = ask_.prompts[i / ask_.n];
    job.sampling = ask_.sampling;
    job.sampling.max_tokens = choices_[i]->max_tokens();
    job.rng = Rng(seed, request, static_cast<std::uint32_t>(i), Stream{0});
    job.listener = choices_[i];
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::vector<ChoiceEvent> CompletionCall::wait(std::chrono::milliseconds patience) {
  std::vector<ChoiceEvent> events = mailbox_->take(patience);
  for (const ChoiceEvent& event : events) open_ -= event.finish_reason.empty() ? 0 : 1;
  return events;
}

std::optional<Error> CompletionCall::error() const {
  return mailbox_->error();
}

void CompletionCall::abandon() {
  mailbox_->abandoned = true;
}

std::size_t CompletionCall::prompt_tokens() const {
  std::size_t tokens = 0;
  for (const auto& prompt : ask_.prompts) tokens += prompt->size();
  return tokens;
}

std::size_t CompletionCall::completion_tokens() const {
  std::size_t tokens = 0;
  for (const auto& choice : choices_) tokens += choice->tokens();
  return tokens;
}

}  // namespace samara::lm::serve
