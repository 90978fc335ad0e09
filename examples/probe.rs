use scale_lint::{
    catalog::*,
    error::*,
    extract,
    facts::{Body, LoopKind, Name, NodeId, NodeKind, PathId, PatternId, PatternKind},
    model::{
        names::{Description, Names},
        types::*,
    },
    workspace::{Loaded, Locate, Workspace, read_text},
};
use std::collections::BTreeMap;
#[global_allocator]
static A: mimalloc::MiMalloc = mimalloc::MiMalloc;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let verbose = std::env::args().nth(2);
    let t0 = std::time::Instant::now();
    use rayon::prelude::*;
    rayon::ThreadPoolBuilder::new().stack_size(64 << 20).build_global().unwrap();
    let mut ws = Workspace::discover(&Locate { current_dir: dir.clone().into(), ..Locate::default() }).unwrap();
    println!("root {} packages {} in {:?}", ws.root.display(), ws.packages.len(), t0.elapsed());
    let t = std::time::Instant::now();
    ws.load(&mut |requests| {
        requests
            .par_iter()
            .map(|r| {
                let c = read_text(&r.path).unwrap();
                let (facts, trouble) = extract::extract(&c.text);
                Loaded {
                    facts,
                    notifications: trouble
                        .into_iter()
                        .map(|t| Notification {
                            kind: NotificationKind::UnparsedFile,
                            path: Some(r.name.clone()),
                            line: None,
                            message: t.message,
                        })
                        .collect(),
                }
            })
            .collect()
    });
    let extraction = t.elapsed();
    let lines: u32 = ws.files.iter().map(|f| f.facts.lines).sum();
    println!("files {} lines {} extraction {:?}", ws.files.len(), lines, extraction);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for n in &ws.notifications {
        *kinds.entry(n.kind.id()).or_default() += 1;
    }
    println!("{kinds:?}");
    for n in ws.notifications.iter().filter(|n| n.kind.is_warning()).take(5) {
        println!("  {n:?}");
    }
    let t = std::time::Instant::now();
    let mut descriptions = vec![];
    for e in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/catalog")).unwrap() {
        let text = std::fs::read_to_string(e.unwrap().path()).unwrap();
        let c = CatalogCrate::parse(&text).unwrap();
        let (facts, trouble) = extract::extract(&c.description);
        for t in trouble {
            println!("{} {t:?}", c.package);
        }
        for g in &facts.gaps {
            println!("gap {:?} {}", g.kind, &c.description[g.range.start as usize..g.range.end as usize]);
        }
        let derives = c.derives.into_iter().map(|(name, items)| (name, extract::extract(&items).0)).collect();
        descriptions.push(Description { package: c.package, facts, derives });
    }
    println!("descriptions {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let mut names = Names::build(&ws, &descriptions);
    println!(
        "names {:?} imports {} unresolved {}",
        t.elapsed(),
        names.imports.len(),
        names.imports.iter().filter(|i| i.target.is_none()).count()
    );
    if verbose.as_deref() == Some("imports") {
        for i in names.imports.iter().filter(|i| i.target.is_none() && !i.test) {
            println!(
                "  {} {}",
                ws.files.get(i.file.0 as usize).map(|f| f.path.as_str()).unwrap_or("stub"),
                i.path.iter().map(|s| names.defs.symbols.text(*s)).collect::<Vec<_>>().join("::")
            );
        }
    }
    if verbose.as_deref() == Some("undescribed") {
        for i in &names.imports {
            if let Some(target) = i.target
                && !names.defs.is_workspace(names.defs.krate(i.krate).root)
                && names.defs.get(target).kind == scale_lint::model::defs::DefKind::External
                && names.defs.get(target).krate == i.krate
            {
                println!("  {} {}", names.defs.symbols.text(names.defs.krate(i.krate).name), names.defs.path(target));
            }
        }
    }
    let t = std::time::Instant::now();
    let mut declared = declare(&mut names);
    println!("declare {:?} lang {:?}", t.elapsed(), declared.lang);
    let t = std::time::Instant::now();
    let bodies = prepare(&mut names, &mut declared);
    println!("prepare {:?} bodies {}", t.elapsed(), bodies.len());
    let t = std::time::Instant::now();
    let words = Words::find(&mut names.defs.symbols);
    let world = World { names: &names, declared: &declared, words: &words };
    let inferred: Vec<_> = bodies.par_iter().map(|b| infer(world, b)).collect();
    println!("infer {:?}", t.elapsed());
    let mut c: BTreeMap<String, usize> = BTreeMap::new();
    let mut missing: BTreeMap<String, usize> = BTreeMap::new();
    for (b, i) in bodies.iter().zip(&inferred) {
        for call in &i.calls {
            let k = match call.target {
                Target::Def(d) if names.defs.is_workspace(d) => "workspace",
                Target::Def(_) => "external",
                Target::Member(..) => "member",
                Target::Closure(_) => "closure",
                Target::Value => "value",
                Target::Unknown => "unknown",
            };
            *c.entry(format!("{:?} {k}", call.kind)).or_default() += 1;
            if k == "unknown" || k == "member" {
                let text = match b.body.kind(call.node) {
                    scale_lint::facts::NodeKind::Method { name, .. } => {
                        let recv = b.body.child(call.node, 0).unwrap();
                        let v = TypeView { base: &declared.tys, own: &i.types };
                        format!(".{} on {}", names.defs.facts(b.file).name(name), show(&names, &v, i.node(recv), 0))
                    }
                    _ => {
                        format!(
                            "{:?} {:?}",
                            call.kind,
                            b.body.child(call.node, 0).map(|n| match b.body.kind(n) {
                                scale_lint::facts::NodeKind::Path(p) => b
                                    .body
                                    .path(p)
                                    .segments
                                    .iter()
                                    .map(|s| names.defs.facts(b.file).name(s.name))
                                    .collect::<Vec<_>>()
                                    .join("::"),
                                scale_lint::facts::NodeKind::Name(n) => names.defs.facts(b.file).name(n).to_string(),
                                k => format!("{k:?}"),
                            })
                        )
                    }
                };
                if verbose.as_deref() == Some(k) {
                    *missing.entry(text.clone()).or_default() += 1;
                }
                if verbose.as_deref() == Some("roots") && k == "unknown" {
                    let root = Roots { names: &names, declared: &declared, body: b, types: i }.of_call(call.node);
                    *missing.entry(root).or_default() += 1;
                }
                if verbose.as_deref() == Some("where")
                    && std::env::args().nth(3).is_some_and(|w| {
                        let roots = Roots { names: &names, declared: &declared, body: b, types: i };
                        text.contains(&w) || k == "unknown" && roots.of_call(call.node).contains(&w)
                    })
                {
                    let f = &ws.files[b.file.0 as usize];
                    let s = std::fs::read_to_string(ws.root.join(&f.path)).unwrap();
                    let r = b.body.node(call.node).range;
                    println!(
                        "{}:{} {}\n    {}",
                        f.path,
                        s[..r.start as usize].matches('\n').count() + 1,
                        text,
                        s[r.start as usize..r.end as usize].chars().take(300).collect::<String>()
                    );
                }
            }
        }
    }
    println!("{c:#?}");
    let mut m: Vec<_> = missing.into_iter().collect();
    m.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    for (t, n) in m.iter().take(400) {
        println!("{n:6} {t}");
    }
    let st = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("total {:?} {}", t0.elapsed(), st.lines().find(|l| l.starts_with("VmHWM")).unwrap());
}
/// Where what is not known begins: the first expression on the way to a call whose type does not follow.
struct Roots<'r> {
    names: &'r Names<'r>,
    declared: &'r Declared,
    body: &'r PreparedBody<'r>,
    types: &'r BodyTypes,
}
impl Roots<'_> {
    fn view(&self) -> TypeView<'_> {
        TypeView { base: &self.declared.tys, own: &self.types.types }
    }
    fn show(&self, node: NodeId) -> String {
        show(self.names, &self.view(), self.types.node(node), 0)
    }
    fn text(&self, name: Name) -> &str {
        self.names.defs.facts(self.body.file).name(name)
    }
    fn path(&self, path: PathId) -> String {
        let path = self.body.body.path(path);
        path.segments.iter().map(|segment| self.text(segment.name)).collect::<Vec<_>>().join("::")
    }
    fn of_call(&self, node: NodeId) -> String {
        let body = self.body.body;
        match body.kind(node) {
            NodeKind::Method { .. } => {
                let receiver = body.child(node, 0).unwrap();
                match self.known(receiver) {
                    true => self.label(node),
                    false => self.of(receiver, 0),
                }
            }
            NodeKind::Macro { path, .. } => format!("macro {}", self.path(path)),
            _ => format!("path {}", self.label(body.child(node, 0).unwrap())),
        }
    }
    fn known(&self, node: NodeId) -> bool {
        let view = self.view();
        !matches!(view.kind(view.peel_refs(self.types.node(node))), TyKind::Unknown | TyKind::Var(_) | TyKind::Hole)
    }
    fn label(&self, node: NodeId) -> String {
        let body = self.body.body;
        match body.kind(node) {
            NodeKind::Method { name, .. } => {
                format!(".{}() on {}", self.text(name), self.show(body.child(node, 0).unwrap()))
            }
            NodeKind::Field { name, .. } => {
                format!(".{} on {}", self.text(name), self.show(body.child(node, 0).unwrap()))
            }
            NodeKind::Path(path) => self.path(path),
            NodeKind::Name(name) => format!("name {}", self.text(name)),
            NodeKind::Macro { path, .. } => format!("{}!", self.path(path)),
            NodeKind::Literal(_) => "literal".into(),
            kind => {
                let children = body.children(node).map(|child| self.show(child)).collect::<Vec<_>>();
                format!("{kind:?} of {}", children.join(", "))
            }
        }
    }
    fn of(&self, node: NodeId, depth: usize) -> String {
        let body = self.body.body;
        if depth > 40 {
            return "deep".into();
        }
        let unknown = body.children(node).find(|child| !self.known(*child));
        match body.kind(node) {
            NodeKind::Method { .. } | NodeKind::Field { .. } | NodeKind::Await | NodeKind::Try => {
                match body.child(node, 0) {
                    Some(child) if !self.known(child) => self.of(child, depth + 1),
                    _ => match body.kind(node) {
                        NodeKind::Await => format!("await of {}", self.show(body.child(node, 0).unwrap())),
                        NodeKind::Try => format!("? of {}", self.show(body.child(node, 0).unwrap())),
                        _ => format!("result of {}", self.label(node)),
                    },
                }
            }
            NodeKind::Call => format!("result of call {}", self.label(body.child(node, 0).unwrap())),
            NodeKind::Name(name) => match self.types.locals.get(&node) {
                Some(pattern) => self.of_pattern(*pattern, depth + 1),
                None => format!("name {}", self.text(name)),
            },
            NodeKind::Operator(operator) => match unknown {
                Some(child) => self.of(child, depth + 1),
                None => format!("{operator:?} {}", self.label(node)),
            },
            NodeKind::Block { .. } | NodeKind::If | NodeKind::Match => {
                let last = body.children(node).last();
                last.map_or("empty".into(), |last| self.of(last, depth + 1))
            }
            NodeKind::Arm { .. } => body.children(node).last().map_or("arm".into(), |last| self.of(last, depth + 1)),
            _ => self.label(node),
        }
    }
    fn of_pattern(&self, pattern: PatternId, depth: usize) -> String {
        let body = self.body.body;
        let holds = |outer: PatternId| holds(body, outer, pattern);
        for id in body.ids() {
            match body.kind(id) {
                NodeKind::Let { pattern: outer, .. } if holds(outer) => {
                    return match body.child(id, 0) {
                        Some(init) if !self.known(init) => self.of(init, depth + 1),
                        Some(init) => format!("let part of {}", self.show(init)),
                        None => "let without value".into(),
                    };
                }
                NodeKind::LetCondition(outer) | NodeKind::Loop(LoopKind::For(outer)) if holds(outer) => {
                    let value = body.child(id, 0).unwrap();
                    return match self.known(value) {
                        true => format!("part of {}", self.show(value)),
                        false => self.of(value, depth + 1),
                    };
                }
                NodeKind::Arm { pattern: outer, .. } if holds(outer) => {
                    let parent = body.node(id).parent;
                    let value = match body.kind(parent) {
                        NodeKind::Select => body.child(id, 0).unwrap(),
                        _ => body.child(parent, 0).unwrap(),
                    };
                    return match self.known(value) {
                        true => format!("arm of {}", self.show(value)),
                        false => self.of(value, depth + 1),
                    };
                }
                NodeKind::Closure(closure)
                    if body.closures[closure.index()].params.iter().any(|param| holds(param.pattern)) =>
                {
                    let parent = body.node(id).parent;
                    return match body.kind(parent) {
                        NodeKind::Method { .. } => {
                            let receiver = body.child(parent, 0).unwrap();
                            match self.known(receiver) {
                                true => format!("closure of {}", self.label(parent)),
                                false => self.of(receiver, depth + 1),
                            }
                        }
                        NodeKind::Call => format!("closure of call {}", self.label(body.child(parent, 0).unwrap())),
                        kind => format!("closure in {kind:?}"),
                    };
                }
                _ => {}
            }
        }
        format!("param {}", show(self.names, &self.view(), self.types.pattern(pattern), 0))
    }
}
fn holds(body: &Body, outer: PatternId, wanted: PatternId) -> bool {
    outer == wanted
        || match &body.pattern(outer).kind {
            PatternKind::Bind { inner: Some(inner), .. } | PatternKind::Ref(inner) => holds(body, *inner, wanted),
            PatternKind::Tuple(list)
            | PatternKind::TupleStruct(_, list)
            | PatternKind::Slice(list)
            | PatternKind::Or(list) => list.iter().any(|inner| holds(body, *inner, wanted)),
            PatternKind::Struct(_, list) => list.iter().any(|(_, inner)| holds(body, *inner, wanted)),
            _ => false,
        }
}
fn show(names: &Names, v: &TypeView, ty: Ty, d: usize) -> String {
    if d > 3 {
        return "..".into();
    }
    let list = |a: Args| v.args(a).iter().map(|t| show(names, v, *t, d + 1)).collect::<Vec<_>>().join(", ");
    match v.kind(ty) {
        TyKind::Adt(def, a) => format!("{}<{}>", names.defs.path(*def), list(*a)),
        TyKind::Ref(_, i) => format!("&{}", show(names, v, *i, d + 1)),
        TyKind::Tuple(a) => format!("({})", list(*a)),
        TyKind::Slice(i) => format!("[{}]", show(names, v, *i, d + 1)),
        TyKind::Array(i) => format!("[{}; _]", show(names, v, *i, d + 1)),
        TyKind::Async(i) => format!("async {}", show(names, v, *i, d + 1)),
        TyKind::Prim(p) => p.name().into(),
        TyKind::Opaque(b) => format!("impl {}", b.iter().map(|b| names.defs.path(b.of)).collect::<Vec<_>>().join("+")),
        TyKind::Dyn(b) => format!("dyn {}", b.iter().map(|b| names.defs.path(b.of)).collect::<Vec<_>>().join("+")),
        TyKind::Projection(of, t, _, n) => format!(
            "<{} as {:?}>::{}",
            show(names, v, *of, d + 1),
            t.map(|t| names.defs.path(t)),
            names.defs.symbols.text(*n)
        ),
        k => format!("{k:?}").chars().take(30).collect(),
    }
}
