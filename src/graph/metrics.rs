//! The graph in figures, with what they were before: a table for people, and JSON as `schemas/metrics.schema.json`
//! describes it.

use super::{Edge, Graph, View};
use crate::model::metrics::Metrics;
use crate::report::displayable;
use serde::Serialize;
use std::collections::BTreeMap;

/// By how much less stable a goal has to be for its edge to be counted as a steep one: what `unstable-dependency`
/// reports.
const STEEP: f64 = 0.2;

/// The figures of one graph.
#[derive(Debug, Serialize)]
pub struct Figures {
    total: Total,
    nodes: Vec<NodeFigures>,
}

#[derive(Debug, Serialize)]
struct Total {
    nodes: usize,
    edges: usize,
    propagation_cost: f64,
    nccd: f64,
    cyclicity: f64,
    implied: usize,
    unstable: usize,
    unstable_by_20_percent: usize,
}

#[derive(Debug, Serialize)]
struct NodeFigures {
    name: String,
    afferent: usize,
    efferent: usize,
    instability: f64,
    fan_in: usize,
    fan_out: usize,
    reach: usize,
    dependents: usize,
    cyclic: bool,
}

#[derive(Serialize)]
struct Json<'f> {
    schema_version: u32,
    view: View,
    #[serde(flatten)]
    now: &'f Figures,
    before: Option<&'f Figures>,
}

impl Graph {
    /// Over what leads down: development dependencies do not count, and neither does a module's use of one that it is
    /// part of.
    pub fn figures(&self) -> Figures {
        let down = || self.edges.iter().filter(|edge| edge.leads_down());
        let metrics = Metrics::new(0..self.nodes.len(), down().map(|edge| (edge.from, edge.to)));
        let mut items: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for Edge { from, to, weight, .. } in down() {
            let most = items.entry((*from, *to)).or_default();
            *most = (*most).max(*weight);
        }
        let gaps = metrics.edges().map(|(from, to)| rounded(metrics.instability_gap(from, to)));
        let gaps: Vec<f64> = gaps.filter(|gap| *gap > 0.0).collect();
        let total = Total {
            nodes: self.nodes.len(),
            edges: metrics.edges().count(),
            propagation_cost: rounded(metrics.propagation_cost()),
            nccd: rounded(metrics.normalised_dependency()),
            cyclicity: rounded(metrics.cyclicity()),
            implied: metrics.implied().count(),
            unstable: gaps.len(),
            unstable_by_20_percent: gaps.iter().filter(|gap| **gap >= STEEP).count(),
        };
        let figures = |(node, of): (usize, &super::Node)| NodeFigures {
            name: of.name.clone(),
            afferent: metrics.afferent(node),
            efferent: metrics.efferent(node),
            instability: rounded(metrics.instability(node)),
            fan_in: items.iter().filter(|((_, to), _)| *to == node).map(|(_, count)| count).sum(),
            fan_out: items.range((node, 0)..(node + 1, 0)).map(|(_, count)| count).sum(),
            reach: metrics.reach(node),
            dependents: metrics.dependents(node),
            cyclic: metrics.is_cyclic(node),
        };
        let mut nodes: Vec<NodeFigures> = self.nodes.iter().enumerate().map(figures).collect();
        nodes.sort_by(|one, other| (other.dependents, &one.name).cmp(&(one.dependents, &other.name)));
        Figures { total, nodes }
    }
}

impl Figures {
    pub fn json(&self, view: View, before: Option<&Self>) -> String {
        let json = Json { schema_version: 1, view, now: self, before };
        serde_json::to_string_pretty(&json).expect("strings and numbers serialise") + "\n"
    }

    /// What most depends on comes first. A figure that has changed is followed by the difference.
    pub fn text(&self, view: View, before: Option<&Self>) -> String {
        let (now, old) = (&self.total, before.map(|before| &before.total));
        let was = |figure: fn(&Total) -> usize| old.map(figure);
        let share = |figure: fn(&Total) -> f64| percent(figure(now), old.map(figure));
        let mut text = format!(
            "{} {}, {} edges\n",
            count(now.nodes, was(|total| total.nodes)),
            view.word(),
            count(now.edges, was(|total| total.edges))
        );
        let nccd = decimal(now.nccd, old.map(|total| total.nccd));
        let lines = [
            ("propagation cost", share(|total| total.propagation_cost)),
            ("NCCD", nccd),
            ("in cycles", share(|total| total.cyclicity)),
            ("implied edges", share(Total::implied_share)),
            ("edges to what is less stable", count(now.unstable, was(|total| total.unstable))),
            ("by 0.2 or more", count(now.unstable_by_20_percent, was(|total| total.unstable_by_20_percent))),
        ];
        for (name, figure) in lines {
            text += &format!("{name:<30}{figure}\n");
        }
        text + "\n" + &self.table(before)
    }

    fn table(&self, before: Option<&Self>) -> String {
        let head = ["", "dependents", "reach", "Ca", "Ce", "I", "fan-in", "fan-out"];
        let mut rows = vec![head.map(str::to_string)];
        rows.extend(self.nodes.iter().map(|node| node.row(before)));
        let widths: Vec<usize> =
            (0..head.len()).map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0)).collect();
        let mut text = String::new();
        for row in &rows {
            let cells = row.iter().zip(&widths).skip(1).map(|(cell, width)| format!("  {cell:>width$}"));
            text += &format!("{:<width$}{}\n", row[0], cells.collect::<String>(), width = widths[0]);
        }
        let is_gone = |old: &&NodeFigures| self.nodes.iter().all(|node| node.name != old.name);
        for gone in before.into_iter().flat_map(|before| before.nodes.iter().filter(is_gone)) {
            text += &format!("{} (gone)\n", displayable(&gone.name));
        }
        text
    }
}

impl Total {
    fn implied_share(&self) -> f64 {
        if self.edges == 0 { 0.0 } else { self.implied as f64 / self.edges as f64 }
    }
}

impl NodeFigures {
    fn row(&self, before: Option<&Figures>) -> [String; 8] {
        let old = before.and_then(|before| before.nodes.iter().find(|node| node.name == self.name));
        let is_new = before.is_some() && old.is_none();
        let figure = |of: fn(&Self) -> usize| count(of(self), old.map(of));
        let cycle = if self.cyclic { " (in a cycle)" } else { "" };
        [
            format!("{}{cycle}{}", displayable(&self.name), if is_new { " (new)" } else { "" }),
            figure(|node| node.dependents),
            figure(|node| node.reach),
            figure(|node| node.afferent),
            figure(|node| node.efferent),
            decimal(self.instability, old.map(|old| old.instability)),
            figure(|node| node.fan_in),
            figure(|node| node.fan_out),
        ]
    }
}

/// To three places: what a table shows, and the same on every machine.
fn rounded(figure: f64) -> f64 {
    (figure * 1000.0).round() / 1000.0
}

/// `12`, or `12 (+2)` when it was 10.
fn count(now: usize, old: Option<usize>) -> String {
    match old.map(|old| now as i64 - old as i64) {
        None | Some(0) => now.to_string(),
        Some(difference) => format!("{now} ({difference:+})"),
    }
}

fn decimal(now: f64, old: Option<f64>) -> String {
    match old.map(|old| now - old) {
        Some(difference) if difference.abs() >= 0.005 => format!("{now:.2} ({difference:+.2})"),
        _ => format!("{now:.2}"),
    }
}

fn percent(now: f64, old: Option<f64>) -> String {
    let now = now * 100.0;
    match old.map(|old| now - old * 100.0) {
        Some(difference) if difference.abs() >= 0.05 => format!("{now:.1} % ({difference:+.1})"),
        _ => format!("{now:.1} %"),
    }
}
