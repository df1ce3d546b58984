//! What tools can do.

use serde::Serialize;

use crate::classify::{Classified, Evidence, Says, attacks};

/// What a tool can do, and why.
#[derive(Clone, Debug, Serialize)]
pub struct WireClassified {
    /// The name that calls use.
    pub name: String,
    /// `Read`, `Write`, `Execute`, `Destructive` or `Financial`.
    pub category: &'static str,
    /// `low`, `medium`, `high` or `critical`.
    pub risk: &'static str,
    /// How sure the category is, in percent.
    pub confidence: u8,
    /// What else a policy should know, by the names of [`crate::classify::Trait`].
    pub traits: Vec<&'static str>,
    /// What says so.
    pub evidence: Vec<WireEvidence>,
    /// The attacks that abuse such a tool.
    pub attacks: Vec<WireAbuse>,
}

/// One reason for a category, a trait or a risk.
#[derive(Clone, Debug, Serialize)]
pub struct WireEvidence {
    /// `name`, `description`, `argument`, `annotation`, `sibling` or `nowhere`.
    pub place: &'static str,
    /// Which argument, annotation or other tool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The words as they stand there.
    pub words: String,
    /// The category that they say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'static str>,
    /// The trait that they say.
    #[serde(rename = "trait", skip_serializing_if = "Option::is_none")]
    pub says_trait: Option<&'static str>,
    /// The risk that they raise it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<&'static str>,
}

/// An attack, and why a tool is open to it.
#[derive(Clone, Debug, Serialize)]
pub struct WireAbuse {
    /// The attack's id.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Why the tool is open to it.
    pub reason: String,
}

impl From<&Classified> for WireClassified {
    fn from(tool: &Classified) -> WireClassified {
        WireClassified {
            name: tool.tool.clone(),
            category: tool.category.as_str(),
            risk: tool.risk.as_str(),
            confidence: tool.confidence,
            traits: tool.traits.iter().map(|one| one.as_str()).collect(),
            evidence: tool.evidence.iter().map(WireEvidence::from).collect(),
            attacks: attacks(tool)
                .into_iter()
                .map(|abuse| WireAbuse {
                    id: abuse.attack.id,
                    name: abuse.attack.name,
                    reason: abuse.reason,
                })
                .collect(),
        }
    }
}

impl From<&Evidence> for WireEvidence {
    fn from(evidence: &Evidence) -> WireEvidence {
        let (mut category, mut says_trait, mut risk) = (None, None, None);
        match evidence.says {
            Says::Category(one) => category = Some(one.as_str()),
            Says::Trait(one) => says_trait = Some(one.as_str()),
            Says::Risk(one) => risk = Some(one.as_str()),
            Says::Nothing => {}
        }
        WireEvidence {
            place: evidence.place.as_str(),
            of: evidence.place.of().map(str::to_owned),
            words: evidence.words.clone(),
            category,
            says_trait,
            risk,
        }
    }
}
