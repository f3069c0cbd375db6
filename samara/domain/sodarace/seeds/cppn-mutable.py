def query_cppn(wc, xgrid, ygrid, scale, connect, amp, phase):
    # A grid of joints.
    joints = []
    for x in range(xgrid):
        for y in range(ygrid):
            joints.append((x, y, wc.add_joint(x * scale, y * scale)))

    # Every pair of joints is asked for once.
    for i in range(len(joints)):
        x1, y1, joint1 = joints[i]
        for x2, y2, joint2 in joints[i + 1:]:
            if connect(x1, y1, x2, y2):
                a = amp(x1, y1, x2, y2)
                p = phase(x1, y1, x2, y2)
                wc.add_muscle(joint1, joint2, False, a, p)


def make_walker():
    wc = walker_creator()

    def connect(x1, y1, x2, y2):
        # Near neighbors in the grid.
        return (x1 - x2) ** 2 + (y1 - y2) ** 2 <= 4.5

    def amp(x1, y1, x2, y2):
        return max(abs(x1 - x2), abs(y1 - y2))

    def phase(x1, y1, x2, y2):
        return x1 if x1 % 2 == 1 else -x1

    query_cppn(wc, 8, 3, 1.5, connect, amp, phase)

    return wc.get_walker()
