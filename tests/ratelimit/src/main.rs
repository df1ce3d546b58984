//! Limitador, the library, behind Envoy's rate-limit service protocol; for the end-to-end tests.
//!
//!     ratelimit LIMITS.yaml STORAGE [headers]
//!
//! What it reads and answers is what Limitador, the server, reads and answers: a file of limits, no
//! statuses, and with `headers` those of its `--rate-limit-headers DRAFT_VERSION_03`. STORAGE is `memory`,
//! `redis=URL` (it asks Redis about every call) or `cached=URL` (it asks its own memory, and tells Redis a
//! moment later). It listens on a free port of 127.0.0.1, which it prints, and has one thread: the library
//! looks at its counters first and counts then, and is exact where nothing comes in between.

use std::collections::HashMap;
use std::time::Duration;

use envoy_types::pb::envoy::config::core::v3::HeaderValue;
use envoy_types::pb::envoy::service::ratelimit::v3::rate_limit_response::Code;
use envoy_types::pb::envoy::service::ratelimit::v3::rate_limit_service_server as grpc;
use envoy_types::pb::envoy::service::ratelimit::v3::{RateLimitRequest, RateLimitResponse};
use limitador::limit::{Context, Limit};
use limitador::storage::AsyncCounterStorage;
use limitador::storage::redis::{AsyncRedisStorage, CachedRedisStorageBuilder};
use limitador::{AsyncRateLimiter, RateLimiter};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// That a Redis on this machine may take for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

type Failure = Box<dyn std::error::Error>;

enum Limiter {
    Here(RateLimiter),
    There(AsyncRateLimiter),
}

struct Service {
    limiter: Limiter,
    headers: bool,
}

#[tonic::async_trait]
impl grpc::RateLimitService for Service {
    async fn should_rate_limit(
        &self,
        request: Request<RateLimitRequest>,
    ) -> Result<Response<RateLimitResponse>, Status> {
        let request = request.into_inner();
        let entries = request.descriptors.into_iter().map(|one| one.entries);
        let descriptors: Vec<HashMap<String, String>> = entries
            .map(|list| list.into_iter().map(|entry| (entry.key, entry.value)).collect())
            .collect();
        let mut context = Context::default();
        context.list_binding("descriptors".to_owned(), descriptors);
        let (domain, hits) = (request.domain.into(), request.hits_addend.max(1).into());
        let result = match &self.limiter {
            Limiter::Here(limiter) => {
                limiter.check_rate_limited_and_update(&domain, &context, hits)
            }
            Limiter::There(limiter) => {
                limiter.check_rate_limited_and_update(&domain, &context, hits).await
            }
        };
        let mut result = result.map_err(|error| {
            eprintln!("error: {error}");
            Status::unavailable("Service unavailable")
        })?;
        let code = if result.limited { Code::OverLimit } else { Code::Ok };
        let headers = if self.headers { result.response_header() } else { HashMap::new() };
        let header = |(key, value)| HeaderValue { key, value, ..HeaderValue::default() };
        Ok(Response::new(RateLimitResponse {
            overall_code: code.into(),
            response_headers_to_add: headers.into_iter().map(header).collect(),
            ..RateLimitResponse::default()
        }))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, storage, rest @ ..] = &words[..] else {
        return Err("usage: ratelimit LIMITS.yaml memory|redis=URL|cached=URL [headers]".into());
    };
    let limits: Vec<Limit> = serde_yaml::from_reader(std::fs::File::open(file)?)?;
    let there: Option<Box<dyn AsyncCounterStorage>> = match storage.split_once('=') {
        Some(("redis", url)) => Some(Box::new(AsyncRedisStorage::new(url).await?)),
        Some(("cached", url)) => {
            // What is sent and not answered in time is sent once more, and counted twice: a busy machine
            // is no reason for that.
            let storage = CachedRedisStorageBuilder::new(url).response_timeout(PATIENCE);
            Some(Box::new(storage.build().await?))
        }
        _ => None,
    };
    let limiter = match there {
        None => {
            let limiter = RateLimiter::new(100_000);
            for limit in limits {
                limiter.add_limit(limit);
            }
            Limiter::Here(limiter)
        }
        Some(storage) => {
            let limiter = AsyncRateLimiter::new_with_storage(storage);
            for limit in limits {
                limiter.add_limit(limit);
            }
            Limiter::There(limiter)
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let service = Service { limiter, headers: rest.contains(&"headers".to_owned()) };
    tonic::transport::Server::builder()
        .add_service(grpc::RateLimitServiceServer::new(service))
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?;
    Ok(())
}
