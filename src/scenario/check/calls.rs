//! The steps of a document as they are written, and the calls that they make.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use serde_json::{Map, Value};

use crate::api::{ImageId, Operation, ProjectId};
use crate::scenario::Names;
use crate::scenario::problem::Segment;

/// One step; those inside it are told by themselves.
pub(super) struct Step<'d> {
    /// The key that says what it does.
    pub(super) kind: &'d str,
    /// What it says.
    pub(super) said: &'d Map<String, Value>,
}

/// All steps with their places, those inside others included, in the order of the file.
pub(super) fn each_step(steps: &Value) -> Vec<(Vec<Segment>, Step<'_>)> {
    let mut found = Vec::new();
    collect(steps, &mut vec!["steps".into()], &mut found);
    found
}

fn collect<'d>(
    steps: &'d Value,
    place: &mut Vec<Segment>,
    found: &mut Vec<(Vec<Segment>, Step<'d>)>,
) {
    for (index, step) in steps.as_array().into_iter().flatten().enumerate() {
        place.push(index.into());
        for (kind, said) in step.as_object().into_iter().flatten() {
            match said {
                Value::Array(_) => {
                    place.push(kind.as_str().into());
                    collect(said, place, found);
                    place.pop();
                }
                Value::Object(said) => {
                    found.push((place.clone(), Step { kind, said }));
                    if let Some(inside) = said.get("steps") {
                        place.extend([kind.as_str().into(), "steps".into()]);
                        collect(inside, place, found);
                        place.truncate(place.len() - 2);
                    }
                }
                _ => {}
            }
        }
        place.pop();
    }
}

/// The calls of one operation by one project, all together.
#[derive(Default)]
struct Images {
    ids: FxHashSet<ImageId>,
    /// Whether there may be others.
    any: bool,
}

/// All calls that the steps of a file make.
pub(super) struct Calls {
    /// By operation and by the project of the token, if it is known whose it is.
    made: BTreeMap<(Operation, Option<ProjectId>), Images>,
}

impl Calls {
    /// The calls of some steps; `None` if a step may make calls of which nothing is known here.
    pub(super) fn of(steps: &Value, names: &Names) -> Option<Self> {
        let tokens: FxHashSet<&str> = names.tokens().map(|(token, _)| token).collect();
        let mut said: BTreeMap<(Operation, Option<&str>), FxHashSet<&str>> = BTreeMap::new();
        for (_, step) in each_step(steps) {
            let Some(operation) = operation(step.kind)? else { continue };
            let token = match step.said.get("token") {
                None | Some(Value::Null) => None,
                Some(token) => Some(token.as_str().filter(|token| tokens.contains(token))?),
            };
            let list = step.said.get("images").and_then(Value::as_array);
            let one = step.said.get("image").and_then(Value::as_str);
            let images = list.into_iter().flatten().filter_map(Value::as_str).chain(one);
            said.entry((operation, token)).or_default().extend(images);
        }
        let mut made: BTreeMap<(Operation, Option<ProjectId>), Images> = BTreeMap::new();
        for ((operation, token), images) in said {
            let project = token.and_then(|token| names.project_of_token(token));
            let known = made.entry((operation, project)).or_default();
            known.add(images, names);
        }
        Some(Self { made })
    }

    /// Whether some call passes a test of its operation, of the project that makes it, and of whether it
    /// may be about an image.
    pub(super) fn any(
        &self,
        test: impl Fn(Operation, Option<ProjectId>, &dyn Fn(ImageId) -> bool) -> bool,
    ) -> bool {
        self.made.iter().any(|((operation, project), images)| {
            let about = |image| images.any || images.ids.contains(&image);
            test(*operation, *project, &about)
        })
    }
}

impl Images {
    fn add(&mut self, said: FxHashSet<&str>, names: &Names) {
        let mut said: Vec<&str> = said.into_iter().collect();
        said.sort_unstable();
        for name in said {
            let ids = names.image_ids(&[name.to_owned()]);
            // A name that stands for nothing known may be filled in when the step is run.
            self.any |= ids.is_empty();
            self.ids.extend(ids);
        }
    }
}

/// The operation that a kind of step calls, if it calls one; `None` if the kind is not known here.
fn operation(kind: &str) -> Option<Option<Operation>> {
    match kind {
        "wait" | "advance_clock" | "repeat" | "look" | "change_faults" | "change_world" => {
            Some(None)
        }
        "wait_job" => Some(Some(Operation::ShowJob)),
        _ => {
            let known = Operation::ALL.into_iter().filter(|one| *one != Operation::Unknown);
            known.into_iter().find(|operation| operation.name() == kind).map(Some)
        }
    }
}
