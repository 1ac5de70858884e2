//! Jobs that have ended, in the order of their end. There may be millions of them, and each takes little
//! more than what is known of it.

use std::collections::VecDeque;
use std::hash::{BuildHasher, BuildHasherDefault};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::job_table::JobSnapshot;
use crate::api::JobId;

/// Ended jobs: a queue, and where in it each one stands.
///
/// The places are of four bytes, in a table that asks the queue whose they are: a map with the jobs in it
/// would keep room for twice as many of them.
#[derive(Default)]
pub(super) struct EndedJobs {
    queue: Pieces,
    /// The numbers of the jobs, counted from the first that ever ended, without what exceeds 32 bits: there
    /// are never so many at once.
    numbers: HashTable<u32>,
    /// The number of the first job in the queue.
    first: u32,
}

/// A queue in pieces, so that it grows without being copied and has room for little more than its jobs. All
/// pieces are full but for the first, of which jobs are taken, and the last, to which they are added.
#[derive(Default)]
struct Pieces {
    pieces: VecDeque<VecDeque<JobSnapshot>>,
    len: usize,
}

/// How many jobs a piece of the queue has room for, in some seventy kilobytes.
const PIECE: usize = 1_024;

impl Pieces {
    fn push(&mut self, job: JobSnapshot) {
        self.len += 1;
        match self.pieces.back_mut().filter(|last| last.len() < PIECE) {
            Some(last) => last.push_back(job),
            None => {
                let mut last = VecDeque::with_capacity(PIECE);
                last.push_back(job);
                self.pieces.push_back(last);
            }
        }
    }

    fn pop(&mut self) -> Option<JobSnapshot> {
        let first = self.pieces.front_mut()?;
        let job = first.pop_front()?;
        self.len -= 1;
        if first.is_empty() {
            self.pieces.pop_front();
        }
        Some(job)
    }

    /// The piece that has a place of the queue, and the place within the piece.
    fn locate(&self, place: usize) -> (usize, usize) {
        let first = self.pieces.front().map_or(0, VecDeque::len);
        match place.checked_sub(first) {
            None => (0, place),
            Some(rest) => (1 + rest / PIECE, rest % PIECE),
        }
    }

    fn get(&self, place: usize) -> Option<&JobSnapshot> {
        let (piece, place) = self.locate(place);
        self.pieces.get(piece)?.get(place)
    }

    fn get_mut(&mut self, place: usize) -> Option<&mut JobSnapshot> {
        let (piece, place) = self.locate(place);
        self.pieces.get_mut(piece)?.get_mut(place)
    }

    fn iter(&self) -> impl Iterator<Item = &JobSnapshot> {
        self.pieces.iter().flatten()
    }
}

impl EndedJobs {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.queue.len
    }

    /// The job with this id.
    pub(super) fn get(&self, id: JobId) -> Option<&JobSnapshot> {
        self.queue.get(self.place(id)?)
    }

    /// The job with this id, to be changed where it stands; its id must stay.
    pub(super) fn get_mut(&mut self, id: JobId) -> Option<&mut JobSnapshot> {
        let place = self.place(id)?;
        self.queue.get_mut(place)
    }

    /// Adds the job that has ended last; none with its id may be there.
    pub(super) fn push(&mut self, job: JobSnapshot) {
        let (hash, place) = (hash_of(job.id), low_bits(self.queue.len));
        self.queue.push(job);
        let (first, queue) = (self.first, &self.queue);
        let number = first.wrapping_add(place);
        self.numbers.insert_unique(hash, number, |number| {
            queue.get(number.wrapping_sub(first) as usize).map_or(0, |job| hash_of(job.id))
        });
    }

    /// Takes away the job that ended first.
    pub(super) fn pop(&mut self) -> Option<JobSnapshot> {
        let job = self.queue.pop()?;
        let number = self.first;
        if let Ok(entry) = self.numbers.find_entry(hash_of(job.id), |one| *one == number) {
            entry.remove();
        }
        self.first = self.first.wrapping_add(1);
        Some(job)
    }

    /// All of them, in the order of their end.
    pub(super) fn iter(&self) -> impl Iterator<Item = &JobSnapshot> {
        self.queue.iter()
    }

    fn place(&self, id: JobId) -> Option<usize> {
        let place = |number: &u32| number.wrapping_sub(self.first) as usize;
        let is_its = |number: &u32| self.queue.get(place(number)).is_some_and(|job| job.id == id);
        self.numbers.find(hash_of(id), is_its).map(place)
    }
}

fn hash_of(id: JobId) -> u64 {
    BuildHasherDefault::<FxHasher>::default().hash_one(id)
}

#[expect(clippy::cast_possible_truncation, reason = "the differences of two low halves are enough")]
fn low_bits(count: usize) -> u32 {
    count as u32
}

#[cfg(test)]
mod tests {
    use super::super::job_table::Standing;
    use super::*;
    use crate::api::ProjectId;
    use crate::api::job::JobType;
    use crate::clock::SimTime;
    use crate::seed::JobKey;

    fn id(number: u32) -> JobId {
        JobId::from_u128(number.into())
    }

    fn job(number: u32) -> JobSnapshot {
        JobSnapshot {
            id: id(number),
            key: JobKey::new(number.into(), 1),
            owner: ProjectId::from_u128(1),
            job_type: JobType::Add,
            begin: SimTime::from_millis(0),
            pairs: number,
            standing: Standing::Init,
        }
    }

    #[test]
    fn jobs_are_found_while_others_come_and_go_and_numbers_begin_anew() {
        const KEPT: u32 = 2_500;
        let mut ended = EndedJobs { first: u32::MAX - 3_000, ..EndedJobs::default() };
        for number in 0..10_000 {
            ended.push(job(number));
            if number >= KEPT {
                assert_eq!(ended.pop().map(|job| job.pairs), Some(number - KEPT));
            }
            let oldest = (number + 1).saturating_sub(KEPT);
            for place in [oldest, (oldest + number) / 2, number] {
                assert_eq!(ended.get(id(place)).map(|job| job.pairs), Some(place));
            }
            assert!(ended.get(id(number + 1)).is_none());
            assert!(oldest == 0 || ended.get(id(oldest - 1)).is_none());
        }
        ended.get_mut(id(9_000)).expect("it is there").pairs = 7;
        let kept: Vec<u32> = ended.iter().map(|job| job.pairs).collect();
        let expected = (7_500..10_000).map(|number| if number == 9_000 { 7 } else { number });
        assert_eq!(kept, expected.collect::<Vec<_>>());
        assert_eq!((ended.len(), ended.numbers.len()), (2_500, 2_500));
        while ended.pop().is_some() {}
        assert_eq!((ended.len(), ended.numbers.len(), ended.queue.pieces.len()), (0, 0, 0));
    }
}
