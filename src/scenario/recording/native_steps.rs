//! Calls of the native API that are exactly what a step sends.

use serde_json::Value;

use super::named_steps::object_with;
use super::said::{Said, escaped};
use super::written::{Decide, Member, Members, Rest, Step};
use crate::api::{MemberDecision, Operation};
use crate::journal::CallRecord;

/// What the path of a call names, as the file calls it.
enum Named {
    Image(String),
    Members(String),
    Member(String, String),
}

impl Said<'_> {
    /// The step of the call's operation, if it would send the same. What no body is read of may have had
    /// one.
    pub(super) fn native_step(
        &self,
        call: &CallRecord,
        sent: &[u8],
        token: &str,
        rest: Rest,
    ) -> Result<Step, Rest> {
        let token = escaped(token);
        match (call.operation, self.path(call)) {
            (Operation::ListMembers, Some(Named::Members(image))) => {
                Ok(Step::ListMembers(Members { token, image, rest }))
            }
            (Operation::ShowMember, Some(Named::Member(image, member))) => {
                Ok(Step::ShowMember(Member { token, image, member, rest }))
            }
            (Operation::AddMember, Some(Named::Members(image))) => {
                let Some(member) = self.added(sent) else { return Err(rest) };
                Ok(Step::AddMember(Member { token, image, member, rest }))
            }
            (Operation::UpdateMember, Some(Named::Member(image, member))) => {
                let Some((status, vault)) = decision(sent) else { return Err(rest) };
                Ok(Step::UpdateMember(Decide { token, image, member, status, vault, rest }))
            }
            (Operation::DeleteMember, Some(Named::Member(image, member))) => {
                let rest = no_content(call, rest);
                Ok(Step::DeleteMember(Member { token, image, member, rest }))
            }
            (Operation::ShowImage, Some(Named::Image(image))) => {
                Ok(Step::ShowImage(Members { token, image, rest }))
            }
            (Operation::DeleteImage, Some(Named::Image(image))) => {
                let rest = no_content(call, rest);
                Ok(Step::DeleteImage(Members { token, image, rest }))
            }
            _ => Err(rest),
        }
    }

    fn path(&self, call: &CallRecord) -> Option<Named> {
        let path = call.target.strip_prefix("/v2/images/")?;
        let Some((image, member)) = path.split_once("/members") else {
            return self.image(&Value::from(path)).map(Named::Image);
        };
        let image = self.image(&Value::from(image))?;
        match member {
            "" => Some(Named::Members(image)),
            _ => {
                let member = self.project(&Value::from(member.strip_prefix('/')?))?;
                Some(Named::Member(image, member))
            }
        }
    }

    fn added(&self, sent: &[u8]) -> Option<String> {
        self.project(object_with(sent, &["member"])?.get("member")?)
    }
}

fn decision(sent: &[u8]) -> Option<(MemberDecision, Option<String>)> {
    let object = object_with(sent, &["status", "vault_id"])?;
    let status = serde_json::from_value(object.get("status")?.clone()).ok()?;
    let vault = match object.get("vault_id") {
        None => None,
        Some(vault) => Some(escaped(vault.as_str()?)),
    };
    Some((status, vault))
}

/// What such a step expects anyway is left out, and a 200 is not.
fn no_content(call: &CallRecord, mut rest: Rest) -> Rest {
    if call.status != 0 {
        rest.expect.status = (call.status != 204).then_some(call.status);
    }
    rest
}
