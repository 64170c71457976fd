"""ECharts options as pure functions: figures, a palette and a translator in; a dictionary out. No I/O, no clock."""
