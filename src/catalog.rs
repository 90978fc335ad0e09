//! Framework knowledge as data: which names play which role, and what outside crates look like to the type checker.
//!
//! One TOML file a crate, in `rules/catalog`. `description` is Rust source without bodies, read like any other source.
//! `[roles]` lists paths under the role they play: `a::b` an item, `a::Type::method` a member, `a::b!` a macro,
//! `#[a::b]` an attribute. Users add their own in `scale-lint.toml`, in the same notation.

use crate::error::nearest;
use crate::source::TextRange;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// What something means for scalability. A closed set: rules ask for roles, catalog files hand them out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $($(#[$doc])* $name,)*
        }

        impl Role {
            pub const ALL: &[Role] = &[$(Role::$name,)*];

            pub fn id(self) -> &'static str {
                match self {
                    $(Role::$name => $id,)*
                }
            }
        }
    };
}

roles! {
    // Servers, consumers, schedulers: what makes a package a service.
    /// Serves requests when called or awaited.
    ServerStart = "server-start",
    /// Gives a server the future that ends it gently, or serves until such a future is ready.
    GracefulShutdown = "graceful-shutdown",
    /// Drains connections by default when the process is told to end.
    GracefulByDefault = "graceful-by-default",
    /// Turns the handling of signals by a server off.
    SignalsOff = "signals-off",
    /// Waits for Ctrl-C only.
    SignalInterrupt = "signal-interrupt",
    /// Waits for, or names, the signal by which an orchestrator ends a process.
    SignalTerminate = "signal-terminate",
    /// Gives the next message, or a stream of messages, of a broker or queue.
    MessageSource = "message-source",
    /// Starts a scheduler of jobs, or a worker that takes jobs from a queue.
    SchedulerStart = "scheduler-start",
    /// Registers a closure or function to be run at times: its function argument is a job.
    JobRegister = "job-register",
    /// A trait of which an impl's methods handle messages of an actor.
    ActorTrait = "actor-trait",
    /// A trait of which an impl's methods handle jobs.
    JobTrait = "job-trait",

    // Routers.
    /// A type that maps requests to handlers.
    Router = "router",
    /// Makes an empty router.
    RouterNew = "router-new",
    /// Adds a path and what answers it.
    Route = "route",
    /// Makes the answer to one method from a handler: its function argument is a handler.
    MethodRouter = "method-router",
    /// Adds a router below a path.
    RouterNest = "router-nest",
    /// Adds the routes of another router.
    RouterMerge = "router-merge",
    /// Adds the answer for paths that nothing else answers.
    RouterFallback = "router-fallback",
    /// Adds a handler, resource or scope that brings its own path.
    RouterService = "router-service",
    /// Lets a function add routes.
    RouterConfigure = "router-configure",
    /// Wraps a layer around the routes that a router has so far.
    LayerSoFar = "layer-so-far",
    /// Wraps a layer around all routes of a router, whenever they are added.
    LayerAll = "layer-all",
    /// Marks a function as a handler.
    HandlerAttribute = "handler-attribute",
    /// Makes a service from a handler: its function argument is a handler.
    ServiceFn = "service-fn",
    /// Marks an impl whose methods answer parts of queries.
    GraphqlObject = "graphql-object",
    /// A trait of which an impl's methods answer remote calls.
    RpcTrait = "rpc-trait",

    // Layers, by what they do.
    LayerTrace = "layer-trace",
    LayerMetrics = "layer-metrics",
    LayerTimeout = "layer-timeout",
    LayerBodyLimit = "layer-body-limit",
    LayerConcurrencyLimit = "layer-concurrency-limit",
    LayerRateLimit = "layer-rate-limit",
    /// Makes a layer from a function, which may do anything.
    LayerFromFn = "layer-from-fn",
    /// A stack of layers, built by method calls.
    LayerBuilder = "layer-builder",
    /// Any other layer that changes nothing of the above: compression, headers, CORS.
    LayerOther = "layer-other",

    // Observation.
    /// Makes a span.
    SpanNew = "span-new",
    /// Enters a span until what it gives back is dropped.
    SpanEnter = "span-enter",
    /// Runs a future inside a span.
    SpanInstrument = "span-instrument",
    /// Puts a function's body in a span.
    InstrumentAttribute = "instrument-attribute",
    /// Writes a log record or event.
    LogEvent = "log-event",
    /// Writes a log record or event of level warning or error.
    LogProblem = "log-problem",
    /// Records a metric.
    MetricRecord = "metric-record",
    /// Sets up where log records, spans or metrics go.
    TelemetryInit = "telemetry-init",

    // Tasks and threads.
    /// Starts a task that nobody has to wait for.
    Spawn = "spawn",
    /// Starts a task that belongs to a set which is waited for.
    SpawnOwned = "spawn-owned",
    /// Runs a closure where blocking is fine.
    SpawnBlocking = "spawn-blocking",
    /// Runs a closure on a thread of its own.
    SpawnThread = "spawn-thread",
    /// Waits for a future by blocking the thread.
    BlockOn = "block-on",
    /// Starts the runtime: an attribute on `main`.
    RuntimeAttribute = "runtime-attribute",
    /// Gives up waiting after a time: the future is an argument.
    TimeoutWrap = "timeout-wrap",
    /// Waits for a time.
    Sleep = "sleep",
    /// Waits for the next tick of a timer.
    Tick = "tick",

    // Work that keeps an async worker from other work.
    BlockingSleep = "blocking-sleep",
    BlockingFs = "blocking-fs",
    /// Looks at a file's metadata: short, but a system call.
    BlockingStat = "blocking-stat",
    BlockingNet = "blocking-net",
    BlockingProcess = "blocking-process",
    /// Waits for another thread or for a message.
    BlockingWait = "blocking-wait",
    BlockingHttp = "blocking-http",
    /// Talks to a database through a driver that blocks.
    BlockingDb = "blocking-db",
    /// Computes for milliseconds or more by design.
    CpuHeavy = "cpu-heavy",

    // Calls that leave the process.
    /// One round trip to a database.
    Query = "query",
    /// Makes a query for a [`Role::Query`] that comes later; holds SQL.
    QueryText = "query-text",
    /// Takes a connection from a pool.
    PoolAcquire = "pool-acquire",
    /// Starts a transaction.
    TransactionBegin = "transaction-begin",
    /// Ends a transaction.
    TransactionEnd = "transaction-end",
    /// Runs a closure inside a transaction.
    TransactionScope = "transaction-scope",
    /// A type that stands for a connection taken from a pool, or a transaction, until it is dropped.
    PooledConnection = "pooled-connection",
    /// A pool of connections.
    Pool = "pool",
    /// Sends a request over HTTP.
    HttpRequest = "http-request",
    /// Calls another service in any other way: a cloud API, an object store, a mail server.
    RemoteCall = "remote-call",
    /// One round trip to a cache or key-value server.
    CacheCall = "cache-call",
    /// Sends a message to a broker.
    Publish = "publish",

    // Clients.
    /// An HTTP client that has no deadline of its own.
    HttpClient = "http-client",
    /// Makes such a client as it is by default.
    HttpClientNew = "http-client-new",
    /// Starts to build such a client.
    HttpClientBuilder = "http-client-builder",
    /// Ends building such a client.
    HttpClientBuild = "http-client-build",
    /// Gives a client under construction a deadline for whole requests or for reading.
    HttpClientTimeout = "http-client-timeout",
    /// Gives a client under construction a deadline for connecting only.
    HttpClientConnectTimeout = "http-client-connect-timeout",
    /// Starts a request on a client.
    HttpRequestNew = "http-request-new",
    /// Gives one request a deadline.
    HttpRequestTimeout = "http-request-timeout",
    /// Sends one request with a new client of its own.
    HttpOneShot = "http-one-shot",
    /// Makes an expensive client or pool that is meant to be shared.
    ClientNew = "client-new",

    // Locks and guards.
    /// Takes a lock by blocking, and gives a guard.
    LockSync = "lock-sync",
    /// Takes a lock by awaiting, and gives a guard.
    LockAsync = "lock-async",
    /// Takes a lock for reading only.
    LockShared = "lock-shared",
    /// A guard of a lock that blocks threads.
    GuardSync = "guard-sync",
    /// A guard of a part of a concurrent map.
    GuardMap = "guard-map",
    /// A guard of a cell that checks borrows at run time.
    GuardCell = "guard-cell",
    /// A guard of a lock that is awaited.
    GuardAsync = "guard-async",
    /// A guard that keeps a span entered.
    GuardSpan = "guard-span",
    /// One of a limited number of permits.
    Permit = "permit",
    /// Waits for a permit.
    PermitAcquire = "permit-acquire",

    // Shared state.
    /// A lock around a value.
    LockType = "lock-type",
    /// A value that can be changed through a shared reference.
    InteriorMutable = "interior-mutable",
    /// A value that is made on first use.
    Lazy = "lazy",
    /// A map or set.
    Map = "map",
    /// Changes what a cell, map or lock holds.
    StateWrite = "state-write",
    /// Reads what a cell, map or lock holds.
    StateRead = "state-read",
    /// A cache that bounds itself or lets entries expire.
    BoundedCache = "bounded-cache",
    /// Hands a value to all handlers.
    StateShare = "state-share",
    /// Gives a handler what was shared: the value is the first generic argument.
    StateExtract = "state-extract",
    /// Takes a part of the request: its value comes from outside.
    RequestExtract = "request-extract",

    // Channels.
    UnboundedChannel = "unbounded-channel",
    BoundedChannel = "bounded-channel",
    ChannelSender = "channel-sender",
    ChannelReceiver = "channel-receiver",
    ChannelSend = "channel-send",
    ChannelReceive = "channel-receive",

    // Sessions and keys.
    /// A trait of which an impl keeps sessions.
    SessionStoreTrait = "session-store-trait",
    /// A store that keeps sessions in memory.
    SessionStoreMemory = "session-store-memory",
    /// Makes the layer that gives requests their session, from a store.
    SessionLayer = "session-layer",
    /// Makes a new random key for signing or encrypting cookies.
    KeyGenerate = "key-generate",
    /// Makes random bytes or a random value.
    Random = "random",
    /// Makes a key for signing or encrypting from bytes.
    KeyFromBytes = "key-from-bytes",
    /// Uses a key to sign or encrypt what clients keep.
    KeyUse = "key-use",

    // Limits.
    GraphqlBuild = "graphql-build",
    GraphqlLimitDepth = "graphql-limit-depth",
    GraphqlLimitComplexity = "graphql-limit-complexity",
    GraphqlFinish = "graphql-finish",
    /// Lifts the default limit on the size of request bodies.
    BodyLimitOff = "body-limit-off",
    /// Sets a limit on the size of request bodies, in bytes, as its first argument.
    BodyLimitSet = "body-limit-set",
    /// Reads a whole request body into memory, without a limit of its own.
    BodyBuffer = "body-buffer",
    /// Lets through only bodies whose announced length is below its first argument.
    BodyLengthCheck = "body-length-check",

    // Environment.
    /// Reads configuration from the environment.
    EnvRead = "env-read",
    /// Parses command line arguments.
    ArgsParse = "args-parse",
    /// Marks a type as command line arguments.
    ArgsDerive = "args-derive",
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// All that is known of outside crates.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    pub crates: Vec<CatalogCrate>,
}

/// What one catalog file says.
#[derive(Clone, Debug)]
pub struct CatalogCrate {
    /// The package's name, as in a manifest.
    pub package: String,
    pub description: String,
    pub entries: Vec<Entry>,
    /// The items that derive macros declare beside a type, by the macro's name: source like a description.
    pub derives: BTreeMap<String, String>,
    /// How the modules end in which a code generator of this crate puts the traits that services implement.
    pub generated_services: Vec<String>,
}

/// One name with its role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub role: Role,
    pub subject: Subject,
    /// The first version of the package of which this holds.
    pub since: Option<Version>,
    /// The first version of which it no longer does.
    pub until: Option<Version>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub kind: SubjectKind,
    /// The segments of the path.
    pub path: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    Item,
    Macro,
    Attribute,
}

/// The parts of a version that matter for compatibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Version {
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(['.', '-', '+']).map(|part| part.parse().ok());
        let major = parts.next()??;
        let mut rest = || parts.next().flatten().unwrap_or(0);
        Some(Version(major, rest(), rest()))
    }
}

/// What is wrong with a catalog file or a user's additions, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogError {
    pub message: String,
    pub help: Option<String>,
    pub range: TextRange,
}

/// The `[roles]` table: paths, or paths with the versions they hold for, by role.
pub type RoleTable = BTreeMap<Spanned<String>, Vec<Spanned<Written>>>;

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Written {
    Path(String),
    Versioned { path: String, since: Option<String>, until: Option<String> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CatalogFile {
    #[serde(rename = "crate")]
    package: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    roles: RoleTable,
    #[serde(default)]
    derives: BTreeMap<String, String>,
    #[serde(default)]
    generated_services: Vec<String>,
}

impl CatalogCrate {
    /// Reads one catalog file.
    ///
    /// # Errors
    /// When it is not TOML of the known shape, or names an unknown role.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let file: CatalogFile = toml::from_str(text).map_err(|error| CatalogError {
            message: error.message().to_string(),
            help: None,
            range: error.span().map_or(TextRange::default(), range),
        })?;
        Ok(Self {
            package: file.package,
            description: file.description,
            entries: entries(&file.roles)?,
            derives: file.derives,
            generated_services: file.generated_services,
        })
    }
}

/// The entries of a table of roles.
///
/// # Errors
/// When a role is not known or a path is not of the known notation.
pub fn entries(table: &RoleTable) -> Result<Vec<Entry>, CatalogError> {
    let mut entries = Vec::new();
    for (id, paths) in table {
        let role = role(id)?;
        for path in paths {
            entries.push(entry(role, path)?);
        }
    }
    Ok(entries)
}

fn role(id: &Spanned<String>) -> Result<Role, CatalogError> {
    let known = Role::ALL.iter().find(|role| role.id() == id.get_ref());
    known.copied().ok_or_else(|| {
        let near = nearest(id.get_ref(), Role::ALL.iter().map(|role| role.id()));
        CatalogError {
            message: format!("there is no role `{}`", id.get_ref()),
            help: near.map(|near| format!("did you mean `{near}`?")),
            range: range(id.span()),
        }
    })
}

fn entry(role: Role, written: &Spanned<Written>) -> Result<Entry, CatalogError> {
    let error = |message: String| CatalogError { message, help: None, range: range(written.span()) };
    let (path, since, until) = match written.get_ref() {
        Written::Path(path) => (path, &None, &None),
        Written::Versioned { path, since, until } => (path, since, until),
    };
    let subject = subject(path).ok_or_else(|| error(format!("`{path}` is no path to an item, macro or attribute")))?;
    let version = |text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => Version::parse(text).map(Some).ok_or_else(|| error(format!("`{text}` is no version"))),
    };
    Ok(Entry { role, subject, since: version(since)?, until: version(until)? })
}

fn subject(text: &str) -> Option<Subject> {
    let (kind, path) = if let Some(path) = text.strip_suffix('!') {
        (SubjectKind::Macro, path)
    } else if let Some(path) = text.strip_prefix("#[").and_then(|rest| rest.strip_suffix(']')) {
        (SubjectKind::Attribute, path)
    } else {
        (SubjectKind::Item, text)
    };
    let path: Vec<String> = path.split("::").map(str::to_string).collect();
    let is_name = |name: &String| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    path.iter().all(is_name).then_some(Subject { kind, path })
}

fn range(span: std::ops::Range<usize>) -> TextRange {
    TextRange::new(span.start as u32, span.end as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_role_fails_with_its_place_and_the_nearest_name() {
        let text = "crate = \"x\"\n[roles]\nserver-strat = [\"x::serve\"]\n";
        let error = CatalogCrate::parse(text).expect_err("the role is misspelt");
        assert_eq!(error.message, "there is no role `server-strat`");
        assert_eq!(error.help.as_deref(), Some("did you mean `server-start`?"));
        assert_eq!(&text[error.range.start as usize..error.range.end as usize], "server-strat");
    }

    #[test]
    fn paths_are_items_macros_or_attributes() {
        let kind = |text| subject(text).map(|subject| subject.kind);
        assert_eq!(kind("a::B::c"), Some(SubjectKind::Item));
        assert_eq!(kind("a::b!"), Some(SubjectKind::Macro));
        assert_eq!(kind("#[a::b]"), Some(SubjectKind::Attribute));
        assert_eq!(kind("a::"), None);
        assert_eq!(kind("a b"), None);
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(Version::parse("0.10.0") > Version::parse("0.9.1"));
        assert_eq!(Version::parse("1.0.0-rc.2"), Some(Version(1, 0, 0)));
        assert_eq!(Version::parse("x"), None);
    }
}
