//! What the answer to a native call says of a share, held against where the share stands.

use serde::Deserialize;

use super::finding::{Findings, Invariant};
use super::memberships::Memberships;
use crate::api::{ImageId, MemberStatus, Operation, ProjectId};
use crate::journal::CallRecord;

/// What the answer to a native call says: a share and where it stands.
pub(super) struct Answered {
    operation: Operation,
    image: ImageId,
    project: ProjectId,
    status: Option<MemberStatus>,
}

/// The part of an answer that is looked at.
#[derive(Deserialize)]
struct Body<'a> {
    status: MemberStatus,
    image_id: &'a str,
    member_id: &'a str,
}

impl Answered {
    /// Reads the answer, if the call says that it changed a share.
    pub(super) fn read(call: &CallRecord) -> Option<Self> {
        let operation = call.operation;
        match (operation, call.status) {
            (Operation::AddMember | Operation::UpdateMember, 200) => {
                let body: Body<'_> = serde_json::from_slice(call.answer.all()?).ok()?;
                let (image, project) =
                    (ImageId::parse(body.image_id)?, ProjectId::parse(body.member_id)?);
                Some(Self { operation, image, project, status: Some(body.status) })
            }
            (Operation::DeleteMember, 204) => {
                let path = call.target.split('?').next()?;
                let (front, project) = path.rsplit_once("/members/")?;
                let image = ImageId::parse(front.rsplit('/').next()?)?;
                let project = ProjectId::parse(project)?;
                Some(Self { operation, image, project, status: None })
            }
            _ => None,
        }
    }

    /// Holds the answer against the shares as they must be.
    pub(super) fn check(&self, memberships: &Memberships<'_>, findings: &mut Findings<'_>) {
        let Some(found) = memberships.status(self.image, self.project) else { return };
        if found == self.status {
            return;
        }
        let pair = Some((self.image, self.project));
        findings.add(Invariant::ReportedIsDone, None, pair, || {
            let word =
                |status: Option<MemberStatus>| status.map_or("no member", MemberStatus::as_str);
            let (told, found) = (word(self.status), word(found));
            format!("is {found}, and `{}` was answered as if it were {told}", self.operation.name())
        });
    }
}
