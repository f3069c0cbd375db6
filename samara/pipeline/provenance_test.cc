#include "samara/pipeline/provenance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samara/base/file.h"
#include "samara/lm/test_model.h"

namespace samara {
namespace {

using testing::HasSubstr;

Provenance some_provenance() {
  Provenance provenance;
  provenance.model = std::string(64, 'a');
  provenance.start = std::string(64, '0');
  provenance.runs = {{std::string(64, '1'), "gp+diff", 40, {{"diff", 3}, {"gp", 12}}},
                     {std::string(64, '2'), "gp", 0, {}}};
  provenance.weight = DiffWeight::kImpact;
  provenance.options.seed = 18446744073709551615ULL;
  provenance.options.learning_rate = 0.1;
  provenance.samara_version = "7.8.9";
  return provenance;
}

TEST(ProvenanceTest, WhatIsWrittenIsRead) {
  const Provenance written = some_provenance();
  const Result<Provenance> read = read_provenance(write_provenance(written));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->model, written.model);
  EXPECT_EQ(read->start, written.start);
  EXPECT_EQ(read->runs, written.runs);
  EXPECT_EQ(read->weight, DiffWeight::kImpact);
  EXPECT_EQ(read->options.seed, written.options.seed);
  EXPECT_EQ(read->options.learning_rate, 0.1);
  EXPECT_EQ(read->samara_version, "7.8.9");
  EXPECT_EQ(write_provenance(*read), write_provenance(written));
}

TEST(ProvenanceTest, ThreadsAreNoPartOfIt) {
  Provenance one = some_provenance(), other = some_provenance();
  other.options.threads = one.options.threads + 1;
  EXPECT_EQ(write_provenance(one), write_provenance(other));
}

TEST(ProvenanceTest, MistakesNameTheKey) {
  const auto message = [](const std::string& from, const std::string& to) {
    std::string json = write_provenance(some_provenance());
    const std::size_t at = json.find(from);
    SAMARA_CHECK(at != std::string::npos);
    const Result<Provenance> read = read_provenance(json.replace(at, from.size(), to));
    return read.ok() ? std::string("none") : read.error().message;
  };
  using testing::HasSubstr;
  EXPECT_THAT(message("\"start\"", "\"Start\""), HasSubstr("\"start\" is missing"));
  EXPECT_THAT(message("\"aaa", "\"xaa"), HasSubstr("\"model\" is no SHA-256"));
  EXPECT_THAT(message("\"impact\"", "\"half\""), HasSubstr("\"weight\""));
  EXPECT_THAT(message("\"until\": 40", "\"until\": -1"), HasSubstr("\"until\" is no number"));
  EXPECT_THAT(message("\"gp\": 12", "\"gp\": []"), HasSubstr("\"gp\" is no number"));
  EXPECT_THAT(message("{", "["), HasSubstr("no JSON object"));
}

class ProvenanceFolderTest : public testing::Test {
 protected:
  ProvenanceFolderTest() : start_(lm::small_model(1)), tuned_(lm::small_model(2)) {
    SAMARA_CHECK(
        save_tuned(tuned_, start_, some_provenance().runs, FinetuneOptions{}, folder_.path() / "tuned").ok());
    SAMARA_CHECK(lm::save_model(start_, folder_.path() / "plain").ok());
  }

  lm::TestFolder folder_;
  lm::Model start_, tuned_;
};

TEST_F(ProvenanceFolderTest, SaysWhichModelsItIsAbout) {
  const std::filesystem::path folder = folder_.path() / "tuned";
  const Result<std::optional<Provenance>> read = load_provenance(folder);
  ASSERT_TRUE(read.ok() && *read);
  EXPECT_EQ((*read)->model, lm::model_digest(lm::load_model(folder).value()));
  EXPECT_EQ((*read)->start, lm::model_digest(start_));
  EXPECT_EQ((*read)->runs, some_provenance().runs);
}

TEST_F(ProvenanceFolderTest, IsMissingFromOtherModels) {
  const Result<std::optional<Provenance>> read = load_provenance(folder_.path() / "plain");
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->has_value());
}

TEST_F(ProvenanceFolderTest, ThatIsBrokenIsAnErrorOfItsOwnAndNotOfTheModel) {
  const std::filesystem::path folder = folder_.path() / "tuned", file = folder / "provenance.json";
  ASSERT_TRUE(write_file(file, "{\"by\": \"another program\"}").ok());
  const Result<std::optional<Provenance>> read = load_provenance(folder);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kInvalidData);
  EXPECT_THAT(read.error().message, testing::HasSubstr(file.string()));
  EXPECT_TRUE(lm::load_model(folder).ok());
}

TEST_F(ProvenanceFolderTest, GoesWithACopyWhereItCanBeRead) {
  const std::filesystem::path tuned = folder_.path() / "tuned", plain = folder_.path() / "plain";
  const auto text = [](const std::filesystem::path& folder) {
    return read_file(folder / "provenance.json").value();
  };
  ASSERT_TRUE(copy_provenance(tuned, plain).ok());
  EXPECT_EQ(text(plain), text(tuned));
  ASSERT_TRUE(write_file(tuned / "provenance.json", "{").ok());
  ASSERT_TRUE(copy_provenance(tuned, plain).ok());
  EXPECT_TRUE(load_provenance(plain).ok()) << "a broken one is not copied";
}

}  // namespace
}  // namespace samara
