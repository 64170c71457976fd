"""Which track goes on with which detection: the cheapest pairing of two lists, exactly.

The Hungarian method with row potentials (Kuhn 1955; the shortest augmenting path form of Jonker and Volgenant 1987),
run on each group of rows and columns that could be paired at all. In a picture most groups are one and one.
"""

import math
from collections.abc import Sequence

IMPOSSIBLE = math.inf
_Pairs = list[tuple[int, int]]


def assign(costs: Sequence[Sequence[float]], limit: float) -> _Pairs:
    """Pairs (row, column) with the least sum of costs, where leaving a possible pair apart costs `limit`.

    `costs[row][column]`; a pair of `limit` or more is never made, so a sum of two fair pairs is preferred to one
    perfect pair that leaves the other two alone. Sorted by row.
    """
    pairs: _Pairs = []
    for rows, columns in _groups(costs, limit):
        savings = [[min(0.0, costs[row][column] - limit) for column in columns] for row in rows]
        pairs += [(rows[i], columns[j]) for i, j in _solve(savings) if savings[i][j] < 0]
    return sorted(pairs)


def _groups(costs: Sequence[Sequence[float]], limit: float) -> list[tuple[list[int], list[int]]]:
    """The connected parts of the graph of possible pairs."""
    partners = [[column for column, cost in enumerate(row) if cost < limit] for row in costs]
    of_column: dict[int, list[int]] = {}
    for row, columns in enumerate(partners):
        for column in columns:
            of_column.setdefault(column, []).append(row)
    groups = []
    seen: set[int] = set()
    for start, columns in enumerate(partners):
        if start in seen or not columns:
            continue
        rows, reached, waiting = [], set[int](), [start]
        seen.add(start)
        while waiting:
            rows.append(row := waiting.pop())
            for column in partners[row]:
                reached.add(column)
                fresh = [other for other in of_column[column] if other not in seen]
                seen.update(fresh)
                waiting += fresh
        groups.append((sorted(rows), sorted(reached)))
    return groups


def _solve(costs: list[list[float]]) -> _Pairs:
    """A pairing of every row (or, when there are more rows, of every column) with the least sum."""
    if len(costs) == 1:
        return [(0, min(range(len(costs[0])), key=costs[0].__getitem__))]
    if len(costs) > len(costs[0]):
        turned = [list(column) for column in zip(*costs, strict=True)]
        return [(row, column) for column, row in _solve(turned)]
    width = len(costs[0])
    row_price, column_price = [0.0] * len(costs), [0.0] * width
    holder = [-1] * width
    for row in range(len(costs)):
        _place(row, costs, holder, row_price, column_price)
    return [(row, column) for column, row in enumerate(holder) if row >= 0]


def _place(
    new: int, costs: list[list[float]], holder: list[int], row_price: list[float], column_price: list[float]
) -> None:
    """Give row `new` a column along the cheapest chain of rows that move to another one."""
    width = len(column_price)
    slack, before, done = [math.inf] * width, [-1] * width, [False] * width
    row, last = new, -1
    while True:
        nearest, step = -1, math.inf
        for column in range(width):
            if done[column]:
                continue
            reduced = costs[row][column] - row_price[row] - column_price[column]
            if reduced < slack[column]:
                slack[column], before[column] = reduced, last
            if slack[column] < step:
                nearest, step = column, slack[column]
        row_price[new] += step
        for column in range(width):
            if done[column]:
                row_price[holder[column]] += step
                column_price[column] -= step
            else:
                slack[column] -= step
        done[nearest], last = True, nearest
        if holder[nearest] < 0:
            break
        row = holder[nearest]
    while last >= 0:
        previous = before[last]
        holder[last] = holder[previous] if previous >= 0 else new
        last = previous
