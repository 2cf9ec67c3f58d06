"""What every room uses: errors, column names, files, geodesy, durations and GPX."""
