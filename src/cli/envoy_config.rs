//! `cattlegrid envoy-config`: the whole configuration of Envoy, from the reference configuration.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use cattlegrid::diagnostic::{name, render};
use cattlegrid::edge::{self, Store};
use cattlegrid::json::quote;

use super::files::{Reader, create};
use super::{Answer, Failure, print_exactly};

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

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The configuration of the filter, a JSON file; `-` reads standard input
    configuration: String,
    /// Where a server is, as in `http://127.0.0.1:3001/mcp`; if the configuration names servers, one for
    /// each: `billing=https://mcp.example.com/mcp`
    #[arg(long, value_name = "[NAME=]URL", required = true)]
    upstream: Vec<String>,
    /// Where the rate-limit service is, if the configuration has one: `127.0.0.1:8081`
    #[arg(long, value_name = "HOST:PORT")]
    rate_limit_service: Option<String>,
    /// The address at which Envoy listens
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:10000")]
    listen: SocketAddr,
    /// The address of Envoy's administration, which must not be reached by others
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:9901")]
    admin: SocketAddr,
    /// What clients call the proxy, without the port; others are refused
    #[arg(long, value_name = "HOST", default_values = ["127.0.0.1", "localhost"])]
    host: Vec<String>,
    /// Write the filter's part of it into this file, which Envoy will watch: a new one that is moved into
    /// its place takes over at once, no connection is closed and no count is lost
    #[arg(long, value_name = "FILE")]
    filter_file: Option<String>,
    /// The filter, as a file that Envoy can read
    #[arg(long, value_name = "FILE", default_value = "/etc/envoy/cattlegrid_envoy.wasm")]
    wasm: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Answer, Failure> {
    let source = Reader::default().read(&arguments.configuration)?;
    let settings = edge::read(&source.bytes)
        .map_err(|faults| Failure(render(&source.name, &source.text(), &faults)))?;
    let upstreams: Vec<Upstream> =
        arguments.upstream.iter().map(|text| upstream(text)).collect::<Result<_, _>>()?;
    let servers = pair(&settings, &upstreams)?;
    let limits = limits(&settings, &upstreams, arguments.rate_limit_service.as_deref())?;
    let text = source.text();
    // What is held of a request must fit, and what comes from a server in one go in half of it.
    let buffer = settings.request.bytes.saturating_mul(2).max(2 << 20);
    let mut out = String::from(HEADER);
    // What stands first is about the file itself.
    let (_, reference) = cut(REFERENCE, "\n\n")?;
    let (head, rest) = cut(reference, "                      routes:\n")?;
    let (_, clusters) = cut(rest, "\n  clusters:\n")?;
    cut(clusters, "    - name: mcp_server\n")?;
    for line in head.lines() {
        out.push_str(&set(line, arguments, &text, buffer)?);
        out.push('\n');
        if line.trim_start().starts_with("runtime:") && !settings.secrets.is_empty() {
            out.push_str(&environment(line, &settings.secrets));
        }
    }
    if let Some(file) = &arguments.filter_file {
        let part;
        (out, part) = split(&out, file)?;
        create(file, &part)?;
    }
    out.push_str("                      routes:\n");
    for (path, upstream) in &servers {
        out.push_str(&route(path.as_deref(), upstream));
    }
    out.push_str("\n  clusters:\n");
    for (_, upstream) in &servers {
        out.push_str(&cluster(upstream, buffer / 2));
    }
    if let Some((name, host, port)) = limits {
        out.push_str(&limits_cluster(&name, host, port));
    }
    print_exactly(out.as_bytes())?;
    Ok(Answer::Yes)
}

/// Where a server is.
struct Upstream {
    /// Empty if it has none.
    name: String,
    tls: bool,
    host: String,
    port: u16,
    /// Of its endpoint, with its `/`.
    path: String,
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

fn is_in_host(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':')
}

fn upstream(written: &str) -> Result<Upstream, Failure> {
    let wrong = |what: &str| {
        Failure(format!(
            "error: `--upstream {written}`: {what}; it is like `http://127.0.0.1:3001/mcp` or \
             `billing=https://mcp.example.com/mcp`"
        ))
    };
    let (called, url) = match written.rsplit_once('=') {
        Some(named) => named,
        _ => ("", written),
    };
    let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("no url"))?;
    let tls = match scheme {
        "http" => false,
        "https" => true,
        _ => return Err(wrong("the scheme must be http or https")),
    };
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(at).ok_or_else(|| wrong("no url"))?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            (host, port.parse().map_err(|_| wrong("the port is no number up to 65535"))?)
        }
        _ => (authority, if tls { 443 } else { 80 }),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || !host.chars().all(is_in_host) {
        return Err(wrong("no host"));
    }
    let is_path = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    if !path.chars().all(is_path) {
        return Err(wrong("the path may have letters, digits and `-._~`"));
    }
    let path = if path.is_empty() { "/" } else { path };
    Ok(Upstream {
        name: called.to_owned(),
        tls,
        host: host.to_owned(),
        port,
        path: path.to_owned(),
    })
}

/// Each server of the configuration, by its path, with where it is.
fn pair<'u>(
    settings: &edge::Settings,
    upstreams: &'u [Upstream],
) -> Result<Vec<(Option<String>, &'u Upstream)>, Failure> {
    let servers: Vec<(&str, &str)> = settings.servers().collect();
    let fail = |why: String| Err(Failure(format!("error: {why}")));
    if servers.is_empty() {
        return match upstreams {
            [one] if one.name.is_empty() => Ok(vec![(None, one)]),
            _ => fail(
                "the configuration has no `servers`, so it wants one `--upstream`, without a name"
                    .to_owned(),
            ),
        };
    }
    let known = |called: &str| servers.iter().any(|(name, _)| *name == called);
    if let Some(stray) = upstreams.iter().find(|upstream| !known(&upstream.name)) {
        let called = name(&stray.name);
        return fail(format!("no server of the configuration is called {called}: say `NAME=URL`"));
    }
    let mut paired = Vec::new();
    for (called, path) in servers {
        let mut own = upstreams.iter().filter(|upstream| upstream.name == called);
        match (own.next(), own.next()) {
            (Some(one), None) => paired.push((Some(path.to_owned()), one)),
            _ => return fail(format!("the server {} wants one `--upstream`", name(called))),
        }
    }
    Ok(paired)
}

/// The cluster of the rate-limit service, in quotes, and where it is; `None` if there is none.
fn limits<'a>(
    settings: &edge::Settings,
    upstreams: &[Upstream],
    written: Option<&'a str>,
) -> Result<Option<(String, &'a str, u16)>, Failure> {
    let fail = |why: &str| Err(Failure(format!("error: {why}")));
    let (service, written) = match (&settings.store, written) {
        (Store::Shared, None) => return Ok(None),
        (Store::Shared, Some(_)) => {
            return fail("the configuration has no `rate_limit_service` in its `store`");
        }
        (Store::Service(_), None) => {
            return fail(
                "the configuration wants a rate-limit service: say `--rate-limit-service HOST:PORT`",
            );
        }
        (Store::Service(service), Some(written)) => (service, written),
    };
    let host_and_port = written.rsplit_once(':').and_then(|(host, port)| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty() && host.chars().all(is_in_host)).then_some((host, port.parse().ok()?))
    });
    let Some((host, port)) = host_and_port else {
        return fail(&format!("`--rate-limit-service {written}`: it is like `127.0.0.1:8081`"));
    };
    let cluster = scalar(&service.cluster, 0);
    if upstreams.iter().any(|upstream| scalar(&upstream.cluster_name(), 0) == cluster) {
        return fail(&format!(
            "the cluster {} is that of a server: give the rate-limit service another",
            name(&service.cluster)
        ));
    }
    Ok(Some((cluster, host, port)))
}

/// The text before and behind a part of the reference configuration.
fn cut<'t>(text: &'t str, at: &str) -> Result<(&'t str, &'t str), Failure> {
    text.split_once(at).ok_or_else(|| {
        Failure(format!("error: the reference configuration has no `{}`", at.trim()))
    })
}

/// A line of the reference configuration with what was asked for in it.
fn set(line: &str, arguments: &Arguments, text: &str, buffer: usize) -> Result<String, Failure> {
    let indent = line.len().saturating_sub(line.trim_start().len());
    let key = line.split(':').next().unwrap_or_default();
    let with = |value: &str| Ok(format!("{key}: {value}"));
    let Some((_, what)) = line.split_once("# set: ") else {
        return match line.trim_start() {
            part if part.starts_with("per_connection_buffer_limit_bytes") => {
                with(&buffer.to_string())
            }
            part if part.starts_with("domains:") => {
                let hosts: Vec<String> = arguments.host.iter().map(|host| quote(host)).collect();
                with(&format!("[{}]", hosts.join(", ")))
            }
            _ => Ok(line.to_owned()),
        };
    };
    match what {
        "admin_address" => with(&arguments.admin.ip().to_string()),
        "admin_port" => with(&arguments.admin.port().to_string()),
        "address" => with(&arguments.listen.ip().to_string()),
        "port" => with(&arguments.listen.port().to_string()),
        "wasm" => with(&quote(&arguments.wasm)),
        "configuration" => with(&scalar(text, indent)),
        other => Err(Failure(format!("error: nothing is known of `# set: {other}`"))),
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
fn split(whole: &str, file: &str) -> Result<(String, String), Failure> {
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
    let host = match upstream.host.parse::<IpAddr>() {
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
    let Upstream { tls, host, port, .. } = upstream;
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
        endpoint(&name, host, *port)
    )
}

/// The cluster of the rate-limit service; `name` is in quotes.
fn limits_cluster(name: &str, host: &str, port: u16) -> String {
    let kind = if host.parse::<IpAddr>().is_ok() { "STATIC" } else { "STRICT_DNS" };
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
        endpoint(name, host, port)
    )
}

/// Where a cluster's one process listens; `name` is in quotes.
fn endpoint(name: &str, host: &str, port: u16) -> String {
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
