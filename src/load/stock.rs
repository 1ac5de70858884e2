//! What a load draws from, with the tokens that stand for those of the scenario on the server.

use crate::api::{MemberStatus, ProjectId};
use crate::replay::StandIns;
pub(super) use crate::scenario::load_stock::{Stock, StockImage};
use crate::scenario::{Names, ScenarioFile};

/// Who is a member of an image.
pub(super) type Members = Vec<(ProjectId, MemberStatus)>;

/// What a file names, with the ids and the tokens that stand for the names on the server.
pub(super) fn stock(file: &ScenarioFile, names: &Names, stand_ins: &StandIns) -> Stock {
    let mut stock = Stock::of(&file.sections.world, names);
    for token in stock.projects.iter_mut().filter_map(|project| project.token.as_mut()) {
        *token = stand_ins.token(token).to_owned();
    }
    stock
}
