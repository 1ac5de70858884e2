//! One random change to a JSON document.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// A change to one value or key.
#[derive(Clone, Debug)]
pub(crate) enum Mutation {
    /// A key of an object is taken out.
    Remove,
    /// A key of an object gets another name.
    Rename(&'static str),
    /// A value becomes another one.
    Replace(Value),
}

/// Any change.
pub(crate) fn any() -> impl Strategy<Value = Mutation> {
    let values = vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(2.5),
        json!(70_000),
        json!(u64::MAX),
        json!(""),
        json!("2s"),
        json!("reset"),
        json!("text"),
        json!([]),
        json!(["text"]),
        json!({}),
        json!({ "text": 1 }),
        json!({ "count": 2 }),
    ];
    let names = vec!["text", "about", "id", "expect", "", "crash", "wait"];
    prop_oneof![
        Just(Mutation::Remove),
        prop::sample::select(names).prop_map(Mutation::Rename),
        prop::sample::select(values).prop_map(Mutation::Replace),
    ]
}

impl Mutation {
    /// Makes the change at one of the places where it can be made, and says where and what; `None` if there
    /// is none.
    pub(crate) fn apply(&self, document: &mut Value, place: Index) -> Option<String> {
        let mut pointers = Vec::new();
        places(document, String::new(), matches!(self, Self::Replace(_)), &mut pointers);
        if pointers.is_empty() {
            return None;
        }
        let pointer = place.get(&pointers);
        match self {
            Self::Replace(value) => *document.pointer_mut(pointer)? = value.clone(),
            Self::Remove | Self::Rename(_) => {
                let (parent, key) = pointer.rsplit_once('/')?;
                let object = document.pointer_mut(parent)?.as_object_mut()?;
                let value = object.remove(&key.replace("~1", "/").replace("~0", "~"))?;
                if let Self::Rename(name) = self {
                    object.insert((*name).to_owned(), value);
                }
            }
        }
        Some(format!("{pointer}: {self:?}"))
    }
}

/// The pointers to all values, or only to those that have a key.
fn places(value: &Value, pointer: String, elements: bool, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                let key = key.replace('~', "~0").replace('/', "~1");
                let pointer = format!("{pointer}/{key}");
                found.push(pointer.clone());
                places(inner, pointer, elements, found);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                let pointer = format!("{pointer}/{index}");
                if elements {
                    found.push(pointer.clone());
                }
                places(inner, pointer, elements, found);
            }
        }
        _ => {}
    }
}
