//! The tables that the text of a query names, as far as that is sure without knowing the database.

use std::collections::BTreeSet;

const STATEMENTS: [&str; 7] = ["select", "insert", "update", "delete", "with", "replace", "merge"];
/// After these comes a table.
const BEFORE_TABLES: [&str; 4] = ["from", "join", "into", "update"];
/// `for update`, `on update`, `is distinct from`: after these it does not.
const NO_TABLE_AFTER: [&str; 4] = ["for", "on", "do", "distinct"];
/// What may stand in the place of a table.
const NO_TABLES: [&str; 6] = ["select", "set", "lateral", "only", "values", "unnest"];

/// All tables that a text names.
pub fn tables(text: &str) -> BTreeSet<String> {
    named(text).into_iter().map(|(table, _)| table).collect()
}

/// The tables whose rows it changes.
pub fn written(text: &str) -> BTreeSet<String> {
    named(text).into_iter().filter(|(_, is_written)| *is_written).map(|(table, _)| table).collect()
}

/// Tables, each with whether it is written there.
fn named(text: &str) -> BTreeSet<(String, bool)> {
    let tokens = tokens(text);
    let is = |at: usize, words: &[&str]| {
        tokens.get(at).is_some_and(|token| words.iter().any(|word| token.eq_ignore_ascii_case(word)))
    };
    if !is(0, &STATEMENTS) {
        return BTreeSet::new();
    }
    let made_here = |name: &str| {
        (0..tokens.len()).any(|at| tokens[at] == name && is(at + 1, &["as"]) && is(at + 2, &["(", "materialized"]))
    };
    let mut found = BTreeSet::new();
    for at in 0..tokens.len() {
        let Some(name) = tokens.get(at + 1).filter(|_| is(at, &BEFORE_TABLES)) else { continue };
        let follows = at > 0 && is(at - 1, &NO_TABLE_AFTER);
        // `extract(epoch from placed)`
        let is_argument = at > 1 && tokens[at - 2] == "(" && !is(at - 1, &STATEMENTS);
        let is_call = is(at + 2, &["("]) && !is(at, &["into"]);
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !is(at + 1, &NO_TABLES);
        if is_name && !follows && !is_argument && !is_call && !made_here(name) {
            let is_written = is(at, &["into", "update"]) || at > 0 && is(at, &["from"]) && is(at - 1, &["delete"]);
            found.insert((name.clone(), is_written));
        }
    }
    found
}

/// Words without their quotes, and signs; what is between single quotes is left out.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\'' => {
                rest.by_ref().take_while(|c| *c != '\'').for_each(drop);
                tokens.push("'".to_string());
            }
            _ if is_part(c) => {
                let mut word = String::from(c);
                while let Some(c) = rest.next_if(|c| is_part(*c)) {
                    word.push(c);
                }
                tokens.push(word.replace(['"', '`'], ""));
            }
            _ if c.is_whitespace() => {}
            _ => tokens.push(c.to_string()),
        }
    }
    tokens
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '`')
}

#[cfg(test)]
mod tests {
    use super::{tables, written};

    #[test]
    fn tables_are_what_follows_certain_words() {
        let found = |text: &str| tables(text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(found("SELECT * FROM orders o JOIN \"lines\" ON true WHERE state = 'from nowhere'"), "lines orders");
        assert_eq!(found("insert into shop.orders (id) values (1) on conflict do update set id = 2"), "shop.orders");
        assert_eq!(
            found("update carts set at = now() where id in (select id from items for update skip locked)"),
            "carts items"
        );
        assert_eq!(found("with late as (select 1 from jobs) select extract(epoch from at) from late"), "jobs");
        assert_eq!(found("select * from unnest($1) where a is distinct from b"), "");
        assert_eq!(found("a word from our sponsor"), "");
    }

    #[test]
    fn what_is_changed_is_told_from_what_is_read() {
        let found = |text: &str| written(text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(found("insert into orders select * from carts"), "orders");
        assert_eq!(found("with gone as (delete from carts returning id) update orders set n = 1"), "carts orders");
        assert_eq!(found("select * from orders for update"), "");
        assert_eq!(found("insert into a values (1) on conflict (id) do update set n = 2"), "a");
    }
}
