#include "samara/endpoint/client.h"

#include <pthread.h>

#include <algorithm>
#include <cctype>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <optional>
#include <random>
#include <system_error>
#include <thread>
#include <unordered_map>

#include "samara/base/clock.h"
#include "samara/base/text.h"
#include "samara/endpoint/internal/pace.h"
#include "samara/endpoint/internal/verdict.h"
#include "samara/net/http_client.h"
#include "samara/net/sse.h"

namespace samara::endpoint {
namespace {

using internal::Verdict;

constexpr std::size_t kShortestSecret = 8;
// A question that failed so often while others of its model were answered as often will not be answered.
constexpr int kTriesOfAQuestion = 8;

/// What one ask() waits for.
struct Batch {
  std::span<const Question> questions;
  std::vector<Answer> answers;
  std::size_t left = 0;
  std::optional<Error> error;
};

/// A question on its way to an answer.
struct Job {
  const Question* question = nullptr;
  Batch* batch = nullptr;
  std::size_t place = 0;  ///< in the batch
  int tries = 0;
  std::uint64_t answered_before = 0;  ///< answers of its model when it was first tried
  std::uint64_t useless = 0;          ///< answers to it that were not usable and not taken
};

/// The text with "[key]" in place of the key. Before anything is cut: a part of a key is not found any more.
std::string without_key(std::string text, const std::string& key) {
  if (key.size() < kShortestSecret) return text;
  for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
    text.replace(at, key.size(), "[key]");
  }
  return text;
}

/// The body of a call that was asked to be a stream. Endpoints that do not stream answer with an object.
struct StreamBody {
  StreamedAnswer answer;
  SseReader reader;
  std::string object;

  explicit StreamBody(const std::string& key) : key_(key) {}

  bool take(std::string_view part) {
    if (!begun_) part.remove_prefix(std::min(part.find_first_not_of(" \t\r\n"), part.size()));
    if (!object.empty() || (!begun_ && part.starts_with('{'))) {
      object += part;  // bounded by the client's largest body
      return true;
    }
    begun_ = begun_ || !part.empty();
    return reader.feed(
        part, [this](std::string_view data) { return answer.take(without_key(std::string(data), key_)); });
  }

 private:
  const std::string& key_;  ///< borrowed
  bool begun_ = false;
};

struct Call {
  Job job;
  Spending most;
  double started = 0.0;
  bool is_probe = false;
  std::unique_ptr<StreamBody> streamed;
};

struct ModelState {
  std::uint64_t answered = 0;
  std::vector<Job> doubtful;  ///< not taken, and none was answered yet
  std::string doubt;          ///< why
  std::size_t open = 0;       ///< jobs without an answer, doubtful ones too
  bool told_other = false;    ///< that another model answers in its place
};

/// Whether two names may be one model's: "provider/name" and "name-2024-08-06".
bool may_be_same_model(std::string_view asked, std::string_view served) {
  const auto plain = [](std::string_view name) {
    std::string text(name.substr(name.rfind('/') + 1));
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  };
  const std::string a = plain(asked), b = plain(served);
  return a.starts_with(b) || b.starts_with(a) || a.ends_with(b) || b.ends_with(a);
}

/// What came instead of something usable, for people.
std::string useless_text(const Answer& answer, const std::string& asked_model) {
  const std::string begin = one_line(answer.text, 100);
  return fmt::format("{} replies in a row had no code in them; the last, of model '{}'{}, {}", kUselessInRow,
                     answer.served_model.empty() ? asked_model : answer.served_model,
                     answer.finish_reason == "length" ? " and cut off at the limit of tokens" : "",
                     begin.empty() ? "is empty" : fmt::format("begins: '{}'", begin));
}

Answer refusal(std::string reason) {
  Answer answer;
  answer.refused = true;
  answer.text = std::move(reason);
  return answer;
}

}  // namespace

Result<std::string> key_from_environment(const std::string& variable) {
  const char* const value = std::getenv(variable.c_str());
  if (value == nullptr || *value == '\0') {
    return make_error(ErrorCode::kInvalidArgument,
                      "the environment variable {} is not set; it must hold the endpoint's key", variable);
  }
  const std::string key(value);
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!plain) {
    return make_error(
        ErrorCode::kInvalidArgument,
        "the value of the environment variable {} cannot be a key: it has blanks, line breaks or "
        "other special characters in it",
        variable);
  }
  return key;
}

struct Client::Impl {
  Impl(ClientOptions options_, Account& account_, CallListener& listener_, Observer observe_,
       const std::atomic<bool>& stop_)
      : options(std::move(options_)),
        account(account_),
        listener(listener_),
        observe(std::move(observe_)),
        stop(stop_),
        host(host_of(options.url)),
        pace({options.in_flight, options.first_pause_seconds, options.max_pause_seconds},
             Rng(std::random_device{}())) {}

  // Set up once.
  ClientOptions options;
  std::uint64_t most_completion = most_completion_tokens(options.sampling);
  Account& account;
  CallListener& listener;
  Observer observe;
  const std::atomic<bool>& stop;
  std::string host;
  std::unique_ptr<HttpClient> http;
  std::thread thread;

  // Shared with the threads that ask.
  mutable std::mutex mutex;
  std::condition_variable answered;
  std::vector<Batch*> inbox;
  std::string pause_reason;
  std::atomic<std::size_t> calls_in_flight{0};
  std::atomic<bool> cancelled{false}, quitting{false};

  // Of the client's thread alone.
  std::vector<Batch*> batches;
  std::deque<Job> ready;
  std::multimap<double, Job> delayed;  ///< by the time before which they are not tried
  std::unordered_map<std::uint64_t, Call> calls;
  std::map<std::string, ModelState> models;
  std::optional<Error> fatal;
  internal::Pace pace;
  int useless_in_row = 0;  ///< answers, over all models
  bool seen_usable = false;

  void work();
  void take_inbox();
  void start_calls(double now);
  bool start(Job job, double now);
  double seconds_to_wait(double now) const;
  Verdict judge(Result<HttpReply> reply, const Call& call) const;
  void end(HttpEnded ended);
  void finish(const Job& job, Answer answer);
  void ask_again(Job job, const Verdict& verdict, double now);
  void note_failure(const Verdict& verdict, const Call& call, double now);
  void note_answer(const std::string& model, double now);
  bool is_usable(const Question& question, const Answer& answer);
  void tell_other_model(const Question& question, const Answer& answer);
  void settle_doubts();
  void fail(Error error);
  void say(Notice notice) const {
    if (observe) observe(notice);
  }
  Spending most_of(const Question& question) const;
  Price price_of(const std::string& model) const {
    const auto found = options.prices.find(model);
    return found == options.prices.end() ? Price{} : found->second;
  }
  std::string redacted(std::string text) const { return without_key(std::move(text), options.api_key); }
};

/// The most that an answer can cost: no text has more tokens than bytes, and what frames a message is small.
Spending Client::Impl::most_of(const Question& question) const {
  Spending most;
  most.requests = 1;
  most.prompt_tokens = text_bytes(question) + 16 * (question.messages.size() + 1);
  most.completion_tokens = most_completion;
  most.cost = price_of(question.model).of(most.prompt_tokens, most.completion_tokens);
  return most;
}

void Client::Impl::work() {
  // A connection that is cut under TLS raises it, and on other threads it means a closed terminal.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (!quitting.load()) {
    take_inbox();
    if (cancelled.load() || stop.load()) fail(make_error(ErrorCode::kCancelled, "stopped"));
    const double now = wall_seconds();
    if (!fatal) start_calls(now);
    calls_in_flight = calls.size();
    for (HttpEnded& ended : http->wait(seconds_to_wait(now), batches.empty() ? nullptr : &stop)) {
      end(std::move(ended));
    }
    settle_doubts();
  }
  fail(make_error(ErrorCode::kCancelled, "stopped"));
}

void Client::Impl::take_inbox() {
  std::vector<Batch*> fresh;
  {
    const std::lock_guard lock(mutex);
    fresh.swap(inbox);
  }
  for (Batch* batch : fresh) {
    batches.push_back(batch);
    for (std::size_t i = 0; i < batch->questions.size(); ++i) {
      ModelState& model = models[batch->questions[i].model];
      ++model.open;
      ready.push_back({&batch->questions[i], batch, i, 0, model.answered});
    }
  }
  if (fatal && !fresh.empty()) fail(*fatal);
}

double Client::Impl::seconds_to_wait(double now) const {
  constexpr double kLongest = 1.0;
  if (batches.empty()) return quitting.load() ? 0.0 : kLongest;
  double until = now + kLongest;
  if (!delayed.empty()) until = std::min(until, std::max(delayed.begin()->first, pace.not_before()));
  if (!ready.empty() && pace.not_before() > now) until = std::min(until, pace.not_before());
  return std::max(0.001, until - now);
}

void Client::Impl::start_calls(double now) {
  if (now < pace.not_before()) return;
  while (!delayed.empty() && delayed.begin()->first <= now) {
    ready.push_back(delayed.begin()->second);
    delayed.erase(delayed.begin());
  }
  while (!ready.empty() && calls.size() < pace.limit()) {
    if (!start(ready.front(), now)) return;
    ready.pop_front();
  }
}

/// False when the budget does not allow it, now or at all.
bool Client::Impl::start(Job job, double now) {
  const Question& question = *job.question;
  const Spending most = most_of(question);
  switch (account.reserve(most)) {
    case Account::Grant::kYes:
      break;
    case Account::Grant::kLater:
      return false;
    case Account::Grant::kNever: {
      if (!calls.empty()) return false;  // what is under way is paid for
      const std::string text = account.spent_text(most);
      fail(make_error(ErrorCode::kCancelled, "{}", text));
      say({Notice::Kind::kBudgetSpent, 0.0, text});
      return false;
    }
  }
  HttpCall http_call;
  http_call.method = "POST";
  http_call.url = options.url + std::string(path_of(options.sampling.protocol));
  http_call.headers = {{"Content-Type", "application/json"}};
  if (!options.api_key.empty()) http_call.headers.emplace_back("Authorization", "Bearer " + options.api_key);
  http_call.body = request_json(question, options.sampling, options.stream);
  if (job.useless > 0) {  // an endpoint may give the same answer to the same seed
    Question anew = question;
    anew.seed = (anew.seed + job.useless) % (std::uint64_t{1} << 31);
    http_call.body = request_json(anew, options.sampling, options.stream);
  }
  if (job.tries++ == 0) job.answered_before = models[question.model].answered;
  Call call{job, most, now, pace.in_outage(), nullptr};
  if (options.stream) {
    call.streamed = std::make_unique<StreamBody>(options.api_key);
    http_call.on_body = [body = call.streamed.get()](std::string_view part) { return body->take(part); };
  }
  calls.emplace(http->start(std::move(http_call)), std::move(call));
  return true;
}

Verdict Client::Impl::judge(Result<HttpReply> reply, const Call& call) const {
  const StreamedAnswer* streamed = nullptr;
  if (reply.ok()) {
    if (call.streamed && call.streamed->object.empty()) streamed = &call.streamed->answer;
    if (call.streamed && !streamed) reply->body = std::move(call.streamed->object);
    reply->body = redacted(std::move(reply->body));
  }
  return internal::judge(reply, streamed, *call.job.question, host);
}

void Client::Impl::end(HttpEnded ended) {
  const auto found = calls.find(ended.call);
  if (found == calls.end()) return;
  Call call = std::move(found->second);
  calls.erase(found);
  const double now = wall_seconds();
  const Question& question = *call.job.question;
  Verdict verdict = judge(std::move(ended.reply), call);
  verdict.reason = redacted(sanitize_utf8(verdict.reason));

  Spending spent;
  spent.requests = 1;
  if (verdict.kind == Verdict::Kind::kAnswer) {
    Answer& answer = verdict.answer;
    answer.text = redacted(std::move(answer.text));
    answer.served_model = redacted(std::move(answer.served_model));
    answer.finish_reason = redacted(one_line(answer.finish_reason, 40));
    answer.cost = price_of(question.model).of(answer.prompt_tokens, answer.completion_tokens);
    spent.prompt_tokens = answer.prompt_tokens;
    spent.completion_tokens = answer.completion_tokens;
    spent.cost = answer.cost;
    tell_other_model(question, answer);
    const bool usable = is_usable(question, answer);
    if (!usable) ++call.job.useless;
    if (useless_in_row < kUselessInRow) {
      account.pay(call.most, spent);
      note_answer(question.model, now);
      if (usable || call.job.useless == kUselessToAQuestion) return finish(call.job, std::move(answer));
      spent.failures = 1;
      if (const Status heard = listener.on_failure(question, spent); !heard.ok()) return fail(heard.error());
      ready.push_back(call.job);
      return;
    }
    verdict.kind = Verdict::Kind::kUseless;
    verdict.reason = fmt::format("{}: {}", host, useless_text(answer, question.model));
  } else if (call.streamed &&
             !call.streamed->answer.text().empty()) {  // what was sent is billed, cut off or not
    spent.prompt_tokens = text_bytes(question) / 4 + 1;
    spent.completion_tokens = call.streamed->answer.text().size() / 4 + 1;
    spent.cost = price_of(question.model).of(spent.prompt_tokens, spent.completion_tokens);
  }
  spent.failures = 1;
  account.pay(call.most, spent);
  if (const Status heard = listener.on_failure(question, spent); !heard.ok()) return fail(heard.error());

  ModelState& model = models[question.model];
  switch (verdict.kind) {
    case Verdict::Kind::kRefused:
    case Verdict::Kind::kDoubtful:
      if (model.answered > 0 || options.known_good.contains(question.model)) {
        if (verdict.kind == Verdict::Kind::kRefused) note_answer(question.model, now);
        return finish(call.job, refusal(verdict.reason));
      }
      model.doubt = verdict.reason;
      model.doubtful.push_back(call.job);
      return;
    case Verdict::Kind::kWrong:
      if (model.answered == 0) {
        return fail(make_error(ErrorCode::kInvalidArgument,
                               "{}. Model '{}' was asked for; check prompt.endpoint{}, prompt.models and "
                               "prompt.key_variable",
                               verdict.reason, question.model,
                               verdict.status == 404 && !options.url.ends_with("/v1")
                                   ? " (most end in /v1, and this one does not)"
                                   : ""));
      }
      break;  // it did work: an outage like any other
    case Verdict::Kind::kUseless:
      if (!seen_usable) {
        return fail(make_error(ErrorCode::kInvalidArgument,
                               "{}. Not one could be used since the start; check prompt.models, "
                               "prompt.max_tokens, prompt.protocol and the prompts (prompt.templates)",
                               verdict.reason));
      }
      break;
    default:
      break;
  }
  note_failure(verdict, call, now);
  ask_again(call.job, verdict, now);
}

void Client::Impl::finish(const Job& job, Answer answer) {
  if (fatal) return;  // whoever asked has gone
  if (const Status heard = listener.on_answer(*job.question, answer); !heard.ok()) return fail(heard.error());
  --models[job.question->model].open;
  const std::lock_guard lock(mutex);
  job.batch->answers[job.place] = std::move(answer);
  if (--job.batch->left > 0) return;
  std::erase(batches, job.batch);
  answered.notify_all();
}

void Client::Impl::ask_again(Job job, const Verdict& verdict, double now) {
  if (fatal) return;
  const ModelState& model = models[job.question->model];
  if (verdict.kind == Verdict::Kind::kAgain && job.tries >= kTriesOfAQuestion &&
      model.answered >= job.answered_before + kTriesOfAQuestion) {
    return finish(job,
                  refusal(fmt::format("{} calls for this question failed while others were answered; the "
                                      "last: {}",
                                      job.tries, verdict.reason)));
  }
  delayed.emplace(pace.retry_at(job.tries, now), job);
}

void Client::Impl::note_failure(const Verdict& verdict, const Call& call, double now) {
  const bool crowded = verdict.kind == Verdict::Kind::kCrowded || verdict.timed_out;
  const auto pause = pace.on_failure({call.started, call.is_probe, crowded, verdict.retry_seconds}, now);
  if (!pause) return;
  {
    const std::lock_guard lock(mutex);
    pause_reason = verdict.reason;
  }
  say({Notice::Kind::kPaused, *pause,
       fmt::format("{}; nothing is lost, trying again in {:.0f} s", verdict.reason, std::max(1.0, *pause))});
}

void Client::Impl::note_answer(const std::string& model_name, double now) {
  ModelState& model = models[model_name];
  ++model.answered;
  if (const std::optional<double> outage = pace.on_answer(now)) {
    {
      const std::lock_guard lock(mutex);
      pause_reason.clear();
    }
    say({Notice::Kind::kRecovered, *outage, fmt::format("{} answers again after {:.0f} s", host, *outage)});
  }
  std::vector<Job> doubtful;
  doubtful.swap(model.doubtful);
  for (const Job& job : doubtful) finish(job, refusal(model.doubt));
}

/// Whether the answer is of use; counts those in a row that are not.
bool Client::Impl::is_usable(const Question& question, const Answer& answer) {
  const bool usable = !options.is_usable || options.is_usable(question, answer);
  seen_usable |= usable;
  useless_in_row = usable ? 0 : std::min(useless_in_row + 1, kUselessInRow);
  return usable;
}

void Client::Impl::tell_other_model(const Question& question, const Answer& answer) {
  ModelState& model = models[question.model];
  if (model.told_other || may_be_same_model(question.model, answer.served_model)) return;
  model.told_other = true;
  say({Notice::Kind::kRemark, 0.0,
       fmt::format("note: {} was asked for the model '{}' and answers as '{}'", host, question.model,
                   answer.served_model)});
}

/// When no question of a model is taken, it is not the questions.
void Client::Impl::settle_doubts() {
  for (const auto& [name, model] : models) {
    if (fatal || model.doubtful.empty() || model.open > model.doubtful.size()) continue;
    fail(make_error(ErrorCode::kInvalidArgument,
                    "{}. No question to model '{}' was taken; check prompt.models, prompt.max_tokens, "
                    "prompt.body and the length of the prompts (prompt.templates, prompt.inspirations)",
                    model.doubt, name));
  }
}

/// Ends everything that is asked with an error, now and later.
void Client::Impl::fail(Error error) {
  if (!fatal) fatal = std::move(error);
  bool heard = true;  // of what the calls cost; where it fails, nothing more can be done
  for (auto& [number, call] : calls) {
    http->cancel(number);
    Spending spent;
    spent.requests = 1;
    spent.failures = 1;
    account.pay(call.most, spent);
    heard = heard && listener.on_failure(*call.job.question, spent).ok();
  }
  calls.clear();
  calls_in_flight = 0;
  ready.clear();
  delayed.clear();
  const std::lock_guard lock(mutex);
  batches.insert(batches.end(), inbox.begin(), inbox.end());
  inbox.clear();
  for (Batch* batch : batches) batch->error = *fatal;
  batches.clear();
  answered.notify_all();
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Client::~Client() {
  if (!impl_->thread.joinable()) return;
  impl_->quitting = true;
  impl_->http->wake();
  impl_->thread.join();
}

Result<std::unique_ptr<Client>> Client::make(ClientOptions options, Account& account, CallListener& listener,
                                             Observer observe, const std::atomic<bool>& stop) {
  SAMARA_TRY_STATUS(check(options.sampling));
  while (options.url.ends_with('/')) options.url.pop_back();
  if (!options.url.starts_with("http://") && !options.url.starts_with("https://")) {
    return make_error(
        ErrorCode::kInvalidArgument,
        "prompt.endpoint '{}' is not the address of an endpoint, such as http://127.0.0.1:8080/v1",
        host_of(options.url));
  }
  if (std::error_code ignored;
      !options.ca_file.empty() && !std::filesystem::is_regular_file(options.ca_file, ignored)) {
    return make_error(ErrorCode::kNotFound, "prompt.ca_file: there is no file {}", options.ca_file);
  }
  SAMARA_CHECK(options.in_flight > 0);
  auto impl = std::make_unique<Impl>(std::move(options), account, listener, std::move(observe), stop);
  HttpClientOptions http;
  http.connect_seconds = impl->options.connect_seconds;
  http.stall_seconds = impl->options.stall_seconds;
  http.total_seconds = impl->options.total_seconds;
  http.max_body_bytes = impl->options.max_reply_bytes;
  http.ca_file = impl->options.ca_file;
  http.keep_open = impl->options.in_flight;
  SAMARA_TRY(impl->http, HttpClient::make(http));
  Impl* const self = impl.get();
  impl->thread = std::thread([self] { self->work(); });
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Result<std::vector<Answer>> Client::ask(std::span<const Question> questions) {
  if (questions.empty()) return std::vector<Answer>();
  Batch batch;
  batch.questions = questions;
  batch.answers.resize(questions.size());
  batch.left = questions.size();
  std::unique_lock lock(impl_->mutex);
  impl_->inbox.push_back(&batch);
  impl_->http->wake();
  impl_->answered.wait(lock, [&] { return batch.left == 0 || batch.error; });
  if (batch.left > 0) return *batch.error;
  return std::move(batch.answers);
}

void Client::cancel() {
  impl_->cancelled = true;
  impl_->http->wake();
}

std::size_t Client::in_flight() const {
  return impl_->calls_in_flight;
}

std::string Client::paused() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->pause_reason;
}

}  // namespace samara::endpoint
