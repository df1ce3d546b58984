//! Checks of tools that are allowed as a whole though one argument makes all the difference: it
//! chooses among operations, or is a text that the tool runs.

use super::known::Known;
use super::schema::{Found, find};
use crate::diagnostic::{Code, Diagnostic, fill, name, names};
use crate::json::{Value, pointer_token};
use crate::model::{Action, Fallback, Path, Policy, Rule, Step, Tool, ToolRules, contains};
use crate::source::Span;
use crate::words::{is_change, is_of_word, split as words, verbs};

pub(super) fn check(known: &Known<'_>, out: &mut Vec<Diagnostic>) {
    if known.policy.default.value == Fallback::Allow {
        unlisted(known, out);
    }
}

pub(super) fn tool(known: &Known<'_>, rules: &ToolRules, tool: &Tool, out: &mut Vec<Diagnostic>) {
    if known.is_hidden(&tool.name) || is_guarded(rules) {
        return;
    }
    let Some(open) = open(tool, rules, known.policy) else { return };
    let pointer = fill("/tools/{}", &[&pointer_token(&tool.name)]);
    out.push(open.diagnostic(&name(&tool.name), rules.name.span.inner(), &pointer));
}

/// What `default` allows, in one message of each kind.
fn unlisted(known: &Known<'_>, out: &mut Vec<Diagnostic>) {
    let is_named = |tool: &Tool| known.rules(&tool.name).is_some() || known.is_hidden(&tool.name);
    let tools = known.catalog.tools.iter().filter(|tool| !is_named(tool));
    let open: Vec<(&Tool, Open<'_>)> =
        tools.filter_map(|tool| Some((tool, arguments(tool, &|_| false)?))).collect();
    let span = known.policy.default.span.inner();
    for (code, does) in [
        (Code::UnrestrictedOperation, "an operation that changes things"),
        (Code::UnrestrictedText, "any text to run"),
    ] {
        let of_kind = open.iter().filter(|(_, open)| open.code() == code);
        let of_kind: Vec<&str> = of_kind.map(|(tool, _)| tool.name.as_str()).collect();
        if of_kind.is_empty() {
            continue;
        }
        let (tools, take) = (
            names(of_kind.iter().copied(), "and"),
            if of_kind.len() == 1 { "takes" } else { "take" },
        );
        let message = fill("`default` is `allow`, and {} {} {}", &[&tools, take, does]);
        out.push(
            Diagnostic::new(code, span, "/default", message)
                .help("list them, with a rule on that argument or an `action`"),
        );
    }
}

/// Whether no call passes, or none without a person.
fn is_guarded(rules: &ToolRules) -> bool {
    rules.action.as_ref().is_some_and(|action| action.value != Action::Allow)
        || rules.deny_if.iter().any(|rule| rule.conditions.is_empty())
        || rules.require_approval_if.iter().any(|rule| rule.conditions.is_empty())
}

/// The changes among the operations that an argument of a tool chooses from; `None` if it does not
/// choose between changing and something else.
pub(crate) fn operations(tool: &Tool, argument: &str) -> Option<Vec<String>> {
    Argument::new(tool, argument).operations()
}

/// Whether an argument is a text that its tool runs.
pub(crate) fn is_run(tool: &Tool, argument: &str) -> bool {
    Argument::new(tool, argument).is_run()
}

/// Whether a tool, by its name, looks at things and changes none.
fn only_reads(tool: &str) -> bool {
    let words = words(tool);
    let (changes, reads) = verbs(&words);
    changes.is_empty() && !reads.is_empty()
}

/// What is open about a tool.
enum Open<'c> {
    /// An argument that chooses what is done, and some of what that changes.
    Operation { argument: &'c str, changes: Vec<String> },
    /// An argument that is run.
    Text { argument: &'c str },
}

fn open<'c>(tool: &'c Tool, rules: &ToolRules, policy: &Policy) -> Option<Open<'c>> {
    let ToolRules { require, deny_if, require_approval_if, .. } = rules;
    let lists = [require, deny_if, require_approval_if, &policy.require, &policy.deny_if];
    arguments(tool, &|argument| {
        let looks_at = |path: &Path| matches!(path.steps().first(), Some(Step::Key(key)) if **key == *argument);
        let is_of = |rule: &Rule| rule.conditions.iter().any(|one| looks_at(&one.path.value));
        lists.iter().any(|rules| rules.iter().any(is_of))
    })
}

/// The argument of a tool that should be looked at; `None` if there is none, or it is. Where an
/// operation is chosen, what the tool runs is a part of that.
fn arguments<'c>(tool: &'c Tool, looked_at: &dyn Fn(&str) -> bool) -> Option<Open<'c>> {
    let properties = tool.input_schema.as_ref()?.get("properties")?.value.as_object()?;
    let members = || properties.members().iter().filter(|member| may_be_open(&member.key));
    if members().next().is_none() || only_reads(&tool.name) {
        return None;
    }
    let all = || members().map(|member| Argument::new(tool, &member.key));
    let chooses = |argument: &Argument<'c>| Some((argument.name, argument.operations()?));
    if let Some((argument, changes)) = all().find_map(|argument| chooses(&argument)) {
        return (!looked_at(argument)).then_some(Open::Operation { argument, changes });
    }
    let mut texts = all().filter(Argument::is_run).peekable();
    let argument = texts.peek()?.name;
    texts.all(|text| !looked_at(text.name)).then_some(Open::Text { argument })
}

/// Whether the last word of an argument's name may be one of those that are looked for. Most are not,
/// and to part a name into words takes longer.
fn may_be_open(name: &str) -> bool {
    const LAST: [&str; 18] = [
        "action",
        "cmd",
        "code",
        "command",
        "expression",
        "function",
        "javascript",
        "list",
        "method",
        "operation",
        "query",
        "script",
        "shell",
        "sql",
        "statement",
        "string",
        "type",
        "verb",
    ];
    let name = name.trim_end_matches(|c: char| !is_of_word(c));
    LAST.iter().any(|word| {
        let end = name.len().checked_sub(word.len()).and_then(|start| name.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(word))
    })
}

struct Argument<'c> {
    name: &'c str,
    tool: &'c Tool,
    /// What it is called, in words.
    words: Vec<String>,
    description: Option<&'c str>,
}

impl<'c> Argument<'c> {
    fn new(tool: &'c Tool, name: &'c str) -> Argument<'c> {
        let schema = tool.argument(name).and_then(Value::as_object);
        let description = schema.and_then(|schema| schema.get("description"));
        let description = description.and_then(|node| node.value.as_str());
        Argument { name, tool, words: words(name), description }
    }

    /// Its types and the words that it may be, if the schema says them.
    fn form(&self) -> Option<(Vec<&'c str>, Option<Vec<&'c str>>)> {
        let path = Path::parse(&fill("args.{}", &[self.name])).ok()?;
        match find(self.tool.input_schema.as_ref()?, &path) {
            Found::Forms(forms) => Some((forms.types()?, forms.words())),
            _ => None,
        }
    }

    /// The changes among the operations that it chooses from; `None` if it does not choose between
    /// changing and something else.
    fn operations(&self) -> Option<Vec<String>> {
        let last = self.words.last()?.as_str();
        if !matches!(last, "operation" | "action" | "command" | "verb" | "method" | "type")
            || last == "type" && !self.words.iter().any(|word| word == "operation")
        {
            return None;
        }
        let (types, listed) = self.form()?;
        if !types.contains(&"string") {
            return None;
        }
        if let Some(listed) = listed {
            let changes = |word: &&str| is_change(word);
            let changing: Vec<String> =
                listed.iter().copied().filter(changes).map(str::to_owned).collect();
            return (!changing.is_empty() && listed.len() > 1).then_some(changing);
        }
        // A command without a list is a text that is run.
        if last == "command" {
            return None;
        }
        let said = words(self.description.unwrap_or(""));
        let (mut changes, mut reads) = verbs(&said);
        // What the tool says of itself is about more than this argument.
        let of_tool = words(self.tool.description.as_deref().unwrap_or(""));
        if changes.is_empty() && reads.is_empty() {
            (changes, reads) = verbs(&of_tool);
            changes.retain(|verb| matches!(*verb, "create" | "delete" | "drop" | "put" | "update"));
            if changes.len() < 2 {
                return None;
            }
        }
        let several = changes.len().saturating_add(reads.len()) > 1;
        let owned = changes.iter().map(|word| (*word).to_owned());
        (several && !changes.is_empty()).then(|| owned.collect())
    }

    /// Whether it is a text that the tool runs, by what it and its tool are called.
    fn is_run(&self) -> bool {
        // First by its own name, which is the least work.
        self.is_called_so() && self.is_text()
    }

    /// Whether it is a text of any kind, or several.
    fn is_text(&self) -> bool {
        let Some((types, listed)) = self.form() else { return false };
        listed.is_none() && types.iter().any(|one| matches!(*one, "string" | "array"))
    }

    fn is_called_so(&self) -> bool {
        let runs = |text: &str| {
            words(text).iter().any(|word| {
                let word = word.as_str();
                matches!(word, "run" | "runs" | "execute" | "executes" | "exec" | "eval")
                    || matches!(word, "evaluate" | "evaluates" | "executed" | "evaluated")
            })
        };
        let said = self.description.unwrap_or("");
        let is_run = || runs(&self.tool.name) || runs(said);
        let is_code = |text: &str| {
            let known = |word: &String| {
                matches!(word.as_str(), "sql" | "code" | "cypher" | "python" | "graphql")
            };
            // Of which the words are not those that capitals make.
            let text_in_lower_case = text.to_ascii_lowercase();
            let named = |name| contains(&text_in_lower_case, name);
            words(text).iter().any(known) || ["javascript", "graphql"].into_iter().any(named)
        };
        match self.words.last().map_or("", String::as_str) {
            "sql" | "shell" | "script" | "javascript" => true,
            "list" => self.words.first().is_some_and(|word| word == "sql"),
            "command" | "cmd" => self.words.len() == 1,
            "code" => self.words.len() == 1 && is_run(),
            "query" | "statement" | "expression" | "function" | "string" => {
                let of_the_tool = || is_code(self.tool.description.as_deref().unwrap_or(""));
                let is_code = is_code(said) || said.is_empty() && of_the_tool();
                self.words.iter().all(|word| word != "search")
                    && is_code
                    && (is_run() || runs(self.tool.description.as_deref().unwrap_or("")))
            }
            _ => false,
        }
    }
}

impl Open<'_> {
    fn code(&self) -> Code {
        match self {
            Open::Operation { .. } => Code::UnrestrictedOperation,
            Open::Text { .. } => Code::UnrestrictedText,
        }
    }

    fn diagnostic(&self, tool: &str, span: Span, pointer: &str) -> Diagnostic {
        match self {
            Open::Operation { argument, changes } => {
                let path = fill("args.{}", &[argument]);
                let some = names(changes.iter().take(3).map(String::as_str), "and");
                let message = fill(
                    "{} chooses what {} does, also {}, and no rule looks at it",
                    &[&name(&path), tool, &some],
                );
                Diagnostic::new(self.code(), span, pointer, message).help(fill(
                    "name what may be done, with a `require` where {} is `in` a list",
                    &[&name(&path)],
                ))
            }
            Open::Text { argument } => {
                let path = fill("args.{}", &[argument]);
                let message = fill(
                    "{} runs whatever {} says, and no rule looks at it",
                    &[tool, &name(&path)],
                );
                Diagnostic::new(self.code(), span, pointer, message).help(fill(
                    "hold it for a person with `\"action\": \"require_approval\"`, or say in a \
                     `require` what {} may be",
                    &[&name(&path)],
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// What is said of a tool with these arguments under these rules.
    fn said(name: &str, properties: &str, rules: &str) -> Vec<String> {
        let catalog = format!(
            r#"[{{"name": "{name}", "inputSchema": {{"type": "object", "properties": {properties}}}}}]"#
        );
        let catalog = parse::catalog(catalog.as_bytes()).unwrap();
        let policy =
            format!(r#"{{"version": "1", "default": "deny", "tools": {{"{name}": {rules}}}}}"#);
        let policy = parse::parse(policy.as_bytes()).policy.unwrap();
        let mut out = Vec::new();
        let known = Known::new(&policy, &catalog, |_| None);
        tool(&known, &policy.tools[0], &catalog.tools[0], &mut out);
        out.iter().map(|one| one.message.clone()).collect()
    }

    const OPERATION: &str = r#"{"operation": {"type": "string", "enum": ["get", "delete-table"]}, "sql": {"type": "string"}}"#;
    const SQL: &str = r#"{"sql": {"type": "string", "description": "what to run"}}"#;

    #[test]
    fn an_operation_without_a_rule_is_said() {
        let message = "`args.operation` chooses what `tables` does, also `delete-table`, and no rule looks at it";
        assert_eq!(said("tables", OPERATION, "{}"), [message]);
        let described =
            r#"{"op_action": {"type": "string", "description": "One of: list-rows, drop-table."}}"#;
        assert_eq!(
            said("tables", described, "{}"),
            ["`args.op_action` chooses what `tables` does, also `drop`, and no rule looks at it"]
        );
    }

    #[test]
    fn a_text_that_is_run_without_a_rule_is_said() {
        let message = "`run_query` runs whatever `args.sql` says, and no rule looks at it";
        assert_eq!(said("run_query", SQL, "{}"), [message]);
        let limited = r#"{"limits": [{"counter": "n", "window": "day", "max": 5}]}"#;
        assert_eq!(said("run_query", SQL, limited), [message]);
    }

    /// Every word that is looked for is among those that are not passed over.
    #[test]
    fn no_name_that_counts_is_passed_over() {
        let source = include_str!("open.rs");
        let of =
            |from: &str, to: &str| source.split(from).nth(1).unwrap().split(to).next().unwrap();
        let operations = of("fn operations(&self)", "let (types");
        let runs = of("match self.words.last()", "_ => false");
        let quoted = operations.split('"').skip(1).step_by(2);
        let patterns = runs.lines().filter_map(|line| line.split_once("=>")).map(|(arm, _)| arm);
        let quoted = quoted.chain(patterns.flat_map(|arm| arm.split('"').skip(1).step_by(2)));
        let quoted: Vec<&str> = quoted.collect();
        assert!(
            quoted.contains(&"verb") && quoted.contains(&"statement") && quoted.contains(&"cmd")
        );
        for word in quoted {
            for name in
                [word.to_owned(), format!("My{}", word.to_uppercase()), format!("a_{word}__")]
            {
                assert!(may_be_open(&name), "{name}");
            }
        }
        assert!(
            !may_be_open("amount")
                && !may_be_open("é")
                && !may_be_open("")
                && !may_be_open("codes")
        );
    }

    #[test]
    fn what_was_thought_of_is_not() {
        let looked = |path: &str| {
            format!(
                r#"{{"require": [{{"conditions": [{{"path": "{path}", "op": "regex", "value": "^a"}}]}}]}}"#
            )
        };
        let none = [""; 0];
        assert_eq!(said("tables", OPERATION, &looked("args.operation")), none);
        assert_eq!(said("run_query", SQL, &looked("args.sql")), none);
        for rules in [
            r#"{"action": "deny"}"#,
            r#"{"action": "require_approval"}"#,
            r#"{"require_approval_if": [{"conditions": []}]}"#,
        ] {
            assert_eq!(said("run_query", SQL, rules), none, "{rules}");
        }
        // A rule on the text does not say which operation.
        assert_eq!(said("tables", OPERATION, &looked("args.sql")).len(), 1);
    }

    #[test]
    fn what_only_looks_or_searches_is_not() {
        let none = [""; 0];
        for (name, properties) in [
            ("read_query", SQL),
            ("search", r#"{"query": {"type": "string", "description": "what to look for"}}"#),
            ("tabs", r#"{"action": {"type": "string", "enum": ["list", "select"]}}"#),
            ("check_permissions", OPERATION),
            ("get_price", r#"{"service_code": {"type": "string"}}"#),
            ("route", r#"{"mode": {"enum": ["driving", "walking"]}}"#),
        ] {
            assert_eq!(said(name, properties, "{}"), none, "{name}");
        }
    }

    #[test]
    fn what_the_default_allows_is_said_once() {
        let catalog = parse::catalog(
            br#"[{"name": "a_run", "inputSchema": {"properties": {"sql": {"type": "string"}}}},
                {"name": "b_run", "inputSchema": {"properties": {"sql": {"type": "string"}}}}]"#,
        );
        let policy = r#"{"version": "1", "default": "allow", "hide": ["a_run"]}"#;
        let policy = parse::parse(policy.as_bytes()).policy.unwrap();
        let mut out = Vec::new();
        let catalog = catalog.unwrap();
        check(&Known::new(&policy, &catalog, |_| None), &mut out);
        let messages: Vec<&str> = out.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(messages, ["`default` is `allow`, and `b_run` takes any text to run"]);
    }
}
