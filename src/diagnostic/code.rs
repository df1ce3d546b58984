//! The codes of all diagnostics.

use std::sync::LazyLock;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The document does not compile.
    Error,
    /// The document compiles and may not do what its author wants.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A line of a doc comment without the space behind its slashes.
fn line(doc: &'static str) -> &'static str {
    doc.strip_prefix(' ').unwrap_or(doc)
}

/// Makes the enum, its names and its severities from one list, so that none can be forgotten.
macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $variant:ident = $name:literal, $severity:ident; )+) => {
        /// What kind of fault a diagnostic reports. Names are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl Code {
            /// Every code, in the order of this list.
            pub const ALL: &'static [Code] = &[ $( Code::$variant, )+ ];

            /// The code's stable name, in kebab-case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Code::$variant => $name, )+ }
            }

            /// What is wrong, why it matters and what to do, as Markdown: a paragraph that says it in
            /// short, more of them, an example.
            #[must_use]
            pub fn explain(self) -> &'static str {
                static TEXTS: LazyLock<Vec<String>> =
                    LazyLock::new(|| vec![ $( [$($doc),+].map(line).join("\n") ),+ ]);
                TEXTS.get(self as usize).map_or("", String::as_str)
            }

            /// Whether it is an error or a warning.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $( Code::$variant => Severity::$severity, )+ }
            }
        }
    };
}

codes! {
    // Reading the text as JSON.
    /// The text begins with a byte order mark. A document is plain UTF-8.
    ///
    /// Some readers skip the mark and others take it for part of the text. Save the file without
    /// it; `--fix` does.
    ByteOrderMark = "byte-order-mark", Error;
    /// The text is not UTF-8.
    ///
    /// Readers guess differently at what such bytes mean, so that two of them could read two
    /// policies. Save the file as UTF-8. Editors that write UTF-16 or Latin-1 have a setting for
    /// it.
    InvalidUtf8 = "invalid-utf8", Error;
    /// The text is larger than the limit (4 MiB for a policy).
    ///
    /// No policy that people wrote is so large; the limit keeps reading quick. Leave out what is
    /// not needed, such as a long `description`.
    TooLarge = "too-large", Error;
    /// Lists and objects are nested more deeply than the limit (64 in a policy).
    ///
    /// The language itself nests eight deep; more can only stand in a condition's `value` or in the
    /// author's `x-` keys. Make it flatter.
    TooDeep = "too-deep", Error;
    /// The text is not JSON (RFC 8259) at this place.
    ///
    /// JSON has no comments, no comma before a closing bracket, and double quotes only. What stands
    /// behind the place is read all the same, so that other faults are reported too. `--fix` mends
    /// what can be meant in one way only.
    ///
    /// ```json
    /// { "version": "1", "default": "deny", }
    /// ```
    Syntax = "syntax", Error;
    /// Something stands behind the end of the document.
    ///
    /// A document is one value. Often a bracket closes too early, and the rest was meant to stand
    /// within it.
    ///
    /// ```json
    /// { "version": "1", "default": "deny" }, "tools": {}
    /// ```
    TrailingText = "trailing-text", Error;
    /// A key stands twice in one object (compared after unescaping); readers differ in which they
    /// take.
    ///
    /// Half of a policy would be silently lost. Keep one of them, or put what they say together.
    ///
    /// ```json
    /// { "version": "1", "default": "deny", "default": "allow" }
    /// ```
    DuplicateKey = "duplicate-key", Error;
    /// A `\u` escape names half of a surrogate pair, which is no character.
    ///
    /// No text can hold it, so nothing could be equal to it. Write the character as it is, or both
    /// halves in a row.
    ///
    /// ```json
    /// "description": "\ud83d"
    /// ```
    LoneSurrogate = "lone-surrogate", Error;
    /// A number has more than 400 digits or an exponent beyond ±400.
    ///
    /// Numbers are compared exactly and not rounded, and that must stay quick. No amount is so
    /// large.
    NumberTooLarge = "number-too-large", Error;

    // The shape of a policy.
    /// A value has another JSON type than the language wants there.
    ///
    /// What a list or a text in the wrong place means would be a guess. Put it in brackets, in
    /// quotes, or where it belongs; `--fix` does where only one thing can be meant.
    ///
    /// ```json
    /// "hide": "drop_table"
    /// ```
    WrongType = "wrong-type", Error;
    /// A key that the language does not know. Keys for the author's own use begin with `x-`.
    ///
    /// A misspelt `deny_if` that was skipped would let everything through that it was to deny. The
    /// help names the key that is nearest, or the place where this one belongs; `--fix` renames it
    /// when it is a slip of a letter or two.
    ///
    /// ```json
    /// "denyif": [{ "conditions": [{ "path": "args.amount", "op": "gt", "value": 500 }] }]
    /// ```
    UnknownKey = "unknown-key", Error;
    /// A key that must be there is not.
    ///
    /// What it would be is nobody's guess: a policy without `default` could mean either of two.
    /// `--fix` adds the `version`, and a `default` that denies.
    ///
    /// ```json
    /// { "version": "1" }
    /// ```
    MissingKey = "missing-key", Error;
    /// The `version` is not `"1"`.
    ///
    /// Another version may mean something else by the same words, so it is not read as if it did
    /// not.
    ///
    /// ```json
    /// { "version": "2", "default": "deny" }
    /// ```
    UnknownVersion = "unknown-version", Error;
    /// The `default` is neither `allow` nor `deny`.
    ///
    /// It says what happens to tools that are not listed. `deny` is the safe choice; holding every
    /// unlisted call for a person cannot be said here.
    ///
    /// ```json
    /// { "version": "1", "default": "ask" }
    /// ```
    UnknownDefault = "unknown-default", Error;
    /// The `action` is not one of `allow`, `deny`, `require_approval`.
    ///
    /// A tool that is to be hidden is named in `hide`; rules on arguments are `require` and
    /// `deny_if`.
    ///
    /// ```json
    /// "action": "block"
    /// ```
    UnknownAction = "unknown-action", Error;
    /// The `op` is not an operator of the language.
    ///
    /// The operators are `exists`, `eq`, `neq`, `in`, `not_in`, `lt`, `lte`, `gt`, `gte`, `regex`,
    /// `contains`. To say that a text does not contain something, put the `contains` into a
    /// `deny_if`.
    ///
    /// ```json
    /// { "path": "args.amount", "op": "<=", "value": 500 }
    /// ```
    UnknownOperator = "unknown-operator", Error;
    /// The `window` is neither `minute`, `hour`, `day` nor a whole number of seconds from 1.
    ///
    /// Longer windows are written in seconds: a week is `604800`. A calendar month has no fixed
    /// length and cannot be said.
    ///
    /// ```json
    /// "rate_limit": { "max": 10, "window": "week" }
    /// ```
    UnknownWindow = "unknown-window", Error;
    /// The `scope` is not one of `grant`, `session`, `all`.
    ///
    /// It says who shares the counter: each bearer token has its own (`grant`, the default), each
    /// MCP session has (`session`), or there is one for everybody (`all`).
    ///
    /// ```json
    /// { "counter": "calls", "window": "day", "max": 10, "scope": "user" }
    /// ```
    UnknownScope = "unknown-scope", Error;
    /// The `value` is of a type that the operator cannot work with.
    ///
    /// `in` and `not_in` want a list, `lt`, `lte`, `gt` and `gte` a number, `exists` `true` or
    /// `false`, `regex` a string, `contains` a string, a number or a boolean. Numbers stand without
    /// quotes.
    ///
    /// ```json
    /// { "path": "args.amount", "op": "lte", "value": "500" }
    /// ```
    OperatorValue = "operator-value", Error;
    /// A regular expression does not compile.
    ///
    /// The dialect is RE2's, which is searched in linear time: it has no look-around and no
    /// back-references. Remember that JSON wants each backslash twice, and that a search finds a
    /// part of the text: `^` and `$` make it the whole.
    ///
    /// ```json
    /// { "path": "args.note", "op": "regex", "value": "^(refund$" }
    /// ```
    InvalidRegex = "invalid-regex", Error;
    /// A `path` or `increment_from` is not `args.` and keys.
    ///
    /// `args` are the arguments of the call: `args.amount`, `args.customer.id`, `args["a.b"]` for a
    /// key with a dot, `args.items[0]`, `args.items[*]`.
    ///
    /// ```json
    /// { "path": "amount", "op": "gt", "value": 500 }
    /// ```
    InvalidPath = "invalid-path", Error;
    /// A `max` is negative, too large, or not the kind of number that its limit wants.
    ///
    /// A limit that counts calls wants a whole number; one with `increment_from` counts an amount
    /// and may have a fraction. `0` lets nothing through.
    ///
    /// ```json
    /// { "counter": "calls", "window": "day", "max": -1 }
    /// ```
    InvalidMax = "invalid-max", Error;
    /// A name in `hide`, a counter or a tool is blank.
    ///
    /// No tool has such a name, and two counters without a name could not be told apart. Give it
    /// the name that was meant, or remove it.
    ///
    /// ```json
    /// "hide": [""]
    /// ```
    BlankName = "blank-name", Error;
    /// A name stands twice in `hide`.
    ///
    /// It does no harm, but one of the two was likely to be another name. `--fix` removes the
    /// second.
    ///
    /// ```json
    /// "hide": ["drop_table", "drop_table"]
    /// ```
    DuplicateHide = "duplicate-hide", Error;
    /// Two limits that hold for the same calls have the same counter.
    ///
    /// Each limit counts for itself, so a name that two share would mislead. Name them after what
    /// they count: `calls_per_minute`, `calls_per_day`.
    ///
    /// ```json
    /// "limits": [{ "counter": "calls", "window": "minute", "max": 5 }, { "counter": "calls", "window": "day", "max": 50 }]
    /// ```
    DuplicateCounter = "duplicate-counter", Error;
    /// A precondition names a counter that no limit of the tool (or, without `tool`, of `all_tools`)
    /// has.
    ///
    /// It asks what a limit has counted; without the limit there is no answer, and every call would
    /// be denied. Name one of the limits, `rate_limit` for the limit of that name.
    ///
    /// ```json
    /// "preconditions": [{ "tool": "pay", "counter": "reviews", "op": "gte", "value": 2 }]
    /// ```
    UnknownCounter = "unknown-counter", Error;
    /// An `increment_from` stands under `all_tools`, whose limits count calls.
    ///
    /// Tools have different arguments, and a call of a tool without this one would be denied. Put
    /// the limit under each tool that has the argument.
    ///
    /// ```json
    /// "all_tools": { "limits": [{ "counter": "spent", "window": "day", "max": 500, "increment_from": "args.amount" }] }
    /// ```
    IncrementInAllTools = "increment-in-all-tools", Error;

    // What a policy does, looked at on its own.
    /// A tool is hidden and has rules too; hidden wins and the rules never count.
    ///
    /// Somebody who reads the rules will think that some calls pass. Keep one of the two.
    ///
    /// ```json
    /// { "version": "1", "default": "allow", "hide": ["pay"], "tools": { "pay": { "action": "require_approval" } } }
    /// ```
    HiddenWithRules = "hidden-with-rules", Warning;
    /// `"*"` hides every tool; the names beside it add nothing.
    ///
    /// If only the names were meant, then this policy hides more than was wanted. Keep `*` alone,
    /// or the names alone. `*` is a wildcard here and nowhere else.
    ///
    /// ```json
    /// "hide": ["*", "pay"]
    /// ```
    HideEverything = "hide-everything", Warning;
    /// A `require` rule without conditions is always satisfied and refuses nothing.
    ///
    /// It looks like a guard and is none. To refuse every call write `"action": "deny"`; else say
    /// what is required.
    ///
    /// ```json
    /// "require": [{ "conditions": [] }]
    /// ```
    RequireWithoutConditions = "require-without-conditions", Warning;
    /// Conditions of one rule contradict each other, so that the rule is never satisfied.
    ///
    /// All conditions of a rule must be satisfied at once. A `require` like this denies every call,
    /// a `deny_if` denies none that it was written for. For one or the other, write two rules.
    ///
    /// ```json
    /// "deny_if": [{ "conditions": [{ "path": "args.amount", "op": "lt", "value": 0 }, { "path": "args.amount", "op": "gt", "value": 500 }] }]
    /// ```
    NeverSatisfied = "never-satisfied", Warning;
    /// A `deny_if` rule is already covered by another of the same tool.
    ///
    /// Whatever it denies, the other denies too. One of them may have been meant otherwise; if not,
    /// remove this one.
    ///
    /// ```json
    /// "deny_if": [{ "conditions": [{ "path": "args.amount", "op": "gt", "value": 500 }] }, { "conditions": [{ "path": "args.amount", "op": "gt", "value": 900 }] }]
    /// ```
    CoveredRule = "covered-rule", Warning;
    /// `default` is `allow` and nothing is restricted: every call of every tool passes.
    ///
    /// The policy does nothing but record. Make `default` `deny` and list what may be called, or
    /// restrict something.
    ///
    /// ```json
    /// { "version": "1", "default": "allow" }
    /// ```
    NothingRestricted = "nothing-restricted", Warning;
    /// `default` is `deny` and no tool is listed: nothing can be called.
    ///
    /// List the tools that may be called under `tools`; `{}` lists one without any rule. Where the
    /// server's tools are known and `hide` names each of them, nobody forgot one, and nothing is
    /// said: so is what is recommended for a server that only deletes. Without them it is not known.
    ///
    /// ```json
    /// { "version": "1", "default": "deny" }
    /// ```
    NothingCallable = "nothing-callable", Warning;

    // What a policy does to the tools of a catalog.
    /// The catalog is not a list of tools.
    ///
    /// It is what a server answers to `tools/list`: the JSON-RPC message, its result, or the list
    /// itself, where each tool has a `name`.
    ///
    /// ```json
    /// { "tools": [{ "title": "a tool without a name" }] }
    /// ```
    InvalidCatalog = "invalid-catalog", Error;
    /// The policy names a tool that the server does not have.
    ///
    /// Names match byte for byte, so rules under a misspelt name guard nothing, and under `default:
    /// allow` the real tool is open. The help names the tool that is nearest.
    ///
    /// ```json
    /// "payy": { "action": "deny" }
    /// ```
    UnknownTool = "unknown-tool", Warning;
    /// With this policy no tool of the server can be called.
    ///
    /// Most likely the policy was written for another server, or its tools have other names than
    /// was thought.
    ///
    /// ```json
    /// { "version": "1", "default": "deny", "tools": { "search": {} } }
    /// ```
    NothingCallableOnServer = "nothing-callable-on-server", Warning;
    /// A condition looks at an argument that the tool's `inputSchema` does not have.
    ///
    /// A call never has it, so a `require` on it denies every call and a `deny_if` on it none. The
    /// help names the argument that is nearest.
    ///
    /// ```json
    /// { "path": "args.ammount", "op": "gt", "value": 500 }
    /// ```
    UnknownArgument = "unknown-argument", Warning;
    /// A condition compares with a value that the `inputSchema` can never produce.
    ///
    /// The argument is of another type, or its `enum` lists other values: a rule on it does not do
    /// what it says.
    ///
    /// ```json
    /// { "path": "args.currency", "op": "eq", "value": "EUR" }
    /// ```
    ImpossibleValue = "impossible-value", Warning;
    /// A `deny_if` looks at an optional argument and is silent when it is missing.
    ///
    /// An agent that leaves the argument out passes the rule, and the server takes its own default,
    /// which may be just what the rule denies. Write what must be as a `require`, or deny the
    /// missing one too (`exists` `false`).
    ///
    /// ```json
    /// { "path": "args.note", "op": "neq", "value": "refund" }
    /// ```
    SilentWhenMissing = "silent-when-missing", Warning;
    /// A tool does several things by an argument, some of them destructive, and no rule looks at
    /// that argument.
    ///
    /// To list such a tool is to allow all that it can do. Name the operations that may be used: a
    /// `require` with `in`. A `require_approval`, or a rule on the argument, says that it was
    /// thought of.
    ///
    /// ```json
    /// "database": {}
    /// ```
    UnrestrictedOperation = "unrestricted-operation", Warning;
    /// A tool runs a text that the agent writes (SQL, a command, code), and no rule looks at that
    /// text.
    ///
    /// What the tool can do is then all that the text can say. Limit it to what is needed, with
    /// `regex` in a `require`, or hold it for a person. Rules on such texts are a help and no wall:
    /// the rights of the account that runs them are the wall.
    ///
    /// ```json
    /// "run_sql": {}
    /// ```
    UnrestrictedText = "unrestricted-text", Warning;
    /// A rule takes a flag that the agent sets for itself as proof that somebody agreed.
    ///
    /// `confirmed: true` costs an agent nothing; it will learn to send it from the message of the
    /// first denial. Use `require_approval_if`, which asks a person.
    ///
    /// ```json
    /// "require": [{ "conditions": [{ "path": "args.confirmed", "op": "eq", "value": true }] }]
    /// ```
    TrustedFlag = "trusted-flag", Warning;

    // A policy in another format.
    /// A text to import is not the YAML (1.2) that its format is written in.
    ///
    /// Nothing is imported. What the scanner stumbled over often lies a little before the place: a
    /// quote that is not closed, a tab that indents.
    InvalidYaml = "invalid-yaml", Error;
    /// A part of another format that has no counterpart here and no safe reading, or that the other
    /// program refuses too.
    ///
    /// Nothing is imported, since the rest alone would mean something else. Change or remove the part.
    NotCarriedOver = "not-carried-over", Error;
    /// What another format says there cannot be said here, or lets more through than its author can
    /// have meant: a stricter reading was imported.
    ///
    /// Look at the rule that it became; `tests/semantics/import-intercept.md` lists what is read more
    /// strictly, and why.
    StricterMeaning = "stricter-meaning", Warning;
    /// A key of another format was likely misspelt and ignored there: it was imported as what was
    /// meant.
    ///
    /// The other program does as if the key were not there, which for `defualt: deny` lets everything
    /// through. Mend the spelling, or remove the key.
    MisspeltKey = "misspelt-key", Warning;
    /// A part of another format that has no effect there, and was left out.
    ///
    /// The policy means the same without it. If something was meant by it, say it in the policy.
    WithoutEffect = "without-effect", Warning;

    // The configuration of a proxy.
    /// A grant's `token_sha256` is not 64 hexadecimal digits, or another grant has the same.
    ///
    /// The proxy keeps no token, only its SHA-256, by which it finds whose a call is. `printf %s
    /// "$TOKEN" | sha256sum` prints it.
    ///
    /// ```json
    /// { "label": "assistant", "token_sha256": "the token itself" }
    /// ```
    InvalidDigest = "invalid-digest", Error;
    /// A key for approvals is none, or none that may be used.
    ///
    /// With it tokens are checked that a person has signed: an Ed25519 public key as OpenSSL writes it
    /// (`-----BEGIN PUBLIC KEY-----`), or a secret of at least 32 bytes. A private key stays with the
    /// person.
    ///
    /// ```json
    /// "approval_keys": [{ "hs256": "too short" }]
    /// ```
    InvalidApprovalKey = "invalid-approval-key", Error;

    /// A setting has a word that it does not know.
    ///
    /// `mode` is `enforce` or `shadow`, `list` is `hidden` or `callable`, `changed_tools` is
    /// `quarantine` or `report`; what passes without a policy
    /// (`unknown_methods`, `resources`, `prompts`, a store's `on_failure`) is `allow` or `deny`.
    ///
    /// ```json
    /// "mode": "dry-run"
    /// ```
    UnknownSetting = "unknown-setting", Error;
    /// A name stands for nothing: no policy, or no server, of this configuration is called so.
    ///
    /// A grant with it would be denied everything, and nobody would know why.
    ///
    /// ```json
    /// { "policies": { "support": { "policy": … } }, "anonymous": "suport" }
    /// ```
    UnknownReference = "unknown-reference", Error;
    /// Two policies, or two servers, have one name; or two servers have one path.
    ///
    /// Which of them is meant could not be told.
    ///
    /// ```json
    /// "servers": [{ "name": "a", "path": "/a" }, { "name": "a", "path": "/b" }]
    /// ```
    DuplicateName = "duplicate-name", Error;
    /// The path of a server is none that the path of a request can begin with.
    ///
    /// It begins with `/` and is written plainly: letters, digits and `-._~`, no escapes, no empty
    /// segments, no `.` and `..`, which servers and proxies read in different ways.
    ///
    /// ```json
    /// { "name": "billing", "path": "billing/../mcp" }
    /// ```
    InvalidPrefix = "invalid-prefix", Error;
    /// A policy has preconditions, and its limits are counted by a rate-limit service.
    ///
    /// A precondition asks what a limit has counted, and such a service does not tell. Leave
    /// `rate_limit_service` out, so that each proxy counts for itself, or the preconditions.
    ///
    /// ```json
    /// {
    ///   "policy": { "version": "1", "default": "deny", "tools": {
    ///     "read": { "limits": [{ "counter": "reads", "window": "day", "max": 5 }] },
    ///     "send": { "preconditions": [{ "tool": "read", "counter": "reads", "op": "eq", "value": 0 }] } } },
    ///   "store": { "rate_limit_service": { "cluster": "limitador" } }
    /// }
    /// ```
    NotToldByService = "not-told-by-service", Error;
    /// A number is not whole, or outside of what is possible there.
    ///
    /// ```json
    /// "limits": { "request_bytes": 0 }
    /// ```
    OutOfBounds = "out-of-bounds", Error;

    /// A pin of a lock is not that of the definition that stands beside it.
    ///
    /// The SHA-256 is over the canonical form of the definition, by which a change of the tool is
    /// found. A lock is written by `cattlegrid pin` and not by hand.
    ///
    /// ```json
    /// { "version": "1", "tools": { "add": { "sha256": "…", "definition": { "name": "add" } } } }
    /// ```
    PinMismatch = "pin-mismatch", Error;

    /// A `tools_lock`, or what becomes of `changed_tools`, stands where it does nothing.
    ///
    /// A lock is that of one server: where there are `servers`, each has its own. And without a lock no
    /// tool is known to have changed, so that a setting about it would promise what does not happen.
    ///
    /// ```json
    /// "servers": [{ "name": "a", "path": "/a" }], "tools_lock": { "version": "1", "tools": {} }
    /// ```
    LockNotUsed = "lock-not-used", Error;

    // A scenario.
    /// A call of a scenario is none: neither the plain form nor a JSON-RPC `tools/call` message.
    ///
    /// It says at least which `tool` is called. Only wrong `arguments` are left to the policy,
    /// which denies them, so that a scenario can show it.
    ///
    /// ```json
    /// "call": { "arguments": {} }
    /// ```
    InvalidCall = "invalid-call", Error;
    /// A time is neither RFC 3339 nor a span of time, or beyond the year 9999.
    ///
    /// Write `2026-01-01T12:00:00Z`, or `+90s` from the step before (units `ms`, `s`, `m`, `h`,
    /// `d`).
    ///
    /// ```json
    /// "at": "tomorrow"
    /// ```
    InvalidTime = "invalid-time", Error;
    /// The `outcome` is not one of `ok`, `tool-error`, `error`.
    ///
    /// It says what becomes of an allowed call: after `error`, which is a call that never reached
    /// the tool, what it took of the limits is given back.
    ///
    /// ```json
    /// "outcome": "failed"
    /// ```
    UnknownOutcome = "unknown-outcome", Error;
    /// The expected `decision` is not one of `allow`, `deny`, `hold`.
    ///
    /// A scenario that expects something else could never pass.
    ///
    /// ```json
    /// "expect": { "decision": "refuse" }
    /// ```
    UnknownDecision = "unknown-decision", Error;
    /// A scenario evaluates more calls than it may.
    ///
    /// A million calls, repetitions included, is what one file may ask for. Use fewer `times`, or
    /// two files.
    TooManyCalls = "too-many-calls", Error;
    /// More is wrong with a document than is listed.
    ///
    /// A thousand faults of a scenario, a lock or a configuration are listed. Mend what is common to
    /// them, and look again.
    TooManyFaults = "too-many-faults", Error;
    /// A text under `assert` is no question.
    ///
    /// It begins with `never` or `always`, says `allow`, `deny` or `hold`, and of which tools:
    /// `any tool`, `tool == "pay"` or `tool ~ "^delete_"`. Behind `where` stand conditions, joined
    /// by `and`.
    ///
    /// ```json
    /// "assert": ["never permit any tool"]
    /// ```
    InvalidQuestion = "invalid-question", Error;

    // What is proved of a policy.
    /// A rule never does what it is for: no call that it is asked about makes it fire.
    ///
    /// Its conditions cannot be satisfied together, or what they ask is none of what the server's
    /// `inputSchema` lets through. It looks like a guard and is none.
    ///
    /// ```json
    /// "deny_if": [{ "conditions": [{ "path": "args.id", "op": "regex", "value": "^a" }, { "path": "args.id", "op": "regex", "value": "^b" }] }]
    /// ```
    RuleNeverFires = "rule-never-fires", Warning;
    /// A rule changes nothing: every call is decided alike without it.
    ///
    /// Other rules deny or hold all that it does. It may have been meant otherwise; if not, remove
    /// it.
    ///
    /// ```json
    /// "require": [{ "conditions": [{ "path": "args.amount", "op": "lte", "value": 5 }] }, { "conditions": [{ "path": "args.amount", "op": "lte", "value": 9 }] }]
    /// ```
    RuleAddsNothing = "rule-adds-nothing", Warning;
    /// No call can meet a `require`, so every call of the tool is denied.
    ///
    /// To refuse every call, say so with `"action": "deny"`; for one or the other of several
    /// conditions write patterns or lists that hold both.
    ///
    /// ```json
    /// "require": [{ "conditions": [{ "path": "args.id", "op": "regex", "value": "^a" }, { "path": "args.id", "op": "regex", "value": "^b" }] }]
    /// ```
    RequireNeverMet = "require-never-met", Warning;
    /// A pattern is found in no text at all.
    ///
    /// Often `$` stands before something, or `^` behind it.
    ///
    /// ```json
    /// "deny_if": [{ "conditions": [{ "path": "args.id", "op": "regex", "value": "a^b" }] }]
    /// ```
    PatternFindsNothing = "pattern-finds-nothing", Warning;
    /// A pattern is found in every text, also in the empty one.
    ///
    /// A pattern is searched for anywhere in the text: what may occur no times at all is found
    /// everywhere. Write `^` before and `$` behind what the whole text is to be.
    ///
    /// ```json
    /// "require": [{ "conditions": [{ "path": "args.id", "op": "regex", "value": "[a-z]*" }] }]
    /// ```
    PatternFindsEverything = "pattern-finds-everything", Warning;
    /// Several tools have the same rules.
    ///
    /// Nothing is wrong with that; but what is changed for one is easily forgotten for the other.
    /// What holds for all tools can stand in `all_tools`.
    ///
    /// ```json
    /// "read": { "deny_if": [{ "conditions": [{ "path": "args.id", "op": "eq", "value": 1 }] }] }, "see": { "deny_if": [{ "conditions": [{ "path": "args.id", "op": "eq", "value": 1 }] }] }
    /// ```
    SameRules = "same-rules", Warning;
    /// A call of a tool that by its name deletes something is allowed, and no person is asked.
    ///
    /// The message shows the smallest such call. Hold it with `"action": "require_approval"`, or
    /// say in a `require` what may be deleted.
    ///
    /// ```json
    /// "delete_account": {}
    /// ```
    DeletionAllowed = "deletion-allowed", Warning;
}
