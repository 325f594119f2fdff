"""Published figures beside our own: what can be reproduced, what differs, and what cannot be reproduced and why."""
