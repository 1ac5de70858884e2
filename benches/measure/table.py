"""What was measured, as a table."""

import statistics
from dataclasses import dataclass


@dataclass
class Row:
    """A ratio of two medians and what it should be."""

    name: str
    ours: list  # one figure for each round
    theirs: list
    unit: str
    against: str
    least: float | None = None  # the aim; None where there is none

    def ratio(self):
        return statistics.median(self.ours) / statistics.median(self.theirs)


def spread(figures):
    """Half the distance between the extremes, in per cent of the median."""
    return 50 * (max(figures) - min(figures)) / statistics.median(figures)


def figure(figures, unit):
    return f"{statistics.median(figures):,.0f}{unit} +-{spread(figures):.0f}%"


def show(rows, aim):
    """Prints the table; False if an aim was missed."""
    met = True
    head = ("measurement", "ours", "against", "", "ratio", "aim")
    lines = [head]
    for row in rows:
        least = aim if aim is not None and row.least is not None else row.least
        wanted = f">= {least:g}" if least is not None else "-"
        ratio = row.ratio()
        missed = least is not None and ratio < least
        met = met and not missed
        lines.append((row.name, figure(row.ours, row.unit), figure(row.theirs, row.unit), row.against,
                      f"{ratio:.3f}", wanted + ("  MISSED" if missed else "")))
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
    return met
