//! What the operators do, in a sentence each.

/// An operator: in a few words, and in full.
pub(super) struct Operator {
    pub(super) name: &'static str,
    pub(super) short: &'static str,
    pub(super) text: &'static str,
}

/// The operators in the order of the language. A test holds what is said of missing and `null` to the
/// engine.
pub(super) const OPERATORS: [Operator; 11] = [
    Operator {
        name: "exists",
        short: "is there, or is not",
        text: "With `true`: the argument is there and not null. With `false`: it is missing or null.",
    },
    Operator {
        name: "eq",
        short: "is equal",
        text: "The argument is the value: numbers are compared exactly, a text is also equal to the number or boolean that is written like it. A missing argument is not equal to anything; null is equal to null only.",
    },
    Operator {
        name: "neq",
        short: "is not equal",
        text: "The argument is there and is not the value. A missing argument does not satisfy it; null does, unless the value is null.",
    },
    Operator {
        name: "in",
        short: "is one of a list",
        text: "The argument is equal to one of the list. A missing argument does not satisfy it; null does only if null is in the list.",
    },
    Operator {
        name: "not_in",
        short: "is none of a list",
        text: "The argument is there and is equal to none of the list. A missing argument does not satisfy it; null does, unless null is in the list.",
    },
    Operator {
        name: "lt",
        short: "is below",
        text: "The argument is a number below the value. A missing argument does not satisfy it; null, and anything else that is no number, is an error, which denies.",
    },
    Operator {
        name: "lte",
        short: "is at most",
        text: "The argument is a number that is the value or below it. A missing argument does not satisfy it; null, and anything else that is no number, is an error, which denies.",
    },
    Operator {
        name: "gt",
        short: "is over",
        text: "The argument is a number over the value. A missing argument does not satisfy it; null, and anything else that is no number, is an error, which denies.",
    },
    Operator {
        name: "gte",
        short: "is at least",
        text: "The argument is a number that is the value or over it. A missing argument does not satisfy it; null, and anything else that is no number, is an error, which denies.",
    },
    Operator {
        name: "regex",
        short: "has a part that matches",
        text: "The pattern (RE2's dialect) matches some part of the text; `^` and `$` bind it to the beginning and the end. A missing argument does not satisfy it; null, and anything else that is no text, is an error, which denies.",
    },
    Operator {
        name: "contains",
        short: "has a part or an element",
        text: "The value is a part of the text, or an element of the list. A missing argument does not satisfy it; null, and anything else that is no text and no list, is an error, which denies.",
    },
];

/// The operator of this name.
pub(super) fn operator(name: &str) -> Option<&'static Operator> {
    OPERATORS.iter().find(|operator| operator.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Node, Number, Value};
    use crate::model::{Outcome, Pattern, Test};

    #[test]
    fn what_is_said_of_missing_and_null_is_so() {
        let five = || Value::Number(Number::from(5));
        let list = || vec![Node::from(five())];
        let number = || Number::from(5);
        let tests = [
            Test::Exists(true),
            Test::Eq(five()),
            Test::Neq(five()),
            Test::In(list()),
            Test::NotIn(list()),
            Test::Lt(number()),
            Test::Lte(number()),
            Test::Gt(number()),
            Test::Gte(number()),
            Test::Regex(Pattern::parse("5").unwrap()),
            Test::Contains(five()),
        ];
        assert_eq!(Test::OPERATORS, OPERATORS.each_ref().map(|operator| operator.name));
        for (test, Operator { name, text, .. }) in tests.iter().zip(&OPERATORS) {
            assert_eq!(test.operator(), *name);
            let missing = test.outcome(None);
            let null = test.outcome(Some(&Value::Null));
            if *name == "exists" {
                assert_eq!((missing, null), (Outcome::NotSatisfied, Outcome::NotSatisfied));
                let other = Test::Exists(false);
                let satisfied = [None, Some(&Value::Null)].map(|value| other.outcome(value));
                assert_eq!(satisfied, [Outcome::Satisfied; 2]);
                continue;
            }
            assert_eq!(missing, Outcome::NotSatisfied, "{name}");
            assert!(text.contains("A missing argument"), "{name}");
            let said = match null {
                Outcome::Errored => "null, and anything else that is no",
                Outcome::Satisfied => "null does, unless",
                Outcome::NotSatisfied => "null",
            };
            assert!(text.contains(said), "{name}: {text}");
            assert_eq!(text.contains("error"), null == Outcome::Errored, "{name}");
            assert_eq!(text.contains("null does, unless"), null == Outcome::Satisfied, "{name}");
        }
        for (text, outcome) in [("5", Outcome::Errored), ("[]", Outcome::Errored)] {
            let value =
                crate::json::read(format!("\"{text}\"").as_bytes(), &crate::json::Limits::DOCUMENT);
            assert_eq!(tests[5].outcome(Some(&value.node.unwrap().value)), outcome);
        }
    }
}
