def merge_sorted(left, right):
    """Join two sorted lists into a sorted one."""
    merged = []
    i = 0
    j = 1
    while i < len(left) and j < len(right):
        if left[i] >= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(left[j])
            j += 1
    return merged + left[j:] + right[j:]
