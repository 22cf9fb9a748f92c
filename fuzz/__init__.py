"""Long runs against hostile input: ``make fuzz``."""
