//! The questions that a scenario keeps beside its steps.

use super::question::Question;
use crate::diagnostic::{Code, Diagnostic};
use crate::parse::part;
use crate::simulate::Scenario;
use crate::source::Span;

/// The questions under `assert` of a scenario with this text, in their order.
///
/// # Errors
/// For each that is no question what is wrong with it, in its place in the text, in the order of the text.
pub fn questions(scenario: &Scenario, text: &str) -> Result<Vec<Question>, Vec<Diagnostic>> {
    let (mut questions, mut faults) = (Vec::new(), Vec::new());
    for (number, written) in scenario.asserts.iter().enumerate() {
        match Question::parse(&written.value) {
            Ok(question) => questions.push(question),
            Err(wrong) => {
                let place: Span = part(text, written.span, wrong.start, wrong.end);
                // At its end there is nothing to underline.
                let place = if place.start == place.end { written.span.inner() } else { place };
                let pointer = format!("/assert/{number}");
                let fault = Diagnostic::at(Code::InvalidQuestion, place, &pointer);
                faults.push(fault.say(|said| {
                    said.message(format!("this is no question: {}", wrong.message)).help(
                        "it is such as `never allow tool ~ \"delete_.*\" where args.env == \"prod\"`",
                    )
                }));
            }
        }
    }
    if faults.is_empty() { Ok(questions) } else { Err(scenario.placed(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = r#"{"version":"1","default":"deny"}"#;

    #[test]
    fn questions_are_read_and_faults_have_their_place() {
        let good = format!(r#"{{"policy":{POLICY},"assert":["always deny any tool"]}}"#);
        let scenario = Scenario::parse(good.as_bytes()).unwrap();
        assert_eq!(questions(&scenario, &good).unwrap().len(), 1);
        let text = format!(
            r#"{{"policy":{POLICY},"assert":[
                "never allow any tool", "never permit any tool", "never allow tool == \"a\u0062\" wen",
                "always deny any tool where args.a =="]}}"#
        );
        let scenario = Scenario::parse(text.as_bytes()).unwrap();
        let faults = questions(&scenario, &text).unwrap_err();
        let found: Vec<_> = faults.iter().map(|one| (one.span.of(&text), &*one.pointer)).collect();
        let expected = [
            ("permit", "/assert/1"),
            ("wen", "/assert/2"),
            ("always deny any tool where args.a ==", "/assert/3"),
        ];
        assert_eq!(found, expected);
        assert!(faults.iter().all(|one| one.code == Code::InvalidQuestion && one.is_error()));
    }

    #[cfg(feature = "import")]
    #[test]
    fn in_yaml_all_of_what_stands_without_quotes_is_underlined() {
        let text = "policy: p.json\nassert:\n  - never permit any tool\n  - 'never allow tool'\n";
        let scenario = Scenario::parse_yaml(text.as_bytes()).unwrap();
        let faults = questions(&scenario, text).unwrap_err();
        let found: Vec<_> = faults.iter().map(|one| one.span.of(text)).collect();
        assert_eq!(found, ["never permit any tool", "tool"]);
    }
}
