//! The whole configuration of Envoy, with the filter in front of servers, from the reference
//! configuration.

use std::fmt::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use super::upstream::{Address, Upstream};
use crate::diagnostic::{Diagnostic, name};
use crate::edge::{self, Store};
use crate::json::quote;

/// What the tests and the demo run. Its lines `# set: NAME` and its routes and clusters are replaced.
const REFERENCE: &str = include_str!("../../pkg/envoy/envoy.yaml");

/// What stands first in what is written.
const HEADER: &str = "\
# Envoy with the policy filter in front of MCP servers, written by `cattlegrid envoy-config`.
#
#   envoy --mode validate -c FILE        checks it, the filter's own configuration too
#   envoy -c FILE

";

/// What Envoy wants to be called before it watches files.
const NODE: &str = "node: { id: cattlegrid, cluster: cattlegrid }\n\n";

/// What Envoy is to be.
#[derive(Clone, Debug)]
pub struct Envoy<'a> {
    /// The configuration of the filter, as text. It stands in Envoy's as it is.
    pub configuration: &'a str,
    /// Where the servers are.
    pub upstreams: &'a [Upstream],
    /// Where the rate-limit service is, if the configuration has one.
    pub rate_limit_service: Option<&'a Address>,
    /// The address at which Envoy listens.
    pub listen: SocketAddr,
    /// The address of Envoy's administration.
    pub admin: SocketAddr,
    /// What clients call the proxy, without the port.
    pub hosts: &'a [String],
    /// The file of the filter's part, if that is to be one of its own, which Envoy watches.
    pub filter_file: Option<&'a str>,
    /// The filter, as a file that Envoy can read.
    pub wasm: &'a str,
}

impl<'a> Envoy<'a> {
    /// Envoy at its usual addresses: `127.0.0.1:10000`, its administration at port 9901.
    #[must_use]
    pub fn usual(
        configuration: &'a str,
        upstreams: &'a [Upstream],
        hosts: &'a [String],
    ) -> Envoy<'a> {
        Envoy {
            configuration,
            upstreams,
            rate_limit_service: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 10_000)),
            admin: SocketAddr::from(([127, 0, 0, 1], 9_901)),
            hosts,
            filter_file: None,
            wasm: "/etc/envoy/cattlegrid_envoy.wasm",
        }
    }
}

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvoyFiles {
    /// What Envoy is started with.
    pub envoy: String,
    /// The filter's part, if it is a file of its own.
    pub filter: Option<String>,
}

/// Why nothing can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvoyFault {
    /// The configuration of the filter is none: what is wrong with it.
    Configuration(Vec<Diagnostic>),
    /// It names no servers, and there is not one upstream without a name.
    OneUpstream,
    /// It has no server of this name.
    UnknownServer(String),
    /// There is not one upstream for the server of this name.
    WantsUpstream(String),
    /// It has no rate-limit service.
    NoService,
    /// It has one, and it is not said where that is.
    WantsService,
    /// The cluster of the rate-limit service is that of a server.
    SharedCluster(String),
    /// The reference configuration is without this part.
    Reference(String),
}

impl fmt::Display for EnvoyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EnvoyFault::Configuration(_) => f.write_str("the configuration of the filter is none"),
            EnvoyFault::OneUpstream => f.write_str(
                "the configuration has no `servers`, so it wants one upstream, without a name",
            ),
            EnvoyFault::UnknownServer(called) => {
                write!(f, "no server of the configuration is called {}", name(called))
            }
            EnvoyFault::WantsUpstream(called) => {
                write!(f, "the server {} wants one upstream", name(called))
            }
            EnvoyFault::NoService => {
                f.write_str("the configuration has no `rate_limit_service` in its `store`")
            }
            EnvoyFault::WantsService => f.write_str("the configuration wants a rate-limit service"),
            EnvoyFault::SharedCluster(cluster) => write!(
                f,
                "the cluster {} is that of a server: give the rate-limit service another",
                name(cluster)
            ),
            EnvoyFault::Reference(part) => {
                write!(f, "the reference configuration has no `{part}`")
            }
        }
    }
}

/// Writes the configuration of Envoy.
///
/// # Errors
/// If the parts do not fit together.
pub fn envoy(parts: &Envoy<'_>) -> Result<EnvoyFiles, EnvoyFault> {
    let settings = edge::read(parts.configuration.as_bytes()).map_err(EnvoyFault::Configuration)?;
    let servers = pair(&settings, parts.upstreams)?;
    let limits = limits(&settings, parts)?;
    // What is held of a request must fit, and what comes from a server in one go in half of it.
    let buffer = settings.request.bytes.saturating_mul(2).max(2 << 20);
    let mut out = String::from(HEADER);
    // What stands first is about the file itself.
    let (_, reference) = cut(REFERENCE, "\n\n")?;
    let (head, rest) = cut(reference, "                      routes:\n")?;
    let (_, clusters) = cut(rest, "\n  clusters:\n")?;
    cut(clusters, "    - name: mcp_server\n")?;
    for line in head.lines() {
        out.push_str(&set(line, parts, buffer)?);
        out.push('\n');
        if line.trim_start().starts_with("runtime:") && !settings.secrets.is_empty() {
            out.push_str(&environment(line, &settings.secrets));
        }
    }
    let mut filter = None;
    if let Some(file) = parts.filter_file {
        let part;
        (out, part) = split(&out, file)?;
        filter = Some(part);
    }
    out.push_str("                      routes:\n");
    for (path, upstream) in &servers {
        out.push_str(&route(path.as_deref(), upstream));
    }
    out.push_str("\n  clusters:\n");
    for (_, upstream) in &servers {
        out.push_str(&cluster(upstream, buffer / 2));
    }
    if let Some((name, at)) = limits {
        out.push_str(&limits_cluster(&name, at));
    }
    Ok(EnvoyFiles { envoy: out, filter })
}

impl Upstream {
    /// The name of its cluster, in quotes.
    fn cluster(&self) -> String {
        let name = self.cluster_name();
        if self.name.is_empty() { name } else { scalar(&name, 0) }
    }

    fn cluster_name(&self) -> String {
        if self.name.is_empty() { "mcp_server".to_owned() } else { format!("mcp_{}", self.name) }
    }
}

/// Each server of the configuration, by its path, with where it is.
fn pair<'u>(
    settings: &edge::Settings,
    upstreams: &'u [Upstream],
) -> Result<Vec<(Option<String>, &'u Upstream)>, EnvoyFault> {
    let servers: Vec<(&str, &str)> = settings.servers().collect();
    if servers.is_empty() {
        return match upstreams {
            [one] if one.name.is_empty() => Ok(vec![(None, one)]),
            _ => Err(EnvoyFault::OneUpstream),
        };
    }
    let known = |called: &str| servers.iter().any(|(name, _)| *name == called);
    if let Some(stray) = upstreams.iter().find(|upstream| !known(&upstream.name)) {
        return Err(EnvoyFault::UnknownServer(stray.name.clone()));
    }
    let mut paired = Vec::new();
    for (called, path) in servers {
        let mut own = upstreams.iter().filter(|upstream| upstream.name == called);
        match (own.next(), own.next()) {
            (Some(one), None) => paired.push((Some(path.to_owned()), one)),
            _ => return Err(EnvoyFault::WantsUpstream(called.to_owned())),
        }
    }
    Ok(paired)
}

/// The cluster of the rate-limit service, in quotes, and where it is; `None` if there is none.
fn limits<'a>(
    settings: &edge::Settings,
    parts: &Envoy<'a>,
) -> Result<Option<(String, &'a Address)>, EnvoyFault> {
    let (service, at) = match (&settings.store, parts.rate_limit_service) {
        (Store::Shared, None) => return Ok(None),
        (Store::Shared, Some(_)) => return Err(EnvoyFault::NoService),
        (Store::Service(_), None) => return Err(EnvoyFault::WantsService),
        (Store::Service(service), Some(at)) => (service, at),
    };
    let cluster = scalar(&service.cluster, 0);
    if parts.upstreams.iter().any(|upstream| scalar(&upstream.cluster_name(), 0) == cluster) {
        return Err(EnvoyFault::SharedCluster(service.cluster.clone()));
    }
    Ok(Some((cluster, at)))
}

/// The text before and behind a part of the reference configuration.
fn cut<'t>(text: &'t str, at: &str) -> Result<(&'t str, &'t str), EnvoyFault> {
    text.split_once(at).ok_or_else(|| EnvoyFault::Reference(at.trim().to_owned()))
}

/// A line of the reference configuration with what was asked for in it.
fn set(line: &str, parts: &Envoy<'_>, buffer: usize) -> Result<String, EnvoyFault> {
    let indent = line.len().saturating_sub(line.trim_start().len());
    let key = line.split(':').next().unwrap_or_default();
    let with = |value: &str| Ok(format!("{key}: {value}"));
    let Some((_, what)) = line.split_once("# set: ") else {
        return match line.trim_start() {
            part if part.starts_with("per_connection_buffer_limit_bytes") => {
                with(&buffer.to_string())
            }
            part if part.starts_with("domains:") => {
                let hosts: Vec<String> = parts.hosts.iter().map(|host| quote(host)).collect();
                with(&format!("[{}]", hosts.join(", ")))
            }
            _ => Ok(line.to_owned()),
        };
    };
    match what {
        "admin_address" => with(&parts.admin.ip().to_string()),
        "admin_port" => with(&parts.admin.port().to_string()),
        "address" => with(&parts.listen.ip().to_string()),
        "port" => with(&parts.listen.port().to_string()),
        "wasm" => with(&quote(parts.wasm)),
        "configuration" => with(&scalar(parts.configuration, indent)),
        other => Err(EnvoyFault::Reference(format!("# set: {other}"))),
    }
}

/// Which variables of Envoy's environment the filter sees, below a line.
fn environment(line: &str, names: &[String]) -> String {
    let indent = line.len().saturating_sub(line.trim_start().len());
    let names: Vec<String> = names.iter().map(|name| scalar(name, 0)).collect();
    format!(
        "{:indent$}# Secrets that the configuration only names: of Envoy's own environment.
{:indent$}environment_variables: {{ host_env_keys: [{}] }}\n",
        "",
        "",
        names.join(", ")
    )
}

/// A text as a value in YAML: as it is if that can be, below its key.
fn scalar(text: &str, indent: usize) -> String {
    let printable = |c: char| {
        matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
    };
    let text = text.replace("\r\n", "\n");
    let first = text.trim_start_matches('\n');
    if first.starts_with('{') && first.chars().all(printable) {
        let mut out = String::from("|");
        for line in first.trim_end().lines() {
            let line =
                if line.is_empty() { String::new() } else { format!("{:indent$}  {line}", "") };
            out.push('\n');
            out.push_str(&line);
        }
        return out;
    }
    // Escapes of JSON are escapes of YAML too, halves of characters aside.
    let mut out = String::new();
    for c in quote(&text).chars() {
        // Writing to a string cannot fail.
        let _ = match c {
            ' '..='~' => out.write_char(c),
            c if u32::from(c) > 0xffff => write!(out, "\\U{:08x}", u32::from(c)),
            c => write!(out, "\\u{:04x}", u32::from(c)),
        };
    }
    out
}

/// The configuration with the filter's part in a file of its own, and that part.
fn split(whole: &str, file: &str) -> Result<(String, String), EnvoyFault> {
    const INDENT: &str = "                    ";
    let (head, rest) = cut(
        whole,
        "                    typed_config:\n                      \"@type\": type.googleapis.com/envoy.extensions.filters.http.wasm",
    )?;
    let (filter, tail) = cut(rest, "                  - name: envoy.filters.http.router\n")?;
    let folder = match Path::new(file).parent() {
        Some(folder) if folder != Path::new("") => folder.to_string_lossy().into_owned(),
        _ => ".".to_owned(),
    };
    let (file, folder) = (quote(file), quote(&folder));
    let wasm = "type.googleapis.com/envoy.extensions.filters.http.wasm";
    let watched = format!(
        "{INDENT}# Without it nothing is served; one that is wrong is refused, and the last good one stays.
{INDENT}config_discovery:
{INDENT}  type_urls: [\"{wasm}.v3.Wasm\"]
{INDENT}  config_source:
{INDENT}    resource_api_version: V3
{INDENT}    path_config_source: {{ path: {file}, watched_directory: {{ path: {folder} }} }}
"
    );
    // Whoever watches must have a name.
    let head = head.replacen(HEADER, &format!("{HEADER}{NODE}"), 1);
    let mut part = format!(
        "# The policy filter of Envoy, written by `cattlegrid envoy-config`. Move a new one into the place of this
# file (`mv`, in one file system): Envoy sees that, and not that a file is written to.
resources:
  - \"@type\": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
    name: cattlegrid
    typed_config:
      \"@type\": {wasm}"
    );
    for line in filter.lines() {
        // As far to the left as the part stands now.
        part.push_str(line.strip_prefix("                ").unwrap_or(line.trim_start()));
        part.push('\n');
    }
    Ok((
        format!("{head}{watched}                  - name: envoy.filters.http.router\n{tail}"),
        part,
    ))
}

fn route(path: Option<&str>, upstream: &Upstream) -> String {
    let (matching, rewriting) = match path {
        None => (format!("path: {}", upstream.path), String::new()),
        Some(path) => {
            let matching = match path {
                "" => "prefix: /".to_owned(),
                path => format!("path_separated_prefix: {path}"),
            };
            let rewriting =
                format!("                            prefix_rewrite: {}\n", upstream.path);
            (matching, rewriting)
        }
    };
    let host = match upstream.at.host.parse::<IpAddr>() {
        Ok(_) => String::new(),
        Err(_) => "                            auto_host_rewrite: true\n".to_owned(),
    };
    let cluster = upstream.cluster();
    format!(
        "                        - match: {{ {matching} }}
                          route:
                            cluster: {cluster}
{rewriting}{host}                            # Neither the whole answer nor its silence is bounded in time; and nothing is
                            # tried twice: a call may have an effect.
                            timeout: 0s
"
    )
}

fn cluster(upstream: &Upstream, buffer: usize) -> String {
    let Upstream { tls, at, .. } = upstream;
    let host = &at.host;
    let name = upstream.cluster();
    let is_address = host.parse::<IpAddr>().is_ok();
    let kind = if is_address { "STATIC" } else { "STRICT_DNS" };
    // Addresses have no server name, and certificates name them in their own way.
    let (sni, san_type) = match is_address {
        true => (String::new(), "IP_ADDRESS"),
        false => (format!("          sni: {host}\n"), "DNS"),
    };
    let tls = match tls {
        false => String::new(),
        true => format!(
            "      transport_socket:
        name: envoy.transport_sockets.tls
        typed_config:
          \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
{sni}          common_tls_context:
            validation_context:
              trusted_ca: {{ filename: /etc/ssl/certs/ca-certificates.crt }}
              match_typed_subject_alt_names:
                - {{ san_type: {san_type}, matcher: {{ exact: {host:?} }} }}
"
        ),
    };
    format!(
        "    - name: {name}
      type: {kind}
      connect_timeout: 5s
      # What comes from the server in one go must fit in the buffer of an answer that is held, whose size is
      # the listener's limit: so this one is half of that.
      per_connection_buffer_limit_bytes: {buffer}
      upstream_connection_options:
        tcp_keepalive: {{ keepalive_probes: 3, keepalive_time: 60, keepalive_interval: 20 }}
{tls}{}",
        endpoint(&name, at)
    )
}

/// The cluster of the rate-limit service; `name` is in quotes.
fn limits_cluster(name: &str, at: &Address) -> String {
    let kind = if at.host.parse::<IpAddr>().is_ok() { "STATIC" } else { "STRICT_DNS" };
    format!(
        "    # What the filter asks about limits that several proxies share.
    - name: {name}
      type: {kind}
      connect_timeout: 1s
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: {{ http2_protocol_options: {{}} }}
{}",
        endpoint(name, at)
    )
}

/// Where a cluster's one process listens; `name` is in quotes.
fn endpoint(name: &str, at: &Address) -> String {
    let Address { host, port } = at;
    format!(
        "      load_assignment:
        cluster_name: {name}
        endpoints:
          - lb_endpoints:
              - endpoint:
                  address:
                    socket_address:
                      address: {host:?}
                      port_value: {port}
"
    )
}
