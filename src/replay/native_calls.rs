//! The steps of the native API.

use super::runner::{Runner, Turn};
use super::wire;
use crate::api::Operation;
use crate::scenario::expect::Expect;
use crate::scenario::step::{DecideStep, ImageStep, MemberStep};

impl Runner {
    /// Lists the members of an image.
    pub(super) async fn list_members(&self, step: &ImageStep, turn: &Turn) {
        let path = wire::members_path(self.names().image_id(&step.image), None);
        let request = wire::request(Operation::ListMembers, &path, step.token.as_deref(), None);
        self.call(request, &step.expect, &step.save_values, turn).await;
    }

    /// Shows one member of an image.
    pub(super) async fn show_member(&self, step: &MemberStep, turn: &Turn) {
        let names = self.names();
        let (image, member) = (names.image_id(&step.image), names.project_id(&step.member));
        let path = wire::members_path(image, member);
        let request = wire::request(Operation::ShowMember, &path, step.token.as_deref(), None);
        self.call(request, &step.expect, &step.save_values, turn).await;
    }

    /// Adds a member to an image.
    pub(super) async fn add_member(&self, step: &MemberStep, turn: &Turn) {
        let names = self.names();
        let path = wire::members_path(names.image_id(&step.image), None);
        let (token, body) = (step.token.as_deref(), wire::add_body(names.project_id(&step.member)));
        let request = wire::request(Operation::AddMember, &path, token, Some(&body));
        self.call(request, &step.expect, &step.save_values, turn).await;
    }

    /// Accepts or rejects an image.
    pub(super) async fn update_member(&self, step: &DecideStep, turn: &Turn) {
        let (names, token) = (self.names(), step.token.as_deref());
        let own = || token.and_then(|token| self.project_of(token));
        let member = step.member.as_deref().map_or_else(own, |name| names.project_id(name));
        let path = wire::members_path(names.image_id(&step.image), member);
        let body = wire::decision_body(step.status, step.vault.as_deref());
        let request = wire::request(Operation::UpdateMember, &path, token, Some(&body));
        self.call(request, &step.expect, &step.save_values, turn).await;
    }

    /// Removes a member of an image.
    pub(super) async fn delete_member(&self, step: &MemberStep, turn: &Turn) {
        let names = self.names();
        let (image, member) = (names.image_id(&step.image), names.project_id(&step.member));
        let path = wire::members_path(image, member);
        let request = wire::request(Operation::DeleteMember, &path, step.token.as_deref(), None);
        self.call(request, &no_content(&step.expect), &step.save_values, turn).await;
    }

    /// Deletes an image.
    pub(super) async fn delete_image(&self, step: &ImageStep, turn: &Turn) {
        let path = wire::image_path(self.names().image_id(&step.image));
        let request = wire::request(Operation::DeleteImage, &path, step.token.as_deref(), None);
        self.call(request, &no_content(&step.expect), &step.save_values, turn).await;
    }
}

/// What is expected of an answer that has no body unless something else is said.
fn no_content(expect: &Expect) -> Expect {
    Expect { status: expect.status.or(Some(204)), ..expect.clone() }
}
