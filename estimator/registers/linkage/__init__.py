"""Who is one person with whom, when keys do not say it: probabilities, and persons drawn from them."""
