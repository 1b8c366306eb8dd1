"""What arrived: one reader per source, receipts, nothing repaired in silence."""
