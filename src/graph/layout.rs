//! Where the nodes of the picture stand: levels as rows, wide levels in several, near what they lead to.

use super::{Edge, Graph, Node, levels};
use std::collections::BTreeMap;

/// How wide rows may be.
const WIDTH: f64 = 1240.0;
pub(super) const BOX_HEIGHT: f64 = 24.0;
/// What a letter takes at the size of labels, and what is around them.
const LETTER: f64 = 6.9;
const PADDING: f64 = 20.0;
const GAP: f64 = 14.0;
/// Between rows of one level, and between levels.
const ROW: f64 = 38.0;
const BAND: f64 = 74.0;
const TOP: f64 = 26.0;
/// Longer names are cut at the front: what is different is at the end.
const LONGEST_LABEL: usize = 34;
/// How often nodes are moved towards their neighbours.
const SWEEPS: usize = 24;

pub(super) struct Layout {
    pub width: f64,
    pub height: f64,
    pub boxes: Vec<Placed>,
    pub bands: Vec<Band>,
}

#[derive(Clone, Copy)]
pub(super) struct Placed {
    /// The middle.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    pub width: f64,
}

/// Nodes of a level, or `None` for what is tied to nothing.
pub(super) struct Band {
    pub level: Option<usize>,
    pub y: f64,
    nodes: Vec<usize>,
}

pub(super) fn label(node: &Node) -> String {
    let count = node.name.chars().count();
    let cut = count.saturating_sub(LONGEST_LABEL);
    if cut == 0 { node.name.clone() } else { format!("…{}", node.name.chars().skip(cut + 1).collect::<String>()) }
}

impl Layout {
    pub fn of(graph: &Graph) -> Self {
        let width = |node: &Node| label(node).chars().count() as f64 * LETTER + PADDING;
        let boxes = graph.nodes.iter().map(|node| Placed { x: 0.0, y: 0.0, width: width(node) }).collect();
        let mut layout = Self { width: WIDTH, height: 0.0, boxes, bands: bands(graph) };
        layout.width = layout.boxes.iter().map(|placed| placed.width).fold(WIDTH, f64::max);
        layout.stack();
        layout.order(&neighbours(graph));
        layout
    }

    /// Gives each level as many rows as it needs, from the top down.
    fn stack(&mut self) {
        let mut y = TOP;
        for index in 0..self.bands.len() {
            let nodes = self.bands[index].nodes.clone();
            let rows = self.rows(&nodes);
            self.bands[index].y = y;
            for (row, nodes) in rows.iter().enumerate() {
                nodes.iter().for_each(|node| self.boxes[*node].y = y + row as f64 * ROW);
                self.spread(nodes, |_, middle| middle);
            }
            y += (rows.len() - 1) as f64 * ROW + BAND;
        }
        self.height = y - BAND + BOX_HEIGHT + TOP;
    }

    /// Deals the nodes of a level to the fewest rows that they fit in, so that each row keeps their order.
    fn rows(&self, nodes: &[usize]) -> Vec<Vec<usize>> {
        let length = |row: &Vec<usize>| row.iter().map(|node| self.boxes[*node].width + GAP).sum::<f64>();
        let deal = |count: usize| -> Vec<Vec<usize>> {
            (0..count).map(|row| nodes.iter().copied().skip(row).step_by(count).collect()).collect()
        };
        let fits = |rows: &Vec<Vec<usize>>| rows.iter().all(|row| row.len() == 1 || length(row) <= self.width);
        (1..=nodes.len()).map(deal).find(fits).unwrap_or_default()
    }

    /// Moves each level to where its neighbours are, down and up in turns, and keeps the best that was seen.
    fn order(&mut self, neighbours: &[Vec<(usize, f64)>]) {
        let mut best = (self.cost(neighbours), self.boxes.clone());
        for sweep in 0..SWEEPS {
            for step in 0..self.bands.len() {
                let band = if sweep % 2 == 0 { step } else { self.bands.len() - 1 - step };
                self.settle(band, neighbours);
            }
            let cost = self.cost(neighbours);
            if cost < best.0 {
                best = (cost, self.boxes.clone());
            }
        }
        self.boxes = best.1;
        self.centre();
    }

    fn centre(&mut self) {
        let left = self.boxes.iter().map(|placed| placed.x - placed.width / 2.0).fold(f64::INFINITY, f64::min);
        let right = self.boxes.iter().map(|placed| placed.x + placed.width / 2.0).fold(0.0, f64::max);
        let shift = (self.width - right - left) / 2.0;
        self.boxes.iter_mut().for_each(|placed| placed.x += shift);
    }

    fn settle(&mut self, band: usize, neighbours: &[Vec<(usize, f64)>]) {
        let wish = |node: usize| {
            let others = &neighbours[node];
            let weight: f64 = others.iter().map(|(_, weight)| weight).sum();
            let sum: f64 = others.iter().map(|(other, weight)| self.boxes[*other].x * weight).sum();
            if weight > 0.0 { sum / weight } else { self.boxes[node].x }
        };
        let wishes: BTreeMap<usize, f64> = self.bands[band].nodes.iter().map(|node| (*node, wish(*node))).collect();
        let mut nodes = self.bands[band].nodes.clone();
        nodes.sort_by(|a, b| wishes[a].total_cmp(&wishes[b]).then(a.cmp(b)));
        let y = self.bands[band].y;
        for (row, nodes) in self.rows(&nodes).iter().enumerate() {
            nodes.iter().for_each(|node| self.boxes[*node].y = y + row as f64 * ROW);
            self.spread(nodes, |node, _| wishes[&node]);
        }
    }

    /// Puts the nodes of a row where they wish to be, as far as there is room: the middle between pushing all that
    /// overlap to the right and to the left.
    fn spread(&mut self, nodes: &[usize], wish: impl Fn(usize, f64) -> f64) {
        let half: Vec<f64> = nodes.iter().map(|node| self.boxes[*node].width / 2.0).collect();
        let apart = |at: usize| half[at] + half[at + 1] + GAP;
        let mut right: Vec<f64> = nodes.iter().map(|node| wish(*node, self.width / 2.0)).collect();
        let mut left = right.clone();
        let last = nodes.len() - 1;
        let fit = |places: &mut Vec<f64>| {
            places[last] = places[last].min(self.width - half[last]);
            (0..last).rev().for_each(|at| places[at] = places[at].min(places[at + 1] - apart(at)));
            places[0] = places[0].max(half[0]);
            (0..last).for_each(|at| places[at + 1] = places[at + 1].max(places[at] + apart(at)));
        };
        (0..last).for_each(|at| right[at + 1] = right[at + 1].max(right[at] + apart(at)));
        fit(&mut right);
        fit(&mut left);
        for (at, node) in nodes.iter().enumerate() {
            self.boxes[*node].x = (right[at] + left[at]) / 2.0;
        }
    }

    /// How far edges go sideways.
    fn cost(&self, neighbours: &[Vec<(usize, f64)>]) -> f64 {
        let of = |node: usize| -> f64 {
            neighbours[node].iter().map(|(to, weight)| (self.boxes[node].x - self.boxes[*to].x).abs() * weight).sum()
        };
        (0..neighbours.len()).map(of).sum()
    }

    /// The line of an edge: down from the lower side to the upper one, and around when it does not lead down.
    pub fn line(&self, edge: &Edge) -> String {
        let (from, to) = (self.boxes[edge.from], self.boxes[edge.to]);
        let lean = |placed: Placed, other: Placed| {
            let room = placed.width / 2.0 - 16.0;
            placed.x + ((other.x - placed.x) * 0.06).clamp(-room, room)
        };
        let (x1, x2) = (lean(from, to), lean(to, from));
        // Two that lead to one another are tied by two lines.
        let aside = if from.y > to.y { 7.0 } else { 0.0 };
        let (x1, x2) = (x1 + aside, x2 + aside);
        let [(y1, bend1), (y2, bend2)] = if from.y < to.y {
            let bend = ((to.y - from.y - BOX_HEIGHT) * 0.45).max(12.0);
            [(from.y + BOX_HEIGHT, bend), (to.y, -bend)]
        } else if from.y > to.y {
            let bend = ((from.y - to.y - BOX_HEIGHT) * 0.45).max(12.0);
            [(from.y, -bend), (to.y + BOX_HEIGHT, bend)]
        } else {
            // One of two that lead to one another goes above, the other below.
            let side = if from.x < to.x { 1.0 } else { 0.0 };
            let bend = 30.0 * (2.0 * side - 1.0);
            [(from.y + BOX_HEIGHT * side, bend), (to.y + BOX_HEIGHT * side, bend)]
        };
        format!("M{x1:.0} {y1:.0}C{x1:.0} {:.0} {x2:.0} {:.0} {x2:.0} {y2:.0}", y1 + bend1, y2 + bend2)
    }
}

fn bands(graph: &Graph) -> Vec<Band> {
    let mut tied = vec![false; graph.nodes.len()];
    for edge in &graph.edges {
        (tied[edge.from], tied[edge.to]) = (true, true);
    }
    // The nodes of a cycle are all on one level: they stand as they would if it were cut.
    let within = levels::within(graph);
    let mut rows: BTreeMap<Option<(usize, usize)>, Vec<usize>> = BTreeMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        rows.entry(tied[index].then_some((node.level, within[index]))).or_default().push(index);
    }
    let band = |(key, nodes): (Option<(usize, usize)>, _)| Band { level: key.map(|(level, _)| level), y: 0.0, nodes };
    rows.into_iter().rev().map(band).collect()
}

/// What each node is tied to. Edges that are not shown at first count for little.
fn neighbours(graph: &Graph) -> Vec<Vec<(usize, f64)>> {
    let mut neighbours = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        let weight = if edge.is_implied || !edge.leads_down() { 0.1 } else { 1.0 };
        neighbours[edge.from].push((edge.to, weight));
        neighbours[edge.to].push((edge.from, weight));
    }
    neighbours
}
