//! What every step that makes a call says, beside what is its own.

use crate::scenario::named::Named;
use crate::scenario::span::Span;
use crate::scenario::values::ValueSource;

/// A step that makes a call.
pub trait CallStep {
    /// How long the client waits for an answer.
    fn timeout(&self) -> Option<Span>;

    /// Values of the answer for later steps.
    fn save_values(&self) -> &Named<ValueSource>;
}

/// Writes the forms of steps that make a call: their own fields stand between those that all of them have.
macro_rules! call_steps {
    ($(
        $(#[$about:meta])*
        $name:ident { $( $(#[$field_about:meta])* $field:ident: $kind:ty, )* }
    )*) => { $(
        $(#[$about])*
        #[derive(Clone, Debug, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// For people.
            pub about: Option<String>,
            /// The token to send; none if left out.
            pub token: Option<String>,
            $( $(#[$field_about])* pub $field: $kind, )*
            /// Values of the last answer for later steps, which say them as `${name}`.
            #[serde(default)]
            pub save_values: $crate::scenario::named::Named<$crate::scenario::values::ValueSource>,
            /// How long the client waits for an answer; for ever if left out.
            pub timeout: Option<$crate::scenario::span::Span>,
            /// What must hold. Unless a status is named, that of success: 204 of what deletes at once, 200
            /// of all else.
            #[serde(default)]
            pub expect: $crate::scenario::expect::Expect,
        }

        impl $crate::scenario::step::CallStep for $name {
            fn timeout(&self) -> Option<$crate::scenario::span::Span> {
                self.timeout
            }

            fn save_values(
                &self,
            ) -> &$crate::scenario::named::Named<$crate::scenario::values::ValueSource> {
                &self.save_values
            }
        }
    )* };
}

pub(super) use call_steps;
