//! Steps as a recording writes them: what a reader need not see is left out, and each step is one line.

use std::io;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

use crate::api::MemberDecision;
use crate::clock::SimDuration;
use crate::scenario::named::Named;
use crate::scenario::query::QueryValue;
use crate::scenario::span::Span;

/// A step of the file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    Wait { until: Span },
    AdvanceClock { by: String },
    AddMembers(Sharing),
    DeleteMembers(Sharing),
    UpdateMembers(Update),
    ShowJob(Job),
    ShowJobProgress(Job),
    ListMembers(Members),
    ShowMember(Member),
    AddMember(Member),
    UpdateMember(Decide),
    DeleteMember(Member),
    DeleteImage(Members),
    ListCloudImages(Images),
    ListImages(Images),
    ShowImage(Members),
    ShowQuota(Quota),
    Request(Request),
    Background([Box<Step>; 1]),
}

/// What every step about a call has.
#[derive(Debug, Default, Serialize)]
pub(super) struct Rest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<Span>,
    #[serde(skip_serializing_if = "Expect::is_empty")]
    pub(super) expect: Expect,
}

#[derive(Debug, Serialize)]
pub(super) struct Sharing {
    pub(super) token: String,
    pub(super) images: Vec<String>,
    pub(super) projects: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) save: Option<String>,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Debug, Serialize)]
pub(super) struct Update {
    pub(super) token: String,
    pub(super) images: Vec<String>,
    pub(super) project: String,
    pub(super) status: MemberDecision,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vault: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) save: Option<String>,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Debug, Serialize)]
pub(super) struct Job {
    pub(super) token: String,
    pub(super) job: String,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Debug, Serialize)]
pub(super) struct Members {
    pub(super) token: String,
    pub(super) image: String,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Debug, Serialize)]
pub(super) struct Member {
    pub(super) token: String,
    pub(super) image: String,
    pub(super) member: String,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Debug, Serialize)]
pub(super) struct Decide {
    pub(super) token: String,
    pub(super) image: String,
    pub(super) member: String,
    pub(super) status: MemberDecision,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vault: Option<String>,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Debug, Serialize)]
pub(super) struct Images {
    pub(super) token: String,
    #[serde(skip_serializing_if = "is_empty")]
    pub(super) query: Named<QueryValue>,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Debug, Serialize)]
pub(super) struct Quota {
    pub(super) token: String,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Sign {
    pub(super) access_key: String,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sign: Option<Sign>,
    #[serde(skip_serializing_if = "is_empty")]
    pub(super) headers: Named<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    #[serde(skip_serializing_if = "is_empty")]
    pub(super) save_values: Named<Value>,
    #[serde(flatten)]
    pub(super) rest: Rest,
}

/// What a step expects; what a step expects anyway is left out.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Expect {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Value>,
}

impl Expect {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn is_empty<T>(named: &Named<T>) -> bool {
    named.0.is_empty()
}

impl Step {
    /// Waits until so long after the start.
    pub(super) const fn wait(until: SimDuration) -> Self {
        Self::Wait { until: Span(until) }
    }

    /// The step in one line.
    pub(super) fn line(&self) -> String {
        let mut line = Vec::new();
        let mut serializer = Serializer::with_formatter(&mut line, OneLine::default());
        // Every part of a step is something that JSON can say.
        let _ = self.serialize(&mut serializer);
        String::from_utf8_lossy(&line).into_owned()
    }
}

/// JSON in one line, with blanks where a person would write them.
#[derive(Default)]
struct OneLine {
    /// Whether the object that was begun last has no key yet.
    empty: bool,
}

impl Formatter for OneLine {
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.empty = true;
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.empty = false;
        writer.write_all(if first { b" " } else { b", " })
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let empty = std::mem::take(&mut self.empty);
        writer.write_all(if empty { b"}" } else { b" }" })
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }
}
