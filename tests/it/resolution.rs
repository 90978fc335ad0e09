//! Where calls lead, in small workspaces: what macros, builds and other files declare.

use crate::workspaces::workspace;
use scale_lint::engine::{self, Options};
use scale_lint::stats;
use scale_lint::workspace::Locate;
use std::path::PathBuf;

/// The targets of all calls, one a line, in source order; `?` for those that are not known.
fn calls(files: &[(&str, &str)]) -> String {
    // Only what is locked is read of the catalog.
    let locked = ["diesel", "sea-orm", "sea-query", "strum", "tracing"];
    let locked = locked.map(|name| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n")).concat();
    let files = files.iter().copied().chain([("Cargo.lock", locked.as_str())]);
    let files: Vec<(String, String)> = files.map(|(path, text)| (path.to_string(), text.to_string())).collect();
    let dir = workspace(&files);
    let locate = Locate {
        manifest_path: Some(PathBuf::from("Cargo.toml")),
        current_dir: dir.path().to_path_buf(),
        without_cargo: true,
        ..Locate::default()
    };
    let options = Options { locate, jobs: 1, ..Options::default() };
    let prepared = engine::prepare(&options).unwrap_or_else(|error| panic!("the workspace does not load: {error}"));
    let lines = stats::calls(&prepared.model());
    let target = |line: &str| {
        let call: serde_json::Value = serde_json::from_str(line).expect("each line is one call");
        call["target"].as_str().unwrap_or("?").to_string()
    };
    lines.lines().map(target).collect::<Vec<_>>().join("\n")
}

#[test]
fn included_files_declare_their_items_where_they_are_included() {
    let main = r#"mod made { include!("../made/tables.rs"); } fn main() { made::read(); }"#;
    assert_eq!(calls(&[("src/main.rs", main), ("made/tables.rs", "pub fn read() {}")]), "example::made::read");
}

#[test]
fn what_only_a_build_can_have_declared_is_known_by_its_path() {
    let main =
        r#"mod made { include!(concat!(env!("OUT_DIR"), "/made.rs")); } fn main() { made::Table::open().read(); }"#;
    // The method is not: its receiver's type is not known.
    assert_eq!(calls(&[("src/main.rs", main)]), "?\nexample::made::Table::open");
    // So is what is in a file that is not there yet.
    let main = "mod made; fn main() { made::write(); }";
    assert_eq!(calls(&[("src/main.rs", main)]), "example::made::write");
    let nothing_made = "mod empty {} fn main() { empty::read(); }";
    assert_eq!(calls(&[("src/main.rs", nothing_made)]), "?");
}

#[test]
fn imports_in_a_group_may_start_at_the_crate_root() {
    let main = "mod a { pub fn read() {} } mod b { pub mod c { pub fn write() {} } } \
        use {a::read, ::tracing::info, b::{c::{self}}}; fn main() { read(); c::write(); info!(\"done\"); }";
    assert_eq!(calls(&[("src/main.rs", main)]), "example::a::read\nexample::b::c::write\ntracing::info");
}

#[test]
fn items_under_a_selected_condition_are_items() {
    let main = "cfg_select! { feature = \"full\" => { mod a { pub fn read() {} } } _ => {} } fn main() { a::read(); }";
    assert_eq!(calls(&[("src/main.rs", main)]), "example::a::read");
}

#[test]
fn macros_of_an_extern_crate_are_in_scope_everywhere() {
    let main =
        "#[macro_use] extern crate tracing; mod a { pub fn work() { info!(\"done\"); } } fn main() { a::work(); }";
    assert_eq!(calls(&[("src/main.rs", main)]), "tracing::info\nexample::a::work");
    let without = "fn main() { info!(\"done\"); }";
    assert_eq!(calls(&[("src/main.rs", without)]), "?");
}

#[test]
fn a_member_that_only_a_macro_can_have_made_is_known_by_its_path() {
    let main = "struct Code; codes! { Code: Internal(1) } fn main() { Code::Internal(\"text\"); }";
    assert_eq!(calls(&[("src/main.rs", main)]), "example::Code::Internal");
    // A trait may have it, in an impl that a macro made: then it is not the type's own.
    let of_trait = "struct Code; trait Make { fn make(); } make! { Code } fn main() { Code::make(); }";
    assert_eq!(calls(&[("src/main.rs", of_trait)]), "?");
}

#[test]
fn tables_and_entities_that_macros_declare_are_queried() {
    let tables = "diesel::table! { users (id) { id -> Integer, } }
        use diesel::prelude::*;
        fn main() { users::table.filter(users::id.eq(1)).load::<i32>(connection()); }
        fn connection() -> &'static mut PgConnection { loop {} }";
    let found = calls(&[("src/main.rs", tables)]);
    assert!(found.contains("diesel::query_dsl::RunQueryDsl::load"), "{found}");
    let entities = "mod user {
            use sea_orm::entity::prelude::*;
            #[derive(Clone, DeriveEntityModel)]
            pub struct Model { pub id: i32 }
        }
        use sea_orm::*;
        async fn first(db: &DatabaseConnection) {
            let found = user::Entity::find().filter(user::Column::Id.eq(1)).one(db).await;
            found.unwrap().unwrap().id.to_string();
        }
        fn main() {}";
    let found = calls(&[("src/main.rs", entities)]);
    assert!(found.contains("sea_orm::Select::one") && !found.contains('?'), "{found}");
}

#[test]
fn operators_on_times_and_texts_have_types() {
    let main = "use std::time::{Duration, Instant};
        fn main() {
            (Instant::now() - Instant::now()).as_secs();
            (Instant::now() - Duration::from_secs(1)).elapsed();
            (Duration::from_secs(1) * 2).as_millis();
            (String::new() + \"a\").len();
            let (a, b) = (&1u64, &2u64);
            (a + b).leading_zeros();
        }";
    let found = calls(&[("src/main.rs", main)]);
    assert!(!found.contains('?'), "{found}");
    assert!(found.contains("std::time::Instant::elapsed") && found.contains("std::time::Duration::as_secs"), "{found}");
}

#[test]
fn own_methods_come_before_those_that_references_bring() {
    let main = "struct Found; impl Found { fn find(&self) {} }
        fn taken(slot: &mut Option<u32>, found: &Box<Found>) { slot.take(); found.find(); }
        fn main() {}";
    assert_eq!(calls(&[("src/main.rs", main)]), "std::option::Option::take\nexample::Found::find");
}

#[test]
fn what_is_not_found_is_never_guessed_of_a_pointer() {
    // A macro may have made it, or a trait of another crate may have it.
    let main = "struct Own; fn main() {} fn run(a: std::pin::Pin<&mut Own>, b: std::sync::Arc<dyn tracing::Timer>) {
        a.project(); b.sleep(); }";
    assert_eq!(calls(&[("src/main.rs", main)]), "?\ntracing::Timer::sleep");
}

#[test]
fn a_bound_says_what_the_parameters_of_its_trait_are() {
    let main = "struct Own; impl Own { fn work(&self) {} }
        fn run(own: &std::sync::Arc<Own>) { own.as_ref().work(); } fn main() {}";
    assert_eq!(calls(&[("src/main.rs", main)]), "example::Own::work\nstd::convert::AsRef::as_ref");
}

#[test]
fn the_trait_of_the_impl_around_is_in_scope() {
    let main = "use std::fmt; struct Own(String);
        impl fmt::Display for Own { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) } }
        fn main() {}";
    assert_eq!(calls(&[("src/main.rs", main)]), "std::fmt::Display::fmt");
}

#[test]
fn patterns_name_what_their_block_declares() {
    let main = "struct Get; struct Order; impl Order { fn total(&self) {} } enum Command { Get(Order) }
        fn run(command: Command) { use Command::*; match command { Get(order) => order.total() } } fn main() {}";
    assert_eq!(calls(&[("src/main.rs", main)]), "example::Order::total");
}

#[test]
fn what_one_closure_gives_says_what_the_next_is_given() {
    let main = "struct Data; impl Data { fn serve(self) {} } struct Started<T> { data: T } \
        async fn run<I, A, M, B, D>(init: I, main: M) \
        where I: FnOnce() -> A, A: Future<Output = D>, M: FnOnce(Started<D>) -> B, B: Future<Output = ()> { \
            let data = init().await; main(Started { data }).await } \
        async fn whole() { run(|| async { Data }, |started| async move { started.data.serve() }).await } \
        async fn in_block() { run({ || async { Data } }, |started| async move { started.data.serve() }).await }";
    let found = calls(&[("src/main.rs", main)]);
    assert_eq!(found.matches("example::Data::serve").count(), 2, "{found}");
}
