"""A plan as files for watches, calendars and spreadsheets."""
