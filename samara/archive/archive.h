// Archive: the best program found so far in each niche. Read niche_map.h before and selector.h after. It is a
// pure fold over the evaluation log: inserting the same records in the same order gives the same archive, bit
// for bit, whoever evaluated them. It holds ids and scores, never program text. const members are safe to
// call from many threads while none inserts.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "samara/archive/niche_map.h"
#include "samara/base/sha256.h"
#include "samara/program/evaluation.h"

namespace samara {

/// The best program of a niche.
struct Elite {
  std::uint32_t niche = 0;
  ProgramId program;
  std::uint32_t program_size = 0;  ///< bytes of source text
  Score score;
  std::uint32_t iteration = 0;  ///< with slot: the record that put it here
  std::uint32_t slot = 0;
};

struct InsertResult {
  std::uint32_t niche = 0;
  bool accepted = false;
  bool new_niche = false;  ///< accepted into a niche that was empty
  double improvement =
      0.0;  ///< fitness gained over the niche's former elite; 0 for a new niche, a tie, a rejection
};

/// Under the names that the field uses (pyribs).
struct ArchiveStats {
  std::uint32_t num_elites = 0;
  double coverage = 0.0;           ///< share of the niches that are filled, in [0, 1]
  double qd_score = 0.0;           ///< sum of (fitness - offset) over the elites
  double norm_qd_score = 0.0;      ///< qd_score per niche, filled or not
  std::optional<double> obj_max;   ///< best fitness; none while the archive is empty
  std::optional<double> obj_mean;  ///< mean fitness of the elites; none while the archive is empty
};

class Archive {
 public:
  /// @param qd_offset  the fitness that counts as nothing in the QD score, normally the lowest possible one:
  /// with
  ///                   a higher one, filling a niche badly lowers the score
  explicit Archive(std::shared_ptr<const NicheMap> map, double qd_offset = 0.0);

  /// Folds in a record, which must have a program and a finite score. It becomes its niche's elite if the
  /// niche is empty or its fitness is greater, or equal with a shorter program; otherwise the incumbent
  /// stays. Where the map's ranges follow the behaviors, the elites move to their niches in the new map
  /// first.
  /// @param program_size  bytes of the program's text
  InsertResult insert(const Record& record, std::uint32_t program_size);

  /// The niche's elite, or null while it is empty. Valid until the next insert.
  const Elite* elite_of(std::uint32_t niche) const;
  /// All elites, in the order in which their niches were first filled. Valid until the next insert.
  std::span<const Elite> elites() const { return elites_; }

  /// As it is by now.
  const NicheMap& map() const { return *map_; }
  double qd_offset() const { return qd_offset_; }

  /// Computed anew at every call, adding in niche order, so that the sums never drift: O(niches).
  ArchiveStats stats() const;

  /// Over the map's fingerprint and, in niche order, every elite's niche, program, fitness and behavior.
  /// Equal digests mean equal archives. The bytes are written down in docs/formats/digest.md.
  Sha256Digest digest() const;

 private:
  static constexpr std::uint32_t kEmpty = ~0u;

  InsertResult insert(Elite&& elite);
  void move_to(std::shared_ptr<const NicheMap> map);

  std::shared_ptr<const NicheMap> map_;
  double qd_offset_;
  std::vector<std::uint32_t> place_of_;  // by niche: index into elites_, or kEmpty
  std::vector<Elite> elites_;            // in order of first filling; places never change
};

}  // namespace samara
