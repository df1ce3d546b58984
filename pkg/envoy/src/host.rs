//! Every call to the proxy, in one place.
//!
//! They are most of what the filter costs. Counted in Envoy 1.40 (callgrind, instructions): what the proxy
//! answers with bytes, be they headers, a body or shared data, 10,000 to 12,000, for it makes a set of
//! names each time that it asks for memory; the time, a metric, a write to shared data 1,000 to 2,300; each
//! callback 2,400. An ordinary call with two limits costs 88,000, in which are ten callbacks, four such answers
//! (a fifth where others count in the same slot: see [`crate::recall`]) and 21,000 of the filter's own; Envoy's
//! `mcp` filter with RBAC costs 135,000. In time that is less where Envoy is busy, and more where it sleeps between
//! requests and its code leaves the caches: of the lines that a call misses in a first cache of 32 KB (simulated)
//! Envoy's filters add 1,700 and this one 3,900, of which 1,300 are the filter's own, hardly a line of which runs twice
//! in a call, and the rest the ways in and out and what it asks for. So less code that runs is worth more than quicker
//! code, and fewer calls to the proxy more than both. Compiled to be small (`s`) the filter takes 5,000 more, and misses
//! no less.
//!
//! Tried, and of no use: to let a message go on as soon as it is as long as its header says, so that the
//! proxy need not hold it (as many instructions and no less time, for the end then takes the whole way
//! alone); to leave out the callbacks in which nothing happens (3,000, and nginx needs them); `wasm-opt` at
//! other levels than `-O3`, or not at all (each within the noise of all others); to pass over scalars without
//! a call of a function. What need not be known or told at once, waits for a tick: 2,000, and with the calls that passed
//! and the time of most decisions 4,000 more.
//!
//! Each byte of a message costs 25 instructions more, so that a pass over the whole text that is saved shows:
//! it was 30 when UTF-8 was looked for twice and short keys were compared as slices.
//!
//! The calls are those of the proxy-wasm ABI 0.2.1, so that any proxy that speaks it can be the host;
//! what only Envoy knows is in [`code_details`], and what it must be told in [`NO_BODY`]. A failure is a value here and means a refusal to
//! whoever asked; where the SDK itself panics, on statuses that the ABI does not foresee, the filter
//! traps and the proxy answers 503.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cattlegrid::model::Time;
use cattlegrid::pin::PinMemory;
use cattlegrid::quota::{StoreError, Swap};
use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, LogLevel, MapType, MetricType, Status};

use crate::store::Slots;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Response,
}

impl Way {
    fn headers(self) -> MapType {
        match self {
            Way::Request => MapType::HttpRequestHeaders,
            Way::Response => MapType::HttpResponseHeaders,
        }
    }

    fn body(self) -> BufferType {
        match self {
            Way::Request => BufferType::HttpRequestBody,
            Way::Response => BufferType::HttpResponseBody,
        }
    }
}

/// The headers of a message, names in lower case, as the proxy tells them. All at once, because each that
/// is asked of the proxy by its name costs as much as all of them; and where they lie, because a text for
/// each name and each value took a fifth of what the filter itself had to do for an ordinary call.
pub struct Headers {
    bytes: Vec<u8>,
    /// Those that every request or answer is asked for, found in one go.
    known: [Found; KNOWN.len()],
    /// The first bytes of all names, each as the bit of its lowest five.
    begins: u32,
}

/// The headers that every request or answer is asked for.
const KNOWN: [&str; 12] = [
    ":method",
    ":path",
    ":status",
    "accept-encoding",
    "authorization",
    "cattlegrid-approval",
    "content-encoding",
    "content-length",
    "content-type",
    "mcp-session-id",
    "transfer-encoding",
    "x-request-id",
];

/// The bit of a first byte in [`Headers::begins`].
fn bit_of(byte: u8) -> u32 {
    1 << (byte & 31)
}

/// Where the value of a header is.
#[derive(Clone, Copy)]
enum Found {
    Nowhere,
    /// From there on, so long.
    Once(usize, usize),
    /// It came in several lines.
    Often,
}

impl Headers {
    /// The headers of a message; `None` if the proxy does not tell.
    pub fn of(way: Way) -> Option<Headers> {
        Headers::read(map::pairs(way.headers())?)
    }

    /// The headers in the bytes of the ABI (see [`Lines`]). `None` for other bytes.
    fn read(bytes: Vec<u8>) -> Option<Headers> {
        let (mut known, mut begins) = ([Found::Nowhere; KNOWN.len()], 0);
        let Lines { lengths, next: mut at, .. } = Lines::of(&bytes)?;
        // Of most lines no more than the lengths and the first byte is looked at.
        for length in lengths.as_chunks().0 {
            let (name, value) = lengths_in(length)?;
            let from = at.checked_add(name)?.checked_add(1)?;
            if let Some(first) = bytes.get(at) {
                begins |= bit_of(*first);
                if let Some(found) = place_of(name, *first, || bytes.get(at..)?.get(..name))
                    .and_then(|at| known.get_mut(at))
                {
                    *found = match found {
                        Found::Nowhere => Found::Once(from, value),
                        _ => Found::Often,
                    };
                }
            }
            at = from.checked_add(value)?.checked_add(1)?;
        }
        // The last NUL is nobody's.
        (at <= bytes.len().saturating_add(1)).then_some(Headers { bytes, known, begins })
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        Lines::of(&self.bytes).into_iter().flatten()
    }

    /// The headers with such names, once each; all of these names begin so.
    pub fn such_as(&self, begin: &str, wanted: fn(&str) -> bool) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        if begin.bytes().next().is_some_and(|first| self.begins & bit_of(first) == 0) {
            return found;
        }
        for line in self.lines().filter(|line| line.name.starts_with(begin.as_bytes())) {
            let Some(name) = std::str::from_utf8(line.name).ok().filter(|name| wanted(name)) else {
                continue;
            };
            if found.iter().all(|(other, _)| other != name) {
                let value = self.get(name).unwrap_or_default().into_owned();
                found.push((name.to_owned(), value));
            }
        }
        found
    }

    /// Whether a header is there.
    #[inline(always)]
    pub fn has(&self, name: &str) -> bool {
        match place_of_name(name).and_then(|at| self.known.get(at)) {
            Some(found) => !matches!(found, Found::Nowhere),
            None => self.lines().any(|line| line.name == name.as_bytes()),
        }
    }

    /// The value of a header. Of one that came in several lines the values are joined by `, `; bytes
    /// that are no text become U+FFFD.
    #[inline(always)]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        // Which it is, the compiler knows, and most are not there.
        match place_of_name(name).and_then(|at| self.known.get(at)) {
            Some(Found::Nowhere) => None,
            Some(Found::Once(from, length)) => self.text_at(*from, *length),
            Some(Found::Often) | None => self.joined(name),
        }
    }

    #[inline(never)]
    fn text_at(&self, from: usize, length: usize) -> Option<Cow<'_, str>> {
        Some(text_of(self.bytes.get(from..)?.get(..length)?))
    }

    /// The values of all lines of a header.
    #[inline(never)]
    fn joined(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut values = self.lines().filter(|line| line.name == name.as_bytes());
        let mut value = text_of(values.next()?.value);
        for more in values {
            value.to_mut().extend([", ", &text_of(more.value)]);
        }
        Some(value)
    }
}

/// Which of [`KNOWN`] a name is.
#[inline(always)]
fn place_of_name(name: &str) -> Option<usize> {
    place_of(name.len(), name.bytes().next()?, || Some(name.as_bytes()))
}

/// The same for a name of this length and first byte; which it is, is only asked if it may be one.
#[inline(always)]
fn place_of<'n>(length: usize, first: u8, name: impl Fn() -> Option<&'n [u8]>) -> Option<usize> {
    // The first letter and the length tell nearly all others apart.
    let at = match (length, first) {
        (7, b':') => 0,
        (5, b':') => 1,
        (15, b'a') => 3,
        (13, b'a') => 4,
        (19, b'c') => 5,
        (16, b'c') => 6,
        (14, b'c') => 7,
        (12, b'c') => 8,
        (14, b'm') => 9,
        (17, b't') => 10,
        (12, b'x') => 11,
        _ => return None,
    };
    let name = name()?;
    // `:method` and `:status` are as long as each other.
    let at = if at == 0 && name.get(1) == Some(&b's') { 2 } else { at };
    is_name(name, KNOWN.get(at)?.as_bytes()).then_some(at)
}

/// Whether two names of the same length are one: eight bytes at once, for in wasm a slice is compared byte
/// by byte.
#[inline(always)]
fn is_name(one: &[u8], other: &[u8]) -> bool {
    let ends = |name: &[u8]| -> Option<(u64, u64)> {
        match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => {
                Some((u64::from_le_bytes(*first), u64::from_le_bytes(*last)))
            }
            _ => {
                let (first, last) = (name.first_chunk()?, name.last_chunk()?);
                Some((u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into()))
            }
        }
    };
    ends(one) == ends(other) && (one.len() <= 16 || one == other)
}

/// One line of the headers.
struct Line<'b> {
    name: &'b [u8],
    value: &'b [u8],
}

/// The lines in the bytes of the ABI: how many there are, the lengths of each name and each value, all as
/// 32 bits from the lowest byte on, and then names and values, a NUL behind each.
struct Lines<'b> {
    bytes: &'b [u8],
    /// The lengths that are left.
    lengths: &'b [u8],
    /// Where the next name begins.
    next: usize,
}

impl<'b> Lines<'b> {
    /// `None` if the bytes are too few for the lengths.
    fn of(bytes: &'b [u8]) -> Option<Lines<'b>> {
        let Some((count, rest)) = bytes.split_first_chunk() else {
            // No bytes at all are no headers.
            return Some(Lines { bytes, lengths: &[], next: 0 }).filter(|_| bytes.is_empty());
        };
        let size = size(count)?.checked_mul(8)?;
        Some(Lines { bytes, lengths: rest.get(..size)?, next: size.checked_add(4)? })
    }
}

impl<'b> Iterator for Lines<'b> {
    type Item = Line<'b>;

    #[inline]
    fn next(&mut self) -> Option<Line<'b>> {
        let (lengths, rest) = self.lengths.split_first_chunk()?;
        let (name, value) = lengths_in(lengths)?;
        let from = self.next.checked_add(name)?.checked_add(1)?;
        let end = from.checked_add(value)?;
        let line = Line {
            name: self.bytes.get(self.next..)?.get(..name)?,
            value: self.bytes.get(from..end)?,
        };
        self.next = end.checked_add(1)?;
        self.lengths = rest;
        Some(line)
    }
}

/// The lengths of a name and its value.
fn lengths_in(bytes: &[u8; 8]) -> Option<(usize, usize)> {
    let (name, value) = bytes.split_first_chunk()?;
    Some((size(name)?, size(value.first_chunk()?)?))
}

fn size(bytes: &[u8; 4]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes)).ok()
}

/// The text of some bytes. Nearly all are one, and of ASCII alone, which is a lot quicker to see.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    match ascii(bytes) {
        Some(text) => Cow::Borrowed(text),
        None => String::from_utf8_lossy(bytes),
    }
}

/// The bytes as a text, if each is ASCII.
#[allow(unsafe_code, reason = "the standard library looks at each byte again")]
fn ascii(bytes: &[u8]) -> Option<&str> {
    let (words, rest) = bytes.as_chunks::<8>();
    let all = words.iter().fold(0, |all, word| all | u64::from_le_bytes(*word));
    let last = rest.iter().fold(0, |all, byte| all | byte);
    // SAFETY: no byte has its highest bit set, so each is a character of its own.
    (all & 0x8080_8080_8080_8080 == 0 && last < 0x80)
        .then(|| unsafe { std::str::from_utf8_unchecked(bytes) })
}

/// All headers at once, as bytes. The SDK makes two texts of each.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "what is outside of wasm is called")]
mod map {
    use proxy_wasm::types::MapType;

    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        fn proxy_get_header_map_pairs(map: MapType, data: *mut *mut u8, size: *mut usize) -> u32;
    }

    /// The headers as the ABI has them; `None` if the proxy does not tell.
    pub fn pairs(map: MapType) -> Option<Vec<u8>> {
        let (mut data, mut size) = (std::ptr::null_mut(), 0);
        // SAFETY: both are written to once, as what they are.
        let status = unsafe { proxy_get_header_map_pairs(map, &raw mut data, &raw mut size) };
        if status != 0 {
            return None;
        }
        if data.is_null() {
            return Some(Vec::new());
        }
        // SAFETY: the proxy got this room, of this size, from the SDK's allocator, which is that of every
        // vector, has filled it, and leaves it to us.
        Some(unsafe { Vec::from_raw_parts(data, size, size) })
    }
}

/// There is no proxy around tests.
#[cfg(not(target_arch = "wasm32"))]
mod map {
    pub fn pairs(_: proxy_wasm::types::MapType) -> Option<Vec<u8>> {
        None
    }
}

/// Sets a header; must come before the headers have gone on. Whether it could be set.
#[must_use]
pub fn set_header(way: Way, name: &str, value: &str) -> bool {
    hostcalls::set_map_value(way.headers(), name, Some(value)).is_ok()
}

/// Removes a header, however often it is there; must come before the headers have gone on. Whether
/// it is gone.
#[must_use]
pub fn remove_header(way: Way, name: &str) -> bool {
    hostcalls::remove_map_value(way.headers(), name).is_ok()
}

/// What the proxy holds of a body, up to `most` bytes; nothing if there is none.
pub fn body(way: Way, most: usize) -> Vec<u8> {
    hostcalls::get_buffer(way.body(), 0, most).ok().flatten().unwrap_or_default()
}

/// Replaces all that the proxy holds of a body. Whether it could be replaced.
#[must_use]
pub fn set_body(way: Way, bytes: &[u8]) -> bool {
    hostcalls::set_buffer(way.body(), 0, usize::MAX, bytes).is_ok()
}

/// Answers in the server's place. The proxy sends it when the running callback has returned; a second
/// answer to one request would hang the client.
pub fn answer(status: u16, headers: Vec<(&str, &str)>, body: &str) {
    // A proxy that did not take it would keep the request paused, and nothing would pass.
    let _ = hostcalls::send_http_response(status.into(), headers, Some(body.as_bytes()));
}

/// Answers with the server's own status and headers, those of the connection aside, and another body,
/// of any size. Only while the headers are paused.
pub fn resend(body: &[u8]) {
    const OWN: [&str; 3] = ["content-length", "transfer-encoding", "connection"];
    let headers = hostcalls::get_map_bytes(MapType::HttpResponseHeaders).unwrap_or_default();
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .filter(|(name, _)| !name.starts_with(':') && !OWN.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value).ok()?)))
        .collect();
    let status = hostcalls::get_map_value_bytes(MapType::HttpResponseHeaders, ":status");
    let status = status.ok().flatten().and_then(|status| String::from_utf8(status).ok());
    let status = status.and_then(|status| status.parse().ok()).unwrap_or(502);
    let _ = hostcalls::send_http_response(status, headers, Some(body));
}

/// A moment of the proxy's time as the engine knows it; `None` before 1970.
pub fn time_of(moment: SystemTime) -> Option<Time> {
    let since = moment.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_millis()).ok().map(Time)
}

/// The proxy's time, as exact as it has it, to measure with.
pub fn moment() -> Option<SystemTime> {
    hostcalls::get_current_time().ok()
}

/// Has the proxy call back from time to time. Only while it loads its configuration.
pub fn tick_every(period: Duration) {
    // Without it, what is told then is told late.
    let _ = hostcalls::set_tick_period(period);
}

/// Whether lines that tell what happened are written at all. It costs more to make one than to ask.
pub fn is_logging() -> bool {
    hostcalls::get_log_level().is_ok_and(|level| level as u32 <= LogLevel::Info as u32)
}

/// Writes a line that tells what happened.
pub fn log(line: &str) {
    let _ = hostcalls::log(LogLevel::Info, line);
}

/// Writes a line that says why nothing works.
pub fn log_error(line: &str) {
    let _ = hostcalls::log(LogLevel::Error, line);
}

/// A counter of the proxy's telemetry; `None` if it cannot be had.
pub fn metric(name: &str) -> Option<u32> {
    hostcalls::define_metric(MetricType::Counter, name).ok()
}

/// A histogram of the proxy's telemetry; `None` if it cannot be had.
pub fn histogram(name: &str) -> Option<u32> {
    hostcalls::define_metric(MetricType::Histogram, name).ok()
}

/// Adds a value to a histogram of the proxy's telemetry.
pub fn record(metric: u32, value: u64) {
    let _ = hostcalls::record_metric(metric, value);
}

/// Adds to a counter of the proxy's telemetry.
pub fn count(metric: u32, by: i64) {
    let _ = hostcalls::increment_metric(metric, by);
}

/// A variable of the environment that the proxy hands to the filter; `None` if there is none of this
/// name, or nothing is handed over.
#[cfg(target_arch = "wasm32")]
pub fn variable(name: &str) -> Option<Vec<u8>> {
    // Each ends with a NUL.
    let bytes = environment::read()?;
    let mut variables = bytes.split(|byte| *byte == 0);
    let value = variables.find_map(|it| it.strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    value.map(<[u8]>::to_vec)
}

/// The environment that the proxy hands to the filter, by the functions of WASI that are a part of the
/// proxy-wasm ABI. The SDK has no call for them.
#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "what is outside of wasm is called")]
mod environment {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        fn environ_sizes_get(count: *mut u32, size: *mut u32) -> u32;
        fn environ_get(pointers: *mut *mut u8, bytes: *mut u8) -> u32;
    }

    /// The most variables, and the most bytes of them, that are read.
    const MOST: (u32, u32) = (4_096, 1 << 20);

    /// All of it, as `NAME=value` with a NUL behind each.
    pub fn read() -> Option<Vec<u8>> {
        let (mut count, mut size) = (0, 0);
        // SAFETY: each is written to once, as the number that it is.
        let known = unsafe { environ_sizes_get(&raw mut count, &raw mut size) } == 0;
        if !known || count > MOST.0 || size > MOST.1 {
            return None;
        }
        let mut pointers = vec![std::ptr::null_mut::<u8>(); count as usize];
        let mut bytes = vec![0; size as usize];
        // SAFETY: there is as much room as was asked for, and nobody follows the pointers.
        let read = unsafe { environ_get(pointers.as_mut_ptr(), bytes.as_mut_ptr()) } == 0;
        read.then_some(bytes)
    }
}

/// There is no proxy around tests.
#[cfg(not(target_arch = "wasm32"))]
pub fn variable(_: &str) -> Option<Vec<u8>> {
    None
}

/// The text of the filter's configuration.
pub fn configuration() -> Vec<u8> {
    let bytes = hostcalls::get_buffer(BufferType::PluginConfiguration, 0, usize::MAX);
    bytes.ok().flatten().unwrap_or_default()
}

/// Whether an answer did not come, or broke off, because the server failed, as opposed to the client
/// that went away. Known when the exchange is over; where the proxy does not say, `false`.
pub fn upstream_failed() -> bool {
    code_details().starts_with(b"upstream_")
}

/// Whether a request did not arrive in the time that the proxy gives it. Known when the exchange is
/// over; where the proxy does not say, `false`.
pub fn request_timed_out() -> bool {
    code_details() == b"request_overall_timeout"
}

/// What Envoy's operator is to be told when that happens and no body was ever seen.
pub const NO_BODY: &str = "a request was held until its time was over, and no body came: if this happens to every \
                       request, the proxy shows no body while headers are held: set \
                       `allow_on_headers_stop_iteration: true` on the filter";

/// How an exchange ended, in Envoy's words; empty where the proxy has none.
fn code_details() -> Vec<u8> {
    hostcalls::get_property(vec!["response", "code_details"]).ok().flatten().unwrap_or_default()
}

/// Asks a gRPC service: its number, by which the answer is known; or `None` if it cannot be asked.
/// `upstream` is a serialised `GrpcService`.
pub fn ask(
    upstream: &str,
    service: &str,
    method: &str,
    message: &[u8],
    timeout: Duration,
) -> Option<u32> {
    hostcalls::dispatch_grpc_call(upstream, service, method, vec![], Some(message), timeout).ok()
}

/// The answer of a gRPC service, while it is being told.
pub fn grpc_answer(size: usize) -> Vec<u8> {
    let bytes = hostcalls::get_buffer(BufferType::GrpcReceiveBuffer, 0, size);
    bytes.ok().flatten().unwrap_or_default()
}

/// Lets a request go on that was paused. Nothing may follow: what comes next may already have been.
pub fn resume() {
    let _ = hostcalls::resume_http_request();
}

/// The slots of the counters: names in the data that all workers share.
pub struct SharedData;

/// The name of a slot: four digits behind what all have. Made by hand; the words of `format!` took a tenth
/// of what the filter adds to a call with two limits.
struct Name([u8; 20]);

impl Name {
    fn of(slot: u16) -> Name {
        let mut name = *b"cattlegrid/slot/0000";
        let (_, digits) = name.split_at_mut(16);
        let mut rest = slot;
        for digit in digits.iter_mut().rev() {
            *digit = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
            rest /= 10;
        }
        Name(name)
    }

    fn as_str(&self) -> &str {
        ascii(&self.0).unwrap_or_default()
    }
}

impl Slots for SharedData {
    fn read(&mut self, slot: u16) -> Result<Option<(Vec<u8>, u32)>, StoreError> {
        match hostcalls::get_shared_data(Name::of(slot).as_str()) {
            Ok((Some(bytes), Some(state))) => Ok(Some((bytes, state))),
            Ok((None, None)) => Ok(None),
            _ => Err(StoreError::Unavailable),
        }
    }

    fn write(&mut self, slot: u16, bytes: &[u8], state: Option<u32>) -> Result<Swap, StoreError> {
        match hostcalls::set_shared_data(Name::of(slot).as_str(), Some(bytes), state) {
            Ok(()) => Ok(Swap::Kept),
            Err(Status::CasMismatch) => Ok(Swap::Changed),
            Err(_) => Err(StoreError::Unavailable),
        }
    }
}

/// The name under which it is remembered which tools of a server differ.
fn name_of_pins(server: &str) -> String {
    ["cattlegrid/pins/", server].concat()
}

/// Makes the value of a server that is not there yet, for nothing is inserted "if absent". To be called
/// when nobody looks at lists: while the proxy loads its configuration.
///
/// # Errors
/// If it cannot be read or written.
pub fn prepare_pins(server: &str) -> Result<(), StoreError> {
    let name = name_of_pins(server);
    match hostcalls::get_shared_data(&name) {
        Ok((None, None)) => hostcalls::set_shared_data(&name, Some(NO_PINS), None)
            .map_err(|_| StoreError::Unavailable),
        Ok(_) => Ok(()),
        Err(_) => Err(StoreError::Unavailable),
    }
}

/// In front of the value, so that one that is empty is still one: some proxies tell no value from none.
const NO_PINS: &[u8] = b"1";

impl PinMemory for SharedData {
    fn load(&mut self, server: &str) -> Result<(Vec<u8>, u64), StoreError> {
        match hostcalls::get_shared_data(&name_of_pins(server)) {
            Ok((Some(bytes), Some(state))) => {
                let value = bytes.strip_prefix(NO_PINS).ok_or(StoreError::Unavailable)?;
                Ok((value.to_vec(), state.into()))
            }
            _ => Err(StoreError::Unavailable),
        }
    }

    fn compare_and_set(
        &mut self,
        server: &str,
        seen: u64,
        value: &[u8],
    ) -> Result<Swap, StoreError> {
        let state = u32::try_from(seen).map_err(|_| StoreError::Unavailable)?;
        let value = [NO_PINS, value].concat();
        match hostcalls::set_shared_data(&name_of_pins(server), Some(&value), Some(state)) {
            Ok(()) => Ok(Swap::Kept),
            Err(Status::CasMismatch) => Ok(Swap::Changed),
            Err(_) => Err(StoreError::Unavailable),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn bytes_of(headers: &[(&str, &[u8])]) -> Vec<u8> {
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let mut bytes = u32::try_from(headers.len()).unwrap().to_le_bytes().to_vec();
        for (name, value) in headers {
            bytes.extend(length(name.as_bytes()));
            bytes.extend(length(value));
        }
        for (name, value) in headers {
            bytes.extend([name.as_bytes(), b"\0", value, b"\0"].concat());
        }
        bytes
    }

    #[test]
    fn headers_are_found_by_their_names() {
        for (at, name) in KNOWN.iter().enumerate() {
            assert_eq!(place_of_name(name), Some(at), "{name}");
            let other = name.replace(['e', 'a'], "o");
            assert_eq!(place_of_name(&other), None, "{other}");
        }
        let headers = Headers::read(bytes_of(&[
            (":method", b"POST"),
            ("mcp-name", b"a"),
            ("content-type", b"a/b"),
            ("mcp-name", b""),
            ("mcp-method", b""),
            ("x-request-id", b"\xff!"),
            ("content-type", b"c"),
            ("authorization", b""),
        ]))
        .unwrap();
        for (name, value) in [
            (":method", Some("POST")),
            ("mcp-name", Some("a, ")),
            ("content-type", Some("a/b, c")),
            ("x-request-id", Some("\u{fffd}!")),
            ("authorization", Some("")),
            ("content-length", None),
            ("mcp", None),
            ("", None),
        ] {
            assert_eq!(headers.get(name).as_deref(), value, "{name}");
        }
        let mirrors = headers.such_as("mcp", |name| name != "mcp-method");
        assert_eq!(mirrors, [("mcp-name".to_owned(), "a, ".to_owned())]);
    }

    #[test]
    fn bytes_that_are_no_headers_are_none() {
        let whole = bytes_of(&[(":method", b"POST"), ("a", b"b")]);
        assert!(Headers::read(whole.clone()).is_some());
        assert!(Headers::read(Vec::new()).unwrap().lines().next().is_none());
        // The NUL at the end is nobody's.
        for length in 1..whole.len() - 1 {
            assert!(Headers::read(whole.get(..length).unwrap().to_vec()).is_none(), "{length}");
        }
        for at in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let mut changed = whole.clone();
                *changed.get_mut(at).unwrap() = byte;
                if let Some(headers) = Headers::read(changed) {
                    let _ = headers.such_as("", |_| true);
                }
            }
        }
    }
}
