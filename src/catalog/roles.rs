//! What names can mean for scalability.

use std::fmt;

macro_rules! roles {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal,)*) => {
        /// What something means for scalability. A closed set: rules ask for roles, catalog files hand them out.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $($(#[doc = $doc])* $name,)*
        }

        impl Role {
            pub const ALL: &[Role] = &[$(Role::$name,)*];

            pub fn id(self) -> &'static str {
                match self {
                    $(Role::$name => $id,)*
                }
            }

            /// What it means, in a sentence or two.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Role::$name => concat!($($doc,)*).trim_ascii(),)*
                }
            }
        }
    };
}

roles! {
    // Servers, consumers, schedulers: what makes a package a service.
    /// Serves requests when called or awaited.
    ServerStart = "server-start",
    /// Starts a server that takes one request at a time.
    SerialServer = "serial-server",
    /// Serves one connection, which somebody has accepted: a server start, too.
    ConnectionServe = "connection-serve",
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
    /// Asks or waits for a token by which parts of a program are told to stop.
    StopAsked = "stop-asked",
    /// Gives the next message, or a stream of messages, of a broker or queue.
    MessageSource = "message-source",
    /// Starts a scheduler of jobs, or a worker that takes jobs from a queue.
    SchedulerStart = "scheduler-start",
    /// Registers a closure or function to be run at times: its function argument is a job.
    JobRegister = "job-register",
    /// A trait of which an impl's methods handle messages of an actor.
    ActorTrait = "actor-trait",
    /// Marks an impl whose methods handle messages of an actor.
    ActorAttribute = "actor-attribute",
    /// Sends a message to an actor and gives its reply: awaited, it takes as long as the actor does.
    ActorAsk = "actor-ask",
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
    /// Marks a function that answers requests on a thread of its own if it is no async function.
    ThreadedHandler = "threaded-handler",
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
    /// Asks the file system about an entry, or makes, moves or removes one: short, but a system call.
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
    /// A database or store inside the process or on its disk: no network is in between.
    EmbeddedStore = "embedded-store",
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
    /// Tells somebody else something whose answer says nothing but whether it went well: a mail, a notice on a phone.
    SideEffect = "side-effect",
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
    /// Ties a client under construction to the addresses of one peer.
    HttpClientPinned = "http-client-pinned",
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
    /// A guard that lets others read meanwhile.
    GuardShared = "guard-shared",
    /// A guard of a lock that is awaited.
    GuardAsync = "guard-async",
    /// A guard that keeps a span entered.
    GuardSpan = "guard-span",
    /// One of a limited number of permits.
    Permit = "permit",
    /// Waits for a permit.
    PermitAcquire = "permit-acquire",

    /// A value that must stay on the thread on which it was made.
    ThreadBound = "thread-bound",

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
    /// A list that hands out its elements many at a time.
    Batches = "batches",
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
    /// A connection to a peer, which takes what it is sent as fast as it likes.
    PeerConnection = "peer-connection",
    /// Sends something to a peer, and waits until there is room for it.
    PeerSend = "peer-send",
    /// Writes to the sink or stream that it is called on, and waits until there is room: to a peer if that is one.
    SinkWrite = "sink-write",
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
    /// Lets code that is passed to it see every query, and perhaps turn it down.
    GraphqlExtension = "graphql-extension",
    /// Writes a schema out as text.
    GraphqlExport = "graphql-export",
    /// Lifts the default limit on the size of request bodies.
    BodyLimitOff = "body-limit-off",
    /// Sets a limit on the size of request bodies, in bytes, as its first argument.
    BodyLimitSet = "body-limit-set",
    /// Reads a whole request body into memory, without a limit of its own.
    BodyBuffer = "body-buffer",
    /// Reads a whole part of a request body into memory.
    BodyPartBuffer = "body-part-buffer",
    /// A type by which a handler takes a whole request body, up to the default limit on its size.
    BodyExtract = "body-extract",
    /// A trait of which an impl makes a handler's parameter from a request with its body.
    ExtractTrait = "extract-trait",
    /// Lets through only bodies whose announced length is below its first argument.
    BodyLengthCheck = "body-length-check",
    /// Names the header that announces the length of a body.
    BodyLengthHeader = "body-length-header",

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
