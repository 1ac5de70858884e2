//! The world of the live tests, and what is done in it.

use serde_json::{Value, json};

use crate::server::{Answer, Server};

pub(crate) const OWNER: &str = "0a1b2c3d4e5f40718293a4b5c6d7e8f9";
pub(crate) const BATCH: &str = "/v1/cloudimages/members";

/// How many images and recipients there are.
pub(crate) const IMAGES: usize = 8;
pub(crate) const PROJECTS: usize = 8;

/// The id of an image, by number.
pub(crate) fn image(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-000000000000")
}

/// The id of a recipient, by number; its token is `project-<number>`.
pub(crate) fn project(number: usize) -> String {
    format!("{:032x}", number + 1)
}

/// A world in which `owner` shares every image with every project, with these latencies.
pub(crate) fn world(init: &str, pair: &str) -> Value {
    let mut projects = json!({ "owner": { "id": OWNER } });
    let mut members = json!({});
    for number in 0..PROJECTS {
        let name = format!("project-{number}");
        projects[&name] = json!({ "id": project(number) });
        members[&name] = json!("accepted");
    }
    let mut images = json!({});
    for number in 0..IMAGES {
        let members = &members;
        images[format!("image-{number}")] =
            json!({ "id": image(number), "owner": "owner", "members": members });
    }
    json!({
        "format": 1,
        "world": {
            "settings": { "delete_results": "all" },
            "projects": projects,
            "images": images,
        },
        "timing": {
            "init": { "fixed": init },
            "image": { "fixed": "0s" },
            "pair": { "fixed": pair },
        },
    })
}

/// The body of POST and DELETE.
pub(crate) fn sharing(images: &[usize], projects: &[usize]) -> String {
    let images: Vec<String> = images.iter().copied().map(image).collect();
    let projects: Vec<String> = projects.iter().copied().map(project).collect();
    json!({ "images": images, "projects": projects }).to_string()
}

impl Server {
    pub(crate) fn batch(&self, method: &str, images: &[usize], projects: &[usize]) -> Answer {
        self.call(method, BATCH, "owner", &sharing(images, projects))
    }

    pub(crate) fn show_job(&self, job: &str) -> Answer {
        self.call("GET", &format!("/v1/{OWNER}/jobs/{job}"), "owner", "")
    }

    /// Polls a job of `owner` to its end.
    pub(crate) fn ended_job(&self, job: &str) -> Value {
        self.ended_job_of(job, OWNER, "owner")
    }

    /// Polls a job to its end. The number of polls bounds the test; each is a call over a socket.
    pub(crate) fn ended_job_of(&self, job: &str, project: &str, token: &str) -> Value {
        let mut connection = self.connect();
        for _ in 0..200_000 {
            let answer = connection.call("GET", &format!("/v1/{project}/jobs/{job}"), token, "");
            assert_eq!(answer.status, 200, "{answer:?}");
            let body = answer.json();
            if matches!(body["status"].as_str(), Some("SUCCESS" | "FAIL")) {
                return body;
            }
        }
        panic!("job {job} does not end");
    }

    /// The ids of an image's members, as its owner sees them.
    pub(crate) fn members(&self, image_number: usize) -> Vec<String> {
        let path = format!("/v2/images/{}/members", image(image_number));
        let body = self.call("GET", &path, "owner", "").json();
        let members = body["members"].as_array().expect("a list");
        members.iter().map(|m| m["member_id"].as_str().expect("an id").to_owned()).collect()
    }
}
