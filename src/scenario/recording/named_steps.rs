//! Calls that are exactly what a step of an operation sends, told by the names of the file.

use serde_json::{Map, Value};

use super::said::{Said, answer_of, escaped};
use super::written::{Job, Member, Members, Rest, Sharing, Step, Update};
use crate::api::operation::Family;
use crate::api::{ImageId, MemberDecision, Operation, ProjectId};
use crate::journal::{CallRecord, SentToken};

/// The path of the three batch operations.
const BATCH: &str = "/v1/cloudimages/members";

impl Said<'_> {
    /// The step of the call's operation, if it would send the same.
    ///
    /// # Errors
    /// The rest of the step, if it would not.
    pub(super) fn named_step(
        &self,
        call: &CallRecord,
        sent: &[u8],
        rest: Rest,
    ) -> Result<Step, Rest> {
        let Some(token) = self.named_token(call) else { return Err(rest) };
        match call.operation {
            Operation::AddMembers | Operation::DeleteMembers => {
                self.sharing(call, sent, token, rest)
            }
            Operation::UpdateMembers => self.update(call, sent, token, rest),
            Operation::ShowJob | Operation::ShowJobProgress => self.job_step(call, token, rest),
            Operation::ListMembers | Operation::ShowMember => self.members(call, token, rest),
            // The others are recorded as they were sent.
            _ => Err(rest),
        }
    }

    /// The token, if the file knows it and nothing else of the head matters.
    fn named_token<'c>(&self, call: &'c CallRecord) -> Option<&'c str> {
        let SentToken::Known(token) = &call.asked.token else { return None };
        let json = "application/json";
        let as_json = matches!(&*call.asked.headers, [(name, value)] if &**name == "accept" && &**value == json);
        // Only native errors look different to those who did not ask for JSON.
        let native = call.operation.family() == Family::Native && call.status >= 400;
        let native_error = native && call.answer.all().is_none_or(|it| answer_of(it).is_string());
        let usual = as_json || (call.asked.headers.is_empty() && !native_error);
        let method = call.operation.method() == Some(&*call.method);
        (usual && method && self.names.has_token(token)).then_some(&**token)
    }

    fn sharing(
        &self,
        call: &CallRecord,
        sent: &[u8],
        token: &str,
        rest: Rest,
    ) -> Result<Step, Rest> {
        let read = || {
            let object = object_of(call, sent, &["images", "projects"])?;
            Some((self.images(object.get("images")?)?, self.projects(object.get("projects")?)?))
        };
        let Some((images, projects)) = read() else { return Err(rest) };
        let step = Sharing { token: escaped(token), images, projects, save: None, rest };
        Ok(match call.operation {
            Operation::AddMembers => Step::AddMembers(step),
            _ => Step::DeleteMembers(step),
        })
    }

    fn update(
        &self,
        call: &CallRecord,
        sent: &[u8],
        token: &str,
        rest: Rest,
    ) -> Result<Step, Rest> {
        let read = || {
            let object = object_of(call, sent, &["images", "project_id", "status", "vault_id"])?;
            let images = self.images(object.get("images")?)?;
            let project = self.project(object.get("project_id")?)?;
            let status: MemberDecision =
                serde_json::from_value(object.get("status")?.clone()).ok()?;
            let vault = match object.get("vault_id") {
                None => None,
                Some(vault) => Some(escaped(vault.as_str()?)),
            };
            Some((images, project, status, vault))
        };
        let Some((images, project, status, vault)) = read() else { return Err(rest) };
        let (token, save) = (escaped(token), None);
        Ok(Step::UpdateMembers(Update { token, images, project, status, vault, save, rest }))
    }

    fn job_step(&self, call: &CallRecord, token: &str, rest: Rest) -> Result<Step, Rest> {
        let read = || {
            let front = match call.operation {
                Operation::ShowJobProgress => "/v1/cloudimages/job/".to_owned(),
                _ => format!("/v1/{}/jobs/", self.names.project_of_token(token)?),
            };
            self.job(call.target.strip_prefix(&front)?)
        };
        let Some(job) = read().map(str::to_owned) else { return Err(rest) };
        let step = Job { token: escaped(token), job, rest };
        Ok(match call.operation {
            Operation::ShowJob => Step::ShowJob(step),
            _ => Step::ShowJobProgress(step),
        })
    }

    fn members(&self, call: &CallRecord, token: &str, rest: Rest) -> Result<Step, Rest> {
        let read = || {
            let path = call.target.strip_prefix("/v2/images/")?;
            let (image, member) = path.split_once("/members")?;
            let image = self.image(&Value::from(image))?;
            match member {
                "" => Some((image, None)),
                _ => Some((image, Some(self.project(&Value::from(member.strip_prefix('/')?))?))),
            }
        };
        let token = escaped(token);
        match read() {
            Some((image, None)) => Ok(Step::ListMembers(Members { token, image, rest })),
            Some((image, Some(member))) => {
                Ok(Step::ShowMember(Member { token, image, member, rest }))
            }
            None => Err(rest),
        }
    }

    fn images(&self, list: &Value) -> Option<Vec<String>> {
        list.as_array()?.iter().map(|one| self.image(one)).collect()
    }

    fn projects(&self, list: &Value) -> Option<Vec<String>> {
        list.as_array()?.iter().map(|one| self.project(one)).collect()
    }

    /// What the file calls an image, or its id; `None` if it is written in a way that no step does.
    fn image(&self, written: &Value) -> Option<String> {
        let text = written.as_str()?;
        let id = ImageId::parse(text).filter(|id| id.to_string() == text)?;
        let name = self.world.image_name(id);
        Some(if is_name(&name) && self.names.image_id(&name) == Some(id) {
            escaped(&name)
        } else {
            text.to_owned()
        })
    }

    /// The same of a project.
    fn project(&self, written: &Value) -> Option<String> {
        let text = written.as_str()?;
        let id = ProjectId::parse(text).filter(|id| id.to_string() == text)?;
        let name = self.world.project_name(id);
        Some(if is_name(&name) && self.names.project_id(&name) == Some(id) {
            escaped(&name)
        } else {
            text.to_owned()
        })
    }
}

/// Whether a name stands for one thing in every list.
fn is_name(name: &str) -> bool {
    !name.ends_with("-*")
}

/// The object of a batch, if it has no other keys.
fn object_of(call: &CallRecord, sent: &[u8], keys: &[&str]) -> Option<Map<String, Value>> {
    let Value::Object(object) = super::body_of(sent, str::to_owned).0? else { return None };
    let known = object.keys().all(|key| keys.contains(&key.as_str()));
    (known && call.target == BATCH).then_some(object)
}
