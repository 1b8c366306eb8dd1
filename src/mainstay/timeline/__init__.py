"""One person's records side by side: aligned streams, roles, events, gaps with reasons, recording intensity."""
