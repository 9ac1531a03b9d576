"""How often the verdicts are right: agencies of known returns, judged week by week by the functions that judge all."""
