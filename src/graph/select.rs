//! A part of a graph: edges of some kinds, what is around a node, the shortest ways between two.

use super::{EdgeKind, Graph, levels};
use crate::error::{UserError, nearest};
use crate::report::displayable;
use std::collections::{BTreeSet, VecDeque};

/// What of a graph is wanted.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The kinds of dependencies; when none is named, all but those for development that close no cycle.
    pub kinds: Vec<EdgeKind>,
    /// A node, and how far around it.
    pub focus: Option<(String, usize)>,
    /// The ends of the shortest ways.
    pub path: Option<(String, String)>,
    /// Keeps what a reader may ask for later.
    pub keeps_dev: bool,
}

impl Graph {
    /// The part that is wanted, and what is to be said about it.
    ///
    /// # Errors
    /// When a node that is named is not there.
    pub fn select(mut self, wanted: &Selection) -> Result<(Self, Option<String>), UserError> {
        let kinds = &wanted.kinds;
        let unwanted = |kind: EdgeKind| {
            matches!(kind, EdgeKind::Normal | EdgeKind::Build | EdgeKind::Dev) && !kinds.contains(&kind)
        };
        self.edges.retain(|edge| match kinds.is_empty() {
            true => edge.kind != EdgeKind::Dev || edge.cycle.is_some() || wanted.keeps_dev,
            false => !unwanted(edge.kind),
        });
        self.forget_open_cycles();
        let mut remark = None;
        if let Some((name, depth)) = &wanted.focus {
            let node = self.find(name)?;
            let (down, up) = (self.reached([node], *depth, Way::Down), self.reached([node], *depth, Way::Up));
            self.keep(&down.union(&up).copied().collect());
        }
        if let Some((from, to)) = &wanted.path {
            let (start, goal) = (self.find(from)?, self.find(to)?);
            remark = self.no_way(start, goal);
            self.keep_shortest(start, goal);
        }
        levels::mark_implied(&mut self);
        Ok((self, remark))
    }

    fn find(&self, name: &str) -> Result<usize, UserError> {
        if let Some(found) = self.nodes.iter().position(|node| node.name == name) {
            return Ok(found);
        }
        let error = UserError::new(format!("there is no node `{}` among the {}", displayable(name), self.view.word()));
        let names = self.nodes.iter().map(|node| node.name.as_str());
        Err(match nearest(name, names) {
            Some(near) => error.help(format!("did you mean `{}`?", displayable(near))),
            None => error.help(format!("`cargo scale-lint graph{}` lists all names", self.view.option())),
        })
    }

    /// An edge that was left out may have closed a cycle, which then is none.
    fn forget_open_cycles(&mut self) {
        let closed = |id: usize| self.edges.iter().any(|edge| edge.cycle == Some(id) && edge.is_cut);
        self.cycles.retain(|cycle| closed(cycle.id));
        let left: BTreeSet<usize> = self.cycles.iter().map(|cycle| cycle.id).collect();
        let forget = |cycle: &mut Option<usize>| *cycle = cycle.filter(|id| left.contains(id));
        self.nodes.iter_mut().for_each(|node| forget(&mut node.cycle));
        self.edges.iter_mut().for_each(|edge| forget(&mut edge.cycle));
    }

    /// All nodes at most so many edges away.
    fn reached(&self, start: impl IntoIterator<Item = usize>, depth: usize, way: Way) -> BTreeSet<usize> {
        let distances = self.distances(start, way);
        let near = distances.iter().enumerate().filter(|(_, distance)| distance.is_some_and(|far| far <= depth));
        near.map(|(node, _)| node).collect()
    }

    fn distances(&self, start: impl IntoIterator<Item = usize>, way: Way) -> Vec<Option<usize>> {
        let mut next: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for edge in &self.edges {
            match way {
                Way::Down => next[edge.from].push(edge.to),
                Way::Up => next[edge.to].push(edge.from),
            }
        }
        let mut distances = vec![None; self.nodes.len()];
        let mut open: VecDeque<(usize, usize)> = start.into_iter().map(|node| (node, 0)).collect();
        while let Some((node, distance)) = open.pop_front() {
            if distances[node].is_none() {
                distances[node] = Some(distance);
                open.extend(next[node].iter().map(|next| (*next, distance + 1)));
            }
        }
        distances
    }

    fn no_way(&self, start: usize, goal: usize) -> Option<String> {
        let reaches = |from: usize, to: usize| self.distances([from], Way::Down)[to].is_some();
        let [from, to] = [start, goal].map(|node| displayable(&self.nodes[node].name));
        match (reaches(start, goal), reaches(goal, start)) {
            (true, _) => None,
            (false, true) => Some(format!("nothing leads from `{from}` to `{to}`; the other way round it does")),
            (false, false) => Some(format!("nothing leads from `{from}` to `{to}`, nor the other way round")),
        }
    }

    /// Keeps both ends and what is on a shortest way from the one to the other.
    fn keep_shortest(&mut self, start: usize, goal: usize) {
        let (before, after) = (self.distances([start], Way::Down), self.distances([goal], Way::Up));
        let length = before[goal];
        let is_on = |from: usize, to: usize, steps: usize| match (before[from], after[to]) {
            (Some(before), Some(after)) => length == Some(before + steps + after),
            _ => false,
        };
        let mut nodes: BTreeSet<usize> = (0..self.nodes.len()).filter(|node| is_on(*node, *node, 0)).collect();
        nodes.extend([start, goal]);
        self.edges.retain(|edge| is_on(edge.from, edge.to, 1));
        self.keep(&nodes);
    }

    /// Keeps some nodes and the edges among them.
    fn keep(&mut self, wanted: &BTreeSet<usize>) {
        let mut places = vec![None; self.nodes.len()];
        wanted.iter().enumerate().for_each(|(place, node)| places[*node] = Some(place));
        let mut node = 0..;
        self.nodes.retain(|_| node.next().is_some_and(|node| wanted.contains(&node)));
        self.edges = std::mem::take(&mut self.edges)
            .into_iter()
            .filter_map(|edge| Some(super::Edge { from: places[edge.from]?, to: places[edge.to]?, ..edge }))
            .collect();
        self.cycles.retain(|cycle| self.nodes.iter().any(|node| node.cycle == Some(cycle.id)));
    }
}

#[derive(Clone, Copy)]
enum Way {
    Down,
    Up,
}

impl super::View {
    /// What asks for it on the command line.
    fn option(self) -> &'static str {
        match self {
            super::View::Crates => "",
            super::View::Modules => " --modules",
            super::View::Services => " --services",
        }
    }
}
