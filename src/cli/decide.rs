//! What `evaluate` and `explain` share: a policy, a call, a time.

use std::time::{SystemTime, UNIX_EPOCH};

use cattlegrid::approval::{Key, Keys};
use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::diagnostic::render;
use cattlegrid::model::{Call, Decision, Effect, LimitState, Time};
use cattlegrid::parse::{self, CallFault};
use cattlegrid::simulate;

use super::files::Reader;
use super::{Answer, Failure};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The policy, a JSON file; `-` reads standard input
    policy: String,
    /// The call: `{"tool": …, "arguments": {…}}` or a JSON-RPC `tools/call` message; `-` reads standard input
    call: String,
    /// When the call is made, as 2026-01-31T12:00:00Z [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// A key by which approvals are known, and without which a held call is shown as held: an Ed25519 public
    /// key in PEM, or a file with a shared secret; may be repeated
    #[arg(long, value_name = "FILE")]
    approval_key: Vec<String>,
    /// Print the answer as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What is to be decided.
pub(super) struct Question {
    pub(super) policy: CompiledPolicy,
    /// The call; what is none is denied, as everywhere.
    pub(super) call: Result<Call, CallFault>,
    pub(super) now: Time,
    /// `None` if there is no key: then a hold is shown as one.
    pub(super) approvals: Option<Keys>,
}

impl Arguments {
    pub(super) fn read(&self) -> Result<Question, Failure> {
        let now = self.now.as_deref().map_or_else(clock, moment)?;
        let mut reader = Reader::default();
        let source = reader.read(&self.policy)?;
        let parsed = parse::parse(&source.bytes);
        let Some(policy) = parsed.policy else {
            return Err(Failure(render(&source.name, &source.text(), &parsed.diagnostics)));
        };
        let call = parse::call_text(&reader.read(&self.call)?.bytes);
        let approvals = self.approvals(&mut reader)?;
        Ok(Question { policy: compile(&policy), call, now, approvals })
    }

    fn approvals(&self, reader: &mut Reader) -> Result<Option<Keys>, Failure> {
        if self.approval_key.is_empty() {
            return Ok(None);
        }
        let mut keys = Vec::new();
        for path in &self.approval_key {
            let source = reader.read(path)?;
            let text = std::str::from_utf8(&source.bytes).unwrap_or_default();
            let key = if text.trim_start().starts_with("-----BEGIN ") {
                Key::ed25519(text)
            } else {
                Key::hs256_line(&source.bytes)
            };
            keys.push(key.map_err(|fault| Failure(format!("error: {}: {fault}", source.name)))?);
        }
        let keys = Keys::new(keys).map_err(|fault| Failure(format!("error: {fault}")))?;
        Ok(Some(keys))
    }
}

pub(super) fn clock() -> Result<Time, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let millis = since.ok().and_then(|since| u64::try_from(since.as_millis()).ok());
    millis
        .map(Time)
        .ok_or_else(|| Failure("error: the clock of this machine stands before 1970".to_owned()))
}

fn moment(text: &str) -> Result<Time, Failure> {
    simulate::moment(text).ok_or_else(|| {
        Failure(format!("error: `{text}` is not a time: write it as 2026-01-31T12:00:00Z"))
    })
}

/// Whether the call goes through.
pub(super) fn answer(decision: &Decision) -> Answer {
    match decision.effect {
        Effect::Allow => Answer::Yes,
        Effect::Deny | Effect::Hold => Answer::No,
    }
}

/// A decision as people read it.
pub(super) fn in_words(decision: &Decision) -> String {
    let mut lines = vec![format!("{}: {}", decision.effect.as_str(), decision.tool)];
    lines.extend(decision.message.iter().map(|message| format!("  {message}")));
    if let Some(id) = &decision.id {
        lines.push(format!("  rule: {}", id.rule));
        if id.label != id.rule {
            lines.push(format!("  label: {}", id.label));
        }
    }
    lines.extend(decision.digest.iter().map(|digest| format!("  to approve: {digest}")));
    lines.extend(decision.limits.iter().map(|limit| format!("  {}", limit_in_words(limit))));
    lines.join("\n")
}

/// A limit's state as people read it.
pub(super) fn limit_in_words(limit: &LimitState) -> String {
    let LimitState { counter, scope, window, max, remaining, reset_after } = limit;
    let left = remaining.map_or("nobody knows how much".to_owned(), |left| left.to_string());
    format!(
        "limit {counter}: {left} of {max} left, per {window} and {}, starts again in {reset_after} s",
        match scope.as_str() {
            "all" => "for all together",
            scope => scope,
        }
    )
}
