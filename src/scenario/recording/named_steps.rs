//! Calls that are exactly what a step of an operation sends, told by the names of the file.

use serde_json::{Map, Value};

use super::said::{Said, answer_of, escaped};
use super::written::{Images, Job, Quota, Rest, Sharing, Step, Update};
use crate::api::operation::Family;
use crate::api::{ImageId, MemberDecision, Operation, ProjectId};
use crate::journal::{CallRecord, SentToken};
use crate::scenario::named::Named;
use crate::scenario::query::{self, Meant, QueryValue};

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
            Operation::ListMembers
            | Operation::ShowMember
            | Operation::AddMember
            | Operation::UpdateMember
            | Operation::DeleteMember
            | Operation::ShowImage
            | Operation::DeleteImage => self.native_step(call, sent, token, rest),
            Operation::ListCloudImages | Operation::ListImages => self.list(call, token, rest),
            Operation::ShowQuota if call.target == call.operation.path() => {
                Ok(Step::ShowQuota(Quota { token: escaped(token), rest }))
            }
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

    /// A list whose query a step would write in the same letters.
    fn list(&self, call: &CallRecord, token: &str, rest: Rest) -> Result<Step, Rest> {
        let path = call.operation.path();
        let sent = call.target.split_once('?').map_or("", |(_, query)| query);
        let mut query: Named<QueryValue> = Named::default();
        for (key, value) in form_urlencoded::parse(sent.as_bytes()) {
            let Some(value) = self.meant(&key, &value) else { return Err(rest) };
            match query.0.iter_mut().find(|(known, _)| **known == *key) {
                None => query.0.push((key.into_owned(), QueryValue::Text(value))),
                Some((_, QueryValue::Several(values))) => values.push(value),
                Some((_, first)) => {
                    let QueryValue::Text(one) = first else { continue };
                    *first = QueryValue::Several(vec![std::mem::take(one), value]);
                }
            }
        }
        if query::target(path, &query, &self.names) != call.target {
            return Err(rest);
        }
        let query = escaped_query(query);
        let step = Images { token: escaped(token), query, rest };
        Ok(match call.operation {
            Operation::ListImages => Step::ListImages(step),
            _ => Step::ListCloudImages(step),
        })
    }

    /// What a step says under a key of a query; `None` if it cannot say it.
    fn meant(&self, key: &str, value: &str) -> Option<String> {
        match Meant::by(key) {
            Meant::Image if !value.is_empty() => self.image_name(value),
            Meant::Project if !value.is_empty() => self.project_name(value),
            _ => Some(value.to_owned()),
        }
    }

    fn images(&self, list: &Value) -> Option<Vec<String>> {
        list.as_array()?.iter().map(|one| self.image(one)).collect()
    }

    fn projects(&self, list: &Value) -> Option<Vec<String>> {
        list.as_array()?.iter().map(|one| self.project(one)).collect()
    }

    /// What the file calls an image, or its id; `None` if it is written in a way that no step does.
    pub(super) fn image(&self, written: &Value) -> Option<String> {
        self.image_name(written.as_str()?).map(|name| escaped(&name))
    }

    fn image_name(&self, text: &str) -> Option<String> {
        let id = ImageId::parse(text).filter(|id| id.to_string() == text)?;
        let name = self.world.image_name(id);
        let said = is_name(&name) && self.names.image_id(&name) == Some(id);
        Some(if said { name } else { text.to_owned() })
    }

    /// The same of a project.
    pub(super) fn project(&self, written: &Value) -> Option<String> {
        self.project_name(written.as_str()?).map(|name| escaped(&name))
    }

    fn project_name(&self, text: &str) -> Option<String> {
        let id = ProjectId::parse(text).filter(|id| id.to_string() == text)?;
        let name = self.world.project_name(id);
        let said = is_name(&name) && self.names.project_id(&name) == Some(id);
        Some(if said { name } else { text.to_owned() })
    }
}

/// A query as a step says it, once it is known what it says.
fn escaped_query(query: Named<QueryValue>) -> Named<QueryValue> {
    let value = |value| match value {
        QueryValue::Text(text) => QueryValue::Text(escaped(&text)),
        QueryValue::Several(texts) => {
            QueryValue::Several(texts.iter().map(|text| escaped(text)).collect())
        }
        other => other,
    };
    let pairs = query.0.into_iter();
    Named(pairs.map(|(key, said)| (escaped(&key), value(said))).collect())
}

/// Whether a name stands for one thing in every list.
fn is_name(name: &str) -> bool {
    !name.ends_with("-*")
}

/// The object of a batch, if it has no other keys.
fn object_of(call: &CallRecord, sent: &[u8], keys: &[&str]) -> Option<Map<String, Value>> {
    object_with(sent, keys).filter(|_| call.target == BATCH)
}

/// The object of a body, if it has no other keys.
pub(super) fn object_with(sent: &[u8], keys: &[&str]) -> Option<Map<String, Value>> {
    let Value::Object(object) = super::body_of(sent, str::to_owned).0? else { return None };
    object.keys().all(|key| keys.contains(&key.as_str())).then_some(object)
}
