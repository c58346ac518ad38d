"""Settings: `production` (make run and manage.py), `dev` (make dev), `test` (make test); all start from `base`."""
