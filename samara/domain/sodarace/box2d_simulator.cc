#include "samara/domain/sodarace/box2d_simulator.h"

#include <box2d/box2d.h>

#include <algorithm>
#include <cmath>

#include "samara/domain/sodarace/cosine.h"
#include "samara/domain/sodarace/internal/float_environment.h"
#include "samara/domain/sodarace/internal/walk_film.h"
#include "samara/domain/sodarace/physics.h"
#include "samara/domain/sodarace/placement.h"
#include "samara/domain/sodarace/walk_procedure.h"

namespace samara::sodarace {
namespace {

static_assert(kLinearSlop == b2_linearSlop && kGroundSkin == b2_polygonRadius && kBaumgarte == b2_baumgarte &&
              kMaxLinearCorrection == b2_maxLinearCorrection &&
              kMaxSpeed * kStepSeconds <= b2_maxTranslation);

constexpr std::uint16_t kGroundCategory = 1;
constexpr std::uint16_t kJointCategory = 2;
/// The ground goes on level this far beyond the terrain's ends; nobody gets there in 15 seconds.
constexpr float kGroundMargin = 5000.0f;

/// The rest length of a spring. b2DistanceJoint::SetLength would also forget the impulse that the spring has
/// built up, so that every step started without it: walkers then creep while they should rest.
struct RestLength : b2DistanceJoint {
  static constexpr float b2DistanceJoint::*kMember = &RestLength::m_length;
};

class WalkerWorld {
 public:
  WalkerWorld(const Walker& walker, const Terrain& terrain)
      : terrain_(terrain),
        world_(b2Vec2(0.0f, -kGravity)),
        places_(place(walker, terrain)),
        anchors_(places_) {
    world_.SetAllowSleeping(false);
    // Continuous collision takes away the rest of a step from a joint that hits the ground. Without it
    // nothing falls through either: at kMaxSpeed a joint moves by no more than its radius in a step.
    world_.SetContinuousPhysics(false);
    add_ground();
    for (const Point& point : places_) add_joint(point);
    for (const Muscle& muscle : canonical_muscles(walker)) add_muscle(muscle);
  }

  /// @param share of the muscles' amplitude
  StepReport step(int muscle_step, float share) {
    const double turns = muscle_turns(muscle_step);
    for (const ActiveMuscle& muscle : active_) {
      const double wave = share * cosine_of_turns(turns + muscle.phase);
      muscle.spring->*RestLength::kMember = static_cast<float>(muscle.length * (1 + muscle.amplitude * wave));
    }
    world_.Step(kStepSeconds, kVelocityIterations, kPositionIterations);
    return report();
  }

  std::span<const Point> places() const { return places_; }

 private:
  struct ActiveMuscle {
    b2DistanceJoint* spring;
    double length;
    double amplitude;
    double phase;
  };
  struct Tie {
    std::uint32_t a;
    std::uint32_t b;
    float max_length;
  };

  b2FixtureDef ground_fixture(const b2Shape& shape) const {
    b2FixtureDef fixture;
    fixture.shape = &shape;
    fixture.friction = kGroundFriction;
    fixture.restitution = kRestitution;
    fixture.filter.categoryBits = kGroundCategory;
    return fixture;
  }

  void add_ground() {
    const b2BodyDef definition;
    b2Body* ground = world_.CreateBody(&definition);

    // A chain is solid on its right-hand side, so the surface runs from right to left.
    std::vector<b2Vec2> surface;
    const std::vector<Point>& points = terrain_.ground;
    surface.emplace_back(points.back().x + kGroundMargin, points.back().y);
    for (auto point = points.rbegin(); point != points.rend(); ++point)
      surface.emplace_back(point->x, point->y);
    surface.emplace_back(points.front().x - kGroundMargin, points.front().y);
    b2ChainShape chain;
    const b2Vec2 before(surface.front().x + 1.0f, surface.front().y);
    const b2Vec2 after(surface.back().x - 1.0f, surface.back().y);
    chain.CreateChain(surface.data(), static_cast<int>(surface.size()), before, after);
    const b2FixtureDef surface_fixture = ground_fixture(chain);
    ground->CreateFixture(&surface_fixture);

    for (std::size_t i = 0; i + 1 < terrain_.obstacles.size(); i += 2) {
      const Point low = terrain_.obstacles[i];
      const Point high = terrain_.obstacles[i + 1];
      b2PolygonShape box;
      box.SetAsBox((high.x - low.x) / 2, (high.y - low.y) / 2, {(high.x + low.x) / 2, (high.y + low.y) / 2},
                   0.0f);
      const b2FixtureDef box_fixture = ground_fixture(box);
      ground->CreateFixture(&box_fixture);
    }
  }

  void add_joint(Point point) {
    b2BodyDef definition;
    definition.type = b2_dynamicBody;
    definition.position.Set(point.x, point.y);
    definition.linearDamping = kLinearDamping;
    definition.fixedRotation = true;
    b2Body* body = world_.CreateBody(&definition);
    b2CircleShape disk;
    disk.m_radius = kJointRadius;
    b2FixtureDef fixture;
    fixture.shape = &disk;
    fixture.density = kJointDensity;
    fixture.friction = kJointFriction;
    fixture.restitution = kRestitution;
    fixture.filter.categoryBits = kJointCategory;
    fixture.filter.maskBits = kGroundCategory;
    body->CreateFixture(&fixture);
    bodies_.push_back(body);
  }

  void add_muscle(const Muscle& muscle) {
    const Point a = places_[muscle.a];
    const Point b = places_[muscle.b];
    const float length = b2Distance({a.x, a.y}, {b.x, b.y});
    ties_.push_back({muscle.a, muscle.b, kMaxStretch * length});
    b2DistanceJointDef
        definition;  // not by Initialize(), which would also limit an active muscle to `length`
    definition.bodyA = bodies_[muscle.a];
    definition.bodyB = bodies_[muscle.b];
    definition.length = length;
    if (muscle.active) {
      definition.minLength = 0.0f;
      definition.maxLength = 2 * kGroundMargin;
      b2LinearStiffness(definition.stiffness, definition.damping, kMuscleFrequency, kMuscleDampingRatio,
                        definition.bodyA, definition.bodyB);
    } else {
      definition.minLength = length;
      definition.maxLength = length;
    }
    auto* spring = static_cast<b2DistanceJoint*>(world_.CreateJoint(&definition));
    if (muscle.active) active_.push_back({spring, length, muscle.amplitude, muscle.phase});
  }

  /// What the step did; brings places_ up to date.
  StepReport report() {
    StepReport report;
    for (std::size_t i = 0; i < bodies_.size(); ++i) {
      const b2Vec2 now = bodies_[i]->GetPosition();
      const float dx = now.x - places_[i].x;
      const float dy = now.y - places_[i].y;
      const float moved = dx * dx + dy * dy;
      if (!(moved <= kMaxSquaredMove)) report.wild = true;
      const float strayed = b2DistanceSquared(now, {anchors_[i].x, anchors_[i].y});
      if (!(strayed <= kRestMove * kRestMove)) report.moving = true;
      if (now.y < ground_height(terrain_, now.x) + kLowestCenter) report.sunk = true;
      places_[i] = {now.x, now.y};
    }
    if (report.moving) anchors_ = places_;
    for (const Tie& tie : ties_) {
      const Point a = places_[tie.a];
      const Point b = places_[tie.b];
      if (b2Distance({a.x, a.y}, {b.x, b.y}) > tie.max_length) report.torn = true;
    }
    return report;
  }

  const Terrain& terrain_;
  b2World world_;
  std::vector<Point> places_;
  std::vector<Point> anchors_;  // places when the walker last moved
  std::vector<b2Body*> bodies_;
  std::vector<Tie> ties_;
  std::vector<ActiveMuscle> active_;
};

WalkResult run(const Walker& walker, const Terrain& terrain, WalkFilm* film) {
  if (const auto reason = why_not_placeable(walker)) return InvalidWalk{*reason};
  const FloatEnvironment environment;
  WalkerWorld world(walker, terrain);
  WalkProcedure procedure;
  if (film) film->add(procedure, world.places());
  while (!procedure.over()) {
    const StepReport report = world.step(procedure.muscle_step(), procedure.muscle_share());
    if (procedure.advance(report) == WalkProcedure::Phase::kAtRest) procedure.begin(world.places(), terrain);
    if (film) film->add(procedure, world.places());
  }
  return procedure.result(world.places());
}

}  // namespace

std::vector<WalkResult> Box2dSimulator::walk(std::span<const Walker> walkers, const Terrain& terrain) const {
  std::vector<WalkResult> results;
  results.reserve(walkers.size());
  for (const Walker& walker : walkers) results.push_back(run(walker, terrain, nullptr));
  return results;
}

WalkResult Box2dSimulator::watch(const Walker& walker, const Terrain& terrain,
                                 const std::function<void(const Frame&)>& observe) const {
  WalkFilm film(observe);
  return run(walker, terrain, &film);
}

}  // namespace samara::sodarace
