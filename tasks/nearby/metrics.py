"""What Prometheus reads of tasks nearby: who answered, how fresh memory was, what it holds."""

from prometheus_client import Counter, Gauge, Histogram

ANSWERS = Counter("fuxun_nearby_answers_total", "Pages of tasks nearby.", ["source", "reason"])
AGE = Histogram(
    "fuxun_nearby_age_seconds",
    "Age of the memory that answered.",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0),
)
LAG = Histogram("fuxun_nearby_lag_seconds", "From a heartbeat's begin to its return.")
RELOADS = Counter("fuxun_nearby_reloads_total", "Loads after the first: history was lost.")
# Of all web processes the least. Labelled, for without a label a process that keeps nothing in
# memory would say 0.
TASKS = Gauge(
    "fuxun_nearby_tasks",
    "Tasks in memory, those just over among them.",
    ["source"],
    multiprocess_mode="livemin",
)
FRESH_AT = Gauge(
    "fuxun_nearby_fresh_at_seconds",
    "The moment that memory is complete to, in seconds since 1970.",
    ["source"],
    multiprocess_mode="livemin",
)
