//! Diagnostics as workflow commands of GitHub Actions, which shows them at their lines.

use super::{Diagnostic, Severity};
use crate::source::LineIndex;

/// One command a line: `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`.
/// `name` is the file's path from the root of the repository.
#[must_use]
pub fn github(name: &str, text: &str, diagnostics: &[Diagnostic]) -> String {
    let index = LineIndex::new(text);
    let command = |diagnostic: &Diagnostic| {
        let level = match diagnostic.code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let from = index.position(diagnostic.span.start);
        let to = index.position(diagnostic.span.end);
        // Columns are shown only where both are on one line.
        let columns = if from.line == to.line {
            format!(",col={},endColumn={}", from.column, to.column)
        } else {
            String::new()
        };
        let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}"));
        let message = format!("{}{}", diagnostic.message, help.unwrap_or_default());
        format!(
            "::{level} file={},line={},endLine={}{columns},title={}::{}",
            property(name),
            from.line,
            to.line,
            property(diagnostic.code.as_str()),
            data(&message)
        )
    };
    diagnostics.iter().map(command).collect::<Vec<_>>().join("\n")
}

/// Escapes a message, so that it stays one line and one command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, so that it stays one.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    #[test]
    fn a_command_is_one_line_whatever_it_says() {
        let span = Span::new(3, 5);
        let wrong =
            Diagnostic::new(Code::UnknownKey, span, "", "100% wrong,\r\nhere").help("do: it");
        assert_eq!(
            github("a,b:c.json", "é\nabc", &[wrong]),
            "::error file=a%2Cb%3Ac.json,line=2,endLine=2,col=1,endColumn=3,title=unknown-key::100%25 wrong,%0D%0Ahere%0Ahelp: do: it"
        );
        let wide = Diagnostic::new(Code::UnknownTool, Span::new(0, 4), "", "m");
        assert_eq!(
            github("p", "é\nabc", &[wide]),
            "::warning file=p,line=1,endLine=2,title=unknown-tool::m"
        );
    }
}
