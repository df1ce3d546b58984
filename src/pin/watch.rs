//! Comparing what a server lists with its lock, and remembering what was seen to differ.
//!
//! A host shows a [`Watch`] every list of tools of its server and asks it about every call. What was
//! seen to differ is kept in a [`PinMemory`], so that a call is denied whoever saw the list.
//!
//! A tool that is in no lock needs no memory: its calls are denied because of that. So what is
//! remembered does not grow with what clients or servers send: 40 bytes an entry, and no more than two
//! entries for each pinned tool and 64 more, which is room for those of locks before this one. When a
//! tool was listed otherwise than it is pinned, it is as it was again
//!
//! * with a lock that pins what was seen, at once;
//! * when a list shows it as it is pinned, and no list has shown it otherwise for an hour. One list
//!   is not enough: it may be one page of several, or be made for one client by a server that shows
//!   others something else.
//!
//! A list without the tool says nothing of it. Nor does a tool that was never listed: it is as it is
//! pinned as far as anybody knows.

use sha2::{Digest as _, Sha256};

use super::{Digest, Lock, digest};
use crate::json::Object;
use crate::model::Time;
use crate::quota::{MAX_TRIES, StoreError, Swap};

/// How a tool is not what is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpinned {
    /// The lock does not have it.
    New,
    /// It was listed with another definition.
    Changed,
    /// It cannot be told: the memory does not answer.
    Unknown,
}

impl Unpinned {
    /// `new`, `changed` or `unknown`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Unpinned::New => "new",
            Unpinned::Changed => "changed",
            Unpinned::Unknown => "unknown",
        }
    }
}

/// What becomes of tools that are not what is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChange {
    /// They leave the lists, and their calls are denied.
    Quarantine,
    /// It is told, and nothing else.
    Report,
}

/// The lock of a server, at work.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The server's name; empty for the only one, which has none.
    server: String,
    /// In the order of their names.
    tools: Vec<(String, Digest)>,
    /// What becomes of tools that are not what is pinned.
    pub on_change: OnChange,
}

/// Where it is remembered what differs: one value a server, in a place that all workers see.
pub trait PinMemory {
    /// The value of a server and the number of its state; no bytes if nothing was kept yet.
    ///
    /// # Errors
    /// If it cannot be read.
    fn load(&mut self, server: &str) -> Result<(Vec<u8>, u64), StoreError>;

    /// Keeps a value, if the state is still the one that was seen.
    ///
    /// # Errors
    /// If it cannot be written.
    fn compare_and_set(
        &mut self,
        server: &str,
        seen: u64,
        value: &[u8],
    ) -> Result<Swap, StoreError>;
}

/// A memory in the process.
#[derive(Clone, Debug, Default)]
pub struct MemoryPins {
    /// By the names of the servers.
    values: Vec<(String, Vec<u8>, u64)>,
}

impl PinMemory for MemoryPins {
    fn load(&mut self, server: &str) -> Result<(Vec<u8>, u64), StoreError> {
        let kept = self.values.iter().find(|(name, ..)| name == server);
        Ok(kept.map(|(_, value, state)| (value.clone(), *state)).unwrap_or_default())
    }

    fn compare_and_set(
        &mut self,
        server: &str,
        seen: u64,
        value: &[u8],
    ) -> Result<Swap, StoreError> {
        let next = seen.saturating_add(1);
        match self.values.iter_mut().find(|(name, ..)| name == server) {
            Some((_, _, state)) if *state != seen => return Ok(Swap::Changed),
            Some((_, kept, state)) => (*kept, *state) = (value.to_vec(), next),
            None if seen != 0 => return Ok(Swap::Changed),
            None => self.values.push((server.to_owned(), value.to_vec(), next)),
        }
        Ok(Swap::Kept)
    }
}

/// What a list showed that is not what is pinned, by names; each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// With another definition.
    pub changed: Vec<String>,
    /// Not in the lock.
    pub new: Vec<String>,
}

impl Seen {
    /// Whether all was as it is pinned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.new.is_empty()
    }
}

impl Watch {
    /// Watches a server by its lock.
    #[must_use]
    pub fn new(server: Option<&str>, lock: &Lock, on_change: OnChange) -> Watch {
        let tools = lock.tools.iter().map(|(name, pin)| (name.clone(), pin.digest)).collect();
        Watch { server: server.unwrap_or_default().to_owned(), tools, on_change }
    }

    /// The name under which a server's value is remembered.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// How many tools are pinned.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tools.len()
    }

    /// Whether no tool is pinned.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }

    /// Whether what is not pinned is hidden and denied.
    #[must_use]
    pub fn denies(&self) -> bool {
        self.on_change == OnChange::Quarantine
    }

    /// What is pinned of a tool.
    fn pinned(&self, tool: &str) -> Option<&Digest> {
        let at = self.tools.binary_search_by(|(name, _)| name.as_str().cmp(tool)).ok()?;
        self.tools.get(at).map(|(_, digest)| digest)
    }

    /// How a tool that is called is not what is pinned; `None` if it is.
    pub fn of_call(&self, tool: &str, memory: &mut dyn PinMemory) -> Option<Unpinned> {
        let Some(pinned) = self.pinned(tool) else { return Some(Unpinned::New) };
        let entries = memory.load(&self.server).ok().and_then(|(bytes, _)| decode(&bytes));
        let Some(entries) = entries else { return Some(Unpinned::Unknown) };
        let (_, entry) = entries.get(place(&entries, &key(tool)).ok()?)?;
        (entry.seen != short(pinned)).then_some(Unpinned::Changed)
    }

    /// A list that is about to be looked through.
    #[must_use]
    pub fn listing(&self) -> Listing<'_> {
        Listing { watch: self, pinned: Vec::new(), changed: Vec::new(), seen: Seen::default() }
    }
}

/// A list of tools, while it is looked through.
#[derive(Debug)]
pub struct Listing<'w> {
    watch: &'w Watch,
    /// The tools that are as they are pinned.
    pinned: Vec<Short>,
    /// The others, with what was seen.
    changed: Vec<(Short, Short)>,
    seen: Seen,
}

impl Listing<'_> {
    /// Whether what is not pinned is hidden and denied.
    #[must_use]
    pub fn denies(&self) -> bool {
        self.watch.denies()
    }

    /// Looks at an entry of the list. Whether it may stay there, for all that is known of pins.
    pub fn shows(&mut self, name: &str, tool: &Object) -> bool {
        let note = |names: &mut Vec<String>| {
            if names.iter().all(|known| known != name) {
                names.push(name.to_owned());
            }
        };
        match self.watch.pinned(name) {
            None => note(&mut self.seen.new),
            Some(pinned) => {
                let listed = digest(tool);
                if listed.as_ref() == Some(pinned) {
                    self.pinned.push(key(name));
                    return true;
                }
                // What can be read in two ways is nothing that could be pinned.
                let listed = listed.as_ref().map_or(Short::default(), short);
                self.changed.push((key(name), listed));
                note(&mut self.seen.changed);
            }
        }
        !self.watch.denies()
    }

    /// Remembers what was seen at a moment.
    ///
    /// # Errors
    /// If it cannot be remembered: the list must not be passed on.
    pub fn finish(self, now: Time, memory: &mut dyn PinMemory) -> Result<Seen, StoreError> {
        for _ in 0..MAX_TRIES {
            let (bytes, state) = memory.load(&self.watch.server)?;
            let before = decode(&bytes).ok_or(StoreError::Unavailable)?;
            let mut entries = before.clone();
            self.update(&mut entries, now);
            if entries == before {
                return Ok(self.seen);
            }
            let bytes = encode(&entries);
            if memory.compare_and_set(&self.watch.server, state, &bytes)? == Swap::Kept {
                return Ok(self.seen);
            }
        }
        Err(StoreError::Contended)
    }

    fn update(&self, entries: &mut Entries, now: Time) {
        for (key, seen) in &self.changed {
            let entry = Entry { seen: *seen, at: now };
            match place(entries, key) {
                Ok(at) => match entries.get_mut(at) {
                    // Not written anew for every list: to the minute is exact enough.
                    Some((_, old)) if old.seen == *seen && since(old.at, now) < MINUTE => {}
                    Some((_, old)) => *old = Entry { at: old.at.max(now), ..entry },
                    None => {}
                },
                Err(at) => entries.insert(at, (*key, entry)),
            }
        }
        let differs = |key: &Short| self.changed.iter().any(|(other, _)| other == key);
        entries.retain(|(key, entry)| {
            let quiet = since(entry.at, now) >= QUIET;
            !(quiet && self.pinned.contains(key) && !differs(key))
        });
        // A lock that changes often leaves entries behind, of tools whose calls are denied anyway. A
        // second proxy in the same process may have a lock that has them: they go when they are many.
        if entries.len() > self.watch.tools.len().saturating_mul(2).saturating_add(SPARE) {
            let own: Vec<Short> = self.watch.tools.iter().map(|(name, _)| key(name)).collect();
            entries.retain(|(key, _)| own.contains(key));
        }
    }
}

/// For so long no list must have shown a tool otherwise, in milliseconds.
const QUIET: u64 = 3_600_000;
const MINUTE: u64 = 60_000;
/// So many entries more than pinned tools there may be twice over.
const SPARE: usize = 64;

/// How much time went by; none if the clock was turned back.
fn since(then: Time, now: Time) -> u64 {
    now.0.saturating_sub(then.0)
}

/// The beginning of a SHA-256.
type Short = [u8; 16];

fn short(digest: &Digest) -> Short {
    let (short, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
    *short
}

fn key(tool: &str) -> Short {
    short(&Sha256::digest(tool).into())
}

/// What was seen of a tool last, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    seen: Short,
    at: Time,
}

/// By the hash of the name, in the order of it.
type Entries = Vec<(Short, Entry)>;

/// Where the entry of a tool is, or would be.
fn place(entries: &Entries, key: &Short) -> Result<usize, usize> {
    entries.binary_search_by(|(other, _)| other.cmp(key))
}

/// Each entry: the hash of the name (16 bytes), the beginning of the digest that was seen (16), when
/// (8, milliseconds, the lowest byte first).
fn encode(entries: &Entries) -> Vec<u8> {
    let bytes = entries.iter().flat_map(|(key, entry)| {
        key.iter().chain(&entry.seen).copied().chain(entry.at.0.to_le_bytes())
    });
    bytes.collect()
}

/// `None` for bytes that [`encode`] does not write.
fn decode(bytes: &[u8]) -> Option<Entries> {
    let (chunks, rest) = bytes.as_chunks::<40>();
    let entries: Option<Entries> = chunks
        .iter()
        .map(|chunk| {
            let (key, rest) = chunk.split_first_chunk()?;
            let (seen, at) = rest.split_first_chunk()?;
            let at = Time(u64::from_le_bytes(at.try_into().ok()?));
            Some((*key, Entry { seen: *seen, at }))
        })
        .collect();
    let in_order = |entries: &Entries| entries.is_sorted_by(|(a, _), (b, _)| a < b);
    entries.filter(|entries| rest.is_empty() && in_order(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, read_strict};

    const A: &str = r#"{"name":"a","description":"x"}"#;
    const TURNED: &str = r#"{"name":"a","description":"y"}"#;
    const B: &str = r#"{"name":"b"}"#;

    fn watch(tools: &[&str], on_change: OnChange) -> Watch {
        let lock = Lock::of(format!("[{}]", tools.join(",")).as_bytes()).unwrap();
        Watch::new(Some("s"), &lock, on_change)
    }

    /// Shows a list, and says what stays in it.
    fn list(
        watch: &Watch,
        tools: &[&str],
        now: u64,
        memory: &mut dyn PinMemory,
    ) -> (Vec<bool>, Seen) {
        let mut listing = watch.listing();
        let shown = tools.iter().map(|tool| {
            let node = read_strict(tool.as_bytes(), &Limits::MESSAGE).unwrap();
            let tool = node.value.as_object().unwrap().clone();
            listing.shows(tool.get("name").unwrap().value.as_str().unwrap(), &tool)
        });
        let shown = shown.collect();
        (shown, listing.finish(Time(now), memory).unwrap())
    }

    #[test]
    fn what_differs_is_hidden_and_denied_until_it_was_quiet_for_an_hour() {
        let (mut memory, hour) = (MemoryPins::default(), 3_600_000);
        let watch = watch(&[A], OnChange::Quarantine);
        let call = |memory: &mut MemoryPins, tool| watch.of_call(tool, memory);
        assert_eq!(call(&mut memory, "a"), None, "never listed");
        assert_eq!(call(&mut memory, "b"), Some(Unpinned::New));
        assert_eq!(list(&watch, &[A], 0, &mut memory), (vec![true], Seen::default()));
        let (shown, seen) = list(&watch, &[TURNED, B, B], 1, &mut memory);
        assert_eq!(shown, [false, false, false]);
        assert_eq!((seen.changed, seen.new), (vec!["a".to_owned()], vec!["b".to_owned()]));
        assert_eq!(call(&mut memory, "a"), Some(Unpinned::Changed));
        // Another page, and a list for somebody else.
        list(&watch, &[], 2, &mut memory);
        assert_eq!(list(&watch, &[A], hour, &mut memory).0, [true]);
        assert_eq!(call(&mut memory, "a"), Some(Unpinned::Changed));
        // Shown otherwise again, beside what is pinned: what differs counts, in either order.
        assert_eq!(list(&watch, &[TURNED, A], hour, &mut memory).0, [false, true]);
        assert_eq!(list(&watch, &[A, TURNED], 2 * hour, &mut memory).0, [true, false]);
        list(&watch, &[A], 3 * hour - 1, &mut memory);
        assert_eq!(call(&mut memory, "a"), Some(Unpinned::Changed));
        // Nor if the clock is turned back.
        list(&watch, &[A], 0, &mut memory);
        assert_eq!(call(&mut memory, "a"), Some(Unpinned::Changed));
        list(&watch, &[A], 3 * hour, &mut memory);
        assert_eq!(call(&mut memory, "a"), None);
    }

    #[test]
    fn a_lock_that_pins_what_was_seen_frees_it() {
        let mut memory = MemoryPins::default();
        let old = watch(&[A], OnChange::Quarantine);
        list(&old, &[TURNED], 0, &mut memory);
        let new = watch(&[TURNED, B], OnChange::Quarantine);
        assert_eq!(new.of_call("a", &mut memory), None);
        assert_eq!(list(&new, &[TURNED, B], 1, &mut memory), (vec![true, true], Seen::default()));
        assert_eq!(old.of_call("a", &mut memory), Some(Unpinned::Changed));
        // Another server's tools are others.
        let other = Watch { server: String::new(), ..old };
        assert_eq!(other.of_call("a", &mut memory), None);
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_never_what_is_pinned() {
        let mut memory = MemoryPins::default();
        let watch = watch(&[A], OnChange::Quarantine);
        let doubtful = r#"{"name":"a","description":"x","Description":"y"}"#;
        assert_eq!(list(&watch, &[doubtful], 0, &mut memory).0, [false]);
        assert_eq!(watch.of_call("a", &mut memory), Some(Unpinned::Changed));
    }

    #[test]
    fn report_hides_nothing_and_remembers() {
        let mut memory = MemoryPins::default();
        let watch = watch(&[A], OnChange::Report);
        let (shown, seen) = list(&watch, &[TURNED, B], 0, &mut memory);
        assert_eq!((shown, seen.is_empty()), (vec![true, true], false));
        assert_eq!(watch.of_call("a", &mut memory), Some(Unpinned::Changed));
        assert!(!watch.denies());
    }

    /// A memory that others write to between a read and a write, or that does not answer.
    #[derive(Default)]
    struct Busy(MemoryPins, u32, bool);

    impl PinMemory for Busy {
        fn load(&mut self, server: &str) -> Result<(Vec<u8>, u64), StoreError> {
            if self.2 { Err(StoreError::Unavailable) } else { self.0.load(server) }
        }

        fn compare_and_set(
            &mut self,
            server: &str,
            seen: u64,
            value: &[u8],
        ) -> Result<Swap, StoreError> {
            if self.1 > 0 {
                self.1 -= 1;
                let other = watch(&[B], OnChange::Quarantine);
                let (bytes, state) = self.0.load(server)?;
                let mut entries = decode(&bytes).unwrap();
                let entry = Entry { seen: [u8::try_from(self.1 % 200).unwrap(); 16], at: Time(0) };
                entries.retain(|(other, _)| *other != key("b"));
                entries.insert(place(&entries, &key("b")).unwrap_err(), (key("b"), entry));
                assert_eq!(other.server, server);
                self.0.compare_and_set(server, state, &encode(&entries)).unwrap();
            }
            self.0.compare_and_set(server, seen, value)
        }
    }

    #[test]
    fn nothing_is_lost_where_others_write_too() {
        let mut memory = Busy(MemoryPins::default(), 2, false);
        let watch = watch(&[A, B], OnChange::Quarantine);
        list(&watch, &[TURNED], 0, &mut memory);
        assert_eq!(watch.of_call("a", &mut memory), Some(Unpinned::Changed));
        assert_eq!(watch.of_call("b", &mut memory), Some(Unpinned::Changed));
        memory.1 = u32::MAX;
        let mut listing = watch.listing();
        listing.shows("a", &Object::default());
        assert_eq!(listing.finish(Time(0), &mut memory), Err(StoreError::Contended));
        memory.2 = true;
        assert_eq!(watch.of_call("a", &mut memory), Some(Unpinned::Unknown));
        assert_eq!(watch.listing().finish(Time(0), &mut memory), Err(StoreError::Unavailable));
        let mut broken = MemoryPins::default();
        broken.compare_and_set("s", 0, &[1; 41]).unwrap();
        assert_eq!(watch.of_call("a", &mut broken), Some(Unpinned::Unknown));
    }

    #[test]
    fn what_is_remembered_is_bounded_by_the_lock() {
        let mut memory = MemoryPins::default();
        let names: Vec<String> = (0..300).map(|n| format!(r#"{{"name":"t{n}"}}"#)).collect();
        for name in &names {
            let turned = name.replace('}', r#","title":"x"}"#);
            list(&watch(&[A, name], OnChange::Quarantine), &[&turned], 0, &mut memory);
        }
        let (bytes, _) = memory.load("s").unwrap();
        assert!(bytes.len() <= 40 * (2 * 2 + SPARE), "{}", bytes.len());
    }
}
