"""The tap's main job, run on a made-up company: sandbox, Meltano and PostgreSQL together."""
