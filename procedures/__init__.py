"""The app: one room per job. `docs/map.md` tells which room a change belongs to."""
