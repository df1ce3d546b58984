//! Lists of tools, and the permissions of coding agents.

use std::collections::BTreeSet;

use super::{Imported, finish, list, object, string};
use crate::diagnostic::{Code, Diagnostic, name};
use crate::json::{Limits, Node, Value};
use crate::parse;

/// Makes a policy that allows the tools of a list and no other: of a JSON list of names, a catalog,
/// or plain text with one name a line.
#[must_use]
pub fn tools(text: &[u8]) -> Imported {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if !matches!(first, Some(b'[' | b'{')) {
        return lines(text);
    }
    let (root, diagnostics) = parse::json(text, &Limits::DOCUMENT);
    let Some(root) = root.filter(|_| diagnostics.is_empty()) else {
        return finish(None, diagnostics);
    };
    let names = root.value.as_list().and_then(|items| {
        let name = |item: &Node| item.value.as_str().map(str::to_owned);
        items.iter().map(name).collect::<Option<Vec<String>>>()
    });
    match names {
        Some(names) => finish(Some(listing(names)), diagnostics),
        None => match parse::catalog(text) {
            Ok(catalog) => {
                let names = catalog.tools.into_iter().map(|tool| tool.name);
                finish(Some(listing(names.collect())), diagnostics)
            }
            Err(wrong) => finish(None, wrong),
        },
    }
}

fn lines(text: &[u8]) -> Imported {
    match std::str::from_utf8(text) {
        Ok(text) => {
            let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
            let names = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            finish(Some(listing(names.map(str::to_owned).collect())), Vec::new())
        }
        Err(_) => finish(None, parse::json(text, &Limits::DOCUMENT).1),
    }
}

/// A policy that allows these tools, in their order.
fn listing(names: Vec<String>) -> Value {
    let tools = names.into_iter().map(|name| (name, object([])));
    object([
        ("version", string("1")),
        ("default", string("deny")),
        ("tools", Value::Object(tools.collect())),
    ])
}

/// Makes a policy of the `permissions` that Claude Code and Cursor keep in their settings (JSON): of
/// the entries `mcp__<server>__<tool>` those of one server. What is on the list `allow` is allowed,
/// on `ask` held for a person, on `deny` denied; everything else is denied. An entry without a tool,
/// or with `*` for it, is for all tools of the server.
#[must_use]
pub fn permissions(text: &[u8], server: &str) -> Imported {
    let (root, mut diagnostics) = parse::json(text, &Limits::DOCUMENT);
    let Some(root) = root.filter(|_| diagnostics.is_empty()) else {
        return finish(None, diagnostics);
    };
    let mut wrong = |node: &Node, pointer: &str, message: &str| {
        diagnostics.push(Diagnostic::new(Code::WrongType, node.span, pointer, message));
    };
    let permissions = root.at("/permissions").unwrap_or(&root);
    let mut lists: [Vec<(String, &Node)>; 3] = Default::default();
    for (key, tools) in ["deny", "ask", "allow"].into_iter().zip(&mut lists) {
        let Some(node) = permissions.value.as_object().and_then(|object| object.get(key)) else {
            continue;
        };
        let Some(items) = node.value.as_list() else {
            wrong(node, key, &format!("`{key}` must be a list"));
            continue;
        };
        for item in items {
            match item.value.as_str() {
                Some(entry) => tools.extend(tool_of(entry, server).map(|tool| (tool, item))),
                None => wrong(item, key, "an entry must be a string"),
            }
        }
    }
    let [deny, ask, allow] = lists;
    let all = |list: &[(String, &Node)]| list.iter().any(|(tool, _)| tool == "*");
    if deny.is_empty() && ask.is_empty() && allow.is_empty() {
        let message = format!("no entry is of the server {}", name(server));
        diagnostics.push(
            Diagnostic::new(Code::WithoutEffect, permissions.span, "/permissions", message)
                .help("entries are written `mcp__<server>__<tool>`"),
        );
    }
    if let Some((_, node)) = ask.iter().find(|(tool, _)| tool == "*") {
        let message = "to ask for every tool cannot be said: tools that are not named are denied";
        diagnostics.push(Diagnostic::new(
            Code::StricterMeaning,
            node.span,
            "/permissions/ask",
            message,
        ));
    }
    // Where a name stands on several lists, the strictest counts.
    let default = if all(&allow) && !all(&ask) && !all(&deny) { "allow" } else { "deny" };
    let mut seen = BTreeSet::new();
    let mut tools = Vec::new();
    for (entries, action) in [(&deny, "deny"), (&ask, "require_approval"), (&allow, "")] {
        for (tool, _) in entries.iter().filter(|(tool, _)| tool != "*") {
            // What is denied as a whole cannot be allowed by name.
            let denied = all(&deny) && action != "deny";
            if seen.insert(tool.clone()) && !denied {
                let rules = match action {
                    "" => object([]),
                    action => object([("action", string(action))]),
                };
                tools.push((tool.clone(), rules));
            }
        }
    }
    let mut members =
        vec![("version".to_owned(), string("1")), ("default".to_owned(), string(default))];
    if all(&deny) {
        members.push(("hide".to_owned(), list(vec![string("*")])));
    }
    members.push(("tools".to_owned(), Value::Object(tools.into_iter().collect())));
    finish(Some(Value::Object(members.into_iter().collect())), diagnostics)
}

/// The tool of an entry that is about this server; `*` for all.
fn tool_of(entry: &str, server: &str) -> Option<String> {
    let rest = entry.trim().strip_prefix("mcp__")?.strip_prefix(server)?;
    match rest {
        "" => Some("*".to_owned()),
        rest => rest.strip_prefix("__").filter(|tool| !tool.is_empty()).map(str::to_owned),
    }
}
