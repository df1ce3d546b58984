//! Completion and hover: the cases of tests/complete/cases.md, and hostile texts and catalogs.

use std::fmt::Write;
use std::time::{Duration, Instant};

use cattlegrid::complete::{Completion, MAX_OPTIONS, complete, hover};
use cattlegrid::model::{Catalog, Tool};
use cattlegrid::parse;

const CASES: &str = include_str!("../complete/cases.md");
const TOOLS: &str = include_str!("../complete/tools.json");

/// Where the cursor is.
const CURSOR: char = '‸';

/// The fenced blocks of the page: their lines, what they are, and their text.
fn blocks() -> Vec<(usize, &'static str, String)> {
    let mut blocks = Vec::new();
    let mut lines = CASES.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            blocks.push((at + 1, info, text.collect::<Vec<_>>().join("\n")));
        }
    }
    blocks
}

/// The text without its cursor, and where that was.
fn at_cursor(text: &str) -> (String, usize) {
    (text.replace(CURSOR, ""), text.find(CURSOR).expect("a text has a cursor"))
}

/// The text after the first option was taken.
fn becomes(text: &str, completion: &Completion) -> String {
    let first = &completion.options[0];
    let (start, end) = (completion.span.start as usize, completion.span.end as usize);
    let (before, behind) = first.insert.split_at(first.caret);
    format!("{}{before}{CURSOR}{behind}{}", &text[..start], &text[end..])
}

#[test]
fn every_case_of_the_page_is_true() {
    let catalog = parse::catalog(TOOLS.as_bytes()).unwrap();
    let (mut text, mut offset) = (String::new(), 0);
    let (mut faults, mut cases) = (String::new(), 0);
    for (line, info, block) in blocks() {
        let done = || complete(text.as_bytes(), offset, Some(&catalog));
        let got = match info {
            "text" => {
                (text, offset) = at_cursor(&block);
                continue;
            }
            "options" => {
                let done = done().map(|done| done.options).unwrap_or_default();
                let mut labels: Vec<&str> = done.iter().map(|one| one.label.as_str()).collect();
                if block.ends_with('…') {
                    labels.truncate(block.lines().count() - 1);
                    labels.push("…");
                }
                labels.join("\n")
            }
            "becomes" => done().map(|done| becomes(&text, &done)).unwrap_or_default(),
            "hover" => hover(text.as_bytes(), offset, Some(&catalog))
                .map_or(String::new(), |said| {
                    format!("{}\n{}\n{}", said.span.of(&text), said.title, said.text)
                }),
            other => panic!("line {line}: `{other}` is no kind of block"),
        };
        cases += 1;
        if got != block {
            writeln!(faults, "line {line}: it is\n{got}\n").unwrap();
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert!(cases >= 80, "{cases} cases");
}

/// Long enough for a slow machine and a build without optimisation; what takes time with the square
/// of its input takes minutes here.
const PATIENCE: Duration = Duration::from_secs(60);

#[track_caller]
fn in_time<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = run();
    assert!(began.elapsed() < PATIENCE, "{what} took {:?}", began.elapsed());
    done
}

#[test]
fn thousands_of_tools_are_found_in_by_their_letters() {
    let description = "\u{202e}word\n".repeat(100);
    let tools = (0..10_000).map(|at| Tool {
        name: format!("tool_{at}"),
        description: Some(description.clone()),
        ..Tool::default()
    });
    let catalog = Catalog { tools: tools.collect(), ..Catalog::default() };
    let listed: Vec<String> = (0..9_000).map(|at| format!("\"tool_{at}\": {{}}")).collect();
    let before = format!("{{ \"tools\": {{ {}, \"tool_98", listed.join(", "));
    let done = in_time("a key", || complete(before.as_bytes(), before.len(), Some(&catalog)));
    let done = done.unwrap();
    assert_eq!((done.options.len(), done.more), (MAX_OPTIONS, true));
    assert_eq!(done.options[0].label, "tool_9800");
    let info = done.options[0].info.as_ref().unwrap();
    assert!(info.starts_with("\\u{202e}word\n") && info.ends_with('…'), "{info}");
    assert!(info.len() < 2_000);
    let whole = format!("{before}47\": {{}} }}}}");
    let one = complete(whole.as_bytes(), before.len() + 2, Some(&catalog)).unwrap();
    assert_eq!((one.options.len(), one.more), (1, false));
    let hidden = format!("{{ \"hide\": [{}] }}", "\"tool_1\",".repeat(5_000));
    in_time("hide", || complete(hidden.as_bytes(), hidden.len() - 3, Some(&catalog)));
}

#[test]
fn long_words_of_a_server_are_cut() {
    let long = "x".repeat(1 << 20);
    let tool = Tool {
        name: long.clone(),
        title: Some(long.clone()),
        description: Some(format!("\u{1b}[2J\r\n{long}")),
        ..Tool::default()
    };
    let catalog = Catalog { tools: vec![tool], ..Catalog::default() };
    let text = "{ \"tools\": {  } }";
    let done = in_time("a key", || complete(text.as_bytes(), 13, Some(&catalog))).unwrap();
    let first = &done.options[0];
    assert_eq!(first.insert, format!("\"{long}\": {{}}"), "what is inserted is the whole name");
    for shown in [&first.label, first.detail.as_ref().unwrap(), first.info.as_ref().unwrap()] {
        assert!(shown.len() < 2_000 && !shown.contains(['\u{1b}', '\r']), "{shown}");
    }
    let text = format!("{{ \"tools\": {{ \"{long}\": {{}} }} }}");
    let said = in_time("hovering", || hover(text.as_bytes(), 20, Some(&catalog))).unwrap();
    assert!(said.title.len() < 2_000 && said.text.len() < 2_000);
}

#[test]
fn a_schema_of_any_size_is_answered_in_time() {
    let properties: Vec<String> =
        (0..20_000).map(|at| format!("\"argument_{at}\": {{ \"$ref\": \"#\" }}")).collect();
    let values: Vec<String> = (0..20_000).map(|at| format!("\"value_{at}\"")).collect();
    let catalog = format!(
        "[{{ \"name\": \"wide\", \"inputSchema\": {{ \"properties\": {{ {} }} }} }},
          {{ \"name\": \"long\", \"inputSchema\": {{ \"properties\": {{ \"a\": {{ \"enum\": [{}] }} }} }} }}]",
        properties.join(","),
        values.join(",")
    );
    let catalog = parse::catalog(catalog.as_bytes()).unwrap();
    let condition = |tool: &str, condition: &str| {
        let before =
            format!("{{ \"tools\": {{ \"{tool}\": {{ \"deny_if\": [{{ \"conditions\": [{{ ");
        at_cursor(&format!("{before}{condition} }}] }}] }} }} }}"))
    };
    for (tool, written) in [
        ("wide", "\"path\": ‸"),
        ("wide", "\"path\": \"args.argument_1‸\""),
        ("long", "\"path\": \"args.a\", \"op\": \"eq\", \"value\": ‸"),
    ] {
        let (text, offset) = condition(tool, written);
        let done = in_time(written, || complete(text.as_bytes(), offset, Some(&catalog))).unwrap();
        assert_eq!((done.options.len(), done.more), (MAX_OPTIONS, true), "{written}");
    }
}

#[test]
fn hostile_texts_are_answered_in_time_and_in_their_bounds() {
    let mega = 1 << 18;
    let texts = [
        "[".repeat(mega),
        "{\"a\":".repeat(mega / 4),
        "{".repeat(mega),
        "]".repeat(mega),
        "\"".repeat(mega),
        "\\".repeat(mega),
        format!("\"{}", "\\".repeat(mega)),
        ",".repeat(mega),
        "{\"a\":1,".repeat(mega / 8),
        "/*".repeat(mega / 2),
        "//\n".repeat(mega / 3),
        "é\u{1f600}".repeat(mega / 6),
        " ".repeat(mega),
        format!("{{{}", "\"hide\":[],".repeat(mega / 10)),
        format!("{{\"tools\":{{{}", "\"a\":{\"limits\":[]},".repeat(mega / 20)),
    ];
    let catalog = parse::catalog(TOOLS.as_bytes()).unwrap();
    for text in &texts {
        for offset in [0, 1, text.len() / 2, text.len(), usize::MAX] {
            let begin = &text[..text.len().min(20)];
            let done = in_time(begin, || complete(text.as_bytes(), offset, Some(&catalog)));
            if let Some(done) = done {
                assert!(text.get(done.span.start as usize..done.span.end as usize).is_some());
            }
            let _ = in_time(begin, || hover(text.as_bytes(), offset, Some(&catalog)));
        }
    }
    assert_eq!(complete(b"{ \xff", 2, None), None);
}

/// Wherever one stands in a text, or in the beginning of it as it is while it is typed, nothing
/// breaks, and what is offered is put in the place of what is there.
#[test]
fn every_place_of_every_beginning_is_answered() {
    let catalog = parse::catalog(TOOLS.as_bytes()).unwrap();
    let text = r#"{ "version": "1", "tools": { "create_order": { "deny_if": [{ "conditions": [
        { "path": "args.items[0].price", "op": "in", "value": ["é", 1, true] }], "on_deny": "n\"o" }],
        "limits": [{ "counter": "c", "window": 60, "increment_from": "args.amount" }] } } }"#;
    let ends = text.char_indices().map(|(at, _)| at);
    let mut offered = 0;
    for end in ends {
        let begun = &text[..end];
        for offset in [end, end / 2, end.saturating_sub(3)] {
            for whole in [begun, text] {
                if let Some(done) = complete(whole.as_bytes(), offset, Some(&catalog)) {
                    let (start, end) = (done.span.start as usize, done.span.end as usize);
                    assert!(start <= end && whole.get(start..end).is_some());
                    assert!(done.options.iter().all(|one| one.insert.get(..one.caret).is_some()));
                    offered += 1;
                }
                let _ = hover(whole.as_bytes(), offset, Some(&catalog));
            }
        }
    }
    assert!(offered > 500, "{offered}");
}
