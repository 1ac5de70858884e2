//! The sharing rules for the plainest image, as simply as they can be said.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a batch does to each of its pairs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Request {
    Add,
    Delete,
    Update(&'static str),
}

impl Request {
    /// The request of an operation, with the status that an update sent.
    pub(crate) fn of(operation: &Value, status: &Value) -> Self {
        match (operation.as_str(), status.as_str()) {
            (Some("add_members"), _) => Self::Add,
            (Some("delete_members"), _) => Self::Delete,
            (_, Some("accepted")) => Self::Update("accepted"),
            (_, Some("rejected")) => Self::Update("rejected"),
            other => panic!("no batch operation: {other:?}"),
        }
    }
}

/// The members of every image with their statuses, in the order of sharing.
pub(crate) struct Model {
    most: usize,
    members: BTreeMap<String, Vec<(String, &'static str)>>,
}

impl Model {
    /// Images without members, which may have so many each.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, members: BTreeMap::new() }
    }

    /// Shares an image before anything happens.
    pub(crate) fn share(&mut self, image: &str, project: &str) {
        self.members.entry(image.to_owned()).or_default().push((project.to_owned(), "pending"));
    }

    /// The members of an image, each with its status.
    pub(crate) fn members(&self, image: &str) -> &[(String, &'static str)] {
        &self.members[image]
    }

    /// Carries out one pair: what is reported of it and what is done.
    pub(crate) fn settle(
        &mut self,
        request: Request,
        image: &str,
        project: &str,
    ) -> (&'static str, &'static str) {
        let members = self.members.entry(image.to_owned()).or_default();
        let place = members.iter().position(|(member, _)| member == project);
        match (request, place) {
            (Request::Add, None) if members.len() == self.most => ("IMG.0088", "nothing"),
            (Request::Add, None) => {
                members.push((project.to_owned(), "pending"));
                ("success", "added")
            }
            (Request::Add, Some(place)) if members[place].1 == "rejected" => {
                members[place].1 = "pending";
                ("success", "set to pending")
            }
            (Request::Add, Some(_)) => ("success", "nothing"),
            (Request::Delete, None) => ("IMG.0113", "nothing"),
            (Request::Delete, Some(place)) => {
                members.remove(place);
                ("success", "removed")
            }
            (Request::Update(_), None) => ("IMG.0114", "nothing"),
            (Request::Update(status), Some(place)) if members[place].1 == status => {
                ("success", "nothing")
            }
            (Request::Update(status), Some(place)) => {
                members[place].1 = status;
                (
                    "success",
                    if status == "accepted" { "set to accepted" } else { "set to rejected" },
                )
            }
        }
    }
}
