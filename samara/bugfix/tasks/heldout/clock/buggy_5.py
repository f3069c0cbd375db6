def clock(seconds):
    """Write a number of seconds as hours, minutes and seconds: 3725 is "1:02:05"."""
    hours = seconds / 3600
    minutes = seconds % 3600 // 6
    rest = minutes % 60
    return str(rest) + ":" + str(minutes).zfill(3) + ":" + str(rest).zfill(2)
