"""The statistics behind the verdicts. Pure: numbers and arrays in and out; no Django, no database, no clock."""
