#include "samara/store/internal/program_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace samara::internal {
namespace {

TEST(ProgramIndexTest, ProgramsAreNumberedInOrder) {
  ProgramIndex index;
  EXPECT_EQ(index.find(ProgramId::of("a")), 0u);
  EXPECT_TRUE(index.add(ProgramId::of("a"), 10));
  EXPECT_TRUE(index.add(ProgramId::of("b"), 20));
  EXPECT_FALSE(index.add(ProgramId::of("a"), 30));
  EXPECT_EQ(index.size(), 2u);
  EXPECT_EQ(index.find(ProgramId::of("b")), 2u);
  EXPECT_EQ(index.id(1), ProgramId::of("a"));
  EXPECT_EQ(index.program_size(1), 10u);
}

/// Ids that collide in every table smaller than 2^24 when their group is the same.
ProgramId colliding_id(std::uint8_t group, std::uint8_t number) {
  ProgramId id;
  id.bytes[0] = group;
  id.bytes[15] = number;
  return id;
}

RC_GTEST_PROP(ProgramIndexPropertyTest, ItIsAMapWhateverIsAddedAndTakenBack, ()) {
  ProgramIndex index;
  std::vector<ProgramId> order;
  const auto expect_equal = [&] {
    RC_ASSERT(index.size() == order.size());
    for (int group = 0; group < 3; ++group) {
      for (int number = 0; number < 40; ++number) {
        const ProgramId id =
            colliding_id(static_cast<std::uint8_t>(group), static_cast<std::uint8_t>(number));
        const auto place = std::find(order.begin(), order.end(), id);
        RC_ASSERT(index.find(id) == (place == order.end() ? 0 : place - order.begin() + 1));
      }
    }
  };
  const int steps = *rc::gen::inRange(1, 8);
  for (int step = 0; step < steps; ++step) {
    const int adds = *rc::gen::inRange(0, 40);
    for (int i = 0; i < adds; ++i) {
      const ProgramId id =
          colliding_id(*rc::gen::inRange<std::uint8_t>(0, 3), *rc::gen::inRange<std::uint8_t>(0, 40));
      const bool known = std::find(order.begin(), order.end(), id) != order.end();
      RC_ASSERT(index.add(id, 1) != known);
      if (!known) order.push_back(id);
    }
    expect_equal();
    const std::size_t left = *rc::gen::inRange<std::size_t>(0, order.size() + 1);
    index.truncate(left);
    order.resize(left);
    expect_equal();
  }
}

}  // namespace
}  // namespace samara::internal
