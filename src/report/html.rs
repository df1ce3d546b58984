//! HTML: the one place where a text becomes part of a page.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use super::look::CSS;

/// A text of whatever kind as a part of a page: nothing in it is a tag, and what nobody would see is shown
/// by its number.
pub(super) fn text(text: &str) -> String {
    escaped(text, |c, out| {
        out.push_str(&format!("<span class=\"odd\">U+{:04X}</span>", u32::from(c)));
    })
}

/// The same where no tag may stand: in an attribute or a title.
pub(super) fn plain(text: &str) -> String {
    escaped(text, |c, out| out.push_str(&format!("U+{:04X} ", u32::from(c))))
}

/// The text of a JSON document, in which what nobody would see is written as JSON writes it.
pub(super) fn json(text: &str) -> String {
    escaped(text, |c, out| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    })
}

fn escaped(text: &str, hidden: impl Fn(char, &mut String)) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if is_hidden(c) => hidden(c, &mut out),
            c => out.push(c),
        }
    }
    out
}

/// Whether a character is not seen, or changes how others are: controls, marks of direction, spaces without
/// width, tags and selectors.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// A name of a tool or argument.
pub(super) fn name(name: &str) -> String {
    let shown =
        if name.trim().is_empty() { "(no name)".to_owned() } else { text(&short(name, 200)) };
    format!("<code><bdi>{shown}</bdi></code>")
}

/// A sentence of ours, in which names are in backticks.
pub(super) fn words(sentence: &str) -> String {
    let mut out = String::new();
    for (at, part) in sentence.split('`').enumerate() {
        let part = text(part);
        if at % 2 == 1 {
            out.push_str(&format!("<code><bdi>{part}</bdi></code>"));
        } else {
            out.push_str(&part);
        }
    }
    out
}

/// The first characters of a text.
pub(super) fn short(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A policy, and the link that opens it.
pub(super) fn policy(policy: &str, link: Option<&str>) -> String {
    let link = link.map_or_else(String::new, |link| {
        format!(
            "<figcaption><a href=\"{}\" rel=\"noreferrer\">Open it in the builder</a></figcaption>",
            plain(link)
        )
    });
    format!("<figure><pre>{}</pre>{link}</figure>\n", json(policy.trim_end()))
}

/// A whole page. `way` leads to it from the first: where and what each step is called, as parts of a page.
pub(super) fn page(title: &str, way: &[(&str, String)], main: &str) -> String {
    // What the sheet is, so that no other is taken.
    let hash = Base64::encode_string(&Sha256::digest(CSS.as_bytes()));
    let steps = way.iter().map(|(to, what)| format!("<a href=\"{to}\">{what}</a>"));
    let steps = steps.collect::<Vec<_>>().join(" › ");
    let way = if way.is_empty() {
        String::new()
    } else {
        format!("<header><nav aria-label=\"Where you are\">{steps}</nav></header>\n")
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{}</title>\n<style>{CSS}</style>\n</head>\n<body>\n{way}<main>\n{main}</main>\n\
         <footer><p>Made from the servers' own definitions of their tools, which prove nothing: what a tool really does is known by who runs it. Nothing was called.</p></footer>\n\
         </body>\n</html>\n",
        plain(title)
    )
}
