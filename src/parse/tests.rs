use super::*;
use crate::diagnostic::{Code, Fix, Severity};
use crate::model::Outcome;

mod cases;
use cases::{CASES, Case};

/// A diagnostic as the cases write it: `code | underlined | pointer | message | help`.
fn line(diagnostic: &Diagnostic, text: &str) -> String {
    let (code, wrong) = (diagnostic.code.as_str(), diagnostic.span.of(text));
    let help = diagnostic.help.as_deref().unwrap_or("-");
    format!("{code} | {wrong} | {} | {} | {help}", diagnostic.pointer, diagnostic.message)
}

fn lines(text: &str) -> Vec<String> {
    parse(text.as_bytes()).diagnostics.iter().map(|one| line(one, text)).collect()
}

fn apply(fix: &Fix, text: &str) -> String {
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    edits.iter().fold(text.to_owned(), |mut text, edit| {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        text
    })
}

#[test]
fn print() {
    for case in CASES {
        println!("\n{}", case.0);
        for l in lines(case.0) {
            println!("    {l}");
        }
        for d in parse(case.0.as_bytes()).diagnostics {
            if let Some(fix) = d.fix {
                println!("      fix {}: {}", fix.title, apply(&fix, case.0));
            }
        }
    }
}
