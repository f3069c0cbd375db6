def stock_after(stock, orders):
    """Take orders out of a stock; an order for more than there is is left out. Return the new stock."""
    left = dict(stock)
    for item, amount in orders:
        if left.get(item, 0) > amount:
            left[item] += amount
    return left
