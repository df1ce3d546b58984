//! The text of a configuration to [`Settings`], with all that is wrong with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    ANONYMOUS, DEFAULT, Grant, Identity, List, Mode, Named, Passage, Server, Service, Settings,
    Store, has_one_reading,
};
use crate::approval::{Keys, Secrets};
use crate::compile::compile;
use crate::diagnostic::{Code, Diagnostic, Saying, name, nearest, sort};
use crate::json::{Limits, Node, Object, Value};
use crate::parse::{self, Field, Fields, Key, Kind, Reader, Words, fault};
use crate::pin::{Lock, OnChange, Watch};
use crate::protocol::list;
use crate::quota::Label;

const CONFIGURATION: [Key; 16] = [
    Key::new("$schema", Kind::Text),
    Key::new("policy", Kind::Object),
    Key::new("policies", Kind::Object),
    Key::new("grants", Kind::List),
    Key::new("anonymous", Kind::Text),
    Key::new("servers", Kind::List),
    Key::new("mode", Kind::Text),
    Key::new("unknown_methods", Kind::Text),
    Key::new("resources", Kind::Text),
    Key::new("prompts", Kind::Text),
    Key::new("list", Kind::Text),
    Key::new("tools_lock", Kind::Object),
    Key::new("changed_tools", Kind::Text),
    Key::new("limits", Kind::Object),
    Key::new("approval_keys", Kind::Any),
    Key::new("store", Kind::Object),
];

const POLICY: [Key; 2] =
    [Key::new("policy", Kind::Object).required(), Key::new("mode", Kind::Text)];

const GRANT: [Key; 4] = [
    Key::new("label", Kind::Text).required(),
    Key::new("token_sha256", Kind::Text).required(),
    Key::new("policy", Kind::Text),
    Key::new("server", Kind::Text),
];

const SERVER: [Key; 4] = [
    Key::new("name", Kind::Text).required(),
    Key::new("path", Kind::Text).required(),
    Key::new("tools_lock", Kind::Object),
    Key::new("changed_tools", Kind::Text),
];

const LIMITS: [Key; 2] =
    [Key::new("request_bytes", Kind::Any), Key::new("answer_bytes", Kind::Any)];

const STORE: [Key; 2] =
    [Key::new("rate_limit_service", Kind::Object), Key::new("on_failure", Kind::Text)];

const SERVICE: [Key; 3] = [
    Key::new("cluster", Kind::Text).required(),
    Key::new("domain", Kind::Text),
    Key::new("timeout_ms", Kind::Any),
];

const MODES: [(&str, Mode); 2] = [("enforce", Mode::Enforce), ("shadow", Mode::Shadow)];
const PASSAGES: [(&str, Passage); 2] = [("allow", Passage::Allow), ("deny", Passage::Deny)];
const LISTS: [(&str, List); 2] = [("hidden", List::Hidden), ("callable", List::Callable)];
const CHANGES: [(&str, OnChange); 2] =
    [("quarantine", OnChange::Quarantine), ("report", OnChange::Report)];

/// The domain of a service that names none.
const DOMAIN: &str = "cattlegrid";
/// How long a service is waited for that says nothing else, in milliseconds.
const TIMEOUT_MS: u32 = 100;

/// Reads the text of a configuration (UTF-8 JSON of at most 4 MiB), where nothing is enforced: secrets
/// that it only names are left out.
///
/// # Errors
/// All that is wrong with it, in the order of the text.
pub fn read(text: &[u8]) -> Result<Settings, Vec<Diagnostic>> {
    read_with(text, Secrets::Unread)
}

/// As [`read`], with the secrets that it names (`hs256_env`): variables of the environment.
///
/// # Errors
/// As [`read`]; and if there is no secret of a name.
pub fn read_with(text: &[u8], secrets: Secrets<'_>) -> Result<Settings, Vec<Diagnostic>> {
    // Policies with little around them: the same bounds.
    let (node, mut diagnostics) = parse::json(text, &Limits::DOCUMENT);
    let mut settings = None;
    // What is not JSON may mean anything: nothing more is said about it.
    if let (Some(root), true) = (node, diagnostics.is_empty()) {
        let text = std::str::from_utf8(text).unwrap_or_default();
        let mut configuration = Configuration {
            text,
            secrets,
            named: Vec::new(),
            reader: Reader::new(text, &[]),
            of_parts: Vec::new(),
        };
        settings = configuration.settings(&root);
        diagnostics = configuration.reader.finish_list(&root);
        diagnostics.extend(configuration.of_parts);
    }
    match settings {
        Some(settings) if diagnostics.is_empty() => Ok(settings),
        _ => {
            sort(&mut diagnostics);
            Err(diagnostics)
        }
    }
}

/// Understands what it can and says what it cannot.
struct Configuration<'t> {
    text: &'t str,
    reader: Reader<'t>,
    secrets: Secrets<'t>,
    /// The names of those that are asked for.
    named: Vec<String>,
    /// What is wrong with parts that others read: they know their own pointers.
    of_parts: Vec<Diagnostic>,
}

impl Configuration<'_> {
    fn settings(&mut self, root: &Node) -> Option<Settings> {
        let object = self.reader.object(root, "a configuration")?;
        let fields = self.reader.fields(root, object, "a configuration", &CONFIGURATION);
        let mode = self.setting(&fields, "mode", &MODES).unwrap_or(Mode::Enforce);
        let on_change = self.setting(&fields, "changed_tools", &CHANGES);
        let servers = self.servers(&fields, on_change);
        let watch = self.watch(&fields, None, on_change, &servers);
        let policies = self.policies(&fields, root, object, mode, &servers);
        let grants = self.grants(&fields, &policies, &servers);
        let anonymous = self.anonymous(&fields, &policies);
        let (store, on_store_failure) = self.store(&fields);
        self.preconditions(&fields, &policies, &store);
        let [request, answer] = self.limits(&fields);
        let passage = |own: &mut Self, key| own.setting(&fields, key, &PASSAGES);
        let approvals = self.approvals(&fields);
        Some(Settings {
            grants,
            anonymous,
            servers,
            watch,
            mode: mode_of_strangers(mode, &policies),
            policies,
            unknown_methods: passage(self, "unknown_methods").unwrap_or(Passage::Deny),
            resources: passage(self, "resources").unwrap_or(Passage::Allow),
            prompts: passage(self, "prompts").unwrap_or(Passage::Allow),
            list: self.setting(&fields, "list", &LISTS).unwrap_or(List::Hidden),
            request,
            answer,
            approvals,
            secrets: std::mem::take(&mut self.named),
            store,
            on_store_failure,
        })
    }

    /// One of the words of a setting.
    fn setting<T: Copy>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        known: &[(&'static str, T)],
    ) -> Option<T> {
        let words = Words {
            code: Code::UnknownSetting,
            what: "setting",
            known,
            synonyms: &[],
            help: match known {
                [("enforce", _), ..] => "it is `enforce` or `shadow`",
                [("quarantine", _), ..] => "it is `quarantine` or `report`",
                [("hidden", _), ..] => "it is `hidden` or `callable`",
                _ => "it is `allow` or `deny`",
            },
        };
        self.reader.word(fields.get(key)?, &words)
    }

    fn policies(
        &mut self,
        fields: &Fields<'_>,
        root: &Node,
        object: &Object,
        mode: Mode,
        servers: &[Server],
    ) -> Vec<Arc<Named>> {
        let mut policies = Vec::new();
        if let Some(field) = fields.get("policy") {
            policies.extend(self.policy(DEFAULT, field, "/policy", mode, servers));
        }
        let named = fields.get("policies");
        let members = named.and_then(|field| field.node.value.as_object());
        for member in members.map(Object::members).unwrap_or_default() {
            let written = &*member.key;
            if !self.reader.is_named(written, member.key_span, "the name of a policy") {
                continue;
            }
            if written == DEFAULT && fields.get("policy").is_some() {
                self.report(Code::DuplicateName, member.key_span.inner(), |said| {
                    said.message("`policy` is the policy with this name already")
                        .help("give it another name, or leave `policy` out")
                });
            }
            let Some(object) = self.reader.object(&member.node, "a policy's entry") else {
                continue;
            };
            let fields = self.reader.fields(&member.node, object, "a policy's entry", &POLICY);
            let mode = self.setting(&fields, "mode", &MODES).unwrap_or(mode);
            if let Some(field) = fields.get("policy") {
                let pointer = format!("/policies/{}/policy", crate::json::pointer_token(written));
                policies.extend(self.policy(written, field, &pointer, mode, servers));
            }
        }
        if object.get("policy").is_none() && object.get("policies").is_none() {
            let brace = root.span.first();
            self.report(Code::MissingKey, brace, |said| {
                said.message("a configuration needs `policy` or `policies`")
            });
        }
        policies
    }

    fn policy(
        &mut self,
        name: &str,
        field: &Field<'_>,
        pointer: &str,
        mode: Mode,
        servers: &[Server],
    ) -> Option<Arc<Named>> {
        let parsed = parse::parse_within(self.text.as_bytes(), field.node);
        self.of_parts.extend(parsed.diagnostics.into_iter().map(|mut diagnostic| {
            diagnostic.pointer.insert_str(0, pointer);
            diagnostic
        }));
        let policy = compile(&parsed.policy?);
        Some(Arc::new(Named::new(name, policy, mode, servers)))
    }

    fn servers(&mut self, fields: &Fields<'_>, on_change: Option<OnChange>) -> Vec<Server> {
        let mut servers: Vec<Server> = Vec::new();
        for node in fields.items("servers") {
            let Some(object) = self.reader.object(node, "a server") else { continue };
            let fields = self.reader.fields(node, object, "a server", &SERVER);
            let (Some(called), Some(path)) = (fields.get("name"), fields.get("path")) else {
                continue;
            };
            let (span, place) = (called.node.span, path.node.span);
            let (called, path) =
                (fields.text("name").unwrap_or_default(), fields.text("path").unwrap_or_default());
            if !self.reader.is_named(called, span, "the name of a server") {
                continue;
            }
            let stem = path.strip_suffix('/').unwrap_or(path);
            let is_path = path.starts_with('/') && (stem.is_empty() || has_one_reading(stem));
            if !is_path {
                self.report(Code::InvalidPrefix, place.inner(), |said| {
                    said.message(format!("{} is no path that requests can begin with", name(path)))
                        .help("it begins with `/` and has letters, digits and `-._~`, as in `/billing`")
                });
            }
            if servers.iter().any(|server| server.name == called) {
                self.report(Code::DuplicateName, span.inner(), |said| {
                    said.message(format!("another server is called {}", name(called)))
                });
            }
            if servers.iter().any(|server| server.path == stem) {
                self.report(Code::DuplicateName, place.inner(), |said| {
                    said.message("another server has this path")
                });
            }
            let own = self.setting(&fields, "changed_tools", &CHANGES);
            let watch = self.watch(&fields, Some(called), own.or(on_change), &[]);
            servers.push(Server { name: called.to_owned(), path: stem.to_owned(), watch });
        }
        // The longest that fits is meant.
        servers.sort_by_key(|server| std::cmp::Reverse(server.path.len()));
        servers
    }

    /// The lock of a server, or of the only one, which has no name; `servers` are the named ones.
    fn watch(
        &mut self,
        fields: &Fields<'_>,
        server: Option<&str>,
        on_change: Option<OnChange>,
        servers: &[Server],
    ) -> Option<Arc<Watch>> {
        let Some(field) = fields.get("tools_lock") else {
            let of_servers = servers.iter().any(|server| server.watch.is_some());
            if let Some(field) = fields.get("changed_tools").filter(|_| !of_servers) {
                self.report(Code::LockNotUsed, field.key_span.inner(), |said| {
                    said.message("there is no `tools_lock` by which a change could be seen")
                        .help("`cattlegrid pin` writes one from the server's list of tools")
                });
            }
            return None;
        };
        if server.is_none() && !servers.is_empty() {
            self.report(Code::LockNotUsed, field.key_span.inner(), |said| {
                said.message("this is the lock of no server")
                    .help("where there are `servers`, each has its own `tools_lock`")
            });
        }
        let lock = Lock::from_node(&mut self.reader, field.node)?;
        let on_change = on_change.unwrap_or(OnChange::Quarantine);
        Some(Arc::new(Watch::new(server, &lock, on_change)))
    }

    /// Two grants may have one label: a token that is being replaced stays good beside the new one.
    fn grants(
        &mut self,
        fields: &Fields<'_>,
        policies: &[Arc<Named>],
        servers: &[Server],
    ) -> BTreeMap<[u8; 32], Vec<Grant>> {
        let mut grants: BTreeMap<[u8; 32], Vec<Grant>> = BTreeMap::new();
        for node in fields.items("grants") {
            let Some(object) = self.reader.object(node, "a grant") else { continue };
            let fields = self.reader.fields(node, object, "a grant", &GRANT);
            let label = fields.get("label").and_then(|field| {
                let label = field.node.value.as_str()?;
                self.reader.is_named(label, field.node.span, "the label").then_some(label)
            });
            let policy = match fields.get("policy") {
                None => named(policies, DEFAULT),
                Some(field) => self.policy_of(field, policies),
            };
            if let Some(field) = fields.get("server") {
                let known = servers.iter().map(|server| server.name.as_str());
                self.reference(field, "server", known);
            }
            let Some(field) = fields.get("token_sha256") else { continue };
            let Some(digest) = field.node.value.as_str().and_then(bytes_of) else {
                self.report(Code::InvalidDigest, field.node.span.inner(), |said| {
                    said.message("not a sha-256 in 64 hexadecimal digits")
                        .help("write what `printf %s \"$TOKEN\" | sha256sum` prints")
                });
                continue;
            };
            let server = fields.text("server").map(str::to_owned);
            let of_token = grants.entry(digest).or_default();
            if of_token.iter().any(|grant| grant.server == server) {
                self.report(Code::InvalidDigest, field.node.span.inner(), |said| {
                    said.message("another grant has this token already")
                });
                continue;
            }
            let Some(label) = label else { continue };
            let identity = Identity { label: Label::new(label), policy };
            of_token.push(Grant { server, identity });
        }
        grants
    }

    /// Who requests without a token are: nobody, where there are grants and nothing is said.
    fn anonymous(&mut self, fields: &Fields<'_>, policies: &[Arc<Named>]) -> Option<Identity> {
        let policy = match (fields.get("anonymous"), fields.get("grants")) {
            (Some(field), _) => self.policy_of(field, policies),
            (None, Some(_)) => return None,
            (None, None) => named(policies, DEFAULT),
        };
        Some(Identity { label: Label::new(ANONYMOUS), policy })
    }

    fn policy_of(&mut self, field: &Field<'_>, policies: &[Arc<Named>]) -> Option<Arc<Named>> {
        let known = policies.iter().map(|policy| policy.name.as_str());
        let called = self.reference(field, "policy", known)?;
        named(policies, called)
    }

    /// A name that must be one of the known; `None` if it is not.
    fn reference<'d, 'k>(
        &mut self,
        field: &Field<'d>,
        what: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) -> Option<&'d str> {
        let written = field.node.value.as_str()?;
        if known.clone().any(|known| known == written) {
            return Some(written);
        }
        self.report(Code::UnknownReference, field.node.span.inner(), |said| {
            let said = said.message(format!("no {what} is called {}", name(written)));
            match nearest(written, known) {
                Some(meant) => said.help(format!("did you mean {}?", name(meant))),
                None => said,
            }
        });
        None
    }

    fn approvals(&mut self, fields: &Fields<'_>) -> Keys {
        let Some(field) = fields.get("approval_keys") else { return Keys::default() };
        self.secret_names(field.node);
        Keys::from_node_with(field.node, self.secrets).unwrap_or_else(|faults| {
            let faults = faults.iter().map(|fault| fault.diagnostic("/approval_keys"));
            self.of_parts.extend(faults);
            Keys::default()
        })
    }

    /// Notes which secrets are only named.
    fn secret_names(&mut self, keys: &Node) {
        for key in keys.value.as_list().unwrap_or_default() {
            let named = key.value.as_object().and_then(|key| key.get("hs256_env")?.value.as_str());
            self.named.extend(named.map(str::to_owned));
        }
    }

    fn store(&mut self, fields: &Fields<'_>) -> (Store, Passage) {
        let Some(field) = fields.get("store") else { return (Store::Shared, Passage::Deny) };
        let Some(object) = field.node.value.as_object() else {
            return (Store::Shared, Passage::Deny);
        };
        let fields = self.reader.fields(field.node, object, "`store`", &STORE);
        let on_failure = self.setting(&fields, "on_failure", &PASSAGES).unwrap_or(Passage::Deny);
        let Some(field) = fields.get("rate_limit_service") else {
            return (Store::Shared, on_failure);
        };
        let object = field.node.value.as_object();
        let service = object.and_then(|object| {
            let fields = self.reader.fields(field.node, object, "a service", &SERVICE);
            let cluster = fields.get("cluster")?;
            let called = fields.text("cluster")?;
            self.reader.is_named(called, cluster.node.span, "the cluster's name");
            let domain = fields.text("domain").unwrap_or(DOMAIN);
            if let Some(field) = fields.get("domain") {
                self.reader.is_named(domain, field.node.span, "the domain");
            }
            let timeout = self.number(&fields, "timeout_ms", 1, 60_000);
            Some(Service {
                cluster: called.to_owned(),
                domain: domain.to_owned(),
                timeout_ms: timeout.and_then(|ms| u32::try_from(ms).ok()).unwrap_or(TIMEOUT_MS),
            })
        });
        (service.map_or(Store::Shared, Store::Service), on_failure)
    }

    /// A service is asked whether there is room, and never what was counted.
    fn preconditions(&mut self, fields: &Fields<'_>, policies: &[Arc<Named>], store: &Store) {
        let (Some(field), Store::Service(_)) = (fields.get("store"), store) else { return };
        let asks =
            |named: &&Arc<Named>| named.mode == Mode::Enforce && named.policy.has_preconditions();
        for named in policies.iter().filter(asks) {
            self.report(Code::NotToldByService, field.node.span.first(), |said| {
                said.message(format!(
                    "the policy {} has preconditions, and a rate-limit service does not tell what it has counted",
                    name(&named.name)
                ))
                .help("leave `rate_limit_service` or the preconditions out")
            });
        }
    }

    /// The limits of a request and of an answer.
    fn limits(&mut self, fields: &Fields<'_>) -> [Limits; 2] {
        let (mut request, mut answer) = (Limits::MESSAGE, list::ANSWER);
        if let Some(field) = fields.get("limits")
            && let Some(object) = field.node.value.as_object()
        {
            let fields = self.reader.fields(field.node, object, "`limits`", &LIMITS);
            let mut bytes = |key| self.number(&fields, key, 1_024, 64 << 20);
            let [wanted_request, wanted_answer] = ["request_bytes", "answer_bytes"].map(&mut bytes);
            let of = |bytes: Option<u64>| bytes.and_then(|bytes| usize::try_from(bytes).ok());
            request.bytes = of(wanted_request).unwrap_or(request.bytes);
            answer.bytes = of(wanted_answer).unwrap_or(answer.bytes);
        }
        [request, answer]
    }

    /// A whole number within bounds.
    fn number(&mut self, fields: &Fields<'_>, key: &str, least: u64, most: u64) -> Option<u64> {
        let field = fields.get(key)?;
        let number = match &field.node.value {
            Value::Number(number) => number.to_u64(),
            _ => None,
        };
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.report(Code::OutOfBounds, field.node.span, |said| {
                said.message(format!("{} is a whole number from {least} to {most}", name(key)))
            });
        }
        number
    }

    fn report(
        &mut self,
        code: Code,
        span: crate::source::Span,
        say: impl FnOnce(Saying<'_>) -> Saying<'_>,
    ) {
        self.reader.report(fault(code, span).say(say));
    }
}

/// What happens to requests of which it is not known whose they are. In shadow they would pass, past
/// every policy: only where none is enforced.
fn mode_of_strangers(mode: Mode, policies: &[Arc<Named>]) -> Mode {
    let enforced = policies.iter().any(|policy| policy.mode == Mode::Enforce);
    if enforced { Mode::Enforce } else { mode }
}

fn named(policies: &[Arc<Named>], called: &str) -> Option<Arc<Named>> {
    policies.iter().find(|policy| policy.name == called).cloned()
}

/// The bytes that 64 hexadecimal digits stand for.
fn bytes_of(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high?.checked_mul(16)?.checked_add(low?)?).ok()?;
    }
    Some(bytes)
}
