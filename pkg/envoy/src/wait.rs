//! A request that waits for a service that counts for several proxies. It is paused with all that is to
//! go on in its place already; when the answer is there it goes on, or is answered here.

use std::time::{Duration, SystemTime};

use cattlegrid::edge::{Passage, Service, Stop, Store};
use cattlegrid::evaluate::{Env, evaluate};
use cattlegrid::model::{Call, Effect, Time};
use cattlegrid::protocol::{Era, Id};

use crate::ask::{Answered, Ask, forget_what_was_not_told};
use crate::counters::Counters;
use crate::exchange::{Exchange, Progress};
use crate::host;
use crate::report::Event;
use crate::service::{self, Verdict};

/// A call whose limits are still to be asked for.
pub struct Waiting {
    /// The id of the request.
    pub id: Id,
    /// The time of MCP that it is of.
    pub era: Era,
    /// The call.
    pub call: Call,
    /// When it was decided the first time.
    pub now: Time,
    /// What there is to ask.
    pub ask: Ask,
    /// How long all answers together may take.
    pub deadline: Option<SystemTime>,
    /// The question that is out.
    pub token: Option<u32>,
}

impl Exchange {
    /// Asks the next question about the call that waits, or decides it. `None` while a question is out.
    #[cold] // Out of the way of usual calls: see `host`.
    #[inline(never)]
    pub(crate) fn go_on(&mut self, mut waiting: Waiting) -> Option<Result<(), Stop>> {
        let shared = self.shared.clone();
        let Store::Service(service) = &shared.settings.store else {
            return Some(Err(Stop::broken()));
        };
        if let Some(verdict) = waiting.ask.too_much() {
            return Some(self.conclude(&waiting, &verdict));
        }
        let Some(question) = waiting.ask.question(&service.domain) else {
            return Some(self.conclude(&waiting, &Verdict::Room));
        };
        match send(&mut waiting, service, &question) {
            Ok(()) => {
                self.waiting = Some(waiting);
                None
            }
            Err(why) => Some(self.conclude(&waiting, &Verdict::Unclear(why))),
        }
    }

    /// The answer to a question: gRPC's status, and how long it is.
    pub(crate) fn answered(&mut self, token: u32, status: u32, size: usize) {
        let Some(mut waiting) = self.waiting.take_if(|waiting| waiting.token == Some(token)) else {
            return;
        };
        let verdict = match status {
            0 if size <= service::MAX_ANSWER => waiting.ask.answered(&host::grpc_answer(size)),
            0 => Verdict::Unclear("the answer is too long"),
            14 => Verdict::Unclear("it did not answer in time, or cannot be reached"),
            _ => Verdict::Unclear("it answered with an error"),
        };
        let outcome = match verdict {
            Verdict::Room => self.go_on(waiting),
            verdict => Some(self.conclude(&waiting, &verdict)),
        };
        match outcome {
            None => {}
            Some(Ok(())) => {
                self.progress = Progress::Passed;
                host::resume();
                // Nothing may follow.
            }
            Some(Err(stop)) => {
                self.stop(stop);
            }
        }
    }

    /// Decides the call by the last verdict, which is that of all answers.
    fn conclude(&mut self, waiting: &Waiting, verdict: &Verdict) -> Result<(), Stop> {
        let shared = self.shared.clone();
        let mut verdict = verdict;
        if let Verdict::Unclear(why) = verdict {
            self.count(Event::StoreFailed);
            host::log(&format!("the rate-limit service was asked in vain: {why}"));
            if shared.settings.on_store_failure == Passage::Allow {
                verdict = &Verdict::Room;
            }
        }
        let Waiting { id, era, call, now, ask, .. } = waiting;
        let policy = self.caller.identity.policy.clone().ok_or_else(Stop::broken)?;
        let mut home = self.home(call, *now);
        let mut counters = Answered::new(ask, verdict, home.as_mut().map(|home| home as _));
        let approvals = Some(&shared.settings.approvals);
        let mut env = Env { now: *now, counters: &mut counters, approvals };
        // What it has counted is not given back: there is no way to say so.
        let mut evaluation = evaluate(Some(&policy.policy), call, &mut env);
        if home.is_some_and(|home| home.failed()) {
            self.count(Event::StoreFailed);
        }
        forget_what_was_not_told(&mut evaluation.decision.limits, verdict);
        self.tell_call(call, &evaluation);
        match evaluation.decision.effect {
            Effect::Allow => Ok(()),
            _ => Err(self.denied(id, &evaluation.decision, *era)),
        }
    }

    /// Where the approval of a call is burnt, if one came with it. Whatever becomes of calls that cannot
    /// be counted, what was burnt where nobody sees it could be used again.
    pub(crate) fn home(&self, call: &Call, now: Time) -> Option<Counters> {
        let policy = self.caller.identity.policy.as_ref()?;
        call.approval.as_ref()?;
        Some(Counters::new(policy, self.caller.server.as_deref(), now, Passage::Deny))
    }
}

/// Sends a question; or says why it cannot be sent.
fn send(waiting: &mut Waiting, service: &Service, question: &[u8]) -> Result<(), &'static str> {
    let now = host::moment().ok_or("there is no time")?;
    let most = Duration::from_millis(service.timeout_ms.into());
    let deadline = match waiting.deadline {
        Some(deadline) => deadline,
        None => now.checked_add(most).ok_or("there is no time")?,
    };
    waiting.deadline = Some(deadline);
    let left = deadline.duration_since(now).unwrap_or_default().min(most);
    // No time at all would mean any.
    if left < Duration::from_millis(1) {
        return Err("it did not answer in time");
    }
    let address =
        service::address(&service.cluster).ok_or("the name of its cluster is too long")?;
    let token = host::ask(&address, service::SERVICE, service::METHOD, question, left);
    waiting.token = Some(token.ok_or("the proxy cannot reach it")?);
    Ok(())
}
