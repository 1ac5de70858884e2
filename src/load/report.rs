//! What is shown of a load run when it is over.

pub mod html;
#[cfg(test)]
pub(super) mod sample;
pub mod text;
