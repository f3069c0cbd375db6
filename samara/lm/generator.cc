#include "samara/lm/generator.h"

#include <limits>

namespace samara::lm {

void Generator::serve(RequestSource& source) {
  std::size_t number = 0;
  while (true) {
    const std::vector<GenerationRequest> requests = source.take(std::numeric_limits<std::size_t>::max());
    if (requests.empty()) return;
    Result<std::vector<Generation>> generations = generate(requests);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      source.end(number++, generations.ok() ? Result<Generation>(std::move((*generations)[i]))
                                            : Result<Generation>(generations.error()));
    }
  }
}

}  // namespace samara::lm
