//! `/__admin/faults`: the rules of what goes wrong, changed while everything runs.

mod shown;
mod why_not;

use std::sync::Arc;

use actix_web::http::StatusCode;
use serde::Serialize;

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::endpoints::Endpoint;
use super::query::one_of;
use crate::faults::Rule;
use crate::scenario::rule::RuleEntry;
use crate::scenario::rule_book::{self, BookError, Position, RuleBook};
use shown::RuleShown;

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "GET",
        "/faults",
        "Lists the fault rules in the order in which they are asked, each with what it has counted.",
        &[],
        |ask| Box::pin(list(ask)),
    ),
    Endpoint::new(
        "POST",
        "/faults",
        "Adds a rule behind all others, or before the one that `before` names, or with `first=true` \
         before all.",
        &["before", "first"],
        |ask| Box::pin(add(ask)),
    )
    .taking_body(),
    Endpoint::new("DELETE", "/faults", "Deletes all rules.", &[], |ask| Box::pin(clear(ask))),
    Endpoint::new(
        "GET",
        "/faults/export",
        "Shows the rules as a scenario file has them; those whose time is over are left out.",
        &[],
        |ask| Box::pin(export(ask)),
    ),
    Endpoint::new(
        "GET",
        "/faults/{id}",
        "Shows one rule, and says in plain sentences why it did not fire.",
        &[],
        |ask| Box::pin(show(ask)),
    ),
    Endpoint::new(
        "PUT",
        "/faults/{id}",
        "Puts another rule in the place of one; it counts from the beginning.",
        &[],
        |ask| Box::pin(replace(ask)),
    )
    .taking_body(),
    Endpoint::new(
        "PATCH",
        "/faults/{id}",
        "Changes parts of a rule by a JSON merge patch; it goes on counting unless `at`, `match`, \
         `when` or `effect` change.",
        &[],
        |ask| Box::pin(patch(ask)),
    )
    .taking_body(),
    Endpoint::new("DELETE", "/faults/{id}", "Deletes one rule.", &[], |ask| {
        Box::pin(remove(ask))
    }),
];

#[derive(Serialize)]
struct List {
    faults: Vec<RuleShown>,
}

#[derive(Serialize)]
struct Export {
    faults: Vec<RuleEntry>,
}

#[derive(Serialize)]
struct Deleted {
    /// The ids of the rules.
    deleted: Vec<String>,
}

async fn list(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let (rules, plan, now) = (shared.rules(), shared.plan.load(), shared.clock.now());
    let shown = rules.entries().map(|(entry, rule)| RuleShown::in_list(entry, rule, &plan, now));
    Ok(Reply::ok(&List { faults: shown.collect() }))
}

async fn show(ask: Ask) -> Result<Reply, AdminError> {
    let found = written(&ask.shared().rules(), ask.piece(0));
    one(&ask, found, StatusCode::OK)
}

/// A rule as it stands in the book at this moment.
fn written(rules: &RuleBook, id: &str) -> Result<(RuleEntry, Arc<Rule>), BookError> {
    rules.get(id).map(|(entry, rule)| (entry.clone(), Arc::clone(rule)))
}

/// One rule in full. It is taken from the book with the change that it is the answer to: a moment later
/// somebody else may have taken it out, and then what was done would be told as a failure.
fn one(
    ask: &Ask,
    found: Result<(RuleEntry, Arc<Rule>), BookError>,
    status: StatusCode,
) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    let (entry, rule) = found.map_err(refused)?;
    let (plan, now) = (shared.plan.load(), shared.clock.now());
    Ok(Reply::new(status, &RuleShown::full(&entry, &rule, &plan, now)))
}

async fn export(ask: Ask) -> Result<Reply, AdminError> {
    let shared = ask.shared();
    Ok(Reply::ok(&Export { faults: shared.rules().export(shared.clock.now()) }))
}

async fn add(ask: Ask) -> Result<Reply, AdminError> {
    let position = position(&ask)?;
    let entry = rule_book::parse(&ask.body).map_err(refused)?;
    let added = ask.shared().change_rules(Some(&ask.whole), |rules, writing| {
        let id = rules.add(entry, position, writing)?;
        Ok((written(rules, &id)?, "add_rule", id))
    });
    one(&ask, added, StatusCode::CREATED)
}

fn position(ask: &Ask) -> Result<Position<'_>, AdminError> {
    let words = [true, false];
    let word = |value: bool| if value { "true" } else { "false" };
    let first = ask.query.parsed("first", |text| one_of(&words, word, text))?.unwrap_or(false);
    match (ask.query.text("before"), first) {
        (Some(_), true) => {
            Err(AdminError::at("first", "stands beside `before`; a rule has one place"))
        }
        (Some(id), false) => Ok(Position::Before(id)),
        (None, true) => Ok(Position::First),
        (None, false) => Ok(Position::Last),
    }
}

async fn replace(ask: Ask) -> Result<Reply, AdminError> {
    let entry = rule_book::parse(&ask.body).map_err(refused)?;
    let old = ask.piece(0);
    let replaced = ask.shared().change_rules(Some(&ask.whole), |rules, writing| {
        let id = rules.replace(old, entry, writing)?;
        Ok((written(rules, &id)?, "replace_rule", old.to_owned()))
    });
    one(&ask, replaced, StatusCode::OK)
}

async fn patch(ask: Ask) -> Result<Reply, AdminError> {
    let patch = rule_book::parse_patch(&ask.body).map_err(refused)?;
    let old = ask.piece(0);
    let patched = ask.shared().change_rules(Some(&ask.whole), |rules, writing| {
        let id = rules.patch(old, &patch, writing)?;
        Ok((written(rules, &id)?, "patch_rule", old.to_owned()))
    });
    one(&ask, patched, StatusCode::OK)
}

async fn remove(ask: Ask) -> Result<Reply, AdminError> {
    let id = ask.piece(0);
    let removed = ask.shared().change_rules(Some(&ask.whole), |rules, _| {
        rules.remove(id)?;
        Ok(((), "delete_rule", id.to_owned()))
    });
    removed.map_err(refused)?;
    Ok(Reply::ok(&Deleted { deleted: vec![id.to_owned()] }))
}

async fn clear(ask: Ask) -> Result<Reply, AdminError> {
    let cleared = ask.shared().change_rules(Some(&ask.whole), |rules, _| {
        let ids: Vec<String> = rules.entries().map(|(_, rule)| rule.id.to_string()).collect();
        rules.clear();
        let count = ids.len().to_string();
        Ok((ids, "delete_all_rules", count))
    });
    Ok(Reply::ok(&Deleted { deleted: cleared.map_err(refused)? }))
}

/// An unknown rule is 404; one that is wrong by itself 400; one that does not go with the others 409: its
/// id is taken, it could never fire behind an earlier one, another waits for it.
fn refused(error: BookError) -> AdminError {
    match error {
        BookError::Unknown(message) => AdminError::new(StatusCode::NOT_FOUND, message),
        BookError::Wrong { at, message } => {
            AdminError::about(StatusCode::BAD_REQUEST, &at, message)
        }
        BookError::Conflict(message) => AdminError::new(StatusCode::CONFLICT, message),
    }
}
