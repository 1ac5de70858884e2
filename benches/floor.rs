//! The floor that `throughput.sh` measures against: a bare actix-web handler that parses the same JSON
//! body and answers a fresh id, with the settings of the simulator's own server.
//!
//! Serves only when asked to, `--serve HOST:PORT --workers N`, since `cargo bench` and
//! `cargo test --all-targets` start every benchmark.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Sharing {
    images: Vec<String>,
    projects: Vec<String>,
}

#[derive(Serialize)]
struct Accepted {
    job_id: String,
}

async fn accept(body: web::Bytes, count: web::Data<AtomicU64>) -> HttpResponse {
    let Ok(sharing) = serde_json::from_slice::<Sharing>(&body) else {
        return HttpResponse::BadRequest().finish();
    };
    let pairs = sharing.images.len() * sharing.projects.len();
    let id = count.fetch_add(pairs as u64, Ordering::Relaxed);
    HttpResponse::Ok().json(Accepted { job_id: format!("{id:032x}") })
}

fn value_of(arguments: &[String], name: &str) -> Option<String> {
    let place = arguments.iter().position(|argument| argument == name)?;
    arguments.get(place + 1).cloned()
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let Some(address) = value_of(&arguments, "--serve") else { return Ok(()) };
    let workers = value_of(&arguments, "--workers").and_then(|count| count.parse().ok());
    let count = web::Data::new(AtomicU64::new(0));
    let server = HttpServer::new(move || {
        let members = web::resource("/v1/cloudimages/members").route(web::delete().to(accept));
        App::new().app_data(count.clone()).service(members)
    })
    .workers(workers.unwrap_or(1))
    .max_connections(25_600)
    .backlog(8_192)
    .keep_alive(Duration::from_secs(75))
    .client_request_timeout(Duration::from_secs(60))
    .shutdown_timeout(1)
    .bind(address)?;
    println!("listening on http://{}", server.addrs()[0]);
    actix_web::rt::System::new().block_on(server.run())
}
