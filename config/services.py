"""PostgreSQL and Redis as the environment names them, or our own."""

from config import addresses


def database(env, data_dir, *, pool_size, behind_pgbouncer=False):
    """Return Django's DATABASES entry.

    With a pool for the threads of a web process, else with one lasting connection for
    a worker or a command. A page that takes 15 s has lost its reader; a worker may well
    take longer. Behind PgBouncer a connection changes its session with each
    transaction: nothing may be kept in one, and it sets the limits itself
    (deploy/pgbouncer.ini).
    """
    options = {"connect_timeout": 5, "prepare_threshold": None}
    if pool_size:
        options["pool"] = {
            "min_size": 1,
            "max_size": pool_size,
            "timeout": 5,
            # Then each request tries anew. Its own patience doubles: after an hour
            # without the database nobody would be served for minutes.
            "reconnect_timeout": 5,
        }
    if not behind_pgbouncer:
        options["prepare_threshold"] = 1
        options["options"] = " ".join(_limits(is_web=pool_size > 0))

    named = _named_database(env, data_dir)
    return {
        **named,
        "CONN_MAX_AGE": 0 if pool_size else 600,
        # A database that was away has ended them all: nobody is to find out by a 503.
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": behind_pgbouncer,
        "OPTIONS": options | named.get("OPTIONS", {}),
    }


def _limits(*, is_web):
    limits = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"}
    if is_web:
        limits["statement_timeout"] = "15s"
    return [f"-c {name}={value}" for name, value in limits.items()]


def _named_database(env, data_dir):
    if "DATABASE_URL" in env:
        return env.database("DATABASE_URL")
    if "POSTGRES_SERVER" in env:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": env.text("POSTGRES_SERVER"),
            "PORT": env.number("POSTGRES_PORT", 5432, least=1, most=65535),
            "USER": env.text("POSTGRES_USER"),
            "PASSWORD": env.text("POSTGRES_PASSWORD", ""),
            "NAME": env.text("POSTGRES_DB"),
        }
    parts = ["PORT", "USER", "PASSWORD", "DB"]
    env.refuse_without("POSTGRES_SERVER", [f"POSTGRES_{part}" for part in parts])
    return addresses.embedded_database(data_dir)


def redis_url(env, data_dir):
    if "REDIS_URL" in env:
        return env.url("REDIS_URL", schemes=["redis", "rediss", "unix"])
    if "REDIS_HOST" in env:
        return addresses.redis_url(
            env.text("REDIS_HOST"),
            env.number("REDIS_PORT", 6379, least=1, most=65535),
            env.text("REDIS_PASSWORD", ""),
        )
    env.refuse_without("REDIS_HOST", ["REDIS_PORT", "REDIS_PASSWORD"])
    return addresses.embedded_redis(data_dir)
