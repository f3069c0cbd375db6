def is_leap(year):
    """Whether a year has a 29 February: every fourth, not every hundredth, but every four hundredth."""
    if year % 400 == 0:
        return True
    if year % 100 == 0:
        return False
    return year % 4 != 0
