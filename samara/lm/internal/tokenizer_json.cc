// tokenizer.json: its reader and writer. The format is that of Hugging Face's `tokenizers`; the part of it
// that is understood is described in docs/formats/model-folder.md.
#include <array>
#include <cctype>
#include <unordered_map>

#include "samara/base/text.h"
#include "samara/lm/internal/byte_alphabet.h"
#include "samara/lm/internal/json.h"
#include "samara/lm/internal/pair_ranks.h"
#include "samara/lm/internal/tokenizer_parts.h"

namespace samara::lm::internal {
namespace {

using nlohmann::json;

// The pattern of ByteLevel with use_regex (GPT-2's).
constexpr char kGpt2Pattern[] =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

template <typename... Args>
Error invalid(fmt::format_string<Args...> format, Args&&... args) {
  return Error{ErrorCode::kInvalidData, fmt::format(format, std::forward<Args>(args)...)};
}
template <typename... Args>
Error unsupported(fmt::format_string<Args...> format, Args&&... args) {
  return Error{ErrorCode::kUnsupported, fmt::format(format, std::forward<Args>(args)...)};
}

/// For messages.
std::string shown(std::string_view text) {
  return "\"" + sanitize_utf8(one_line(text, 60)) + "\"";
}

std::string type_of(const json& object) {
  const json* type = find_member(object, "type");
  return type && type->is_string() ? type->get<std::string>() : std::string();
}

bool flag(const json& object, std::string_view key, bool otherwise) {
  const json* value = find_member(object, key);
  return value && value->is_boolean() ? value->get<bool>() : otherwise;
}

/// An array's elements; the object itself where it is none of a sequence.
std::vector<const json*> sequence_of(const json& object, const char* elements) {
  std::vector<const json*> list;
  if (type_of(object) != "Sequence") {
    list.push_back(&object);
  } else if (const json* array = find_member(object, elements); array && array->is_array()) {
    for (const json& element : *array) list.push_back(&element);
  }
  return list;
}

// ----- the steps before BPE

Status read_normalizer(const json& file, TokenizerParts& parts) {
  const json* normalizer = find_member(file, "normalizer");
  if (!normalizer) return {};
  for (const json* step : sequence_of(*normalizer, "normalizers")) {
    if (type_of(*step) != "NFC") {
      return unsupported("normalizer {} is not supported; only NFC is", shown(type_of(*step)));
    }
    parts.nfc = true;
  }
  return {};
}

std::string literal_pattern(std::string_view literal) {
  std::string pattern;
  for (const char c : literal) {
    const bool ascii_punctuation = c > 0 && c < 0x7f && !std::isalnum(static_cast<unsigned char>(c));
    if (ascii_punctuation) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

Result<std::string> split_pattern(const json& step) {
  const json* pattern = find_member(step, "pattern");
  const json* regex = pattern ? find_member(*pattern, "Regex") : nullptr;
  const json* literal = pattern ? find_member(*pattern, "String") : nullptr;
  if (!(regex && regex->is_string()) && !(literal && literal->is_string())) {
    return invalid("pre_tokenizer Split has no pattern (Regex or String)");
  }
  const json* behavior = find_member(step, "behavior");
  const std::string name = behavior && behavior->is_string() ? behavior->get<std::string>() : "";
  // "Removed" with invert keeps what matches and drops what does not; the patterns in use match everything.
  const bool keeps = name == "Isolated" || (name == "Removed" && flag(step, "invert", false));
  if (!keeps) return unsupported("pre_tokenizer Split with behavior {} is not supported", shown(name));
  return regex && regex->is_string() ? regex->get<std::string>()
                                     : literal_pattern(literal->get<std::string>());
}

Status read_pre_tokenizer(const json& file, TokenizerParts& parts) {
  const json* pre_tokenizer = find_member(file, "pre_tokenizer");
  if (!pre_tokenizer) return unsupported("there is no pre_tokenizer: the vocabulary is not byte-level");
  bool byte_level = false;
  const auto add = [&](std::string pattern) -> Status {
    auto splitter = Splitter::compile(std::move(pattern));
    if (!splitter.ok()) return invalid("pre_tokenizer: {}", splitter.error().message);
    parts.splitters.push_back(std::move(*splitter));
    return {};
  };
  for (const json* step : sequence_of(*pre_tokenizer, "pretokenizers")) {
    const std::string type = type_of(*step);
    if (byte_level) return unsupported("pre_tokenizer {} behind ByteLevel is not supported", shown(type));
    if (type == "Split") {
      SAMARA_TRY(std::string pattern, split_pattern(*step));
      SAMARA_TRY_STATUS(add(std::move(pattern)));
    } else if (type == "Digits") {
      SAMARA_TRY_STATUS(add(flag(*step, "individual_digits", false) ? "\\p{N}" : "\\p{N}+"));
    } else if (type == "ByteLevel") {
      byte_level = true;
      if (flag(*step, "add_prefix_space", true)) {
        return unsupported("pre_tokenizer ByteLevel with add_prefix_space is not supported");
      }
      if (flag(*step, "use_regex", true)) SAMARA_TRY_STATUS(add(kGpt2Pattern));
    } else {
      return unsupported("pre_tokenizer {} is not supported; only Split, Digits and ByteLevel are",
                         shown(type));
    }
  }
  if (!byte_level) return unsupported("the pre_tokenizer has no ByteLevel: the vocabulary is not byte-level");
  return {};
}

Status read_decoder(const json& file) {
  const json* decoder = find_member(file, "decoder");
  if (!decoder) return {};
  for (const json* step : sequence_of(*decoder, "decoders")) {
    if (type_of(*step) != "ByteLevel") {
      return unsupported("decoder {} is not supported; only ByteLevel is", shown(type_of(*step)));
    }
  }
  return {};
}

// ----- the vocabulary

/// Reads tokens and merges of one file.
class VocabularyReader {
 public:
  VocabularyReader(const json& file, TokenizerParts& parts) : file_(file), parts_(parts) {}

  Status read() {
    const json* model = find_member(file_, "model");
    if (!model) return invalid("there is no model");
    SAMARA_TRY_STATUS(check_model(*model));
    const json* vocab = find_member(*model, "vocab");
    const json* merges = find_member(*model, "merges");
    if (!vocab || !vocab->is_object()) return invalid("model.vocab is not an object of tokens");
    if (!merges || !merges->is_array()) return invalid("model.merges is not a list");
    const json* added = find_member(file_, "added_tokens");
    if (added && !added->is_array()) return invalid("added_tokens is not a list");
    count_ = vocab->size() + (added ? added->size() : 0);

    for (const auto& [text, id] : vocab->items()) SAMARA_TRY_STATUS(read_token(text, id));
    for (std::size_t i = 0; added && i < added->size(); ++i) SAMARA_TRY_STATUS(read_added((*added)[i], i));
    SAMARA_TRY_STATUS(check_bytes());
    for (std::size_t i = 0; i < merges->size(); ++i) SAMARA_TRY_STATUS(read_merge((*merges)[i], i));
    parts_.ignore_merges = flag(*model, "ignore_merges", false);
    return check_duplicates();
  }

 private:
  static Status check_model(const json& model) {
    const std::string type = type_of(model);
    if (!type.empty() && type != "BPE")
      return unsupported("model {} is not supported; only BPE is", shown(type));
    for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      const json* value = find_member(model, key);
      if (value && *value != "") return unsupported("model.{} is not supported", key);
    }
    if (flag(model, "byte_fallback", false)) {
      return unsupported("model.byte_fallback is not supported: this is no byte-level BPE");
    }
    const json* dropout = find_member(model, "dropout");
    if (dropout && *dropout != 0.0) return unsupported("model.dropout is not supported");
    return {};
  }

  Result<TokenId> read_id(const json& id, const std::string& text) const {
    // Some files have ids that no token uses; a file with hardly any other is broken, or an attack on memory.
    const std::uint64_t limit = 4 * std::uint64_t{count_} + 4096;
    if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= limit) {
      return invalid("the id of token {} is not a number below {}, four times the number of tokens",
                     shown(text), limit);
    }
    return static_cast<TokenId>(id.get<std::uint64_t>());
  }

  Status place(TokenId id, Token token) {
    if (id >= parts_.tokens.size()) parts_.tokens.resize(id + std::size_t{1});
    Token& here = parts_.tokens[id];
    if (here.kind != TokenKind::kNone) {
      return invalid("id {} belongs to both {} and {}", id, shown(here.bytes), shown(token.bytes));
    }
    here = std::move(token);
    return {};
  }

  Status read_token(const std::string& text, const json& id_value) {
    SAMARA_TRY(const TokenId id, read_id(id_value, text));
    if (text.empty()) return invalid("the token with id {} is empty", id);
    std::optional<std::string> bytes = from_byte_alphabet(text);
    const TokenKind kind = bytes ? TokenKind::kBpe : TokenKind::kOpaque;
    ids_.emplace(text, id);
    return place(id, {kind, bytes ? std::move(*bytes) : text});
  }

  Status read_added(const json& added, std::size_t index) {
    const json* content = find_member(added, "content");
    const json* id_value = find_member(added, "id");
    if (!content || !content->is_string() || content->get_ref<const std::string&>().empty() || !id_value) {
      return invalid("added_tokens[{}] has no content or no id", index);
    }
    const std::string& text = content->get_ref<const std::string&>();
    SAMARA_TRY(const TokenId id, read_id(*id_value, text));
    for (const char* key : {"lstrip", "rstrip", "single_word"}) {
      if (flag(added, key, false))
        return unsupported("added token {}: {} is not supported", shown(text), key);
    }
    const TokenKind kind = flag(added, "special", false) ? TokenKind::kSpecial : TokenKind::kAdded;
    const auto [known, is_new] = ids_.emplace(text, id);
    if (is_new) return place(id, {kind, text});
    if (known->second != id) {
      return invalid("added token {} has id {} but id {} in the vocabulary", shown(text), id, known->second);
    }
    parts_.tokens[id] = {kind, text};
    return {};
  }

  /// Every byte string must have an encoding.
  Status check_bytes() {
    std::array<bool, 256> found{};
    for (const Token& token : parts_.tokens) {
      if (token.kind == TokenKind::kBpe && token.bytes.size() == 1) {
        found[static_cast<std::uint8_t>(token.bytes[0])] = true;
      }
    }
    for (int byte = 0; byte < 256; ++byte) {
      if (!found[static_cast<std::size_t>(byte)]) {
        return unsupported(
            "the vocabulary has no token for byte 0x{:02x}, so that some texts have no encoding; train it "
            "with "
            "all bytes as initial alphabet",
            byte);
      }
    }
    return {};
  }

  Result<TokenId> part_of_merge(const std::string& text, std::size_t rank) const {
    const auto it = ids_.find(text);
    if (it == ids_.end())
      return invalid("merge {} names token {}, which is not in the vocabulary", rank, shown(text));
    return it->second;
  }

  Status read_merge(const json& merge, std::size_t rank) {
    std::string left;
    std::string right;
    if (merge.is_string()) {
      const std::string& pair = merge.get_ref<const std::string&>();
      const std::size_t space = pair.find(' ');
      if (space == std::string::npos) return invalid("merge {} is not two tokens: {}", rank, shown(pair));
      left = pair.substr(0, space);
      right = pair.substr(space + 1);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      left = merge[0].get<std::string>();
      right = merge[1].get<std::string>();
    } else {
      return invalid("merge {} is not two tokens", rank);
    }
    SAMARA_TRY(const TokenId left_id, part_of_merge(left, rank));
    SAMARA_TRY(const TokenId right_id, part_of_merge(right, rank));
    SAMARA_TRY(const TokenId merged_id, part_of_merge(left + right, rank));
    for (const TokenId id : {left_id, right_id, merged_id}) {
      if (parts_.tokens[id].kind == TokenKind::kBpe) continue;
      return invalid("merge {} is of {}, which is not written in the byte alphabet or is an added token",
                     rank, shown(parts_.tokens[id].bytes));
    }
    parts_.merges.push_back({left_id, right_id, merged_id});
    return {};
  }

  Status check_duplicates() const {
    PairRanks ranks(parts_.merges.size());
    for (std::uint32_t rank = 0; rank < parts_.merges.size(); ++rank) {
      const Merge& merge = parts_.merges[rank];
      if (!ranks.add(merge.left, merge.right, rank)) return invalid("merge {} is there twice", rank);
    }
    return {};
  }

  const json& file_;
  TokenizerParts& parts_;
  std::unordered_map<std::string, TokenId> ids_;
  std::size_t count_ = 0;
};

// ----- writing

/// The id from which on tokens stand in added_tokens alone, as `tokenizers` numbers them.
std::size_t vocabulary_end(const std::vector<Token>& tokens) {
  std::size_t end = tokens.size();
  while (end > 0) {
    const TokenKind kind = tokens[end - 1].kind;
    if (kind == TokenKind::kBpe || kind == TokenKind::kOpaque) break;
    --end;
  }
  return end;
}

std::string vocabulary_text(const Token& token) {
  return json_string(token.kind == TokenKind::kBpe ? to_byte_alphabet(token.bytes) : token.bytes);
}

}  // namespace

Result<TokenizerParts> read_tokenizer_json(std::string_view text) {
  SAMARA_TRY(const json file, parse_json(text));
  if (!file.is_object()) return invalid("not an object; tokenizer.json begins with {{");
  TokenizerParts parts;
  SAMARA_TRY_STATUS(VocabularyReader(file, parts).read());
  SAMARA_TRY_STATUS(read_normalizer(file, parts));
  SAMARA_TRY_STATUS(read_pre_tokenizer(file, parts));
  SAMARA_TRY_STATUS(read_decoder(file));
  if (const json* post_processor = find_member(file, "post_processor")) {
    parts.post_processor = post_processor->dump(-1, ' ', false, json::error_handler_t::replace);
  }
  return parts;
}

std::string write_tokenizer_json(const TokenizerParts& parts) {
  std::string text = "{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n";
  const char* separator = "";
  const auto item = [&](const std::string& line) {
    text += separator + ("\n" + line);
    separator = ",";
  };

  text += "  \"added_tokens\": [";
  for (TokenId id = 0; id < parts.tokens.size(); ++id) {
    const Token& token = parts.tokens[id];
    if (token.kind != TokenKind::kAdded && token.kind != TokenKind::kSpecial) continue;
    item(
        fmt::format("    {{\"id\": {}, \"content\": {}, \"single_word\": false, \"lstrip\": false, "
                    "\"rstrip\": false, \"normalized\": false, \"special\": {}}}",
                    id, json_string(token.bytes), token.kind == TokenKind::kSpecial));
  }
  text += "\n  ],\n";

  text += fmt::format("  \"normalizer\": {},\n", parts.nfc ? "{\"type\": \"NFC\"}" : "null");
  text += "  \"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [";
  separator = "";
  for (const Splitter& splitter : parts.splitters) {
    item(
        fmt::format("    {{\"type\": \"Split\", \"pattern\": {{\"Regex\": {}}}, \"behavior\": \"Isolated\", "
                    "\"invert\": false}}",
                    json_string(splitter.pattern())));
  }
  item(
      "    {\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": "
      "false}");
  text += "\n  ]},\n";
  text += fmt::format("  \"post_processor\": {},\n",
                      parts.post_processor.empty() ? "null" : parts.post_processor);
  text +=
      "  \"decoder\": {\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, "
      "\"use_regex\": true},\n";

  text += fmt::format(
      "  \"model\": {{\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": null,\n"
      "    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n    \"fuse_unk\": "
      "false,\n"
      "    \"byte_fallback\": false,\n    \"ignore_merges\": {},\n    \"vocab\": {{",
      parts.ignore_merges);
  separator = "";
  const std::size_t end = vocabulary_end(parts.tokens);
  for (TokenId id = 0; id < end; ++id) {
    if (parts.tokens[id].kind == TokenKind::kNone) continue;
    item(fmt::format("      {}: {}", vocabulary_text(parts.tokens[id]), id));
  }
  text += "\n    },\n    \"merges\": [";
  separator = "";
  for (const Merge& merge : parts.merges) {
    item("      " + json_string(to_byte_alphabet(parts.tokens[merge.left].bytes) + " " +
                                to_byte_alphabet(parts.tokens[merge.right].bytes)));
  }
  text += "\n    ]\n  }\n}\n";
  return text;
}

}  // namespace samara::lm::internal
