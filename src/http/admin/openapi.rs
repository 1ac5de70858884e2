//! `GET /__admin/openapi.json` and `GET /__admin/docs`: the service described for tools and for people.

use super::answer::{AdminError, Reply};
use super::ask::Ask;
use super::docs;
use super::endpoints::Endpoint;
use crate::api::openapi::{self, Examples};
use crate::domain::World;

/// The endpoints.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "GET",
        "/openapi.json",
        "Describes the service in OpenAPI 3.1, with examples of the world as it stands.",
        &[],
        |ask| Box::pin(document(ask)),
    ),
    Endpoint::new("GET", "/docs", "Shows the same as a page to read.", &[], |ask| {
        Box::pin(page(ask))
    }),
];

async fn document(ask: Ask) -> Result<Reply, AdminError> {
    Ok(Reply::ok(&openapi::document(&examples(&ask.shared().world), &ask.server)))
}

async fn page(ask: Ask) -> Result<Reply, AdminError> {
    let document = openapi::document(&examples(&ask.shared().world), &ask.server);
    Ok(Reply::html(docs::page(&document)))
}

/// Things of a world for examples: the first image that is shared, with a project that it is shared with;
/// what the world has not is as in the contract.
fn examples(world: &World) -> Examples {
    /// An example is found among the first ones or not at all; a world may have a million.
    const LOOKED_AT: usize = 100;
    let account = world.region.account.name.to_string();
    let mut examples = Examples { account, ..Examples::default() };
    let images = world.images_after(None, LOOKED_AT).unwrap_or_default();
    let shared = images.iter().find(|image| !image.members().all().is_empty());
    let projects = world.projects_after(None, LOOKED_AT).unwrap_or_default();
    if let Some(image) = shared.or(images.first()) {
        examples.image = image.id.to_string();
        examples.owner = image.owner.to_string();
        examples.owner_name = world.project_name(image.owner);
        let members = image.members();
        let other = projects.iter().find(|project| project.id != image.owner);
        let member = members.all().first().map(|member| member.project);
        if let Some(member) = member.or(other.map(|project| project.id)) {
            examples.member = member.to_string();
        }
    }
    examples
}
