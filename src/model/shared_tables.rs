//! Tables that more than one service writes by way of the same library, which makes them the tables of one database.

use super::Model;
use super::callables::CallableId;
use super::defs::{CrateId, CrateOrigin};
use super::entries::{EntryKind, EntryPoint};
use super::site::Site;
use super::sql;
use crate::catalog::Role;
use crate::facts::NodeId;
use crate::finding::Label;
use crate::workspace::PackageId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Tables that two services write.
pub struct SharedTables<'m> {
    /// The library that both write them by.
    pub through: PackageId,
    /// A place that writes each table.
    pub tables: BTreeMap<String, Site<'m>>,
    pub writers: [Writer<'m>; 2],
}

/// How a service comes to write the first of them.
pub struct Writer<'m> {
    /// The binary.
    pub service: CrateId,
    pub site: Site<'m>,
    /// From what enters it to there.
    pub way: Vec<Label>,
}

/// In such tables one service leaves what another is to do, or both say whose turn it is: they are there to be shared.
const HANDED_OVER: [&str; 11] =
    ["event", "inbox", "job", "leader", "lease", "lock", "message", "migration", "outbox", "queue", "task"];

impl<'m> Model<'m> {
    /// Tables written by two services that have no entry point in common, by library and services.
    pub fn shared_tables(&'m self) -> Vec<SharedTables<'m>> {
        let mut found: BTreeMap<(PackageId, CrateId, CrateId), SharedTables<'m>> = BTreeMap::new();
        if self.services.binaries().count() < 2 {
            return Vec::new();
        }
        for ((through, table), sites) in self.written_tables() {
            let mut writers: BTreeMap<CrateId, Writer<'m>> = BTreeMap::new();
            for site in sites {
                for (service, way) in self.services_that_reach(site) {
                    let is_shorter = writers.get(&service).is_none_or(|known| way.len() < known.way.len());
                    if is_shorter {
                        writers.insert(service, Writer { service, site, way });
                    }
                }
            }
            let mut packages = BTreeSet::new();
            let of_others = |writer: &Writer<'m>| packages.insert(self.package_of(writer.service));
            let apart: Vec<Writer<'m>> = writers.into_values().filter(of_others).take(2).collect();
            let Ok(writers) = <[Writer<'m>; 2]>::try_from(apart) else { continue };
            let site = writers[0].site;
            let key = (through, writers[0].service, writers[1].service);
            let shared = found.entry(key).or_insert_with(|| SharedTables { through, tables: BTreeMap::new(), writers });
            shared.tables.insert(table, site);
        }
        found.into_values().collect()
    }

    /// What the libraries of the workspace write, each table with the places.
    fn written_tables(&'m self) -> BTreeMap<(PackageId, String), Vec<Site<'m>>> {
        let mut written: BTreeMap<(PackageId, String), Vec<Site<'m>>> = BTreeMap::new();
        for site in self.sites_with(&[Role::Query, Role::QueryText]) {
            let krate = self.names.defs.get(site.view.prepared.owner).krate;
            let CrateOrigin::Target { package, kind, .. } = self.names.defs.krate(krate).origin else { continue };
            let texts = site.args().filter_map(Site::written_text).filter_map(Site::str_literal);
            for table in texts.flat_map(sql::written).filter(|_| kind.is_library()).filter(|table| is_state(table)) {
                written.entry((package, table)).or_default().push(site);
            }
        }
        written
    }

    /// The services of which an entry point that no other service has leads to a place, each with a shortest way.
    fn services_that_reach(&'m self, site: Site<'m>) -> BTreeMap<CrateId, Vec<Label>> {
        let mut next: BTreeMap<CallableId, Option<(CallableId, NodeId)>> = BTreeMap::from([(site.callable(), None)]);
        let mut queue = VecDeque::from([site.callable()]);
        let mut found = BTreeMap::new();
        while let Some(at) = queue.pop_front() {
            for entry in self.entries.iter().filter(|entry| entry.callable == at && entry.kind != EntryKind::Main) {
                if let Some(service) = self.only_service(entry) {
                    found.entry(service).or_insert_with(|| self.way(entry, &next));
                }
            }
            for (caller, edge) in self.calls.callers(at).filter(|(_, edge)| edge.certainty.carries()) {
                next.entry(caller).or_insert_with(|| {
                    queue.push_back(caller);
                    Some((at, edge.site))
                });
            }
        }
        found
    }

    fn only_service(&self, entry: &EntryPoint) -> Option<CrateId> {
        let owner = self.owner_of(entry.callable);
        let mut of = self.services.binaries().filter(|(krate, parts)| self.is_part_of(owner, *krate, parts));
        of.next().filter(|_| of.next().is_none()).map(|(krate, _)| krate)
    }

    fn way(&self, entry: &EntryPoint, next: &BTreeMap<CallableId, Option<(CallableId, NodeId)>>) -> Vec<Label> {
        let mut way = vec![self.entry_label(entry)];
        let mut at = entry.callable;
        while let Some(Some((to, site))) = next.get(&at) {
            if self.callables.get(*to).parent != Some(at) {
                let span = self.callable_site(at).at(*site).head();
                way.push(Label::new(span, format!("calls `{}`", self.callable_name(*to))));
            }
            at = *to;
        }
        way
    }

    fn package_of(&self, krate: CrateId) -> Option<PackageId> {
        self.names.defs.krate(krate).origin.package()
    }
}

fn is_state(table: &str) -> bool {
    let table = table.to_ascii_lowercase();
    !HANDED_OVER.iter().any(|word| table.contains(word))
}
