//! `cattlegrid envoy-config`: the whole configuration of Envoy.

use std::net::SocketAddr;

use cattlegrid::diagnostic::{Diagnostic, render};
use cattlegrid::edge;
use cattlegrid::export::{Address, Envoy, EnvoyFault, Upstream, envoy};

use super::files::{Reader, create};
use super::{Answer, Failure, print_exactly};

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
    let upstreams: Vec<Upstream> =
        arguments.upstream.iter().map(|text| upstream(text)).collect::<Result<_, _>>()?;
    let service = arguments.rate_limit_service.as_deref().map(address).transpose()?;
    let text = source.text();
    let refused = |faults: &[Diagnostic]| Failure(render(&source.name, &text, faults));
    if let (true, Err(faults)) = (text.as_bytes() != source.bytes, edge::read(&source.bytes)) {
        // What is no text would be written as another.
        return Err(refused(&faults));
    }
    let parts = Envoy {
        configuration: &text,
        upstreams: &upstreams,
        rate_limit_service: service.as_ref(),
        listen: arguments.listen,
        admin: arguments.admin,
        hosts: &arguments.host,
        filter_file: arguments.filter_file.as_deref(),
        wasm: &arguments.wasm,
    };
    let written = envoy(&parts).map_err(|fault| {
        let hint = match &fault {
            EnvoyFault::Configuration(faults) => return refused(faults),
            EnvoyFault::OneUpstream | EnvoyFault::WantsUpstream(_) => {
                ": say `--upstream` once for it"
            }
            EnvoyFault::UnknownServer(_) => ": say `NAME=URL`",
            EnvoyFault::WantsService => ": say `--rate-limit-service HOST:PORT`",
            EnvoyFault::NoService | EnvoyFault::SharedCluster(_) | EnvoyFault::Reference(_) => "",
        };
        Failure(format!("error: {fault}{hint}"))
    })?;
    if let (Some(file), Some(filter)) = (&arguments.filter_file, &written.filter) {
        create(file, filter)?;
    }
    print_exactly(written.envoy.as_bytes())?;
    Ok(Answer::Yes)
}

/// `[NAME=]URL`
fn upstream(written: &str) -> Result<Upstream, Failure> {
    let (called, url) = written.rsplit_once('=').unwrap_or(("", written));
    Upstream::new(called, url).map_err(|what| {
        Failure(format!(
            "error: `--upstream {written}`: {what}; it is like `http://127.0.0.1:3001/mcp` or \
             `billing=https://mcp.example.com/mcp`"
        ))
    })
}

/// `HOST:PORT`
fn address(written: &str) -> Result<Address, Failure> {
    Address::read(written).ok_or_else(|| {
        Failure(format!("error: `--rate-limit-service {written}`: it is like `127.0.0.1:8081`"))
    })
}
