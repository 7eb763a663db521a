"""Where data of people goes: a record of which system is told what, since when, and what makes it so."""
