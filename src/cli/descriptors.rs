//! File descriptors: every connection needs one, and a server that cannot have those of its own threads
//! would die in the middle of its start.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use log::warn;

/// What a server opens beside its shards: listeners, the thread of an admin address, the clock, a trace;
/// and room for the first connections.
const ITS_OWN: usize = 32;

/// What the thread of a shard opens: its own news of sockets, timers and signals, with some to spare.
const OF_A_SHARD: usize = 8;

/// Raises the limit as high as the system allows, and makes sure that a server with so many shards can start.
pub(super) fn provide(shards: usize) -> Result<(), String> {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => log::info!("up to {limit} open descriptors"),
        Err(error) => warn!("the limit of open descriptors stays as it is: {error}"),
    }
    let needed = ITS_OWN + OF_A_SHARD * shards;
    try_out(needed).map_err(|error| {
        let need = if shards == 1 { "shard needs" } else { "shards need" };
        format!(
            "cannot open the {needed} file descriptors that {shards} {need}: {error}; raise the limit \
             (ulimit -n), or say fewer --shards"
        )
    })
}

/// Opens so many and closes them again, since a limit does not tell how many others hold already.
fn try_out(count: usize) -> io::Result<()> {
    let own = io::stderr();
    let taken: io::Result<Vec<OwnedFd>> =
        (0..count).map(|_| own.as_fd().try_clone_to_owned()).collect();
    taken.map(drop)
}
