//! Where servers are.

use std::fmt;

/// Where an MCP server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// The name that the configuration of the filter has for it; empty if it has none.
    pub name: String,
    /// Whether it is spoken to over TLS.
    pub(super) tls: bool,
    pub(super) at: Address,
    /// The path of its endpoint, with its `/`.
    pub(super) path: String,
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address, without brackets.
    pub(super) host: String,
    pub(super) port: u16,
}

/// Why a text is not the URL of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFault {
    /// It is no URL at all.
    NoUrl,
    /// Its scheme is not `http` or `https`.
    Scheme,
    /// Its port is no number up to 65535.
    Port,
    /// It has no host, or one with other characters than hosts have.
    NoHost,
    /// Its path has other characters than letters, digits and `-._~`.
    Path,
}

impl fmt::Display for UrlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UrlFault::NoUrl => "no url",
            UrlFault::Scheme => "the scheme must be http or https",
            UrlFault::Port => "the port is no number up to 65535",
            UrlFault::NoHost => "no host",
            UrlFault::Path => "the path may have letters, digits and `-._~`",
        })
    }
}

impl Upstream {
    /// The server at a URL such as `https://mcp.example.com/mcp`.
    ///
    /// # Errors
    /// If it is no such URL.
    pub fn new(name: &str, url: &str) -> Result<Upstream, UrlFault> {
        let (scheme, rest) = url.split_once("://").ok_or(UrlFault::NoUrl)?;
        let tls = match scheme {
            "http" => false,
            "https" => true,
            _ => return Err(UrlFault::Scheme),
        };
        let at = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(at).ok_or(UrlFault::NoUrl)?;
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| UrlFault::Port)?)
            }
            _ => (authority, if tls { 443 } else { 80 }),
        };
        let at = Address::new(host, port).ok_or(UrlFault::NoHost)?;
        let is_path = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
        if !path.chars().all(is_path) {
            return Err(UrlFault::Path);
        }
        let path = if path.is_empty() { "/" } else { path };
        Ok(Upstream { name: name.to_owned(), tls, at, path: path.to_owned() })
    }
}

impl Address {
    /// The address that a text such as `127.0.0.1:8081` names; `None` if it names none.
    #[must_use]
    pub fn read(text: &str) -> Option<Address> {
        let (host, port) = text.rsplit_once(':')?;
        Address::new(host, port.parse().ok()?)
    }

    fn new(host: &str, port: u16) -> Option<Address> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let is_in_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        let named = !host.is_empty() && host.chars().all(is_in_host);
        named.then(|| Address { host: host.to_owned(), port })
    }
}
