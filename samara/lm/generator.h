// Generator: what turns prompts into completions; the seam between the engine (lm/cpu) and whatever wants
// text from a model. What a request yields depends on the request and the model alone, never on the
// other requests of the batch, their order, what was cached, or the number of threads. One thread per
// generator object.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "samara/base/result.h"
#include "samara/base/rng.h"
#include "samara/lm/token.h"

namespace samara::lm {

struct SamplingOptions {
  float temperature = 1.0F;  ///< 0 is greedy: the most probable token, the lowest id among equals
  float top_p = 1.0F;  ///< sample from the smallest set of tokens with at least this probability; 1: all
  /// Sample from this many most probable tokens; 0: all. With top_p: from the smaller set.
  std::uint32_t top_k = 0;
  std::uint32_t max_tokens = 256;
};

/// Holds a completion to what it may still become, and hears of each token. One object per request; called
/// from the generator's thread only. Filtering is exact: the model's distribution (after temperature, top-k,
/// top-p over all tokens) is renormalized over the allowed tokens; where none of those is allowed, over all
/// allowed tokens.
class TokenFilter {
 public:
  virtual ~TokenFilter() = default;
  /// Whether `token` may come next. Asked for few tokens per step, mostly the one that was drawn.
  virtual bool allows(TokenId token) const = 0;
  /// `token` came next.
  virtual void accept(TokenId token) = 0;
  /// If only one token may come next and the filter knows it: that token, which is then not sampled.
  virtual std::optional<TokenId> forced() const { return std::nullopt; }
};

struct GenerationRequest {
  std::span<const TokenId> prompt = {};  ///< borrowed for the call, at least one token
  /// How many leading tokens of the prompt are likely to come again in other requests (the program, before
  /// the commit message). Affects speed only.
  std::size_t reusable_prefix = 0;
  SamplingOptions sampling = {};
  /// Borrowed; a completion ends with the first of them, which it keeps.
  std::span<const TokenId> stop_tokens = {};
  Rng rng{0};                     ///< the request's own stream
  TokenFilter* filter = nullptr;  ///< borrowed; may be null
};

enum class FinishReason {
  kStop,    ///< a stop token came
  kLength,  ///< max_tokens or the model's context is used up
  kStuck,   ///< the filter allows no token at all
};

struct Generation {
  Tokens tokens;
  FinishReason finish = FinishReason::kLength;
  double log_probability = 0.0;  ///< of the tokens under the model at temperature 1, unfiltered
};

/// Where requests come from while others are under way. Called from the generator's thread only.
class RequestSource {
 public:
  virtual ~RequestSource() = default;
  /// What is to begin now; none: nothing waits. What requests borrow must stay until they end.
  /// @param room how many can begin at once; more of them wait within the generator
  virtual std::vector<GenerationRequest> take(std::size_t room) = 0;
  /// A request has ended, with an error of generate() if that is why. Called once for each.
  /// @param number of the request, counted from 0 in the order in which serve() took them
  virtual void end(std::size_t number, Result<Generation> generation) = 0;
};

class Generator {
 public:
  virtual ~Generator() = default;
  /// One completion per request, in order. Errors: kInvalidArgument for an empty prompt, one that leaves no
  /// room in the model's context, a token id that the model does not have, or sampling options out of range.
  virtual Result<std::vector<Generation>> generate(std::span<const GenerationRequest> requests) = 0;

  /// Completes what comes out of `source`, asking it between tokens where an engine can begin a request while
  /// others are under way (this one cannot: it asks between batches), until nothing waits and all has ended.
  virtual void serve(RequestSource& source);
};

}  // namespace samara::lm
