//! Images and the quota for them. Contract, "Read endpoints".

use std::borrow::Cow;

use super::answer::{Answer, Success};
use super::call::Call;
use crate::api::image::{CloudImagesBody, IMAGES_SCHEMA, ImagesBody};
use crate::api::{Operation, ProjectId, Refusal};
use crate::domain::image_list::{self, ImagePage};
use crate::domain::image_query::{ImageQuery, NATIVE_PAGE, PAGE};
use crate::domain::image_view;

/// Lists images, shows one, or shows the quota.
pub(super) fn read(call: &mut Call<'_>) -> Answer {
    let result = call.allowed().map_err(Refusal::from).and_then(|caller| view(call, caller));
    Answer::of(result)
}

fn view(call: &mut Call<'_>, caller: ProjectId) -> Result<Success, Refusal> {
    match call.operation {
        Operation::ShowQuota => {
            Ok(Success::json(&image_view::quota(&call.state.shared.world, caller)))
        }
        Operation::ShowImage => {
            let as_of = call.as_of();
            let (world, path) = (&call.state.shared.world, call.path);
            let shown = image_view::show(world, path.get("image_id"), caller, as_of)?;
            Ok(Success::json(&shown))
        }
        Operation::ListImages => {
            let page = list(call, caller, NATIVE_PAGE)?;
            Ok(Success::json(&native(call.http.query_string(), page)))
        }
        _ => {
            let images = list(call, caller, PAGE)?.images;
            Ok(Success::json(&CloudImagesBody { images }))
        }
    }
}

fn list(call: &mut Call<'_>, caller: ProjectId, page: usize) -> Result<ImagePage, Refusal> {
    let pairs = form_urlencoded::parse(call.http.query_string().as_bytes());
    let query = ImageQuery::parse(pairs, page)?;
    let as_of = call.as_of();
    Ok(image_list::list(&call.state.shared.world, &query, caller, as_of)?)
}

/// A page with the ways to the first and to the next one, which ask the same as the client did, in his words.
fn native(query: &str, page: ImagePage) -> ImagesBody {
    let is_marker = |pair: &&str| {
        let key = form_urlencoded::parse(pair.as_bytes()).next();
        key.is_some_and(|(key, _)| key == "marker")
    };
    let mut said: Vec<Cow<'_, str>> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_marker(pair))
        .map(Cow::from)
        .collect();
    let first = path(&said);
    let last = page.images.last().filter(|_| page.more);
    let next = last.map(|image| {
        said.push(format!("marker={}", image.id).into());
        path(&said)
    });
    ImagesBody { schema: IMAGES_SCHEMA, first, next, images: page.images }
}

fn path(said: &[Cow<'_, str>]) -> String {
    if said.is_empty() { "/v2/images".to_owned() } else { format!("/v2/images?{}", said.join("&")) }
}
