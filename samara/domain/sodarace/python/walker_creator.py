"""What evolved programs build walkers with: walker_creator and query_cppn. docs/sodarace.md has the rules.

The limits (MAX_JOINTS, TICKS_PER_UNIT ...) are defined by the lines that samara puts before this text, from
the constants of walker.h. Nothing that comes out of here is trusted: parse_walker checks it all again.
"""

from math import isfinite
from operator import index

# A cell of the plane is as wide as the minimum distance, so joints that are too close are in neighboring cells.
_CELLS_PER_ROW = 1 << 32
_NEIGHBORHOOD = tuple(_CELLS_PER_ROW * row + column for row in (-1, 0, 1) for column in (-1, 0, 1))


class walker_creator:
    """Collects joints and the muscles between them."""

    def __init__(self):
        self._joints = []  # (x, y)
        self._cells = {}  # cell -> indices of its joints
        self._muscles = {}  # (lower joint, higher joint) -> properties
        self._degrees = []  # muscles of each joint
        self._calls_without_effect = 0

    def add_joint(self, x, y):
        """Adds a joint and returns its index; near an existing joint, returns that joint's index instead."""
        x = _coordinate(x)
        y = _coordinate(y)
        cell = int(y // MIN_JOINT_DISTANCE) * _CELLS_PER_ROW + int(x // MIN_JOINT_DISTANCE)
        for offset in _NEIGHBORHOOD:
            for joint in self._cells.get(cell + offset, ()):
                dx = self._joints[joint][0] - x
                dy = self._joints[joint][1] - y
                if dx * dx + dy * dy < MIN_JOINT_DISTANCE * MIN_JOINT_DISTANCE:
                    self._count_call_without_effect()
                    return joint
        joint = len(self._joints)
        if joint == MAX_JOINTS:
            raise ValueError(f"add_joint: a walker has at most {MAX_JOINTS} joints")
        self._joints.append((x, y))
        self._degrees.append(0)
        self._cells.setdefault(cell, []).append(joint)
        return joint

    def add_muscle(self, j0, j1, distance=True, amplitude=0.0, phase=0.0):
        """Ties two joints: passively, or with distance=False by a muscle that oscillates.

        amplitude is a share of the muscle's length, phase is in turns. A second muscle between the same joints
        replaces the first; one from a joint to itself, or beyond MAX_MUSCLES_PER_JOINT, is left out.
        """
        j0 = index(j0)
        j1 = index(j1)
        count = len(self._joints)
        if not (0 <= j0 < count and 0 <= j1 < count):
            missing = j1 if 0 <= j0 < count else j0
            raise IndexError(f"add_muscle: joint {missing} does not exist; there are {count} joints")
        if distance:
            properties = {"type": "distance"}
        else:
            properties = {"type": "muscle", "amplitude": _amplitude(amplitude), "phase": _phase(phase)}
        pair = (j0, j1) if j0 < j1 else (j1, j0)
        if pair in self._muscles:
            self._muscles[pair] = properties
            self._count_call_without_effect()
            return
        degrees = self._degrees
        if j0 == j1 or degrees[j0] == MAX_MUSCLES_PER_JOINT or degrees[j1] == MAX_MUSCLES_PER_JOINT:
            self._count_call_without_effect()
            return
        if len(self._muscles) == MAX_MUSCLES:
            raise ValueError(f"add_muscle: a walker has at most {MAX_MUSCLES} muscles")
        degrees[j0] += 1
        degrees[j1] += 1
        self._muscles[pair] = properties

    def get_walker(self):
        """{"joints": [(x, y), ...], "muscles": [[j0, j1, {"type": ...}], ...]}"""
        return {
            "joints": list(self._joints),
            "muscles": [[a, b, properties] for (a, b), properties in self._muscles.items()],
        }

    def _count_call_without_effect(self):
        # Joints and muscles end by their own limits; this ends a loop that adds neither.
        self._calls_without_effect += 1
        if self._calls_without_effect > MAX_CALLS_WITHOUT_EFFECT:
            raise RuntimeError(f"more than {MAX_CALLS_WITHOUT_EFFECT} joints and muscles were already there")


def query_cppn(wc, xgrid, ygrid, scale, connect, amp, phase):
    """Adds a grid of joints; ties those pairs for which connect(x1, y1, x2, y2) holds, as amp and phase say."""
    joints = [(x, y, wc.add_joint(x * scale, y * scale)) for x in range(xgrid) for y in range(ygrid)]
    for i, (x1, y1, joint1) in enumerate(joints):
        for x2, y2, joint2 in joints[i + 1 :]:
            if connect(x1, y1, x2, y2):
                wc.add_muscle(joint1, joint2, False, amp(x1, y1, x2, y2), phase(x1, y1, x2, y2))


def _coordinate(value):
    # float() makes an exact float of whatever it is; whole ticks are the same on every machine.
    value = float(value)
    if not -MAX_COORDINATE <= value <= MAX_COORDINATE:
        raise ValueError(f"add_joint: coordinate {value} is not between {-MAX_COORDINATE} and {MAX_COORDINATE}")
    return round(value * TICKS_PER_UNIT) / TICKS_PER_UNIT


def _amplitude(value):
    value = float(value)
    if not isfinite(value):
        raise ValueError(f"add_muscle: the amplitude {value} is not a finite number")
    return min(max(value, -MAX_AMPLITUDE), MAX_AMPLITUDE)


def _phase(value):
    value = float(value)
    if not isfinite(value):
        raise ValueError(f"add_muscle: the phase {value} is not a finite number")
    return round(value % 1.0 * TICKS_PER_TURN) % TICKS_PER_TURN / TICKS_PER_TURN


EXPORTS = {"walker_creator": walker_creator, "query_cppn": query_cppn}
