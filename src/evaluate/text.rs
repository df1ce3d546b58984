//! A call decided while its text is read: nothing of it is kept but what the rules ask for.
//!
//! What is on the way, here and in what is used here, is `#[inline]`, so that it is compiled with the
//! host that calls it and as quick as the host wants it; the rest may be compiled to be small.

use super::Env;
use super::case::{self, Asked, Case, SeenCase};
use super::cells::{Cells, Room};
use super::judge::{self, Cause, Decided, decide};
use crate::compile::{CompiledPolicy, Found, Place};
use crate::json::{Key, Limits, Next, Scanner, Shape, Value, Written, read_strict};
use crate::model::{Effect, LimitState, Seen};
use crate::parse;
use crate::quota::{Grant, Reservation};

/// Room to work in, kept from call to call so that deciding allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    keys: Vec<Key>,
    pub(super) cells: Room,
}

/// Decides a call from its text, in either of its forms (see [`parse::call_text`]). The same answer
/// as reading the text and then deciding, in less time; a text that is no call is denied.
///
/// Texts that hold something out of the ordinary are read whole and decided then, so this looks
/// through a text quickly and never has to say what is wrong with it.
#[inline]
pub fn decide_text<'p>(
    policy: Option<&'p CompiledPolicy>,
    text: &[u8],
    env: &mut Env<'_>,
    scratch: &mut Scratch,
) -> Decided<'p> {
    if let Some(decided) = policy.and_then(|policy| at_once(policy, text, env, scratch)) {
        return decided;
    }
    match parse::call_text(text) {
        Ok(call) => decide(policy, &call, env),
        Err(_) => Decided::not_counted(Effect::Deny, Cause::Malformed, None),
    }
}

/// The answer, if the text is a call of an ordinary kind and no approval came with it that may
/// matter. Counts only if it answers.
#[inline]
pub(super) fn at_once<'p>(
    policy: &'p CompiledPolicy,
    text: &[u8],
    env: &mut Env<'_>,
    scratch: &mut Scratch,
) -> Option<Decided<'p>> {
    let mut scanner = Scanner::new(text, &Limits::MESSAGE, &mut scratch.keys)?;
    let mut reading = Reading::new(policy, &mut scratch.cells);
    reading.members(&mut scanner, Part::Message)?;
    if !scanner.at_end() || reading.plain == reading.message.begun() {
        return None;
    }
    if !reading.plain && !reading.message.is_whole() {
        return None;
    }
    let found = reading.tool?;
    let cells = reading.cells(found, &mut scanner)?;
    let case: SeenCase<'_, '_, '_> =
        Case { policy, found, asked: reading.asked, arguments: &cells };
    // What an approval approves is all of the call.
    if reading.approval && objection(&case) == Some(Effect::Hold) {
        return None;
    }
    Some(settle(&case, env))
}

/// What becomes of a call without an approval. Counts.
// Once, for both that ask.
#[inline(never)]
pub(super) fn settle<'p>(case: &SeenCase<'p, '_, '_>, env: &mut Env<'_>) -> Decided<'p> {
    match case.rules() {
        None if case.counts_nothing() => Decided::not_counted(Effect::Allow, Cause::Allowed, None),
        None => judge::count(case, None, env),
        Some((Effect::Hold, cause)) => {
            let why = judge::without_approval(env);
            Decided::not_counted(why.effect(), cause, Some(why))
        }
        Some((effect, cause)) => Decided::not_counted(effect, cause, None),
    }
}

// These two are not generic, so that they are compiled here and not again with each host.

/// What the rules make of a call that they do not let pass.
fn objection(case: &SeenCase<'_, '_, '_>) -> Option<Effect> {
    case.rules().map(|(effect, _)| effect)
}

/// Reserves what the limits ask for, without an approval.
fn reserve(case: &SeenCase<'_, '_, '_>, env: &mut Env<'_>) -> Option<Reservation> {
    case.reserve(None, env).ok()
}

/// A call that stands in a JSON-RPC message, as it was found there.
pub struct Said<'t> {
    /// The tool.
    pub tool: &'t str,
    /// The id, as it is written: a string without escapes, or digits.
    pub id: SaidId<'t>,
    /// What the message says under the key that [`pass_message`] was given for it.
    pub version: Option<&'t str>,
    /// The text of the arguments; empty if there are none.
    pub arguments: &'t str,
    /// Whether there is white space between its parts.
    pub spaced: bool,
}

/// The id of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidId<'t> {
    /// A string without escapes.
    Text(&'t str),
    /// Digits, perhaps with a minus before them.
    Integer(&'t str),
}

/// A call that was let through.
pub struct Passed<'t, T> {
    /// What it says.
    pub said: Said<'t>,
    /// What whoever accepted it made of it.
    pub accepted: T,
    /// What was counted.
    pub reservation: Reservation,
    /// The limits as they are now, if they are asked for.
    pub limits: Vec<LimitState>,
}

/// What whoever accepts a call knows of it.
pub struct Accepted<'t, T> {
    /// The session that it belongs to.
    pub session: Option<&'t str>,
    /// Whether its limits are asked for.
    pub limits: bool,
    /// What he likes.
    pub more: T,
}

/// Lets the call of a JSON-RPC message pass while its text is read, and counts it. Answers only for
/// a call that passes without an approval, in an ordinary text that a writer would write as it is,
/// white space aside; all else is left to whoever reads the message whole, and nothing was counted
/// then. `version_key` names the version of MCP in `params._meta`. `accept` is shown the call before it
/// is counted, and may refuse.
#[inline]
#[allow(clippy::too_many_arguments, reason = "what a host knows of a call, and no more")]
pub fn pass_message<'t, T>(
    policy: &CompiledPolicy,
    text: &'t str,
    limits: &Limits,
    version_key: &str,
    grant: Grant<'t>,
    env: &mut Env<'_>,
    scratch: &mut Scratch,
    accept: impl FnOnce(&Said<'t>) -> Option<Accepted<'t, T>>,
) -> Option<Passed<'t, T>> {
    let mut scanner = Scanner::of(text, limits, &mut scratch.keys)?;
    let mut reading = Reading::new(policy, &mut scratch.cells);
    reading.version_key = version_key;
    reading.members(&mut scanner, Part::Message)?;
    if !scanner.at_end() || reading.plain || !reading.message.is_whole() || reading.approval {
        return None;
    }
    let found = reading.tool?;
    let form = scanner.form();
    if form.escaped {
        return None;
    }
    let said = Said {
        tool: reading.asked.tool,
        id: reading.id?,
        version: reading.version,
        arguments: reading.span,
        spaced: form.spaced,
    };
    let Accepted { session, limits: wanted, more: accepted } = accept(&said)?;
    (reading.asked.grant, reading.asked.session) = (grant, session);
    let cells = reading.cells(found, &mut scanner)?;
    let case: SeenCase<'_, '_, '_> =
        Case { policy, found, asked: reading.asked, arguments: &cells };
    if objection(&case).is_some() {
        return None;
    }
    let reservation = reserve(&case, env)?;
    let limits = if wanted {
        let states = case.limits().zip(reservation.states());
        states.map(|(held, state)| case::limit_state(held.limit, Some(&state), env.now)).collect()
    } else {
        Vec::new()
    };
    Some(Passed { said, accepted, reservation, limits })
}

/// What is known of a call so far.
struct Reading<'t, 'p, 's> {
    policy: &'p CompiledPolicy,
    /// None any more when the arguments are read.
    room: Option<&'s mut Room>,
    /// Whether a key of the plain form was there.
    plain: bool,
    message: Message,
    asked: Asked<'t>,
    tool: Option<Found<'p>>,
    arguments: Option<Standing<'p, 's>>,
    approval: bool,
    id: Option<SaidId<'t>>,
    /// The key of a version that is asked for; empty if none is.
    version_key: &'s str,
    version: Option<&'t str>,
    /// The text of the arguments.
    span: &'t str,
}

/// Which keys of a message were there.
#[derive(Clone, Copy, Default)]
struct Message {
    version: bool,
    method: bool,
    params: bool,
    id: bool,
}

impl Message {
    #[inline]
    fn begun(self) -> bool {
        self.version || self.method || self.params || self.id
    }

    #[inline]
    fn is_whole(self) -> bool {
        self.version && self.method && self.params
    }
}

/// The objects of a message, from without.
#[derive(Clone, Copy)]
enum Part {
    Message,
    Params,
    Meta,
}

/// The arguments of a call.
enum Standing<'p, 's> {
    /// Passed over, for the tool was not known yet; they begin here.
    At(usize),
    Read(Cells<'p, 's>),
}

impl<'t, 'p, 's> Reading<'t, 'p, 's> {
    #[inline]
    fn new(policy: &'p CompiledPolicy, room: &'s mut Room) -> Reading<'t, 'p, 's> {
        Reading {
            policy,
            room: Some(room),
            plain: false,
            message: Message::default(),
            asked: Asked { tool: "", grant: Grant::default(), session: None },
            tool: None,
            arguments: None,
            approval: false,
            id: None,
            version_key: "",
            version: None,
            span: "",
        }
    }

    /// What the rules of the tool look at in the arguments.
    #[inline]
    fn cells(&mut self, found: Found<'p>, scanner: &mut Scanner<'t, '_>) -> Option<Cells<'p, 's>> {
        match self.arguments.take() {
            Some(Standing::Read(cells)) => Some(cells),
            Some(Standing::At(place)) => {
                scanner.go_to(place);
                read_arguments(self.policy, found, self.room.take()?, scanner)
            }
            None => {
                let mut cells = Cells::new(self.policy, found, self.room.take()?)?;
                cells.end(None);
                Some(cells)
            }
        }
    }

    /// Goes through one of the objects of a message: one piece of code for all of them.
    #[inline]
    fn members(&mut self, scanner: &mut Scanner<'t, '_>, part: Part) -> Option<()> {
        scanner.object(&mut Shape::default(), &mut |scanner, key| match part {
            Part::Message => self.member(scanner, key),
            Part::Params => match key {
                b"name" => self.named(scanner),
                b"arguments" => self.arguments(scanner),
                b"_meta" => self.members(scanner, Part::Meta),
                _ => None,
            },
            Part::Meta => self.meta(scanner, key),
        })
    }

    /// A member of the outermost object. Keys that are not known are left to the reader.
    #[inline]
    fn member(&mut self, scanner: &mut Scanner<'t, '_>, key: &[u8]) -> Option<()> {
        match key {
            b"jsonrpc" => {
                self.message.version = true;
                (scanner.text()? == "2.0").then_some(())
            }
            b"method" => {
                self.message.method = true;
                (scanner.text()? == "tools/call").then_some(())
            }
            b"id" => {
                self.message.id = true;
                match scanner.next()? {
                    Next::String(Written { text, escaped }) => {
                        self.id = Some(SaidId::Text(text)).filter(|_| !escaped);
                        Some(())
                    }
                    Next::Number(number) => {
                        let text = number.as_str();
                        let digits = text.trim_start_matches('-');
                        self.id = Some(SaidId::Integer(text)).filter(|_| text != "-0");
                        digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(())
                    }
                    _ => None,
                }
            }
            b"params" => {
                self.message.params = true;
                self.members(scanner, Part::Params)
            }
            _ => {
                self.plain = true;
                match key {
                    b"tool" => self.named(scanner)?,
                    b"arguments" => self.arguments(scanner)?,
                    b"grant" => self.asked.grant = Some(scanner.text()?).into(),
                    b"session" => self.asked.session = Some(scanner.text()?),
                    b"server" => drop(scanner.text()?),
                    b"approval" => self.token(scanner)?,
                    _ => return None,
                }
                Some(())
            }
        }
    }

    #[inline]
    fn named(&mut self, scanner: &mut Scanner<'t, '_>) -> Option<()> {
        self.asked.tool = scanner.text()?;
        self.tool = Some(self.policy.find(self.asked.tool));
        Some(())
    }

    #[inline]
    fn arguments(&mut self, scanner: &mut Scanner<'t, '_>) -> Option<()> {
        let start = scanner.at();
        self.arguments = Some(match self.tool {
            Some(found) => {
                Standing::Read(read_arguments(self.policy, found, self.room.take()?, scanner)?)
            }
            None => {
                scanner.skip()?;
                Standing::At(start)
            }
        });
        self.span = scanner.since(start);
        Some(())
    }

    #[inline]
    fn meta(&mut self, scanner: &mut Scanner<'t, '_>, key: &[u8]) -> Option<()> {
        if key == parse::APPROVAL.as_bytes() {
            return self.token(scanner);
        }
        if key == self.version_key.as_bytes() {
            self.version = Some(scanner.text()?);
            return Some(());
        }
        scanner.skip()
    }

    fn token(&mut self, scanner: &mut Scanner<'t, '_>) -> Option<()> {
        scanner.text()?;
        self.approval = true;
        Some(())
    }
}

/// Reads the arguments that come next.
#[inline]
fn read_arguments<'p, 's>(
    policy: &'p CompiledPolicy,
    found: Found<'p>,
    room: &'s mut Room,
    scanner: &mut Scanner<'_, '_>,
) -> Option<Cells<'p, 's>> {
    let mut cells = Cells::new(policy, found, room)?;
    let place = cells.plan.root();
    walk_members(&mut cells, scanner, place, &mut Shape::default())?;
    cells.end(None);
    Some(cells)
}

/// Shows the cells the value that comes next, and what is in it.
#[inline]
fn walk(
    cells: &mut Cells<'_, '_>,
    scanner: &mut Scanner<'_, '_>,
    place: Place<'_>,
    shape: &mut Shape,
) -> Option<()> {
    let Some(node) = place else { return scanner.skip_one(shape) };
    let plan = cells.plan;
    let start = scanner.at();
    let value = match scanner.next()? {
        Next::Null => Seen::Null,
        Next::Bool(value) => Seen::Bool(value),
        Next::Number(number) => Seen::Number(number),
        Next::String(Written { text, escaped: false }) => Seen::String(text),
        Next::String(_) => {
            cells.see(node, Seen::from(&whole(scanner, start)?));
            return Some(());
        }
        Next::Object if node.ends() => {
            scanner.skip_one(shape)?;
            Seen::PassedOver
        }
        Next::Object => {
            walk_members(cells, scanner, place, shape)?;
            Seen::PassedOver
        }
        Next::List => {
            let every = plan.every(place);
            let mut item = |scanner: &mut Scanner<'_, '_>, at, shape: &mut Shape| {
                let Some(every) = every else {
                    return walk(cells, scanner, plan.item(place, at), shape);
                };
                cells.enter(every);
                cells.begin(Some(every));
                walk(cells, scanner, plan.elements(every), shape)?;
                cells.end(Some(every));
                Some(())
            };
            scanner.list(&mut item)?;
            Seen::PassedOver
        }
    };
    match value {
        Seen::PassedOver if node.looks_inside => {
            cells.see(node, Seen::from(&whole(scanner, start)?));
        }
        value => cells.see(node, value),
    }
    Some(())
}

/// Shows the cells what is in the object that comes next.
#[inline]
fn walk_members(
    cells: &mut Cells<'_, '_>,
    scanner: &mut Scanner<'_, '_>,
    place: Place<'_>,
    shape: &mut Shape,
) -> Option<()> {
    let plan = cells.plan;
    let mut member = |scanner: &mut Scanner<'_, '_>, key: &[u8]| {
        walk(cells, scanner, plan.member(place, key), &mut Shape::default())
    };
    scanner.object(shape, &mut member)
}

/// The value that began there and ends here.
#[cold]
fn whole(scanner: &Scanner<'_, '_>, start: usize) -> Option<Value> {
    read_strict(scanner.since(start).as_bytes(), &Limits::MESSAGE).ok().map(|node| node.value)
}
