// Region texts: what an operator that knows nothing of EVOLVE-BLOCKs is shown of a program: the text of one
// region, without the indentation that its lines share. RegionOperator shows it, and what models are trained
// on is cut in the same way. Read patch/regions.h for what may change. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "samara/patch/regions.h"

namespace samara {

struct RegionText {
  Region region;
  std::string indentation;  ///< taken from its lines
  std::string text;
};

/// The program's regions in the text's order; none where its markers are broken.
/// @param suffix  of the files that count, e.g. ".py"; a program of one file always does
std::vector<Region> editable_regions(std::string_view program, std::string_view suffix);

RegionText cut_out(std::string_view program, Region region);

/// The program with another text in the place that `cut` was cut from.
std::string put_back(std::string_view program, const RegionText& cut, std::string_view text);

struct RegionEdit {
  std::string before, after;
};

/// What was edited to make `child` of `parent`, as an operator sees it: a pair of texts for every region that
/// differs, in order. A region whose lines lost the indentation that it was shown without is left out, and so
/// is all of a child that has not its parent's regions.
std::vector<RegionEdit> region_edits(std::string_view parent, std::string_view child,
                                     std::string_view suffix);

}  // namespace samara
