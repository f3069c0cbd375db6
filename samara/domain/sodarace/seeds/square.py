def make_square(wc, left, bottom, right, top):
    # Four corners, clockwise from the bottom left.
    j0 = wc.add_joint(left, bottom)
    j1 = wc.add_joint(left, top)
    j2 = wc.add_joint(right, top)
    j3 = wc.add_joint(right, bottom)
    return j0, j1, j2, j3


def make_walker():
    wc = walker_creator()

    # The body is a square with a joint in its center.
    corners = make_square(wc, 0, 0, 10, 10)
    center = wc.add_joint(5, 5)

    # The sides hold their length.
    wc.add_muscle(corners[0], corners[1])
    wc.add_muscle(corners[1], corners[2])
    wc.add_muscle(corners[2], corners[3])
    wc.add_muscle(corners[3], corners[0])

    # One corner is tied to the center, the others move against it.
    wc.add_muscle(corners[3], center)
    wc.add_muscle(corners[0], center, False, 5.0, 0.0)
    wc.add_muscle(corners[1], center, False, 10.0, 0.0)
    wc.add_muscle(corners[2], center, False, 2.0, 0.0)

    return wc.get_walker()
