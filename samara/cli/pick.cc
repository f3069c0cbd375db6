#include "samara/cli/pick.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "samara/archive/grid_map.h"

namespace samara::cli {

PickFlags::PickFlags(CLI::App& command) {
  CLI::Option_group* group = command.add_option_group("program", "Which program; the best one by default");
  group->add_flag("--best", best_, "The elite with the highest fitness");
  group->add_option("--program", program_, "The program whose id starts so")->type_name("ID");
  group->add_option("--niche", niche_, "The elite of this niche: its number, or grid coordinates")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("I,J,K");
  group->require_option(0, 1);
}

Result<ProgramId> PickFlags::resolve(Run& run, const RunState& state) const {
  if (!program_.empty()) return run.store().find_program(program_);
  const Archive& archive = state.archive();
  if (niche_.empty()) {
    if (archive.elites().empty()) return make_error(ErrorCode::kNotFound, "the run has no elite yet");
    return elites_by_fitness(archive).front().program;
  }
  std::uint32_t niche = niche_[0];
  if (niche_.size() > 1) {
    const auto* grid = dynamic_cast<const GridMap*>(&archive.map());
    if (!grid ||
        !std::equal(niche_.begin(), niche_.end(), grid->bins().begin(), grid->bins().end(), std::less<>())) {
      return make_error(ErrorCode::kInvalidArgument, "--niche {} is not in the run's map: {}",
                        fmt::join(niche_, ","), archive.map().fingerprint());
    }
    niche = grid->niche_at(niche_);
  } else if (niche >= archive.map().size()) {
    return make_error(ErrorCode::kInvalidArgument, "--niche {} is not in the run's map of {} niches", niche,
                      archive.map().size());
  }
  const Elite* elite = archive.elite_of(niche);
  if (!elite) return make_error(ErrorCode::kNotFound, "niche {} is empty", fmt::join(niche_, ","));
  return elite->program;
}

std::vector<Elite> elites_by_fitness(const Archive& archive) {
  std::vector<Elite> elites(archive.elites().begin(), archive.elites().end());
  std::sort(elites.begin(), elites.end(), [](const Elite& a, const Elite& b) {
    return std::pair(-a.score.fitness, a.niche) < std::pair(-b.score.fitness, b.niche);
  });
  return elites;
}

}  // namespace samara::cli
