"""What the timesheets app answers: one module per screen."""
