//! A proxy without a network, as the ABI wants one: what a filter pauses is held, what it has let go cannot be
//! changed any more, and what it answers itself takes the place of the server's answer.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use proxy_wasm_host::abi::v0_2_1::types::{Action, BufferType, LogLevel, MapType, Status};
use proxy_wasm_host::abi::v0_2_1::{
    Access, CallScope, Callback, Clock, ContextId, Guest, GuestError, Host, Invocation,
    LocalResponse, LogContext, LogSink, PluginConfig, Started, StreamState, VmServices,
};
use proxy_wasm_host::{Buffer, Engine, HeaderMap, HeaderMapExt, Limits, Module, VecHeaderMap};

use crate::store::Store;

/// Which build of the filter.
#[derive(Clone, Copy)]
pub enum Build {
    /// The one that ships.
    Shipped,
    /// The one that traps when it is asked to.
    Hooked,
}

static HOST: LazyLock<Host> = LazyLock::new(|| Host::new(&Engine::new().unwrap()).unwrap());
static SHIPPED: LazyLock<Module> = LazyLock::new(|| read("target/cattlegrid_envoy.wasm"));
static HOOKED: LazyLock<Module> = LazyLock::new(|| {
    read("target/test-clock/wasm32-unknown-unknown/release/cattlegrid_envoy.wasm")
});

fn read(path: &str) -> Module {
    let bytes = std::fs::read(project(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    Module::new(HOST.engine(), &bytes).unwrap()
}

/// A path of the project.
pub fn project(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// What filters have said, and the time that they are told, in milliseconds.
#[derive(Default)]
pub struct World {
    pub log: Mutex<Vec<String>>,
    pub now: AtomicU64,
}

impl LogSink for World {
    fn log(&self, _: LogContext<'_>, _: LogLevel, message: &[u8]) {
        self.log.lock().unwrap().push(String::from_utf8_lossy(message).into_owned());
    }
}

impl Clock for World {
    fn realtime_nanos(&self) -> u64 {
        self.now.load(Ordering::Relaxed) * 1_000_000
    }

    fn monotonic_nanos(&self) -> u64 {
        self.realtime_nanos()
    }
}

/// A request or an answer.
#[derive(Clone, Default, PartialEq)]
pub struct Message {
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

/// As text, and not the whole of it.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.headers {
            write!(f, "{name}: {} | ", String::from_utf8_lossy(value))?;
        }
        write!(f, "{:.500}", String::from_utf8_lossy(&self.body))
    }
}

impl Message {
    pub fn new(headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Message {
        let pair = |&(name, value): &(&str, &str)| (name.to_owned(), value.as_bytes().to_vec());
        Message { headers: headers.iter().map(pair).collect(), body: body.into() }
    }

    /// A POST of JSON.
    pub fn post(body: impl Into<Vec<u8>>) -> Message {
        Message::new(
            &[
                (":method", "POST"),
                (":path", "/mcp"),
                (":authority", "127.0.0.1"),
                ("accept", "application/json, text/event-stream"),
                ("content-type", "application/json"),
            ],
            body,
        )
    }

    /// An answer of status 200.
    pub fn answer(kind: &str, body: impl Into<Vec<u8>>) -> Message {
        Message::new(&[(":status", "200"), ("content-type", kind)], body)
    }

    pub fn with(mut self, name: &str, value: &str) -> Message {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other == name)?;
        std::str::from_utf8(&found.1).ok()
    }

    pub fn status(&self) -> u32 {
        self.header(":status").unwrap().parse().unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// How a message comes.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// In pieces of so many bytes.
    pub piece: usize,
    pub end: End,
    /// Whether the proxy shows a filter what that itself answers, as Envoy does.
    pub shows_own_answers: bool,
}

/// How a message ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// With its last piece, or with its headers if it has none.
    AtOnce,
    /// With a piece in which there is nothing.
    Later,
    /// With trailers.
    Trailers,
    /// Not at all.
    Never,
}

pub const WHOLE: Manner = Manner { piece: usize::MAX, end: End::AtOnce, shows_own_answers: false };

/// Every manner in which a whole message may come.
pub const MANNERS: [Manner; 4] = [
    WHOLE,
    Manner { piece: 7, end: End::Later, shows_own_answers: true },
    Manner { piece: 1000, end: End::Trailers, shows_own_answers: false },
    Manner { piece: 1, end: End::AtOnce, shows_own_answers: true },
];

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Request,
    Answer,
}

/// One direction of an exchange, as the proxy has it.
#[derive(Default)]
struct Half {
    headers: VecHeaderMap,
    /// Whether its headers came, and whether they have gone on.
    came: bool,
    gone: bool,
    /// What is held of the body, and whether anything is.
    held: Vec<u8>,
    paused: bool,
    /// What has gone on.
    passed: Message,
    whole: bool,
}

/// One request and its answer, as the filter may see them.
#[derive(Default)]
struct Stream {
    request: Half,
    answer: Half,
    own: Vec<Message>,
    /// Why there is no answer, in Envoy's words; other proxies have none.
    details: Option<&'static str>,
    /// Whether the proxy has let headers go that were paused.
    lax: bool,
}

impl Stream {
    fn half(&mut self, way: Way) -> &mut Half {
        match way {
            Way::Request => &mut self.request,
            Way::Answer => &mut self.answer,
        }
    }
}

impl StreamState for Stream {
    fn header_map(
        &mut self,
        _: Invocation,
        access: Access,
        map: MapType,
    ) -> Result<&mut dyn HeaderMap, Status> {
        let half = match map {
            MapType::HttpRequestHeaders => &mut self.request,
            MapType::HttpResponseHeaders => &mut self.answer,
            _ => return Err(Status::BadArgument),
        };
        if !half.came || (access == Access::Write && half.gone) {
            return Err(Status::BadArgument);
        }
        Ok(&mut half.headers)
    }

    fn buffer(
        &mut self,
        call: Invocation,
        _: Access,
        buffer: BufferType,
    ) -> Result<&mut dyn Buffer, Status> {
        let (half, own) = match buffer {
            BufferType::HttpRequestBody => (&mut self.request, Callback::RequestBody),
            BufferType::HttpResponseBody => (&mut self.answer, Callback::ResponseBody),
            _ => return Err(Status::NotFound),
        };
        // In its own callback, or while it is paused there: to the letter of the ABI.
        if call.callback == Some(own) || half.paused {
            Ok(&mut half.held)
        } else {
            Err(Status::NotFound)
        }
    }

    fn send_local_response(
        &mut self,
        _: Invocation,
        response: LocalResponse<'_>,
    ) -> Result<(), Status> {
        assert!(!self.answer.gone, "the filter answers when the server's headers have gone on");
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let headers = response.headers.iter().map(|(name, value)| (text(name), value.to_vec()));
        let status = (":status".to_owned(), response.status_code.to_string().into_bytes());
        let headers = std::iter::once(status).chain(headers).collect();
        self.own.push(Message { headers, body: response.body.to_vec() });
        Ok(())
    }

    fn property(&mut self, _: Invocation, path: &[&[u8]], out: &mut Vec<u8>) -> Result<(), Status> {
        match (path, self.details) {
            ([b"response", b"code_details"], Some(details)) => {
                out.extend_from_slice(details.as_bytes());
                Ok(())
            }
            _ => Err(Status::NotFound),
        }
    }
}

/// The filter trapped.
#[derive(Debug)]
pub struct Trapped;

/// What became of an exchange.
#[derive(Debug)]
pub struct Seen {
    /// What went on to the server, if the request went on to its end.
    pub forwarded: Option<Message>,
    /// What of the request went on, whole or not.
    pub began: Message,
    /// What the client has: the server's answer, or the filter's.
    pub answer: Option<Message>,
    /// What of it went on, whole or not.
    pub shown: Message,
    /// Whether it is the filter's own.
    pub own: bool,
    pub trapped: bool,
}

impl Seen {
    /// What the client has.
    pub fn answered(&self) -> &Message {
        self.answer.as_ref().unwrap_or_else(|| panic!("no answer: {self:?}"))
    }
}

/// One instance of the filter, with a configuration.
pub struct Filter {
    guest: Guest,
    root: ContextId,
    pub world: Arc<World>,
}

/// One request and its answer that are on their way.
pub struct Exchange {
    context: ContextId,
    stream: Stream,
}

impl Filter {
    /// Starts the filter; or says what it logged when it refused to, or trapped.
    pub fn start(build: Build, configuration: &str, store: &Arc<Store>) -> Result<Filter, String> {
        let module = match build {
            Build::Shipped => &*SHIPPED,
            Build::Hooked => &*HOOKED,
        };
        let world = Arc::new(World::default());
        let services = VmServices::new(world.clone())
            .with_clock(world.clone())
            .with_shared(store.clone())
            .with_vm_id(*b"cattlegrid");
        // A busy machine is no fault of the filter's.
        let limits = Limits::default().with_cpu_time(Duration::from_secs(60));
        let mut guest = Guest::new(&HOST, module, services, &limits).unwrap();
        let plugin = PluginConfig::new()
            .with_name(*b"cattlegrid")
            .with_root_id(*b"cattlegrid")
            .with_configuration(configuration.as_bytes());
        let started = guest.start(plugin);
        match started {
            Ok(Started::Serving(root)) => Ok(Filter { guest, root, world }),
            Ok(Started::Refused { .. }) => Err(world.log.lock().unwrap().join("\n")),
            Err(error) => Err(format!("{error}\n{}", world.log.lock().unwrap().join("\n"))),
        }
    }

    /// Whether it can still be asked.
    pub fn serves(&self) -> bool {
        self.guest.is_serving()
    }

    /// A whole exchange with a server that answers, or does not.
    pub fn exchange(
        &mut self,
        request: &Message,
        manner: Manner,
        server: impl FnOnce(&Message) -> Option<Message>,
    ) -> Seen {
        let mut exchange = self.open();
        let trapped = self.run(&mut exchange, request, manner, server).is_err();
        let Stream { request, answer, mut own, .. } = exchange.stream;
        assert!(own.len() <= 1, "the filter answered twice: {own:?}");
        let own = own.pop();
        Seen {
            forwarded: request.whole.then(|| request.passed.clone()),
            began: request.passed,
            own: own.is_some(),
            shown: own.clone().unwrap_or_else(|| answer.passed.clone()),
            answer: own.or_else(|| answer.whole.then_some(answer.passed)),
            trapped,
        }
    }

    fn run(
        &mut self,
        exchange: &mut Exchange,
        request: &Message,
        manner: Manner,
        server: impl FnOnce(&Message) -> Option<Message>,
    ) -> Result<(), Trapped> {
        // What has no body by its method has none in any manner.
        let asked = if request.header(":method") == Some("GET") { WHOLE } else { manner };
        self.ask(exchange, request, asked)?;
        if exchange.stream.request.whole {
            match server(&exchange.stream.request.passed.clone()) {
                Some(answer) => self.answer(exchange, &answer, manner)?,
                None => exchange.stream.details = Some("upstream_reset_before_response_started"),
            }
        }
        if let Some(own) = exchange.stream.own.pop_if(|_| manner.shows_own_answers) {
            exchange.stream.answer = Half::default();
            self.answer(exchange, &own, WHOLE)?;
            assert_eq!(exchange.stream.answer.passed, own, "the filter changed its own answer");
            exchange.stream.own.push(own);
        }
        self.close(exchange)
    }

    /// Begins an exchange.
    pub fn open(&mut self) -> Exchange {
        let context = self.guest.enter_root().on_context_create(Some(self.root)).unwrap();
        Exchange { context, stream: Stream::default() }
    }

    /// An exchange whose headers go on although the filter pauses them.
    pub fn open_lax(&mut self) -> Exchange {
        let exchange = self.open();
        Exchange { stream: Stream { lax: true, ..exchange.stream }, ..exchange }
    }

    /// The request comes.
    pub fn ask(
        &mut self,
        exchange: &mut Exchange,
        request: &Message,
        manner: Manner,
    ) -> Result<(), Trapped> {
        self.pass(exchange, Way::Request, request, manner)
    }

    /// The server answers.
    pub fn answer(
        &mut self,
        exchange: &mut Exchange,
        answer: &Message,
        manner: Manner,
    ) -> Result<(), Trapped> {
        self.pass(exchange, Way::Answer, answer, manner)
    }

    /// The exchange is over, whether or not it came to an end.
    pub fn close(&mut self, exchange: &mut Exchange) -> Result<(), Trapped> {
        self.call(exchange, |scope, context| {
            scope.on_done(context)?;
            scope.on_log(context)?;
            scope.on_delete(context)
        })?;
        Ok(())
    }

    fn pass(
        &mut self,
        exchange: &mut Exchange,
        way: Way,
        message: &Message,
        manner: Manner,
    ) -> Result<(), Trapped> {
        let headers =
            message.headers.iter().map(|(name, value)| (name.clone().into_bytes(), value.clone()));
        let half = exchange.stream.half(way);
        (half.headers, half.came) = (headers.collect(), true);
        let count = u32::try_from(message.headers.len()).unwrap();
        let at_once = message.body.is_empty() && manner.end == End::AtOnce;
        let action = self.call(exchange, |scope, context| match way {
            Way::Request => scope.on_request_headers(context, count, at_once),
            Way::Answer => scope.on_response_headers(context, count, at_once),
        })?;
        if !exchange.stream.let_go(way, action, at_once) {
            return Ok(());
        }
        let mut pieces: Vec<&[u8]> = message.body.chunks(manner.piece).collect();
        if manner.end == End::Later {
            pieces.push(&[]);
        }
        let last = pieces.len().saturating_sub(1);
        for (number, piece) in pieces.into_iter().enumerate() {
            let end = number == last && matches!(manner.end, End::AtOnce | End::Later);
            let half = exchange.stream.half(way);
            half.held.extend_from_slice(piece);
            let size = u32::try_from(half.held.len()).unwrap();
            let action = self.call(exchange, |scope, context| match way {
                Way::Request => scope.on_request_body(context, size, end),
                Way::Answer => scope.on_response_body(context, size, end),
            })?;
            if !exchange.stream.let_go(way, action, end) {
                return Ok(());
            }
        }
        if manner.end == End::Trailers {
            let action = self.call(exchange, |scope, context| match way {
                Way::Request => scope.on_request_trailers(context, 1),
                Way::Answer => scope.on_response_trailers(context, 1),
            })?;
            exchange.stream.let_go(way, action, true);
        }
        Ok(())
    }

    fn call<R>(
        &mut self,
        exchange: &mut Exchange,
        what: impl FnOnce(&mut CallScope<'_, Stream>, ContextId) -> Result<R, GuestError>,
    ) -> Result<R, Trapped> {
        let context = exchange.context;
        let stream = std::mem::take(&mut exchange.stream);
        let (answer, stream) = self.guest.with(stream, |scope| what(scope, context));
        exchange.stream = stream;
        answer.map_err(|error| {
            assert!(!self.serves(), "{error}");
            Trapped
        })
    }
}

impl Exchange {
    /// What has gone on to the server.
    pub fn forwarded(&self) -> &Message {
        &self.stream.request.passed
    }

    /// What has gone on to the client.
    pub fn shown(&self) -> &Message {
        self.stream.own.first().unwrap_or(&self.stream.answer.passed)
    }

    /// Whether the whole request has gone on.
    pub fn is_forwarded(&self) -> bool {
        self.stream.request.whole
    }

    /// The answer breaks off, or does not come: why, as Envoy says it.
    pub fn break_off(&mut self, details: &'static str) {
        self.stream.details = Some(details);
    }
}

impl Stream {
    /// Lets go what the filter lets go. Whether the message may go on coming.
    fn let_go(&mut self, way: Way, action: Action, end: bool) -> bool {
        if !self.own.is_empty() {
            return false;
        }
        let lax = self.lax;
        let half = self.half(way);
        half.paused = action == Action::Pause;
        if !half.paused || (lax && !half.gone) {
            if !half.gone {
                half.gone = true;
                let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
                half.passed.headers = half
                    .headers
                    .pairs()
                    .into_iter()
                    .map(|(name, value)| (text(name), value))
                    .collect();
            }
            if !half.paused {
                half.passed.body.append(&mut half.held);
                half.whole = end;
            }
        }
        true
    }
}
