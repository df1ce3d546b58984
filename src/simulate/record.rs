//! What a scenario's run leaves behind: a bounded record for tables and charts.

use std::collections::BTreeMap;

use super::coverage::{Asked, Coverage};
use super::run::{GroupRun, StepResult};
use super::scenario::Scenario;
use crate::compile::CompiledPolicy;
use crate::evaluate::Standing;
use crate::model::{Amount, Call, Effect, RuleId, Scope, Time, Window};
use crate::quota::CounterKey;

/// The texts and numbers of the calls that are kept have about so many bytes at most, all groups
/// together.
const KEPT: usize = 1 << 20;

/// What came of a scenario, group by group.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its groups, in their order.
    pub groups: Vec<GroupRecord>,
}

/// What came of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupRecord {
    /// The counters of the limits that held for its calls, in the order in which they were met.
    pub counters: Vec<Counter>,
    /// Its calls in the order in which they happened: all, until there are too many. Of those that
    /// follow, the first of each step that is not decided as it expects.
    pub calls: Vec<CallRecord>,
    /// What came of each of its steps, all repetitions counted.
    pub steps: Vec<Tally>,
    /// What came of the calls that are not kept, if there are any.
    pub left_out: Option<LeftOut>,
}

/// One call of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRecord {
    /// What came of it.
    pub result: StepResult,
    /// Whether that is what the step expects; `None` if it expects nothing.
    pub met: Option<bool>,
    /// How the limits stand that hold for it, when it is over: what failed was given back.
    pub levels: Vec<Level>,
}

/// A counter of a limit: that of one grant, of one session, or everybody's.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    /// Where the limit stands.
    pub id: RuleId,
    /// The counter's name in the policy.
    pub name: String,
    /// Who shares it.
    pub scope: Scope,
    /// Whose it is: the label of a grant; `None` also where calls have none.
    pub grant: Option<String>,
    /// The session's id, if it is a session's.
    pub session: Option<String>,
    /// The length of its windows.
    pub window: Window,
    /// How much may pass in one.
    pub max: Amount,
}

/// How a counter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level {
    /// Which, among the counters of the group.
    pub counter: usize,
    /// How much was counted.
    pub used: Amount,
    /// How much still may be.
    pub remaining: Amount,
    /// When the window began that it counts in.
    pub start: Time,
    /// When that is over, and it begins at nothing again.
    pub end: Time,
}

/// How many calls came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub calls: u32,
    /// Those that were allowed.
    pub allowed: u32,
    /// Those that were denied.
    pub denied: u32,
    /// Those that were held.
    pub held: u32,
    /// Those that were decided as expected.
    pub met: u32,
    /// Those that were not.
    pub not_met: u32,
}

/// Calls that are not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What came of them.
    pub tally: Tally,
    /// When the first of them happened.
    pub from: Time,
    /// When the last of them did.
    pub to: Time,
}

impl Tally {
    /// Counts one call.
    fn count(&mut self, effect: Effect, met: Option<bool>) {
        let one = |counted: &mut u32| *counted = counted.saturating_add(1);
        one(&mut self.calls);
        one(match effect {
            Effect::Allow => &mut self.allowed,
            Effect::Deny => &mut self.denied,
            Effect::Hold => &mut self.held,
        });
        match met {
            None => {}
            Some(true) => one(&mut self.met),
            Some(false) => one(&mut self.not_met),
        }
    }

    /// Counts what others counted.
    fn add(&mut self, other: &Tally) {
        let pairs = [
            (&mut self.calls, other.calls),
            (&mut self.allowed, other.allowed),
            (&mut self.denied, other.denied),
            (&mut self.held, other.held),
            (&mut self.met, other.met),
            (&mut self.not_met, other.not_met),
        ];
        for (counted, more) in pairs {
            *counted = counted.saturating_add(more);
        }
    }

    /// The sum of several.
    #[must_use]
    pub fn sum<'t>(tallies: impl IntoIterator<Item = &'t Tally>) -> Tally {
        let mut sum = Tally::default();
        tallies.into_iter().for_each(|tally| sum.add(tally));
        sum
    }
}

impl GroupRecord {
    /// What came of all its calls.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::sum(&self.steps)
    }
}

impl Record {
    /// What came of all calls.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Tally::sum(&self.groups.iter().map(GroupRecord::tally).collect::<Vec<_>>())
    }
}

/// Runs a scenario through a policy, as [`super::run`] does, and keeps what came of it within bounds.
#[must_use]
pub fn record(scenario: &Scenario, policy: &CompiledPolicy) -> Record {
    recorded(scenario, policy, None)
}

/// The same, and adds what the calls exercise to a coverage of the policy.
#[must_use]
pub fn record_covered(
    scenario: &Scenario,
    policy: &CompiledPolicy,
    coverage: &mut Coverage,
) -> Record {
    recorded(scenario, policy, Some(coverage))
}

fn recorded(
    scenario: &Scenario,
    policy: &CompiledPolicy,
    mut coverage: Option<&mut Coverage>,
) -> Record {
    // What is kept of all calls, and of those behind the first that were not decided as expected.
    let (mut room, mut room_for_faults) = (Some(KEPT), Some(KEPT));
    let groups = scenario.groups.iter().enumerate().map(|(number, group)| {
        let mut run = GroupRun::new(scenario, number, policy);
        let mut record = GroupRecord {
            steps: vec![Tally::default(); group.steps.len()],
            ..GroupRecord::default()
        };
        let mut known = BTreeMap::new();
        let mut asked: Vec<Option<Asked>> = group.steps.iter().map(|_| None).collect();
        while let Some(result) = run.next() {
            let Some(step) = group.steps.get(result.step) else { break };
            let met = step.expected.as_ref().map(|_| result.differences.is_empty());
            let effect = result.decision.effect;
            let Some(tally) = record.steps.get_mut(result.step) else { break };
            let exercised = (&coverage, asked.get_mut(result.step), &step.call);
            if let (Some(coverage), Some(asked), Ok(call)) = exercised {
                asked.get_or_insert_with(|| Asked::new(coverage, policy, call)).count(&result);
            }
            let first_fault = met == Some(false) && tally.not_met == 0;
            tally.count(effect, met);
            let place =
                if first_fault && room.is_none() { &mut room_for_faults } else { &mut room };
            if place.is_none() {
                let begin = LeftOut { tally: Tally::default(), from: result.at, to: result.at };
                let left_out = record.left_out.get_or_insert(begin);
                left_out.tally.count(effect, met);
                left_out.from = left_out.from.min(result.at);
                left_out.to = left_out.to.max(result.at);
                continue;
            }
            let standings = run.standings(result.step, result.at);
            let before = record.counters.len();
            let call = step.call.as_ref().ok();
            let levels = standings
                .iter()
                .filter_map(|standing| level(standing, call?, &mut known, &mut record.counters));
            let levels = levels.collect();
            let new = record.counters.get(before..).unwrap_or_default();
            let kept = CallRecord { result, met, levels };
            let size = new.iter().map(size_of_counter).fold(size_of(&kept), usize::saturating_add);
            // The last that is kept may be larger than what was left.
            *place = place.and_then(|left| left.checked_sub(size));
            record.calls.push(kept);
        }
        if let Some(coverage) = &mut coverage {
            asked.iter().flatten().for_each(|asked| asked.add_to(coverage));
        }
        record
    });
    Record { groups: groups.collect() }
}

/// How the counter of a limit stands. A counter that was not met before is added to the others.
fn level(
    standing: &Standing<'_>,
    call: &Call,
    known: &mut BTreeMap<([u8; 16], String), usize>,
    counters: &mut Vec<Counter>,
) -> Option<Level> {
    let (CounterKey(key), limit) = (standing.key, standing.limit);
    // Two limits may count in counters of one name only if these are one; each is drawn for itself.
    let counter = *known.entry((key, standing.id.rule.clone())).or_insert_with(|| {
        let of_grant = limit.scope != Scope::All;
        let of_session = limit.scope == Scope::Session;
        counters.push(Counter {
            id: (**standing.id).clone(),
            name: limit.counter.value.clone(),
            scope: limit.scope,
            grant: call.grant.clone().filter(|_| of_grant),
            session: call.session.clone().filter(|_| of_session),
            window: limit.window,
            max: limit.max,
        });
        counters.len().saturating_sub(1)
    });
    let now = standing.now?;
    let length = u64::from(limit.window.seconds()).saturating_mul(1000);
    Some(Level {
        counter,
        used: limit.max.minus(now.remaining),
        remaining: now.remaining,
        start: Time(now.end.0.saturating_sub(length)),
        end: now.end,
    })
}

/// About how many bytes the record of a call has, as text.
fn size_of(call: &CallRecord) -> usize {
    let CallRecord { result: StepResult { decision, differences, .. }, levels, .. } = call;
    let id = decision.id.as_ref().map_or(0, |id| id.rule.len().saturating_add(id.label.len()));
    let message = decision.message.as_ref().map_or(0, String::len);
    let differences = differences.iter().map(|difference| {
        let got = difference.got.as_ref().map_or(0, String::len);
        difference.expected.len().saturating_add(got).saturating_add(64)
    });
    differences
        .chain([decision.tool.len(), id, message, levels.len().saturating_mul(96), 160])
        .fold(0, usize::saturating_add)
}

fn size_of_counter(counter: &Counter) -> usize {
    let Counter { id, name, grant, session, .. } = counter;
    let given = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    [id.rule.len(), id.label.len(), name.len(), given(grant), given(session), 128]
        .into_iter()
        .fold(0, usize::saturating_add)
}
