//! What the limits of a call want of a service that counts for several proxies.
//!
//! The engine knows counters that it can look at and set, and such a service answers questions. So a call
//! is decided as if there were room ([`Noted`]), the service is asked for what that would have counted
//! ([`Ask`]), and the call is decided again by what it said ([`Answered`]): in the engine's own words.

use cattlegrid::edge::Named;
use cattlegrid::model::{Amount, LimitState, Time, Window};
use cattlegrid::quota::{Count, CounterKey, CounterStore, Loaded, StoreError, Swap};

use crate::service::{self, Descriptor, Verdict};

/// A counter of which nothing is known.
const FRESH: Loaded = Loaded { count: None, floor: Time(0), version: 0 };

/// Counters that nobody sees, nor counts in.
pub struct Nowhere;

impl CounterStore for Nowhere {
    fn load(&mut self, _: &CounterKey) -> Result<Loaded, StoreError> {
        Err(StoreError::Unavailable)
    }

    fn compare_and_set(
        &mut self,
        _: &CounterKey,
        _: &Loaded,
        _: Count,
    ) -> Result<Swap, StoreError> {
        Err(StoreError::Unavailable)
    }
}

/// Counters in which there is room; they note what would have been counted.
pub struct Noted<'h> {
    /// Where approvals are burnt: those stay with the proxy. `None` if none came with the call. What
    /// would be burnt is only noted too.
    home: Option<&'h mut dyn CounterStore>,
    taken: Vec<Taken>,
}

/// What was counted.
struct Taken {
    key: CounterKey,
    window: Window,
    start: Time,
    amount: Amount,
}

impl<'h> Noted<'h> {
    /// Counters with nothing noted.
    pub fn new(home: Option<&'h mut dyn CounterStore>) -> Noted<'h> {
        Noted { home, taken: Vec::new() }
    }
}

impl CounterStore for Noted<'_> {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        self.home.as_mut().map_or(Ok(FRESH), |home| home.load(key))
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        let before = seen.count.filter(|count| count.start == new.start);
        let amount = new.used.minus(before.map_or(Amount::ZERO, |count| count.used));
        self.taken.push(Taken { key: *key, window: new.window, start: new.start, amount });
        Ok(Swap::Kept)
    }
}

/// The questions of one call.
pub struct Ask {
    wanted: Vec<Wanted>,
    /// How many units each question asks for, and under which limits: a question has one number for all
    /// of them.
    questions: Vec<(u32, Vec<usize>)>,
    /// So many were answered.
    answered: usize,
}

/// What one limit wants.
struct Wanted {
    taken: Taken,
    max: Amount,
    descriptor: Descriptor,
}

impl Wanted {
    /// How many units: whole ones, for a service counts no others, and rounded up. `None` if they are
    /// more than a question can say.
    fn units(&self) -> Option<u32> {
        let units = self.taken.amount.millionths().div_ceil(Amount::ONE.millionths());
        u32::try_from(units).ok()
    }
}

impl Ask {
    /// What there is to ask for a call of a tool that was allowed with these counters; `limits` are those
    /// of the decision. `None` if the limits are not those of the policy.
    pub fn new(
        policy: &Named,
        server: Option<&str>,
        tool: &str,
        limits: &[LimitState],
        noted: Noted<'_>,
    ) -> Option<Ask> {
        let partition = policy.partition(server);
        // An approval is burnt before they are counted.
        let burnt = noted.taken.len().checked_sub(limits.len())?;
        let names: Vec<_> = policy.shared_limits_of(tool).collect();
        if names.len() != limits.len() {
            return None;
        }
        let taken = noted.taken.into_iter().skip(burnt).zip(limits).zip(names);
        let wanted = taken.map(|((taken, state), limit)| {
            let counter = name_of(&taken.key.within(partition), taken.start);
            Wanted { taken, max: state.max, descriptor: Descriptor { limit, counter } }
        });
        let mut ask = Ask { wanted: wanted.collect(), questions: Vec::new(), answered: 0 };
        for (at, wanted) in ask.wanted.iter().enumerate() {
            match wanted.units() {
                // A question for nothing asks for one. There is always room for nothing.
                Some(0) | None => {}
                Some(units) => match ask.questions.iter_mut().find(|(other, _)| *other == units) {
                    Some((_, limits)) => limits.push(at),
                    None => ask.questions.push((units, vec![at])),
                },
            }
        }
        Some(ask)
    }

    /// The limit that asks for more than a question can say: there is no room for it.
    pub fn too_much(&self) -> Option<Verdict> {
        let at = self.wanted.iter().position(|wanted| wanted.units().is_none())?;
        Some(Verdict::Full { at, remaining: None })
    }

    /// The next question; `None` if all were answered.
    pub fn question(&self, domain: &str) -> Option<Vec<u8>> {
        let (units, _) = self.questions.get(self.answered)?;
        Some(service::request(domain, &self.descriptors(), *units))
    }

    /// What the answer to the question says.
    pub fn answered(&mut self, answer: &[u8]) -> Verdict {
        let verdict = service::verdict(answer, &self.descriptors());
        let limits = self.questions.get(self.answered).map_or(&[][..], |(_, limits)| limits);
        match verdict {
            Verdict::Full { at, remaining } => {
                Verdict::Full { at: limits.get(at).copied().unwrap_or(at), remaining }
            }
            Verdict::Room => {
                self.answered = self.answered.saturating_add(1);
                Verdict::Room
            }
            Verdict::Unclear(why) => Verdict::Unclear(why),
        }
    }

    fn descriptors(&self) -> Vec<&Descriptor> {
        let limits = self.questions.get(self.answered).map_or(&[][..], |(_, limits)| limits);
        let wanted = limits.iter().filter_map(|at| self.wanted.get(*at));
        wanted.map(|wanted| &wanted.descriptor).collect()
    }
}

/// Whose counter it is, without telling who, and of which window: the service knows no windows that
/// begin when ours do.
fn name_of(key: &CounterKey, start: Time) -> String {
    let mut name = String::new();
    for byte in key.0 {
        for half in [byte.wrapping_shr(4), byte & 0xf] {
            name.extend(char::from_digit(half.into(), 16));
        }
    }
    let seconds = start.0.checked_div(1000).unwrap_or(0);
    format!("{name}@{seconds}")
}

/// The counters as a service has told them.
pub struct Answered<'a> {
    ask: &'a Ask,
    verdict: &'a Verdict,
    /// Where approvals are burnt; `None` if none came with the call.
    home: Option<&'a mut dyn CounterStore>,
}

impl<'a> Answered<'a> {
    /// The counters of a call by the last verdict on it.
    pub fn new(
        ask: &'a Ask,
        verdict: &'a Verdict,
        home: Option<&'a mut dyn CounterStore>,
    ) -> Answered<'a> {
        Answered { ask, verdict, home }
    }

    fn find(&self, key: &CounterKey) -> Option<(usize, &'a Wanted)> {
        self.ask.wanted.iter().enumerate().find(|(_, wanted)| wanted.taken.key == *key)
    }
}

impl CounterStore for Answered<'_> {
    fn load(&mut self, key: &CounterKey) -> Result<Loaded, StoreError> {
        let Some((at, wanted)) = self.find(key) else {
            return self.home.as_mut().map_or(Ok(FRESH), |home| home.load(key));
        };
        match self.verdict {
            Verdict::Unclear(_) => Err(StoreError::Unavailable),
            Verdict::Full { at: full, remaining } if *full == at => {
                let Taken { window, start, amount, .. } = wanted.taken;
                // Less than the call asks for, whatever was told.
                let least = Amount::from_millionths(1).unwrap_or_default();
                let left = remaining.map_or(Amount::ZERO, units).min(amount.minus(least));
                let used = wanted.max.minus(left);
                Ok(Loaded { count: Some(Count { window, start, used }), ..FRESH })
            }
            Verdict::Full { .. } | Verdict::Room => Ok(FRESH),
        }
    }

    fn compare_and_set(
        &mut self,
        key: &CounterKey,
        seen: &Loaded,
        new: Count,
    ) -> Result<Swap, StoreError> {
        match (self.find(key), &mut self.home) {
            // The service has counted it.
            (Some(_), _) => Ok(Swap::Kept),
            (None, Some(home)) => home.compare_and_set(key, seen, new),
            (None, None) => Err(StoreError::Unavailable),
        }
    }
}

/// So many whole units.
fn units(units: u64) -> Amount {
    let millionths = u128::from(units).saturating_mul(Amount::ONE.millionths());
    Amount::from_millionths(millionths).unwrap_or(Amount::MAX)
}

/// Leaves in a decision only what the service has told of how much remains.
pub fn forget_what_was_not_told(limits: &mut [LimitState], verdict: &Verdict) {
    for (at, limit) in limits.iter_mut().enumerate() {
        match verdict {
            Verdict::Full { at: full, remaining: Some(_) } if *full == at => {}
            _ => limit.remaining = None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use cattlegrid::edge;
    use cattlegrid::evaluate::{Env, Evaluation, evaluate};
    use cattlegrid::json::{Limits, read_strict};
    use cattlegrid::model::{Call, Effect};

    use super::*;

    const POLICY: &str = r#"{"version":"1","default":"deny",
        "all_tools":{"limits":[{"counter":"all","window":"day","max":9,"scope":"all"}]},
        "tools":{"pay":{"deny_if":[{"conditions":[{"path":"args.no","op":"exists","value":true}]}],"limits":[
            {"counter":"calls","window":"minute","max":3},
            {"counter":"sum","window":"hour","max":5000000000,"increment_from":"args.x","on_deny":"too much"}]}}}"#;
    /// A minute and an hour begin here, a day does not.
    const NOW: Time = Time(1_700_002_800_000);

    fn policy() -> std::sync::Arc<Named> {
        let settings = edge::read(format!(r#"{{"policy":{POLICY}}}"#).as_bytes()).unwrap();
        settings.policies()[0].clone()
    }

    fn call(arguments: &str) -> Call {
        let arguments = read_strict(arguments.as_bytes(), &Limits::MESSAGE).unwrap().value;
        let arguments = arguments.as_object().unwrap().clone();
        let (tool, grant) = ("pay".to_owned(), Some("ada".to_owned()));
        Call { tool, arguments, grant, session: None, server: None, approval: None }
    }

    fn decided(call: &Call, counters: &mut dyn CounterStore) -> Evaluation {
        evaluate(Some(&policy().policy), call, &mut Env { now: NOW, counters, approvals: None })
    }

    fn ask(call: &Call) -> Ask {
        let mut noted = Noted::new(None);
        let evaluation = decided(call, &mut noted);
        assert_eq!(evaluation.decision.effect, Effect::Allow);
        Ask::new(&policy(), Some("s"), "pay", &evaluation.decision.limits, noted).unwrap()
    }

    #[test]
    fn limits_that_ask_for_as_much_are_one_question() {
        let of = |arguments: &str| ask(&call(arguments)).questions;
        assert_eq!(of(r#"{"x":1}"#), [(1, vec![0, 1, 2])]);
        assert_eq!(of(r#"{"x":0.000001}"#), [(1, vec![0, 1, 2])]);
        assert_eq!(of(r#"{"x":1.000001}"#), [(1, vec![0, 2]), (2, vec![1])]);
        assert_eq!(of(r#"{"x":0}"#), [(1, vec![0, 2])]);
        assert_eq!(of(r#"{"x":4294967295}"#), [(1, vec![0, 2]), (u32::MAX, vec![1])]);
        let beyond = ask(&call(r#"{"x":4294967296}"#));
        assert_eq!(beyond.too_much(), Some(Verdict::Full { at: 1, remaining: None }));
        assert_eq!(ask(&call(r#"{"x":7}"#)).too_much(), None);
    }

    #[test]
    fn a_counter_is_that_of_its_owner_and_window() {
        let ask = ask(&call(r#"{"x":1}"#));
        let of = |at: usize| ask.wanted[at].descriptor.counter.split_once('@').unwrap();
        assert_eq!(of(0).1, (NOW.0 / 1000).to_string());
        assert_eq!(of(2).1, (NOW.0 / 86_400_000 * 86_400).to_string());
        assert_eq!(of(0).0.len(), 32);
        assert!(of(0).0 != of(1).0 && of(1).0 != of(2).0);
        let limits = Vec::from_iter(policy().shared_limits_of("pay"));
        assert!(ask.wanted.iter().map(|wanted| &wanted.descriptor.limit).eq(&limits));
    }

    #[test]
    fn what_the_policy_denies_notes_nothing() {
        for arguments in [r#"{"x":1,"no":1}"#, r#"{"x":-1}"#, "{}", r#"{"x":5000000001}"#] {
            let mut noted = Noted::new(None);
            let evaluation = decided(&call(arguments), &mut noted);
            assert_eq!(evaluation.decision.effect, Effect::Deny, "{arguments}");
            assert!(noted.taken.is_empty());
        }
    }

    #[test]
    fn decides_by_what_was_said() {
        let call = call(r#"{"x":2.5}"#);
        let ask = ask(&call);
        let by = |verdict: &Verdict| {
            let mut decision = decided(&call, &mut Answered::new(&ask, verdict, None)).decision;
            forget_what_was_not_told(&mut decision.limits, verdict);
            let rule = decision.id.as_ref().map(|id| id.rule.clone()).unwrap_or_default();
            let left: Vec<_> = decision.limits.iter().map(|limit| limit.remaining).collect();
            (decision.effect, rule, decision.message.unwrap_or_default(), left)
        };
        let nothing = || vec![None; 3];
        assert_eq!(by(&Verdict::Room), (Effect::Allow, String::new(), String::new(), nothing()));
        let (effect, rule, message, left) = by(&Verdict::Full { at: 0, remaining: None });
        assert_eq!((effect, rule.as_str()), (Effect::Deny, "/tools/pay/limits/0"));
        assert_eq!(message, "Limit of 3 per minute reached for \"pay\". Try again in 60 seconds.");
        assert_eq!(left, nothing());
        let (effect, rule, message, left) = by(&Verdict::Full { at: 1, remaining: Some(2) });
        assert_eq!((effect, rule.as_str()), (Effect::Deny, "/tools/pay/limits/1"));
        assert_eq!((message.as_str(), left), ("too much", vec![None, Some(units(2)), None]));
        // A service that says no is believed, whatever it says beside it.
        let (effect, rule, ..) = by(&Verdict::Full { at: 2, remaining: Some(u64::MAX) });
        assert_eq!((effect, rule.as_str()), (Effect::Deny, "/all_tools/limits/0"));
        let (effect, rule, message, left) = by(&Verdict::Unclear("why"));
        assert_eq!((effect, rule.as_str(), left), (Effect::Deny, "/tools/pay/limits/0", nothing()));
        assert!(message.contains("cannot be counted"), "{message}");
    }

    #[test]
    fn each_answer_is_about_its_question() {
        let mut ask = ask(&call(r#"{"x":2}"#));
        assert!(ask.question("d").is_some());
        // `OVER_LIMIT` without a word: the longest window of those that were asked for.
        assert_eq!(ask.answered(&[8, 2]), Verdict::Full { at: 2, remaining: None });
        let status = |max: u8| [0x12, 6, 8, 1, 0x12, 2, 8, max];
        let answer = [&[8, 1][..], &status(3), &status(9)].concat();
        assert_eq!(ask.answered(&answer), Verdict::Room);
        assert!(ask.question("d").is_some());
        assert_eq!(ask.answered(&[8, 2]), Verdict::Full { at: 1, remaining: None });
        assert_eq!(ask.answered(&[&[8, 1][..], &status(100)].concat()), Verdict::Room);
        assert_eq!(ask.question("d"), None);
    }
}
