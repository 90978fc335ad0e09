use crate::config::EdgeKind;
use crate::finding::Place;
use crate::model::Model;
use crate::model::boundaries::{Doubt, Judged};
use crate::rule::Findings;

crate::rule!("stale_exception.md");

fn check(model: &Model<'_>, findings: &mut Findings<'_>) {
    for judged in &model.boundaries.doubtful {
        let (message, label, help) = words(judged);
        let place = Place { span: judged.place, symbol: String::new(), package: "" };
        findings.report(place, message, label).help(help).part(format!("{}: {label}", judged.edge), judged.place);
    }
}

fn words(judged: &Judged) -> (String, &'static str, String) {
    let edge = format!("`{}`", judged.edge.replace(" -> ", "` → `"));
    let remove = "remove the table, so that the edge is seen when it comes back".to_string();
    match &judged.doubt {
        Doubt::Expired(until) => {
            let owner = judged.owner.as_ref().map(|owner| format!(" ({owner} answers for it)")).unwrap_or_default();
            let help = format!("cut the edge{owner}, or decide anew until when it may stay");
            (format!("the exception for {edge} ended on {until}, and the edge is still there"), "expired", help)
        }
        Doubt::NoPackage { name, near: Some(near) } => {
            let help = format!("did you mean `{near}`?");
            (format!("the exception for {edge} covers nothing: `{name}` is not there"), "not there", help)
        }
        Doubt::NoPackage { name, near: None } => {
            (format!("the exception for {edge} covers nothing: `{name}` is not there"), "not there", remove)
        }
        Doubt::NoEdge => (format!("the exception for {edge} is done: nothing depends so any more"), "done", remove),
        Doubt::NotForbidden => {
            (format!("the exception for {edge} is not needed: no boundary forbids the edge"), "not needed", remove)
        }
        Doubt::Again => {
            let help = "keep one of them, with one reason".to_string();
            (format!("the edge {edge} is covered by an exception above, perhaps for another reason"), "again", help)
        }
        Doubt::OtherKind(kind) => {
            let of = match kind {
                EdgeKind::Normal => "a dependency of what ships",
                EdgeKind::Build => "a build dependency",
                EdgeKind::Dev => "a development dependency",
            };
            let help = format!("cut the edge, or add `\"{}\"` to the `kinds` of the exception", kind.word());
            (format!("the exception for {edge} does not cover it: it is {of} by now"), "of another kind", help)
        }
    }
}
