//! The texts of all catalog files, by package name.

macro_rules! catalog {
    ($($package:literal,)*) => {
        /// What is known of outside crates: the package's name, and its file.
        #[rustfmt::skip]
        pub const CATALOG: &[(&str, &str)] = &[$(($package, include_str!(concat!("catalog/", $package, ".toml"))),)*];
    };
}

catalog! {
    "actix", "actix-cors", "actix-files", "actix-governor", "actix-http", "actix-multipart", "actix-router",
    "actix-rt", "actix-server", "actix-service", "actix-session", "actix-web", "actix-web-prom", "actix-ws", "ahash",
    "aide", "amq-protocol", "amq-protocol-types", "anyhow", "apalis", "arc-swap", "argon2", "arrayvec",
    "async-channel", "async-executor", "async-graphql", "async-graphql-value", "async-io", "async-lock", "async-nats",
    "async-signal", "async-std", "async-stream", "async-task", "async-trait", "attohttpc", "awc", "aws-config",
    "aws-credential-types", "aws-sdk-dynamodb", "aws-sdk-kinesis", "aws-sdk-kms", "aws-sdk-lambda", "aws-sdk-s3",
    "aws-sdk-secretsmanager", "aws-sdk-ses", "aws-sdk-sesv2", "aws-sdk-sns", "aws-sdk-sqs", "aws-smithy-async",
    "aws-smithy-runtime-api", "aws-smithy-types", "aws-types", "axum", "axum-core", "axum-extra", "axum-macros",
    "axum-otel-metrics", "axum-prometheus", "axum-server", "axum-tracing-opentelemetry", "backoff", "backon",
    "base64", "bb8", "bb8-postgres", "bb8-redis", "bcrypt", "blake3", "blocking", "brotli", "bson", "bytes", "cached",
    "cadence", "chrono", "clap", "clickhouse", "clokwerk", "color-eyre", "config", "cookie", "cron", "crossbeam",
    "crossbeam-channel", "crossbeam-queue", "crossbeam-utils", "crypto-common", "csv", "ctrlc", "dashmap", "deadpool",
    "deadpool-diesel", "deadpool-postgres", "deadpool-redis", "deadpool-runtime", "deadpool-sync", "diesel",
    "diesel-async", "digest", "dotenv", "dotenvy", "duckdb", "either", "elasticsearch", "env_logger", "eyre", "fang",
    "fern", "figment", "fjall", "flate2", "flume", "fnv", "form_urlencoded", "fred", "fs-err", "futures",
    "futures-channel", "futures-core", "futures-executor", "futures-io", "futures-lite", "futures-locks", "futures-sink",
    "futures-task", "futures-util", "garde", "getrandom", "git2", "glob", "google-cloud-pubsub", "governor",
    "hashbrown", "headers", "heed", "hex", "hmac", "http", "http-body", "http-body-util", "humantime", "hyper",
    "hyper-rustls", "hyper-tls", "hyper-util", "ignore", "image", "indexmap", "ipnet", "isahc", "itertools", "jiff",
    "jsonwebtoken", "juniper", "kameo", "kube", "lambda_http", "lambda_runtime", "lambda_runtime_api_client", "lapin",
    "lazy_static", "lettre", "libc", "lock_api", "log", "lru", "madsim-tokio", "madsim-tonic", "md-5", "md5", "memcache", "metrics",
    "metrics-exporter-prometheus", "minreq", "moka", "mongodb", "mysql", "mysql_async", "nix", "notify", "ntex",
    "ntex-rt", "num-traits", "object_store", "octocrab", "once_cell", "opendal", "opensearch", "openssl",
    "opentelemetry", "opentelemetry-otlp", "opentelemetry_sdk", "parking_lot", "password-auth", "password-hash",
    "pbkdf2", "percent-encoding", "pin-project", "pin-project-lite", "pin-utils", "poem", "poem-openapi", "postgres",
    "postgres-types", "prometheus", "prometheus-client", "pulsar", "quick_cache", "r2d2", "r2d2_sqlite", "ractor",
    "rand", "rand_core", "rayon", "rayon-core", "rdkafka", "redb", "redis", "regex", "reqwest", "reqwest-middleware",
    "reqwest-retry", "ring", "rocket", "rocket_http", "rocket_prometheus", "rocksdb", "rsa", "rumqttc", "rusqlite",
    "rust_decimal", "rustc-hash", "rustls", "rustls-pki-types", "rusty_paseto", "salvo", "salvo-compression",
    "salvo-cors", "salvo-oapi", "salvo-otel", "salvo-rate-limiter", "salvo-session", "salvo_core", "salvo_extra",
    "saysion", "scoped-futures", "scrypt", "scylla", "sea-orm", "sea-orm-migration", "sea-query", "sea-query-binder",
    "sea-query-sqlx", "secrecy", "semver", "sentry", "sentry-tower", "serde", "serde_json", "serde_yaml", "sha1",
    "sha2", "signal-hook", "sled", "slog", "slog-scope", "smallvec", "smol", "snafu", "sqlx", "sqlxmq", "statsd",
    "std", "structopt", "strum", "strum_macros", "surf", "surrealdb", "tar", "tempfile", "thiserror", "tiberius",
    "time", "tokio", "tokio-cron-scheduler", "tokio-postgres", "tokio-retry", "tokio-stream", "tokio-tungstenite",
    "tokio-util", "toml", "tonic", "tonic-health", "tonic-reflection", "tonic-tracing-opentelemetry", "tonic-web",
    "tower", "tower-cookies", "tower-http", "tower-layer", "tower-service", "tower-sessions", "tower-sessions-core",
    "tower-sessions-memory-store", "tower_governor", "tracing", "tracing-actix-web", "tracing-core",
    "tracing-futures", "tracing-opentelemetry", "tracing-subscriber", "tungstenite", "ureq", "url", "urlencoding",
    "utoipa-actix-web", "utoipa-axum", "uuid", "validator", "walkdir", "warp", "xtra",
    "xtra_productivity", "zip", "zstd",
}
