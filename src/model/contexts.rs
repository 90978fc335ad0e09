//! Contexts: from which entry points a callable is reached, and on which kind of thread it then runs.

use super::Model;
use super::callables::{CallableId, CallableKind};
use super::calls::{Edge, Runs};
use super::entries::{EntryKind, EntryPoint};
use super::flow::{Use, use_of};
use super::site::Site;
use crate::catalog::Role;
use crate::facts::{NodeId, NodeKind};
use crate::finding::Label;
use crate::source::Span;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// On behalf of what something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    Request,
    Consumer,
    Job,
    Task,
    Boot,
}

impl Origin {
    pub const ALL: [Origin; 5] = [Origin::Request, Origin::Consumer, Origin::Job, Origin::Task, Origin::Boot];
    /// What goes on while the service serves.
    pub const HOT: [Origin; 4] = [Origin::Request, Origin::Consumer, Origin::Job, Origin::Task];

    fn of(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Handler | EntryKind::Middleware | EntryKind::Rpc | EntryKind::Resolver => Origin::Request,
            EntryKind::Consumer | EntryKind::Actor => Origin::Consumer,
            EntryKind::Job => Origin::Job,
            EntryKind::Task => Origin::Task,
            EntryKind::Main => Origin::Boot,
        }
    }
}

/// The kind of thread something runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thread {
    /// A worker of the async runtime, which must not be blocked.
    AsyncWorker,
    /// The pool for blocking work.
    BlockingPool,
    /// A thread of its own.
    Own,
}

impl Thread {
    pub fn word(self) -> &'static str {
        match self {
            Thread::AsyncWorker => "async worker",
            Thread::BlockingPool => "blocking pool",
            Thread::Own => "own thread",
        }
    }
}

/// A way to be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Context {
    pub origin: Origin,
    pub thread: Thread,
    /// Nobody who asked for it waits for it.
    pub detached: bool,
}

/// How each callable is reached.
#[derive(Debug, Default)]
pub struct Contexts {
    /// For each callable and context the step before: the caller with its context and the site, or an entry point.
    before: FxHashMap<(CallableId, Context), Before>,
    of: FxHashMap<CallableId, Vec<Context>>,
}

#[derive(Clone, Copy, Debug)]
enum Before {
    Entry(usize),
    Call { caller: CallableId, context: Context, site: NodeId },
}

impl Contexts {
    pub fn build(model: &Model<'_>) -> Self {
        let mut contexts = Self::default();
        let mut queue = VecDeque::new();
        for (index, entry) in model.entries.iter().enumerate() {
            let thread = model.thread_of(entry);
            let context = Context { origin: Origin::of(entry.kind), thread, detached: false };
            contexts.reach(entry.callable, context, Before::Entry(index), &mut queue);
        }
        while let Some((caller, context)) = queue.pop_front() {
            for edge in model.calls.callees(caller).iter().filter(|edge| edge.certainty.carries()) {
                let Some(next) = follow(context, edge.runs) else { continue };
                // What makes a lazy value runs once, whoever comes first, and so does what comes before a task's loop.
                let site = model.callable_site(caller).at(edge.site);
                let is_once =
                    site.is_lazy() || context.origin == Origin::Task && model.comes_before_loop(site, edge.to);
                let next = if is_once { Context { origin: Origin::Boot, ..next } } else { next };
                let before = Before::Call { caller, context, site: edge.site };
                contexts.reach(edge.to, next, before, &mut queue);
            }
        }
        contexts
    }

    fn reach(&mut self, id: CallableId, context: Context, before: Before, queue: &mut VecDeque<(CallableId, Context)>) {
        if self.before.contains_key(&(id, context)) {
            return;
        }
        self.before.insert((id, context), before);
        self.of.entry(id).or_default().push(context);
        queue.push_back((id, context));
    }

    pub fn of(&self, id: CallableId) -> &[Context] {
        self.of.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first way in which a callable is reached that fits.
    pub fn find(&self, id: CallableId, fits: impl Fn(&Context) -> bool) -> Option<Context> {
        self.of(id).iter().copied().filter(fits).min()
    }

    /// Whether a callable runs while the service serves.
    pub fn is_hot(&self, id: CallableId) -> bool {
        self.of(id).iter().any(|context| context.origin != Origin::Boot)
    }

    /// The entry point from which a callable is reached in a context.
    pub fn entry<'m>(&self, model: &'m Model<'_>, id: CallableId, context: Context) -> Option<&'m EntryPoint> {
        let (mut at, mut context) = (id, context);
        loop {
            match *self.before.get(&(at, context))? {
                Before::Entry(index) => return model.entries.iter().nth(index),
                Before::Call { caller, context: earlier, .. } => (at, context) = (caller, earlier),
            }
        }
    }

    /// Where the async function nearest to a callable that is none calls what leads to it.
    pub fn left_async(&self, model: &Model<'_>, id: CallableId, context: Context) -> Option<Span> {
        let (mut at, mut context) = (id, context);
        while !model.callables.get(at).kind.is_async() {
            let Before::Call { caller, context: earlier, site } = *self.before.get(&(at, context))? else {
                return None;
            };
            if model.callables.get(caller).kind.is_async() && model.callables.get(at).parent != Some(caller) {
                return Some(model.callable_site(caller).at(site).head());
            }
            (at, context) = (caller, earlier);
        }
        None
    }

    /// From the entry point to a callable: where each step is.
    pub fn trace(&self, model: &Model<'_>, id: CallableId, context: Context) -> Vec<Label> {
        let mut steps = Vec::new();
        let (mut at, mut context) = (id, context);
        while let Some(before) = self.before.get(&(at, context)) {
            match *before {
                Before::Entry(index) => {
                    steps.extend(model.entries.iter().nth(index).map(|entry| model.entry_label(entry)));
                    break;
                }
                Before::Call { caller, context: earlier, site } => {
                    // Closures and async blocks lie inside the step before.
                    if model.callables.get(at).parent != Some(caller) {
                        let span = model.callable_site(caller).at(site).head();
                        steps.push(Label::new(span, format!("calls `{}`", model.callable_name(at))));
                    }
                    (at, context) = (caller, earlier);
                }
            }
        }
        steps.reverse();
        steps
    }
}

/// The context of what is reached by an edge; `None` when it runs on behalf of something else, or nobody knows when.
fn follow(context: Context, runs: Runs) -> Option<Context> {
    match runs {
        Runs::Inline => Some(context),
        Runs::Task => Some(Context { thread: Thread::AsyncWorker, detached: true, ..context }),
        Runs::OwnedTask => Some(Context { thread: Thread::AsyncWorker, ..context }),
        Runs::BlockingPool => Some(Context { thread: Thread::BlockingPool, ..context }),
        Runs::OwnThread => Some(Context { thread: Thread::Own, detached: true, ..context }),
        Runs::Job | Runs::Handler | Runs::Later | Runs::GivenBack => None,
    }
}

/// The thread on which an entry point runs. What serves one request at a time keeps nobody else waiting, as if each had
/// a thread of its own.
fn thread_of(model: &Model<'_>, entry: &EntryPoint) -> Thread {
    let callable = model.callables.get(entry.callable);
    if let Some(thread) = thread_around(model, entry.callable) {
        return thread;
    }
    let owner = model.body(callable.body).prepared.owner;
    if model.services.is_serial(model.names.defs.get(owner).krate) {
        return Thread::Own;
    }
    let is_threaded = model.roles.of_attributes(owner).has(Role::ThreadedHandler);
    let is_sync_function = callable.kind == CallableKind::Function { is_async: false };
    let gives_future = model.gives_future(entry.callable);
    match entry.kind {
        EntryKind::Handler if is_sync_function && is_threaded => Thread::BlockingPool,
        EntryKind::Main | EntryKind::Consumer | EntryKind::Job | EntryKind::Task
            if is_sync_function && !gives_future =>
        {
            Thread::Own
        }
        _ => Thread::AsyncWorker,
    }
}

impl Model<'_> {
    /// Whether a call is made before the loop of a task that goes on for ever, and does not lead to the loop: what is
    /// awaited by itself is over when the loop begins.
    pub fn comes_before_loop(&self, site: Site<'_>, to: CallableId) -> bool {
        let is_inside = self.callables.get(to).parent == Some(site.callable());
        !is_inside && self.comes_first(site) && (site.is_over() || !self.runs_for_ever(to))
    }

    /// Whether this is done before the loop of a task that goes on for ever.
    pub fn comes_first(&self, site: Site<'_>) -> bool {
        let id = site.callable();
        let is_loop = |site: Site<'_>| site.loops().next().is_some();
        let mut entries = self.entries.of(id).peekable();
        let is_task = entries.peek().is_some() && entries.all(|entry| entry.kind == EntryKind::Task);
        // One of many, for a connection each, begins as often as one comes.
        let is_alone = |(from, edge): (CallableId, &Edge)| {
            let is_closure = matches!(self.callables.get(from).kind, CallableKind::Closure { .. });
            !is_closure && !is_loop(self.callable_site(from).at(edge.site))
        };
        is_task && !site.is_in_unknown_macro() && self.begins_before(id, site) && self.calls.callers(id).all(is_alone)
    }
}

impl Site<'_> {
    /// Whether what is called here is awaited by itself, and so has ended when the next statement begins.
    fn is_over(self) -> bool {
        let mut at = self;
        while let Use::Receiver(next) = use_of(at.body(), at.node) {
            at = at.at(next);
        }
        matches!(use_of(at.body(), at.node), Use::Awaited(next) if at.body().kind(next) == NodeKind::Await)
    }
}

/// The thread that a callable, or what it is a part of, is handed to.
fn thread_around(model: &Model<'_>, id: CallableId) -> Option<Thread> {
    let own = model.calls.callers(id).find_map(|(_, edge)| match edge.runs {
        Runs::BlockingPool => Some(Thread::BlockingPool),
        Runs::OwnThread => Some(Thread::Own),
        _ => None,
    });
    own.or_else(|| {
        let parent = model.callables.get(id).parent?;
        let is_inline = |(from, edge): (CallableId, &Edge)| from == parent && edge.runs == Runs::Inline;
        model.calls.callers(id).any(is_inline).then(|| thread_around(model, parent)).flatten()
    })
}

impl<'w> Model<'w> {
    /// The thread on which an entry point runs.
    pub fn thread_of(&self, entry: &EntryPoint) -> Thread {
        thread_of(self, entry)
    }

    /// Whether calling a function gives a future, by its signature.
    pub fn gives_future(&self, id: CallableId) -> bool {
        let callable = self.callables.get(id);
        if callable.kind.is_async() {
            return true;
        }
        let owner = self.body(callable.body).prepared.owner;
        let output = self.declared.signatures.get(&owner).map(|signature| signature.output);
        output.is_some_and(|output| self.declared.is_future(&self.declared.tys, output))
    }

    /// The name of a callable as a step of a trace.
    pub fn callable_name(&self, id: CallableId) -> String {
        let owner = self.body(self.callables.get(id).body).prepared.owner;
        let path = self.names.defs.path(owner);
        let mut parts: Vec<&str> = path.rsplit("::").take(2).collect();
        // The last module says nothing that the place does not; a type does.
        parts.retain(|part| part.starts_with(char::is_uppercase) || path.ends_with(part));
        parts.reverse();
        parts.join("::")
    }

    /// The first step of a trace.
    pub fn entry_label(&self, entry: &EntryPoint) -> Label {
        let name = self.callable_name(entry.callable);
        let words = match (entry.kind, &entry.route) {
            (EntryKind::Handler, Some(route)) => format!("{} enters here, at `{name}`", displayed_route(route)),
            (EntryKind::Handler, None) => format!("requests enter here, at `{name}`"),
            (EntryKind::Middleware, _) => format!("requests pass here, through `{name}`"),
            (EntryKind::Rpc, _) => format!("remote calls of `{name}` enter here"),
            (EntryKind::Resolver, _) => format!("queries enter here, at `{name}`"),
            (EntryKind::Consumer, Some(topic)) => format!("messages of `{topic}` enter here, in `{name}`"),
            (EntryKind::Consumer, None) => format!("messages enter here, in `{name}`"),
            (EntryKind::Job, _) => format!("a timer starts `{name}` here"),
            (EntryKind::Actor, _) => format!("messages to the actor enter here, at `{name}`"),
            (EntryKind::Task, _) => format!("a task without an end starts here, in `{name}`"),
            (EntryKind::Main, _) => "the program starts here".to_string(),
        };
        Label::new(self.entry_span(entry), words)
    }

    /// The head of the function that an entry point is, or where a closure is registered.
    pub fn entry_span(&self, entry: &EntryPoint) -> Span {
        let owner = self.owner_of(entry.callable);
        let is_function = matches!(self.callables.get(entry.callable).kind, CallableKind::Function { .. });
        self.names.defs.span(owner).filter(|_| is_function).unwrap_or(entry.span)
    }
}

fn displayed_route(route: &str) -> String {
    if route.starts_with(|c: char| c.is_ascii_uppercase()) { route.to_string() } else { format!("`{route}`") }
}
