#include "samara/pipeline/run_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "samara/lm/test_model.h"
#include "samara/pipeline/run.h"

namespace samara {
namespace {

using testing::HasSubstr;

/// A run with a model, whose iterations are written by hand.
class RunModelsTest : public testing::Test {
 protected:
  RunModelsTest() : run_(folder_.path() / "run") {
    RunSpec spec;
    spec.operator_name = "diff";
    spec.finetune_every = 2;
    const Result<samara::Run> run = samara::Run::create(run_, spec);
    SAMARA_CHECK(run.ok());
  }

  std::filesystem::path model(int generation) const { return run_ / "models" / std::to_string(generation); }
  static std::string digest_in(const std::filesystem::path& folder) {
    return lm::model_digest(lm::load_model(folder).value());
  }
  static std::string naming(int generation, const std::string& digest) {
    return fmt::format(R"({{"seconds": 1.5, "model": {}, "model_digest": "{}"}})", generation, digest);
  }

  /// An iteration without candidates.
  void append(const std::string& stats) {
    Result<RunStore> store = RunStore::open(run_, Access::kWrite);
    SAMARA_CHECK(store.ok());
    SAMARA_CHECK(store->append_iteration(iterations_++, {}, {}, stats).ok());
  }

  /// Another model of another digest.
  std::string put_another_model(int generation) {
    const lm::Model another = lm::small_model();
    SAMARA_CHECK(lm::save_model(another, model(generation)).ok());
    return lm::model_digest(another);
  }

  /// What carrying the run on says.
  Status opened() {
    const Result<samara::Run> run = samara::Run::open(run_, Access::kWrite);
    return run.ok() ? Status() : run.error();
  }
  /// What verifying it says.
  Status checked() {
    Result<samara::Run> run = samara::Run::open(run_, Access::kRead);
    return run.ok() ? run->check_models() : run.error();
  }

  lm::TestFolder folder_;
  std::filesystem::path run_;
  std::uint32_t iterations_ = 0;
};

TEST_F(RunModelsTest, AreThoseThatTheStoreNames) {
  append("{}");
  append(naming(0, digest_in(model(0))));
  EXPECT_TRUE(opened().ok());
  EXPECT_TRUE(checked().ok());
}

TEST_F(RunModelsTest, ThatAreOthersAreRefused) {
  const std::string theirs = digest_in(model(0));
  append("{}");
  append(naming(0, theirs));
  const std::string its = put_another_model(0);
  for (const Status& status : {opened(), checked()}) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidData);
    EXPECT_THAT(status.error().message, HasSubstr(model(0).string()));
    EXPECT_THAT(status.error().message, HasSubstr("its digest is " + its));
    EXPECT_THAT(status.error().message, HasSubstr("theirs is " + theirs));
    EXPECT_THAT(status.error().message, HasSubstr("put that model back"));
  }
  EXPECT_TRUE(samara::Run::open(run_, Access::kRead).ok()) << "it can still be looked at";
}

TEST_F(RunModelsTest, OfIterationsThatNameNoDigestPass) {
  append("{}");
  append(R"({"seconds": 1.5, "model": 0})");
  append("no JSON");
  put_another_model(0);
  EXPECT_TRUE(opened().ok());
  EXPECT_TRUE(checked().ok());
}

TEST_F(RunModelsTest, MayBeMissingWhereTheyCanBeMadeAnew) {
  append("{}");
  append(naming(0, digest_in(model(0))));
  const std::string tuned = put_another_model(1);
  append(naming(1, tuned));
  EXPECT_TRUE(opened().ok());
  std::filesystem::remove_all(model(1));
  EXPECT_TRUE(opened().ok());
  EXPECT_TRUE(checked().ok());
  std::filesystem::remove_all(model(0));
  ASSERT_FALSE(opened().ok());
  EXPECT_THAT(opened().error().message, HasSubstr(model(0).string() + " is missing"));
}

TEST_F(RunModelsTest, AreComparedWhenTheyAreLoaded) {
  RunSpec spec;
  spec.finetune_every = 2;
  RunModels models(run_, spec);
  ASSERT_TRUE(models.check({{1, std::string(64, '0')}}).ok()) << "there is none yet";
  ASSERT_TRUE(models.model_for(1).ok());
  EXPECT_EQ(models.digest_of(2), digest_in(model(0)));
  put_another_model(1);
  const auto loaded = models.model_for(3);
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message, HasSubstr("remove " + model(1).string()));
}

}  // namespace
}  // namespace samara
