//! A lock for what is looked up all the time and seldom changes.

use std::sync::PoisonError;

use crossbeam_utils::sync::{ShardedLock, ShardedLockReadGuard, ShardedLockWriteGuard};

/// A value behind eight locks: a thread that reads takes one of them, which up to eight threads have for themselves,
/// and who changes the value takes all. A lock in common would be written by every lookup of every thread, and
/// wander from core to core.
///
/// It is never poisoned: a worker that dies by design takes nothing with it.
#[derive(Debug, Default)]
pub(super) struct ReadMostly<T>(ShardedLock<T>);

impl<T> ReadMostly<T> {
    /// To look at the value.
    pub(super) fn read(&self) -> ShardedLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// To change the value.
    pub(super) fn write(&self) -> ShardedLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value, which nobody else has.
    pub(super) fn get_mut(&mut self) -> &mut T {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// The value alone.
    pub(super) fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
