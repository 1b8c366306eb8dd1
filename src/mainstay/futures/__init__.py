"""How it could turn out: paths ahead, scenarios over them, forecasts that are written down and scored."""
