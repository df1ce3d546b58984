//! The attacks that abuse what tools can do: what happens, who else describes it, which tools are open
//! to it, and what in a policy stops it.
//!
//! The ids are those of the OWASP MCP Top 10 (v0.1, 2025), MITRE ATLAS (May 2026) and SAFE-MCP (2026).

use super::{Category, Classified, Trait};
use crate::diagnostic::name;

/// An attack on what a tool can do.
#[derive(Debug)]
pub struct Attack {
    /// What it is called in data.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What happens.
    pub happens: &'static str,
    /// Who else describes it: `MCP05:2025`, `AML.T0053`, `SAFE-T1101`.
    pub known_as: &'static [&'static str],
    /// Which tools it abuses, each of these alone.
    pub abuses: &'static [Abused],
    /// What in a policy stops it.
    pub stops: &'static str,
}

/// What makes a tool open to an attack: all of it.
#[derive(Clone, Copy, Debug)]
pub struct Abused {
    /// Its category is one of these; every category if there is none.
    pub categories: &'static [Category],
    /// It has this trait, if one is named.
    pub with: Option<Trait>,
}

/// An attack that a tool is open to.
#[derive(Clone, Debug)]
pub struct Abuse {
    /// The attack.
    pub attack: &'static Attack,
    /// Why the tool is open to it, as a clause.
    pub reason: String,
}

/// A category that is open as it is.
const fn of(categories: &'static [Category]) -> Abused {
    Abused { categories, with: None }
}

/// A trait that makes a tool of one of these categories open.
const fn with(categories: &'static [Category], with: Trait) -> Abused {
    Abused { categories, with: Some(with) }
}

const ANY: &[Category] = &[];
const CHANGING: &[Category] =
    &[Category::Write, Category::Execute, Category::Destructive, Category::Financial];

/// All attacks that are known here.
pub const ATTACKS: [Attack; 14] = [
    Attack {
        id: "command-injection",
        name: "Command injection",
        happens: "What the agent has read becomes part of a command, a query or code that the tool runs, and \
                  does what its author wants with the rights of the server.",
        known_as: &["MCP05:2025", "AML.T0053", "SAFE-T1101", "SAFE-T1104"],
        abuses: &[with(ANY, Trait::RawText)],
        stops: "`require` with a `regex` that names the forms that may be run, or `\"action\": \"require_approval\"`",
    },
    Attack {
        id: "injected-instructions",
        name: "Instructions in what is read",
        happens: "A page, message or document that the tool gives back tells the agent what to do next, and the \
                  agent takes it for its task.",
        known_as: &["MCP06:2025", "AML.T0051.001", "SAFE-T1102"],
        abuses: &[with(ANY, Trait::Untrusted)],
        stops: "rules on the tools that the agent could be sent to: `deny_if`, `require_approval`, and `default: deny`",
    },
    Attack {
        id: "exfiltration",
        name: "Data carried out",
        happens: "The agent is made to put what it knows into the arguments of a tool that sends them away.",
        known_as: &["MCP10:2025", "AML.T0086", "SAFE-T1911", "SAFE-T1914"],
        abuses: &[with(ANY, Trait::Egress), with(CHANGING, Trait::Address)],
        stops: "`require` with a list of recipients or hosts, `require_approval_if` for all others",
    },
    Attack {
        id: "request-forgery",
        name: "Requests from within",
        happens: "An address in the arguments leads the server to what only it can reach: metadata services, \
                  internal hosts, files.",
        known_as: &["MCP05:2025", "AML.T0053", "SAFE-T1913"],
        abuses: &[with(ANY, Trait::Address)],
        stops: "`require` with a `regex` on the address that names the hosts that may be reached",
    },
    Attack {
        id: "path-traversal",
        name: "Files out of place",
        happens: "A path with `..` or from the root leads the tool out of the folder that it is meant for, to \
                  keys and settings.",
        known_as: &["AML.T0053", "SAFE-T1105", "SAFE-T1502"],
        abuses: &[with(ANY, Trait::Path)],
        stops: "`deny_if` where the path contains `..`, `require` with a `regex` that names the folder",
    },
    Attack {
        id: "data-destruction",
        name: "Data destroyed",
        happens: "The agent is talked into deleting what nobody asked it to delete, or more of it, often where \
                  nothing brings it back.",
        known_as: &["MCP02:2025", "AML.T0101", "SAFE-T2101"],
        abuses: &[of(&[Category::Destructive])],
        stops: "`hide`, or `\"action\": \"require_approval\"`, and a small limit a day",
    },
    Attack {
        id: "fraud",
        name: "Money moved",
        happens: "A payment, refund or order is made that nobody wanted, or to somebody else, or many small ones.",
        known_as: &["AML.T0048.000", "SAFE-T2104"],
        abuses: &[of(&[Category::Financial])],
        stops: "`\"action\": \"require_approval\"`, a `require` on the amount, a daily limit with `increment_from`",
    },
    Attack {
        id: "privilege-escalation",
        name: "Rights gained",
        happens: "The agent gives itself or somebody else a role, key or membership, and later calls pass that \
                  should not.",
        known_as: &["MCP02:2025", "MCP07:2025", "SAFE-T1302", "SAFE-T1309"],
        abuses: &[with(CHANGING, Trait::Identity)],
        stops: "`\"action\": \"require_approval\"`, `require` with a list of the roles that may be given",
    },
    Attack {
        id: "secrets-read",
        name: "Secrets taken",
        happens: "A tool gives keys or passwords into the agent's context, from where they go wherever the agent \
                  is sent.",
        known_as: &["MCP01:2025", "AML.T0098", "SAFE-T1503", "SAFE-T1504"],
        abuses: &[with(ANY, Trait::Secrets), with(ANY, Trait::Credentials)],
        stops: "`hide`, or `\"action\": \"require_approval\"`; give the server its credentials elsewhere",
    },
    Attack {
        id: "cost-harvesting",
        name: "Costs run up",
        happens: "The agent is kept busy with calls of which each costs, in a loop or by the thousand.",
        known_as: &["AML.T0034", "SAFE-T1106"],
        abuses: &[with(ANY, Trait::Cost)],
        stops: "limits a minute and a day",
    },
    Attack {
        id: "service-disruption",
        name: "Services disturbed",
        happens: "Jobs are started, stopped or repeated until what others depend on fails.",
        known_as: &["AML.T0029", "SAFE-T2102", "SAFE-T1106"],
        abuses: &[of(&[Category::Execute])],
        stops: "a limit a minute, a smaller one a day, approval for what stops things",
    },
    Attack {
        id: "hidden-operation",
        name: "Another operation than it seems",
        happens: "A tool that was allowed for one operation is called with another, which the same name allows.",
        known_as: &["MCP02:2025", "AML.T0053", "SAFE-T1104"],
        abuses: &[with(ANY, Trait::Multiplexing), with(CHANGING, Trait::FreeForm)],
        stops: "`require` with a list of the operations that may be done, and rules on what is within objects",
    },
    Attack {
        id: "false-consent",
        name: "Consent that nobody gave",
        happens: "The agent sets the flag itself that should say that a person agreed.",
        known_as: &["MCP06:2025", "SAFE-T1309"],
        abuses: &[with(ANY, Trait::SelfConfirmed)],
        stops: "`\"action\": \"require_approval\"`, which takes a person's signature and no flag",
    },
    Attack {
        id: "poisoned-data",
        name: "Traps left behind",
        happens: "The agent is made to write instructions where it or another agent will read them: a page, a \
                  ticket, a memory, a repository.",
        known_as: &["MCP10:2025", "AML.T0099", "SAFE-T1204", "SAFE-T2103"],
        abuses: &[of(&[Category::Write])],
        stops: "a limit a minute, rules on where may be written, approval for what others build on",
    },
];

/// The attacks that a tool is open to, each with the reason.
#[must_use]
pub fn attacks(tool: &Classified) -> Vec<Abuse> {
    let mut found = Vec::new();
    for attack in &ATTACKS {
        let open = attack.abuses.iter().find(|abused| {
            (abused.categories.is_empty() || abused.categories.contains(&tool.category))
                && abused.with.is_none_or(|wanted| tool.has(wanted))
        });
        let Some(open) = open else { continue };
        let reason = match open.with {
            None => format!("its category is {}", tool.category.as_str()),
            Some(wanted) => {
                let argument = tool.evidence.iter().find_map(|one| {
                    (one.says == super::Says::Trait(wanted)).then(|| one.place.of()).flatten()
                });
                match argument {
                    Some(argument) => format!("{} ({})", wanted.meaning(), name(argument)),
                    None => wanted.meaning().to_owned(),
                }
            }
        };
        found.push(Abuse { attack, reason });
    }
    found
}
