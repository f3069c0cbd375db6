def compound(amount, percent, years):
    """Add interest once a year, rounded down to whole units, and return the balance of every year."""
    balances = []
    for year in range(years):
        interest = amount * percent // 100
        amount = amount + interest
        balances.append(amount)
    return balances
