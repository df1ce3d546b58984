//! A tool's arguments, read for what their names, types and lists of values say.

use super::evidence::{Evidence, Place, Says};
use super::{Category, Trait};
use crate::json::{Object, Value};
use crate::model::Tool;
use crate::validate::open;
use crate::words::{Sense, senses, split};

/// So many arguments of a tool are read; nobody fills in more.
const MOST: usize = 200;

/// What the arguments say.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub(super) evidence: Vec<Evidence>,
    /// The operations that change something, among which an argument chooses.
    pub(super) operations: Option<(String, Category, Vec<String>)>,
    /// A text that is run.
    pub(super) run: Option<String>,
    /// Whether an amount of money is given.
    pub(super) money: bool,
    /// An address, under whatever protocol the agent likes.
    pub(super) method: bool,
    /// Whether somebody is named to whom something goes.
    pub(super) recipient: Option<String>,
    /// A file that is written.
    pub(super) output: Option<String>,
    /// A flag that makes it take something away.
    pub(super) deletes: Option<String>,
}

/// Reads the arguments of a tool.
pub(super) fn read(tool: &Tool) -> Arguments {
    let mut out = Arguments::default();
    let Some(schema) = &tool.input_schema else { return out };
    let root = properties(schema);
    for (name, node) in root.into_iter().flatten().take(MOST) {
        let object = node.as_object();
        out.one(tool, name, object, true);
        let inner = object.and_then(properties).into_iter().flatten().take(MOST);
        for (name, node) in inner {
            out.one(tool, name, node.as_object(), false);
        }
    }
    out
}

fn properties(schema: &Object) -> Option<impl Iterator<Item = (&str, &Value)>> {
    let properties = schema.get("properties")?.value.as_object()?;
    Some(properties.members().iter().map(|member| (&*member.key, &member.node.value)))
}

impl Arguments {
    fn one(&mut self, tool: &Tool, name: &str, schema: Option<&Object>, top: bool) {
        let words = split(name);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let last = words.last().copied().unwrap_or_default();
        let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
        let kind = schema.and_then(kind);
        let text = matches!(kind, None | Some("string" | "array"));
        let flag = matches!(kind, None | Some("boolean"));
        let is_uri = schema.and_then(|schema| schema.get("format")).is_some_and(|format| {
            matches!(format.value.as_str(), Some("uri" | "url" | "hostname" | "ipv4" | "ipv6"))
        });
        if text && credential(&words) {
            self.says(name, Trait::Credentials);
        }
        let address = [
            "url", "urls", "uri", "uris", "endpoint", "host", "hostname", "webhook", "website",
            "callback", "proxy", "href", "server",
        ];
        if text && (is_uri || address.contains(&last) && !has(&["arn", "s3"])) {
            self.says(name, Trait::Address);
        }
        let path = [
            "path",
            "paths",
            "file",
            "files",
            "filename",
            "filepath",
            "directory",
            "dir",
            "folder",
            "filenames",
            "dirs",
            "directories",
        ];
        if text && path.contains(&last) && !has(&["json", "xpath", "s3"]) {
            self.says(name, Trait::Path);
        }
        let writes = has(&["output", "save", "destination", "dest", "out"]) && has(&path);
        if text && writes {
            self.output.get_or_insert_with(|| name.to_owned());
        }
        if kind != Some("boolean") && has(&["amount", "currency", "price", "payment", "cents"]) {
            self.money = true;
        }
        let receives = ["recipient", "recipients", "cc", "bcc", "phone", "subscribers", "invitees"];
        if text
            && (has(&receives)
                || words == ["to"]
                || has(&["to"]) && has(&["email", "number", "address"]))
        {
            self.recipient.get_or_insert_with(|| name.to_owned());
        }
        if flag && has(&AGREEMENT) && !has(&["password", "message"]) {
            self.says(name, Trait::SelfConfirmed);
        }
        // `delete_after_read`, and not `include_deleted` or `remove_duplicates`.
        let first = words.first().copied().unwrap_or_default();
        if kind == Some("boolean")
            && ["delete", "destroy", "erase", "purge", "wipe"].contains(&first)
        {
            self.deletes.get_or_insert_with(|| name.to_owned());
        }
        if schema.is_some_and(is_free) {
            self.says(name, Trait::FreeForm);
        }
        if last == "method" && schema.is_some_and(|schema| schema.get("enum").is_none()) {
            self.method |= text;
        }
        if !top {
            return;
        }
        if let Some(operations) = open::operations(tool, name) {
            self.choice(name, operations);
        }
        if open::is_run(tool, name) {
            self.says(name, Trait::RawText);
            self.run.get_or_insert_with(|| name.to_owned());
        }
        // A query as data, and a look but for the stages that write.
        if is_pipeline(tool, name) {
            self.says(name, Trait::RawText);
        }
    }

    fn choice(&mut self, name: &str, operations: Vec<String>) {
        let worst = operations.iter().flat_map(|operation| senses(operation));
        let worst = worst.filter_map(super::meaning::category);
        // What is listed is done to this or that: at most it is a change.
        let worst = worst.max().unwrap_or(Category::Write);
        let some = operations.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        let place = Place::Argument(name.to_owned());
        self.evidence.push(Evidence::new(place, &some, Says::Trait(Trait::Multiplexing)));
        if self.operations.as_ref().is_none_or(|(_, known, _)| *known < worst) {
            self.operations = Some((name.to_owned(), worst, operations));
        }
    }

    fn says(&mut self, name: &str, says: Trait) {
        self.evidence.push(Evidence::new(
            Place::Argument(name.to_owned()),
            name,
            Says::Trait(says),
        ));
    }
}

/// What an agent says by which it lets itself pass.
const AGREEMENT: [&str; 14] = [
    "confirm",
    "confirmed",
    "confirmation",
    "approve",
    "approved",
    "consent",
    "force",
    "acknowledge",
    "acknowledged",
    "agreed",
    "dangerous",
    "unsafe",
    "yes",
    "override",
];

/// Whether an argument of these words carries what proves who one is, and not its name or place.
fn credential(words: &[&str]) -> bool {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let refers = has(&[
        "arn",
        "id",
        "ids",
        "name",
        "path",
        "file",
        "page",
        "next",
        "continuation",
        "client",
        "version",
        "max",
        "starting",
        "type",
        "count",
        "limit",
        "usage",
        "provider",
        "budget",
        "cursor",
        "pagination",
        "request",
        "sync",
        "resume",
        "expiry",
        "url",
        "uri",
        "idempotency",
        "include",
        "hide",
    ]);
    let secret = has(&[
        "password",
        "passwd",
        "secret",
        "secrets",
        "credential",
        "credentials",
        "passphrase",
        "apikey",
        "otp",
        "bearer",
    ]);
    let token = words.last() == Some(&"token") || words.last() == Some(&"authorization");
    let key = words.last() == Some(&"key")
        && has(&["api", "private", "access", "secret", "ssh", "encryption"]);
    let string = words == ["connection", "string"];
    (secret || token || key || string) && !refers
}

/// Whether an argument is the stages of an aggregation, of which some write what they find.
pub(super) fn is_pipeline(tool: &Tool, argument: &str) -> bool {
    let schema = tool.argument(argument).and_then(Value::as_object);
    let aggregates = split(&tool.name).iter().any(|word| word.starts_with("aggregat"));
    aggregates && argument == "pipeline" && schema.and_then(kind) == Some("array")
}

/// The one type that a schema names, `null` aside.
fn kind(schema: &Object) -> Option<&str> {
    if let Some(types) = schema.get("type") {
        return match &types.value {
            Value::String(one) => Some(one),
            Value::List(several) => {
                several.iter().filter_map(|node| node.value.as_str()).find(|one| *one != "null")
            }
            _ => None,
        };
    }
    let branches = schema.get("anyOf").or_else(|| schema.get("oneOf"))?.value.as_list()?;
    let kinds = branches.iter().filter_map(|branch| branch.value.as_object().and_then(kind));
    kinds.into_iter().find(|kind| *kind != "null")
}

/// Whether it may be any object, or a list of them.
fn is_free(schema: &Object) -> bool {
    if let Some(branches) = schema.get("anyOf").or_else(|| schema.get("oneOf")) {
        let branches = branches.value.as_list().unwrap_or_default();
        return branches.iter().filter_map(|branch| branch.value.as_object()).any(is_free_object);
    }
    is_free_object(schema)
}

fn is_free_object(schema: &Object) -> bool {
    let node = |key| schema.get(key).map(|node| &node.value);
    match node("type").and_then(Value::as_str) {
        Some("object") => {
            let named =
                node("properties").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
            // A map of texts is free in its keys only.
            let values = node("additionalProperties");
            let bound = match values {
                Some(Value::Object(values)) => !values.is_empty(),
                Some(Value::Bool(any)) => !any,
                _ => false,
            };
            !named && !bound
        }
        Some("array") => node("items").and_then(Value::as_object).is_some_and(|items| {
            items.get("type").is_some_and(|kind| kind.value.as_str() == Some("object"))
                && is_free_object(items)
        }),
        _ => false,
    }
}

/// Whether a word names a sense worse than looking.
pub(super) fn changes(sense: Sense) -> bool {
    !matches!(sense, Sense::Read | Sense::Generic)
}
