#include "samara/mutation/prompt/correspondence.h"

#include <algorithm>

namespace samara::prompt {

using endpoint::Answer;
using endpoint::Question;
using endpoint::Spending;

namespace {

/// Writes what the client hears to the journal.
class JournalKeeper : public endpoint::CallListener {
 public:
  explicit JournalKeeper(ReplyJournal& journal) : journal_(journal) {}

  Status on_answer(const Question& question, const Answer& answer) override {
    RecordedReply reply;
    reply.iteration = question.key.iteration;
    reply.slot = question.key.slot;
    reply.attempt = question.key.attempt;
    reply.model = question.model;
    reply.arm = question.arm;
    reply.request = endpoint::request_hash(question);
    reply.subject = endpoint::subject_hash(question);
    reply.refused = answer.refused;
    reply.text = answer.text;
    reply.served_model = answer.served_model;
    reply.finish_reason = answer.finish_reason;
    reply.prompt_tokens = answer.prompt_tokens;
    reply.completion_tokens = answer.completion_tokens;
    reply.counted = answer.counted;
    reply.cost = answer.cost;
    return journal_.add(reply);
  }

  Status on_failure(const Question& question, const Spending& spent) override {
    return journal_.add_failure({question.model, question.arm, spent.requests, spent.failures,
                                 spent.prompt_tokens, spent.completion_tokens, spent.cost});
  }

 private:
  ReplyJournal& journal_;
};

Answer answer_of(RecordedReply reply) {
  Answer answer;
  answer.refused = reply.refused;
  answer.text = std::move(reply.text);
  answer.served_model = std::move(reply.served_model);
  answer.finish_reason = std::move(reply.finish_reason);
  answer.prompt_tokens = reply.prompt_tokens;
  answer.completion_tokens = reply.completion_tokens;
  answer.counted = reply.counted;
  answer.cost = reply.cost;
  return answer;
}

std::string name_of(const endpoint::QuestionKey& key) {
  return fmt::format("iteration {}, slot {}, attempt {}", key.iteration, key.slot, key.attempt + 1);
}

}  // namespace

struct Correspondence::Impl {
  std::filesystem::path folder;
  std::unique_ptr<ReplyJournal> journal;
  std::optional<JournalKeeper> keeper;
  std::optional<endpoint::Account> account;
  std::unique_ptr<endpoint::Client> client;  // ends before what it writes to
};

Correspondence::Correspondence(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Correspondence::~Correspondence() = default;

Result<std::unique_ptr<Correspondence>> Correspondence::open(const std::filesystem::path& run_folder,
                                                             CorrespondenceOptions options,
                                                             const std::atomic<bool>& stop) {
  auto impl = std::make_unique<Impl>();
  impl->folder = run_folder;
  SAMARA_TRY(impl->journal, ReplyJournal::open(run_folder, Access::kWrite));
  impl->keeper.emplace(*impl->journal);
  Spending spent;
  SAMARA_TRY(const std::vector<LedgerLine> ledger, impl->journal->ledger());
  for (const LedgerLine& line : ledger) {
    spent += {line.requests, line.failures, line.prompt_tokens, line.completion_tokens, line.cost};
    if (options.client && line.requests > line.failures) options.client->known_good.insert(line.model);
  }
  impl->account.emplace(options.budget, spent);
  if (options.client) {
    SAMARA_TRY(impl->client, endpoint::Client::make(std::move(*options.client), *impl->account, *impl->keeper,
                                                    std::move(options.observe), stop));
  }
  return std::unique_ptr<Correspondence>(new Correspondence(std::move(impl)));
}

Result<std::vector<Answer>> Correspondence::answers(std::span<const Question> questions) {
  std::vector<Answer> answers(questions.size());
  std::vector<Question> open;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const endpoint::QuestionKey& key = questions[i].key;
    SAMARA_TRY(std::optional<RecordedReply> reply,
               impl_->journal->find(key.iteration, key.slot, key.attempt));
    if (!reply) {
      if (!impl_->client) {
        return make_error(
            ErrorCode::kNotFound,
            "the replies in {} have none for {}: what is replayed must be a whole run of the same "
            "Samara, and no longer than it was",
            impl_->folder.string(), name_of(key));
      }
      open.push_back(questions[i]);
      places.push_back(i);
      continue;
    }
    if (reply->subject != endpoint::subject_hash(questions[i])) {
      return make_error(ErrorCode::kInvalidData,
                        "the reply that is recorded in {} for {} answers another question: the spec or the "
                        "log was changed, or another version of Samara wrote them",
                        impl_->folder.string(), name_of(key));
    }
    answers[i] = answer_of(std::move(*reply));
  }
  if (open.empty()) return answers;
  SAMARA_TRY(std::vector<Answer> fresh, impl_->client->ask(open));
  for (std::size_t i = 0; i < fresh.size(); ++i) answers[places[i]] = std::move(fresh[i]);
  return answers;
}

void Correspondence::cancel() {
  if (impl_->client) impl_->client->cancel();
}

ReplyJournal& Correspondence::journal() {
  return *impl_->journal;
}

Correspondence::Figures Correspondence::figures() const {
  Figures figures;
  figures.spent = impl_->account->total();
  if (impl_->client) {
    figures.in_flight = impl_->client->in_flight();
    figures.paused = impl_->client->paused();
  }
  return figures;
}

}  // namespace samara::prompt
