//! The floor that `benches/speed` measures against: a bare actix-web handler that parses the same JSON body
//! and answers a fresh id, and one that answers a query with a constant body, with the settings of the
//! simulator's own server.
//!
//! Serves only when asked to, `--serve HOST:PORT --workers N`, since `cargo bench` and
//! `cargo test --all-targets` start every benchmark. `--answer FILE` is the body that queries get.

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

async fn show(answer: web::Data<web::Bytes>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(web::Bytes::clone(&answer))
}

fn value_of(arguments: &[String], name: &str) -> Option<String> {
    let place = arguments.iter().position(|argument| argument == name)?;
    arguments.get(place + 1).cloned()
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let Some(address) = value_of(&arguments, "--serve") else { return Ok(()) };
    let workers = value_of(&arguments, "--workers").and_then(|count| count.parse().ok());
    let answer = value_of(&arguments, "--answer").map(std::fs::read).transpose()?;
    let answer = web::Data::new(web::Bytes::from(answer.unwrap_or_default()));
    let count = web::Data::new(AtomicU64::new(0));
    let server = HttpServer::new(move || {
        let members = web::resource("/v1/cloudimages/members").route(web::delete().to(accept));
        // Queries come here by default: to find them by a pattern would be a good part of what is measured.
        let app = App::new().app_data(count.clone()).app_data(answer.clone());
        app.service(members).default_service(web::get().to(show))
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
