//! A sentence of a description, read for what it says that the tool does.

use super::name::STARTS;
use super::text::{Reader, Said, Token, Weight, is};
use crate::words::{Class, Entry, Form, Nouns, Sense, Verb, entry};

impl<'t> Reader<'t, '_> {
    /// What a sentence says that the tool does.
    pub(super) fn statement(&mut self, tokens: &[Token<'t>]) {
        let first = self
            .out
            .said
            .iter()
            .all(|said| said.weight != Weight::Main || said.verb.sense == Sense::Generic);
        if first {
            for token in tokens.iter().take(12) {
                self.out.topics = self.out.topics.and(token.known.nouns);
            }
        }
        if self.sentences == 0 {
            let mut words = tokens.iter().skip_while(|token| token.known.class == Class::Lead);
            let unknown = words.next().is_some_and(|token| {
                let Entry { verb, nouns, class, .. } = token.known;
                verb.is_none() && nouns == Nouns::default() && class == Class::Other
            });
            self.out.strange =
                unknown && words.next().is_some_and(|next| next.known.class == Class::Determiner);
        }
        let Some(at) = begin(tokens, first) else {
            if first && self.out.said.is_empty() {
                // What the tool is, and not what it does: `Weather for a city`.
                self.related(tokens);
            }
            self.passing(tokens);
            return;
        };
        let Some(token) = tokens.get(at) else { return };
        let (Some(verb), Some(form)) = (token.known.verb, token.known.form) else { return };
        let weight = if first { Weight::Main } else { Weight::Also };
        self.say(tokens, at, verb, weight);
        // What is done in the same breath: `Remove and return`, `creates a task and sends it`.
        let mut denied = false;
        // Where a list of nothing but verbs goes on.
        let mut listing = at.saturating_add(1);
        for (place, later) in tokens.iter().enumerate().skip(at.saturating_add(1)) {
            denied = match later.known.class {
                Class::Negation => true,
                _ if later.comma => false,
                _ => denied,
            };
            if matches!(later.known.class, Class::Aside | Class::That | Class::Use) {
                break;
            }
            if later.known.class == Class::And && listing == place {
                listing = place.saturating_add(1);
            }
            let (Some(verb), Some(inflected)) = (later.known.verb, later.known.form) else {
                continue;
            };
            let before = place.checked_sub(1).and_then(|at| tokens.get(at));
            let joined = later.comma
                || later.slash
                || before.is_some_and(|before| {
                    before.known.class == Class::And
                        || before.known.class == Class::Lead
                            && place
                                .checked_sub(2)
                                .and_then(|at| tokens.get(at))
                                .is_some_and(|before| before.known.class == Class::And)
                });
            let follows = tokens.get(place.saturating_add(1));
            let has_object = follows.is_some_and(|next| {
                next.known.class == Class::Determiner
                    || ["it", "them", "this"]
                        .iter()
                        .any(|word| next.text.eq_ignore_ascii_case(word))
            });
            // `Create, drop or list`, or with an object of its own.
            let in_list = listing == place;
            let ends = follows.is_none_or(|next| {
                next.comma || matches!(next.known.class, Class::And | Class::Preposition)
            });
            let sure = in_list || has_object || !verb.noun && form == Form::Third && !ends;
            if !denied && joined && inflected == form && sure && !later.name {
                self.say(tokens, place, verb, weight);
                if in_list {
                    listing = place.saturating_add(1);
                }
            }
        }
        if verb.sense == Sense::Generic {
            self.related(tokens);
        }
        if verb.sense == Sense::Read {
            self.then(tokens, at);
        }
    }

    /// What happens to what is looked at: `Reads a note, which is then deleted`.
    fn then(&mut self, tokens: &[Token<'t>], from: usize) {
        let rest = tokens.iter().enumerate().skip(from.saturating_add(1));
        for (at, token) in rest {
            let Some(verb) = token.known.verb else { continue };
            if token.known.form != Some(Form::Past) || verb.sense != Sense::Delete {
                continue;
            }
            let before = tokens.get(from..at).unwrap_or_default();
            let then = before.last().is_some_and(|last| is(last.text, &["then"]));
            let before = before.get(..before.len().saturating_sub(usize::from(then)));
            let Some([.., joint, is_done]) = before else { continue };
            let joins = matches!(joint.known.class, Class::That | Class::And) && joint.comma
                || then && matches!(joint.known.class, Class::That | Class::And);
            if joins && is(is_done.text, &["is", "are", "gets", "get"]) {
                self.say(tokens, at, verb, Weight::Passing);
                if let Some(said) = self.out.said.last_mut() {
                    said.whole = true;
                }
            }
        }
    }

    /// Adds what is done, with what it is done to.
    fn say(&mut self, tokens: &[Token<'t>], at: usize, verb: Verb, weight: Weight) {
        let mut said = Said {
            verb,
            weight,
            sentence: self.sentences,
            objects: Nouns::default(),
            phrase: self.phrase(tokens, at, 5),
            looks: false,
            queries: false,
            whole: false,
        };
        let light = matches!(verb.sense, Sense::Execute | Sense::Generic);
        let mut nouns = 0u8;
        for token in tokens.iter().skip(at.saturating_add(1)).take(9) {
            let ends = matches!(
                token.known.class,
                Class::Preposition | Class::Aside | Class::That | Class::To | Class::Use
            );
            if ends || token.comma && nouns > 0 {
                break;
            }
            if !matches!(token.known.class, Class::Determiner | Class::And) {
                nouns = nouns.saturating_add(1);
            }
            said.objects = said.objects.and(token.known.nouns);
            // `execute the delete_user operation`: what is named is done.
            if light && token.exact {
                let named = crate::words::split(token.text);
                let named = named.iter().find_map(|word| entry(word).verb);
                let sense = named.map_or(Sense::Generic, |verb| verb.sense);
                said.verb = Verb { sense, noun: false };
                break;
            }
            if let (true, Some(act)) = (light, token.known.verb) {
                let is_act = token.known.form == Some(Form::Act) || act.sense == Sense::Pay;
                // `perform a deletion`, `process a refund`.
                if is_act && matches!(act.sense, Sense::Delete | Sense::Pay) {
                    said.verb = Verb { sense: act.sense, noun: false };
                }
            }
        }
        let mut behind = tokens.iter().skip(at.saturating_add(1)).take(9);
        let word = tokens.get(at).map_or("", |token| token.text);
        // Files are dropped onto a page as they are clicked.
        if is(word, &["drop", "drops"]) && behind.any(|token| is(token.text, &["onto", "into"])) {
            said.verb.sense = Sense::Execute;
        }
        // `Opens a file in the editor.`
        let mut inside = tokens.iter().skip(at).take(12);
        let within = |token: &Token<'_>| is(token.text, &["in", "with"]);
        if is(word, &["open", "opens"])
            && inside.any(within)
            && inside.take(4).any(|token| token.known.nouns.any(Nouns::PROGRAM))
        {
            said.objects = said.objects.and(Nouns::PROGRAM);
        }
        // `Schedules a key for deletion.`
        let starts = |stem: &&str| {
            let end = word.get(stem.len()..).unwrap_or("-");
            word.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem))
                && ["", "s", "es"].contains(&end)
        };
        let ahead = tokens.get(at.saturating_add(1)..).unwrap_or_default();
        let deleted = |pair: &[Token<'_>]| match pair {
            [small, act] => {
                is(small.text, &["for"])
                    && act.known.form == Some(Form::Act)
                    && act.known.verb.is_some_and(|verb| verb.sense == Sense::Delete)
            }
            _ => false,
        };
        if ahead.windows(2).take(9).any(deleted) && STARTS.iter().any(starts) {
            said.verb = Verb { sense: Sense::Delete, noun: false };
        }
        // `Executes a destructive command`, `Runs an INSERT, UPDATE or DELETE statement`.
        let object = ahead.iter().take(9).take_while(|token| {
            use Class::{Aside, Negation, Preposition, That, To, Use};
            !matches!(token.known.class, Aside | Negation | Preposition | That | To | Use)
        });
        let shouted = object.clone().filter(|token| {
            token.text.len() > 3 && token.text.bytes().all(|byte| byte.is_ascii_uppercase())
        });
        let mut shouted = shouted.filter_map(|token| Some(token.known.verb?.sense));
        let deletes = || {
            object.clone().any(|token| is(token.text, &["destructive"]))
                || shouted.clone().any(|sense| sense == Sense::Delete)
        };
        if verb.sense == Sense::Execute && deletes() {
            said.verb = Verb { sense: Sense::Delete, noun: false };
        }
        let makes = is(word, &["generate", "generates", "produce", "produces", "take", "takes"]);
        // A query in a language that can do everything is a look only where that is said.
        let only_looks = || {
            let behind = tokens.iter().skip(at.saturating_add(1)).take(9);
            behind.into_iter().any(|token| is(token.text, &["read-only", "readonly", "select"]))
        };
        // `Runs a GraphQL query or mutation.`
        let mut behind = tokens.iter().skip(at.saturating_add(1)).take(9);
        let mut changes = || {
            behind.any(|token| is(token.text, &["mutation", "mutations"]))
                || shouted.any(|sense| sense == Sense::Write)
        };
        // `Controls and queries a device` does not query alone.
        let alone =
            tokens.get(at.saturating_add(1)).is_none_or(|next| next.known.class != Class::And);
        said.queries = light && alone && said.objects.any(Nouns::QUERY) && !changes();
        said.looks = said.queries && (!said.objects.any(Nouns::CODE) || only_looks())
            || makes && said.objects.any(Nouns::VIEW);
        self.out.said.push(said);
    }

    /// What is done behind a word that says nothing itself: `operations for creating and deleting`.
    fn related(&mut self, tokens: &[Token<'t>]) {
        let mut denied = false;
        for (at, token) in tokens.iter().enumerate() {
            denied |= token.known.class == Class::Negation;
            // `a question about deleting`: it is only spoken of.
            if matches!(token.known.class, Class::Aside | Class::Use) || is(token.text, &["about"])
            {
                break;
            }
            let Some(verb) = token.known.verb else { continue };
            let names = match token.known.form {
                Some(Form::Ing | Form::Act) => true,
                Some(Form::Base) => !verb.noun || verb.sense == Sense::Read,
                _ => false,
            };
            if names && !denied && verb.sense != Sense::Generic {
                self.say(tokens, at, verb, Weight::Passing);
            }
        }
    }

    /// What happens by the way: `existing files are deleted`.
    fn passing(&mut self, tokens: &[Token<'t>]) {
        for (at, token) in tokens.iter().enumerate() {
            let Some(verb) = token.known.verb else { continue };
            if token.known.form != Some(Form::Past) || verb.sense != Sense::Delete {
                continue;
            }
            let from = at.saturating_sub(3);
            let before = tokens.get(from..at).unwrap_or_default();
            let is = before.iter().any(|token| {
                ["is", "are", "be", "gets"].iter().any(|word| token.text.eq_ignore_ascii_case(word))
            });
            let aside = tokens
                .iter()
                .take(at)
                .any(|token| matches!(token.known.class, Class::Negation | Class::Aside));
            if is && !aside {
                self.say(tokens, at, verb, Weight::Passing);
            }
        }
    }
}

/// Where in a sentence stands the verb that says what the tool does.
fn begin(tokens: &[Token<'_>], first: bool) -> Option<usize> {
    let mut at = 0usize;
    let mut led = false;
    while let Some(token) = tokens.get(at) {
        match token.known.class {
            // `Use this tool to delete`: behind `to`, if that comes soon.
            Class::Use => {
                let ahead = tokens.iter().skip(at).take(7);
                let to = ahead.clone().position(|token| token.known.class == Class::To)?;
                // `Use another_tool to delete` is about another.
                let next = tokens.get(at.saturating_add(1)).map_or("", |token| token.text);
                if !is(next, &["this", "it"])
                    || ahead.take(to).any(|token| token.known.class == Class::Aside)
                {
                    return None;
                }
                // That is advice, and the sentence is about what the tool is for.
                at = at.saturating_add(to);
                led = true;
            }
            Class::Lead | Class::To | Class::Determiner
                if is_verb(tokens, at, first, led).is_none() =>
            {
                led |= token.known.class == Class::Lead;
            }
            Class::Negation | Class::Aside | Class::Preposition => return None,
            _ => break,
        }
        at = at.saturating_add(1);
    }
    if let Some(found) = is_verb(tokens, at, first, led) {
        return Some(found);
    }
    // `A tool that deletes`, or `Data Modification Tool which …`.
    let that = tokens.iter().take(8).position(|token| token.known.class == Class::That)?;
    let at = that.saturating_add(1);
    let third = tokens.get(at).is_some_and(|token| token.known.form == Some(Form::Third));
    (led && third).then(|| is_verb(tokens, at, true, true)).flatten()
}

/// The place, if a verb stands there and the sentence is about what the tool does.
fn is_verb(tokens: &[Token<'_>], at: usize, first: bool, led: bool) -> Option<usize> {
    let token = tokens.get(at)?;
    let verb = token.known.verb?;
    if token.name || token.known.class == Class::Use {
        return None;
    }
    let determiner = tokens
        .get(at.saturating_add(1))
        .is_some_and(|next| matches!(next.known.class, Class::Determiner | Class::And));
    match token.known.form? {
        // What others are told to do is in the imperative too: only the first sentence is trusted.
        Form::Base => {
            let noun_before = at.checked_sub(1).and_then(|at| tokens.get(at));
            let is_noun = verb.noun
                && noun_before.is_some_and(|token| token.known.class == Class::Determiner);
            // `Call it once` is advice.
            let advice = tokens
                .get(at.saturating_add(1))
                .is_some_and(|next| is(next.text, &["it", "this", "once", "here"]));
            ((first || led) && !is_noun && !advice).then_some(at)
        }
        Form::Third => {
            (!verb.noun || determiner || led || first && tokens.len() > 3 && !ends_noun(tokens, at))
                .then_some(at)
        }
        _ => None,
    }
}

/// Whether a plural noun stands there: `Comments for a page`.
fn ends_noun(tokens: &[Token<'_>], at: usize) -> bool {
    tokens
        .get(at.saturating_add(1))
        .is_none_or(|next| matches!(next.known.class, Class::Preposition | Class::To | Class::That))
}
