use crate::catalog::Role;
use crate::finding::Label;
use crate::model::Model;
use crate::model::calls::Runs;
use crate::model::channels::Channel;
use crate::model::entries::{EntryKind, EntryPoint};
use crate::model::reach::{Reach, Way};
use crate::model::roles::RoleSet;
use crate::model::site::Site;
use crate::model::ways::WayIn;
use crate::rule::Findings;

crate::rule!("unbounded_channel.md");

/// What takes as long as somebody else does.
const SLOW: [Role; 7] = [
    Role::Query,
    Role::HttpRequest,
    Role::RemoteCall,
    Role::CacheCall,
    Role::Publish,
    Role::BlockingNet,
    Role::PeerSend,
];

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    let slow = Reach::of(model, &SLOW, |_| true, |_| true);
    for made in model.sites_with(&[Role::UnboundedChannel]).filter(|site| model.is_served(site.view.prepared.owner)) {
        let Some(channel) = model.channel(made).filter(|_| !made.is_answered()) else { continue };
        // A queue that lives as long as one request holds no more than the request brings.
        if model.contexts.is_hot(made.callable()) && !channel.is_kept {
            continue;
        }
        let Some((send, way)) = filled(model, made, &channel) else { continue };
        let drained = channel.receives.iter().find_map(|receive| Some((*receive, slow_round(model, *receive, &slow)?)));
        if let Some((receive, drain)) = drained {
            report(model, made, (send, way), (receive, &drain), findings);
        }
    }
}

/// A send on behalf of what comes from outside: requests, messages, tasks that do not end.
fn filled<'m>(model: &'m Model<'m>, made: Site<'m>, channel: &Channel<'m>) -> Option<(Site<'m>, WayIn<'m>)> {
    let owner = made.view.prepared.owner;
    let fits = |entry: &EntryPoint| {
        let is_outside = !matches!(entry.kind, EntryKind::Main | EntryKind::Job);
        is_outside && model.run_together(owner, model.owner_of(entry.callable))
    };
    let passes = |_: Site<'m>, runs: Runs| !matches!(runs, Runs::Later | Runs::GivenBack);
    channel.sends.iter().find_map(|send| Some((*send, model.way_in(*send, fits, passes)?)))
}

/// What each message waits for, in the loop that takes them out.
fn slow_round<'m>(model: &'m Model<'m>, receive: Site<'m>, slow: &Reach) -> Option<Way<'m>> {
    receive.calls_in_loop().into_iter().find_map(|call| slow.way(model, call, RoleSet::of(&SLOW)))
}

fn report(
    model: &Model<'_>,
    made: Site<'_>,
    (send, mut way): (Site<'_>, WayIn<'_>),
    (receive, drain): (Site<'_>, &Way<'_>),
    findings: &mut Findings<'_>,
) {
    let sink = model.call_name(drain.end);
    let message = format!(
        "{} fills this queue without a limit, and the loop that empties it waits for {sink}: when that slows down, \
         memory grows until the process is killed",
        model.actor(&way)
    );
    way.steps.push(Label::new(send.head(), "puts a message in, however many there are"));
    let finding = findings.report(made.place(), message, "a queue without a limit");
    finding.related(receive.head(), "messages are taken out here");
    finding.related(drain.end.head(), "and the next ones wait for this");
    finding.trace(way.steps);
    finding.help("give the channel a size and decide what happens when it is full: wait, drop, or refuse");
}
