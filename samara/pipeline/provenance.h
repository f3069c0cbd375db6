// Where a tuned model comes from, as its folder says in provenance.json (docs/formats/model-folder.md).
// Loading a model does not read it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "samara/pipeline/finetune.h"

namespace samara {

/// What a tuned model was made of. No times and no paths: the same training says the same.
struct Provenance {
  std::string model;  ///< digest of the tuned model
  std::string start;  ///< digest of the model that was tuned
  std::vector<LearnedRun> runs;
  DiffWeight weight = DiffWeight::kEqual;
  FinetuneOptions options;     ///< without device and threads
  std::string samara_version;  ///< of the program that tuned it
};

const char* weight_name(DiffWeight weight);

/// As JSON and back. Errors: kInvalidData naming the key.
std::string write_provenance(const Provenance& provenance);
Result<Provenance> read_provenance(std::string_view json);

/// What the model's folder says of it; nothing where it says nothing. Errors: kIo; kInvalidData for a file
/// that is not one of ours.
Result<std::optional<Provenance>> load_provenance(const std::filesystem::path& model);

/// Gives the copy of a model what its folder says of it; what cannot be read is left behind. Errors: kIo.
Status copy_provenance(const std::filesystem::path& from, const std::filesystem::path& to);

/// Saves the tuned model with its provenance. Errors: those of save_model().
Status save_tuned(const lm::Model& tuned, const lm::Model& start, std::vector<LearnedRun> runs,
                  const FinetuneOptions& options, const std::filesystem::path& folder,
                  DiffWeight weight = DiffWeight::kEqual);

}  // namespace samara
