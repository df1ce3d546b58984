//! The codes of all diagnostics.

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
    ByteOrderMark = "byte-order-mark", Error;
    /// The text is not UTF-8.
    InvalidUtf8 = "invalid-utf8", Error;
    /// The text is larger than the limit (4 MiB for a policy).
    TooLarge = "too-large", Error;
    /// Lists and objects are nested more deeply than the limit (64 in a policy).
    TooDeep = "too-deep", Error;
    /// The text is not JSON (RFC 8259) at this place.
    Syntax = "syntax", Error;
    /// Something stands behind the end of the document.
    TrailingText = "trailing-text", Error;
    /// A key stands twice in one object (compared after unescaping); readers differ in which they take.
    DuplicateKey = "duplicate-key", Error;
    /// A `\u` escape names half of a surrogate pair, which is no character.
    LoneSurrogate = "lone-surrogate", Error;
    /// A number has more than 400 digits or an exponent beyond ±400.
    NumberTooLarge = "number-too-large", Error;

    // The shape of a policy.
    /// A value has another JSON type than the language wants there.
    WrongType = "wrong-type", Error;
    /// A key that the language does not know. Keys for the author's own use begin with `x-`.
    UnknownKey = "unknown-key", Error;
    /// A key that must be there is not.
    MissingKey = "missing-key", Error;
    /// The `version` is not `"1"`.
    UnknownVersion = "unknown-version", Error;
    /// The `default` is neither `allow` nor `deny`.
    UnknownDefault = "unknown-default", Error;
    /// The `action` is not one of `allow`, `deny`, `require_approval`.
    UnknownAction = "unknown-action", Error;
    /// The `op` is not an operator of the language.
    UnknownOperator = "unknown-operator", Error;
    /// The `window` is neither `minute`, `hour`, `day` nor a whole number of seconds from 1.
    UnknownWindow = "unknown-window", Error;
    /// The `scope` is not one of `grant`, `session`, `all`.
    UnknownScope = "unknown-scope", Error;
    /// The `value` is of a type that the operator cannot work with.
    OperatorValue = "operator-value", Error;
    /// A regular expression does not compile.
    InvalidRegex = "invalid-regex", Error;
    /// A `path` or `increment_from` is not `args.` and keys.
    InvalidPath = "invalid-path", Error;
    /// A `max` is negative, too large, or not the kind of number that its limit wants.
    InvalidMax = "invalid-max", Error;
    /// A name in `hide`, a counter or a tool is blank.
    BlankName = "blank-name", Error;
    /// A name stands twice in `hide`.
    DuplicateHide = "duplicate-hide", Error;
    /// Two limits that hold for the same calls have the same counter.
    DuplicateCounter = "duplicate-counter", Error;
    /// A precondition names a counter that no limit of the tool (or of `all_tools`) has.
    UnknownCounter = "unknown-counter", Error;
    /// An `increment_from` stands under `all_tools`, whose limits count calls.
    IncrementInAllTools = "increment-in-all-tools", Error;

    // What a policy does, looked at on its own.
    /// A tool is hidden and has rules too; hidden wins and the rules never count.
    HiddenWithRules = "hidden-with-rules", Warning;
    /// `"*"` hides every tool; the names beside it add nothing.
    HideEverything = "hide-everything", Warning;
    /// A `require` rule without conditions is always satisfied and refuses nothing.
    RequireWithoutConditions = "require-without-conditions", Warning;
    /// Conditions of one rule contradict each other, so that the rule is never satisfied.
    NeverSatisfied = "never-satisfied", Warning;
    /// A `deny_if` rule is already covered by another of the same tool.
    CoveredRule = "covered-rule", Warning;
    /// `default` is `allow` and nothing is restricted: every call of every tool passes.
    NothingRestricted = "nothing-restricted", Warning;
    /// `default` is `deny` and no tool is listed: nothing can be called.
    NothingCallable = "nothing-callable", Warning;

    // What a policy does to the tools of a catalog.
    /// The catalog is not a list of tools.
    InvalidCatalog = "invalid-catalog", Error;
    /// The policy names a tool that the server does not have.
    UnknownTool = "unknown-tool", Warning;
    /// With this policy no tool of the server can be called.
    NothingCallableOnServer = "nothing-callable-on-server", Warning;
    /// A condition looks at an argument that the tool's `inputSchema` does not have.
    UnknownArgument = "unknown-argument", Warning;
    /// A condition compares with a value that the `inputSchema` can never produce.
    ImpossibleValue = "impossible-value", Warning;
    /// A `deny_if` looks at an optional argument and is silent when it is missing.
    SilentWhenMissing = "silent-when-missing", Warning;

    // A policy in another format.
    /// The text is not the YAML (1.2) that the format is written in.
    InvalidYaml = "invalid-yaml", Error;
    /// A part of another format that has no counterpart here and no safe reading. Nothing is imported.
    NotCarriedOver = "not-carried-over", Error;
    /// What another format says there cannot be said here, or lets more through than its author can
    /// have meant: a stricter reading was imported.
    StricterMeaning = "stricter-meaning", Warning;
    /// A key of another format was likely misspelt and ignored there: it was imported as what was meant.
    MisspeltKey = "misspelt-key", Warning;
    /// A part of another format that has no effect there, and was left out.
    WithoutEffect = "without-effect", Warning;

    // The configuration of a proxy.
    /// A grant's `token_sha256` is not 64 hexadecimal digits, or another grant has the same.
    InvalidDigest = "invalid-digest", Error;

    // A scenario.
    /// A call of a scenario is none: neither the plain form nor a JSON-RPC `tools/call` message.
    InvalidCall = "invalid-call", Error;
    /// A time is neither RFC 3339 nor a span of time, or beyond the year 9999.
    InvalidTime = "invalid-time", Error;
    /// The `outcome` is not one of `ok`, `tool-error`, `error`.
    UnknownOutcome = "unknown-outcome", Error;
    /// The expected `decision` is not one of `allow`, `deny`, `hold`.
    UnknownDecision = "unknown-decision", Error;
    /// A scenario evaluates more calls than it may.
    TooManyCalls = "too-many-calls", Error;
}
