//! `cattlegrid explain`

use cattlegrid::evaluate::{Env, explain, not_a_call};
use cattlegrid::model::{ConditionOutcome, Effect, Explanation, RuleOutcome};
use cattlegrid::quota::MemoryStore;
use cattlegrid::wire::WireExplanation;

use super::decide::{Arguments, answer, in_words, limit_in_words};
use super::{Answer, Failure, print, print_json};

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let question = arguments.read()?;
    let explanation = match question.call {
        Err(fault) => {
            Explanation { decision: not_a_call(&fault), rules: Vec::new(), limits: Vec::new() }
        }
        Ok(call) => {
            let mut env = Env {
                now: question.now,
                counters: &mut MemoryStore::new(),
                approvals: question.approvals.as_ref(),
            };
            explain(Some(&question.policy), &call, &mut env)
        }
    };
    if arguments.json {
        print_json(&WireExplanation::from(&explanation))?;
    } else {
        print(&explanation_in_words(&explanation))?;
    }
    Ok(answer(&explanation.decision))
}

fn explanation_in_words(explanation: &Explanation) -> String {
    let mut decision = explanation.decision.clone();
    // Each limit is shown below, with its outcome.
    decision.limits.clear();
    let mut lines = vec![in_words(&decision)];
    for rule in &explanation.rules {
        lines.push(rule_in_words(rule));
        lines.extend(rule.conditions.iter().map(condition_in_words));
    }
    for limit in &explanation.limits {
        lines.push(format!("{}: {}", limit.id.rule, limit.outcome.as_str()));
        lines.push(format!("  {}", limit_in_words(&limit.state)));
    }
    lines.join("\n")
}

fn rule_in_words(rule: &RuleOutcome) -> String {
    let effect = match rule.effect {
        Effect::Allow => "no objection",
        Effect::Deny => "denies",
        Effect::Hold => "holds",
    };
    format!("{}: {}, {effect}", rule.id.rule, rule.outcome.as_str())
}

fn condition_in_words(condition: &ConditionOutcome) -> String {
    let ConditionOutcome { path, operator, outcome, saw, .. } = condition;
    let saw = saw.as_deref().map_or("nothing there".to_owned(), |saw| format!("saw {saw}"));
    format!("  {path} {operator}: {}, {saw}", outcome.as_str())
}
