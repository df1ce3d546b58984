//! The configuration of the proxy's filter, from its parts.

use crate::json::quote;

/// What the filter is to be told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// The policies, each with its name and its text. One alone is everybody's.
    pub policies: &'a [(&'a str, &'a str)],
    /// Whose the policies are, by their tokens; without any, requests need none.
    pub grants: &'a [GrantOf<'a>],
    /// By which keys approvals are known.
    pub approval_keys: &'a [ApprovalKey<'a>],
}

/// Who may come.
#[derive(Clone, Copy, Debug)]
pub struct GrantOf<'a> {
    /// What it is called in logs and counters.
    pub label: &'a str,
    /// The SHA-256 of its token, in hexadecimal digits.
    pub token_sha256: &'a str,
    /// The name of its policy.
    pub policy: &'a str,
}

/// A key by which approvals are known. A secret is never part of what is written: it is named.
#[derive(Clone, Copy, Debug)]
pub enum ApprovalKey<'a> {
    /// A public key as OpenSSL writes it.
    Ed25519(&'a str),
    /// The variable of the proxy's environment that has a shared secret.
    Hs256Env(&'a str),
}

/// The configuration of the filter as text. Policies stand in it as they are written. Whether it is one
/// that the filter takes is another question: see [`crate::edge::read`].
#[must_use]
pub fn filter(parts: &Filter<'_>) -> String {
    let mut members = Vec::new();
    match parts.policies {
        [] => {}
        [(_, only)] if parts.grants.is_empty() => {
            members.push(format!("\"policy\": {}", shifted(only, "  ")));
        }
        several => {
            let policies: Vec<String> = several.iter().map(policy).collect();
            members.push(format!("\"policies\": {{\n{}\n  }}", policies.join(",\n")));
        }
    }
    if !parts.grants.is_empty() {
        let grants: Vec<String> = parts.grants.iter().map(grant).collect();
        members.push(format!("\"grants\": [\n{}\n  ]", grants.join(",\n")));
    }
    if !parts.approval_keys.is_empty() {
        let keys: Vec<String> = parts.approval_keys.iter().map(key).collect();
        members.push(format!("\"approval_keys\": [\n{}\n  ]", keys.join(",\n")));
    }
    let members: Vec<String> = members.iter().map(|member| format!("  {member}")).collect();
    format!("{{\n{}\n}}\n", members.join(",\n"))
}

fn policy((name, text): &(&str, &str)) -> String {
    format!("    {}: {{\n      \"policy\": {}\n    }}", quote(name), shifted(text, "      "))
}

fn grant(grant: &GrantOf<'_>) -> String {
    let [label, token, policy] = [grant.label, grant.token_sha256, grant.policy].map(quote);
    format!("    {{ \"label\": {label}, \"token_sha256\": {token}, \"policy\": {policy} }}")
}

fn key(key: &ApprovalKey<'_>) -> String {
    match key {
        ApprovalKey::Ed25519(key) => format!("    {{ \"ed25519\": {} }}", quote(key)),
        ApprovalKey::Hs256Env(name) => format!("    {{ \"hs256_env\": {} }}", quote(name)),
    }
}

/// A document within another: its lines behind the first are moved to the right. No string of JSON has
/// a line end in it.
fn shifted(text: &str, indent: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    lines.join(&format!("\n{indent}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge;

    const POLICY: &str = "{\r\n  \"version\": \"1\",\n  \"default\": \"deny\"\n}\n";
    const PUBLIC: &str = "MCowBQYDK2VwAyEAiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";

    #[test]
    fn what_is_written_is_what_the_filter_takes() {
        let one = filter(&Filter { policies: &[("p", POLICY)], ..Filter::default() });
        let expected =
            "{\n  \"policy\": {\n    \"version\": \"1\",\n    \"default\": \"deny\"\n  }\n}\n";
        assert_eq!(one, expected);
        assert_eq!(edge::read(one.as_bytes()).unwrap().policies().len(), 1);
        let token = "0".repeat(64);
        let grants =
            ["p", "q \"1\""].map(|policy| GrantOf { label: policy, token_sha256: &token, policy });
        let whole = filter(&Filter {
            policies: &[("p", POLICY), ("q \"1\"", POLICY)],
            grants: &grants[1..],
            approval_keys: &[ApprovalKey::Ed25519(PUBLIC), ApprovalKey::Hs256Env("APPROVALS")],
        });
        let settings = edge::read(whole.as_bytes()).unwrap();
        assert_eq!(settings.policies().len(), 2);
        assert_eq!(settings.secrets, ["APPROVALS"]);
        assert!(settings.wants_tokens());
        // What is no policy is found when it is read, and changes nothing around it.
        let broken = filter(&Filter { policies: &[("p", "{}")], ..Filter::default() });
        assert!(edge::read(broken.as_bytes()).is_err());
    }
}
