#include "samara/mutation/region_operator.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "samara/patch/regions.h"

namespace samara {
namespace {

/// A region's text without the indentation that all its lines share.
struct Piece {
  Region region;
  std::string indentation;
  std::string text;
};

template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
    visit(text.substr(begin, end - begin));
    begin = end;
  }
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string shared_indentation(std::string_view text) {
  std::optional<std::string> shared;
  for_each_line(text, [&](std::string_view line) {
    if (is_blank(line)) return;
    const std::string_view own = line.substr(0, line.find_first_not_of(" \t"));
    if (!shared) shared = std::string(own);
    const auto same = std::mismatch(shared->begin(), shared->end(), own.begin(), own.end());
    shared->erase(same.first, shared->end());
  });
  return shared.value_or("");
}

Piece cut_out(const Program& program, Region region) {
  const std::string_view text =
      std::string_view(program.source()).substr(region.begin, region.end - region.begin);
  Piece piece{std::move(region), shared_indentation(text), {}};
  for_each_line(text, [&](std::string_view line) {
    piece.text += is_blank(line) && line.size() <= piece.indentation.size()
                      ? std::string_view("\n")
                      : line.substr(piece.indentation.size());
  });
  return piece;
}

std::string put_back(const Program& program, const Piece& piece, std::string_view text) {
  std::string result = program.source().substr(0, piece.region.begin);
  for_each_line(text, [&](std::string_view line) {
    if (!is_blank(line)) result += piece.indentation;
    result += line;
  });
  // The marker behind it needs a line of its own.
  if (!text.empty() && !text.ends_with('\n') && piece.region.end < program.source().size()) result += '\n';
  return result + program.source().substr(piece.region.end);
}

}  // namespace

Result<std::vector<ProposalResult>> RegionOperator::propose(std::span<const MutationRequest> requests) {
  std::vector<ProposalResult> results(requests.size(),
                                      Failure{Outcome::kNoDiff, "the program has nothing to change"});
  std::vector<MutationRequest> inner;
  std::vector<std::size_t> place;  // of each inner request among the requests
  std::vector<Piece> pieces;
  std::deque<Program> programs;  // that the inner requests point to

  const auto editable = [&](const Program& program) {
    Result<Regions> regions = find_regions(program.source());
    if (!regions.ok()) return std::vector<Region>();
    std::erase_if(regions->open,
                  [&](const Region& r) { return !r.path.empty() && !r.path.ends_with(suffix_); });
    return std::move(regions->open);
  };
  for (std::size_t i = 0; i < requests.size(); ++i) {
    MutationRequest request = requests[i];
    const std::vector<Region> mine = editable(*request.parent), others = editable(*request.donor);
    if (mine.empty()) continue;
    const std::size_t which =
        mine.size() == 1 ? 0 : request.rng.below(static_cast<std::uint32_t>(mine.size()));
    pieces.push_back(cut_out(*request.parent, mine[which]));
    request.parent = &programs.emplace_back(pieces.back().text);
    const Piece donor =
        others.empty() ? pieces.back() : cut_out(*request.donor, others[std::min(which, others.size() - 1)]);
    request.donor = &programs.emplace_back(donor.text);
    inner.push_back(request);
    place.push_back(i);
  }
  SAMARA_TRY(std::vector<ProposalResult> proposals, inner_->propose(inner));
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (Proposal* proposal = std::get_if<Proposal>(&proposals[i])) {
      proposal->source = put_back(*requests[place[i]].parent, pieces[i], proposal->source);
    }
    results[place[i]] = std::move(proposals[i]);
  }
  return results;
}

}  // namespace samara
