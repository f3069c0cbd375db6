import math


def make_circle(wc, cx, cy, radius, count):
    # Joints at equal distances on a circle.
    joints = []
    for k in range(count):
        angle = 2 * math.pi * k / count
        joints.append(wc.add_joint(cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
    return joints


def make_walker():
    wc = walker_creator()

    # The body is a wheel: a rim and a hub.
    count = 8
    rim = make_circle(wc, 5, 5, 5, count)
    hub = wc.add_joint(5, 5)

    for k in range(count):
        # The rim holds its length; each spoke moves a little later and stronger than the one before.
        wc.add_muscle(rim[k], rim[(k + 1) % count])
        wc.add_muscle(rim[k], hub, False, k / count, k / count)

    return wc.get_walker()
