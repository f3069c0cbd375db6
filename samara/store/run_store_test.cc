#include "samara/store/run_store.h"
#include <gtest/gtest.h>
namespace samara { namespace {
TEST(RunStoreTest, Smoke) {
  const std::filesystem::path dir = testing::TempDir() + "/smoke_run"; std::filesystem::remove_all(dir);
  auto s = RunStore::create(dir, {"a=1", {"seed","gp"}, "0"}); ASSERT_TRUE(s.ok()) << s.error().message;
  Program p("abc"); const Program* ps[] = {&p}; Record r; r.outcome=Outcome::kAccepted; r.program=p.id(); r.score=Score{1.5,{1,2}};
  ASSERT_TRUE(s->append_iteration(0, {&r,1}, ps, "{}").ok());
  EXPECT_EQ(s->program_source(p.id()).value(), "abc"); EXPECT_EQ(s->first_record(p.id()).value(), r);
  auto c = s->check(); EXPECT_TRUE(c.ok()) << c.error().message;
}
}}
