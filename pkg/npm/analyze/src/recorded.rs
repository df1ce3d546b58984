//! Recorded calls, in pieces as a page reads a file.

use std::sync::Arc;

use cattlegrid::compile::{CompiledPolicy, compile};
use cattlegrid::model::Catalog;
use cattlegrid::parse;
use cattlegrid::replay::{Feed, Format, Learner, Replay};
use cattlegrid::wire::{diagnostics_text, learnt_text, report_text};
use wasm_bindgen::prelude::*;

use crate::catalog;

/// A log that is being read.
#[wasm_bindgen]
pub struct Recorded {
    feed: Feed,
    lines: u64,
    to: To,
}

/// What it is read for.
enum To {
    Replay(Box<Replay>),
    Learn(Box<Learner>, Option<Catalog>),
}

#[wasm_bindgen]
impl Recorded {
    /// To be run through a policy, and compared with another one or with what was recorded. Throws the
    /// diagnostics of the text that is none.
    pub fn replay(
        policy: &[u8],
        against: Option<Vec<u8>>,
        policy_name: Option<String>,
        log: &str,
    ) -> Result<Recorded, String> {
        let against = against.as_deref().map(ready).transpose()?;
        let replay = Replay::new(ready(policy)?, against).only(policy_name);
        Ok(Recorded { feed: feed(log), lines: 0, to: To::Replay(Box::new(replay)) })
    }

    /// To be learnt from. Throws what is wrong with the catalog.
    pub fn learn(catalog: Option<String>, log: &str) -> Result<Recorded, JsValue> {
        let catalog = catalog.map(|text| catalog::read(text.as_bytes())).transpose()?;
        let to = To::Learn(Box::default(), catalog);
        Ok(Recorded { feed: feed(log), lines: 0, to })
    }

    /// Takes the next piece of the log; the number of lines up to here.
    pub fn take(&mut self, piece: &[u8]) -> f64 {
        let (to, lines) = (&mut self.to, &mut self.lines);
        self.feed.take(piece, |entry| {
            *lines = lines.saturating_add(1);
            to.take(entry);
        });
        #[expect(clippy::cast_precision_loss, reason = "nobody reads so many lines")]
        let lines = *lines as f64;
        lines
    }

    /// What came of it, as JSON.
    pub fn finish(mut self) -> String {
        if let Some(last) = self.feed.end() {
            self.to.take(last);
        }
        match self.to {
            To::Replay(replay) => report_text(&replay.finish(), &[]),
            To::Learn(learner, catalog) => learnt_text(&learner.finish(catalog.as_ref()), &[]),
        }
    }
}

impl To {
    fn take(&mut self, entry: cattlegrid::replay::Entry) {
        match self {
            To::Replay(replay) => replay.take(entry),
            To::Learn(learner, _) => learner.take(entry),
        }
    }
}

fn feed(log: &str) -> Feed {
    Feed::new(match log {
        "decisions" => Format::Decisions,
        "access" => Format::Access,
        "mcp" => Format::Mcp,
        "plain" => Format::Plain,
        _ => Format::Any,
    })
}

fn ready(text: &[u8]) -> Result<Arc<CompiledPolicy>, String> {
    let parsed = parse::parse(text);
    let policy = parsed.policy.as_ref().map(|policy| Arc::new(compile(policy)));
    policy.ok_or_else(|| diagnostics_text(text, &parsed.diagnostics))
}

/// An export that no other module has.
#[wasm_bindgen]
pub fn analyze() {}
