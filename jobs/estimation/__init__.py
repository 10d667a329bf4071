"""How far off predicted numbers will turn out to be, before their labels come."""
