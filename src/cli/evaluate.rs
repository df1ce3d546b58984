//! `cattlegrid evaluate`

use cattlegrid::evaluate::{Env, evaluate, not_a_call};
use cattlegrid::quota::MemoryStore;
use cattlegrid::wire::WireDecision;

use super::decide::{Arguments, answer, in_words};
use super::{Answer, Failure, print, print_json};

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let question = arguments.read()?;
    let decision = match question.call {
        Err(fault) => not_a_call(&fault),
        Ok(call) => {
            let mut env = Env {
                now: question.now,
                counters: &mut MemoryStore::new(),
                approvals: question.approvals.as_ref(),
            };
            evaluate(Some(&question.policy), &call, &mut env).decision
        }
    };
    if arguments.json {
        print_json(&WireDecision::from(&decision))?;
    } else {
        print(&in_words(&decision))?;
    }
    Ok(answer(&decision))
}
