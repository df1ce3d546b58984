//! A server made with the official Rust SDK, of both eras of MCP and without sessions, that writes down each tool that
//! it runs.
//!
//!     attacked-rmcp PORT TOOLS RECORD      TOOLS: a file with a JSON list of tools; RECORD: a file for a line a call

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::json;

#[derive(Clone)]
struct Attacked {
    tools: Arc<Vec<Tool>>,
    record: Arc<File>,
}

impl ServerHandler for Attacked {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.to_vec()))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        if !self.tools.iter().any(|tool| tool.name == call.name) {
            return Err(ErrorData::invalid_params("there is no such tool", None));
        }
        let arguments = call.arguments.unwrap_or_default();
        let [amount, to] = ["amount", "to"].map(|name| arguments.get(name));
        let line = json!({"tool": call.name, "arguments": {"amount": amount, "to": to}});
        let line = format!("{line}\n");
        (&*self.record).write_all(line.as_bytes()).expect("the record can be written");
        Ok(CallToolResult::success(vec![ContentBlock::text("done")]).into())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("usage: attacked-rmcp PORT TOOLS RECORD");
    let (port, tools, record) = (next()?.parse::<u16>()?, next()?, next()?);
    let attacked = Attacked {
        tools: Arc::new(serde_json::from_slice(&std::fs::read(tools)?)?),
        record: Arc::new(OpenOptions::new().create(true).append(true).open(record)?),
    };
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false);
    let sessions = Arc::<NeverSessionManager>::default();
    let service = StreamableHttpService::new(move || Ok(attacked.clone()), sessions, config);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            // A connection that a client breaks off is no fault of the server's.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}
