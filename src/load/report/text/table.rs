//! A table of words and figures, without lines.

use comfy_table::{CellAlignment, ContentArrangement, presets};

/// How wide tables are: as much as fits beside other windows. Longer cells are broken.
const WIDTH: u16 = 98;

/// A table under a head: first columns of words, then columns of figures, which stand at the right.
pub(super) struct Table {
    table: comfy_table::Table,
    words: usize,
}

impl Table {
    /// A table with this head, whose first columns are words.
    pub(super) fn new(head: &[&str], words: usize) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
        table.set_header(head.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        Self { table, words }
    }

    /// One more row.
    pub(super) fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.table.add_row(cells.into_iter().map(Into::<String>::into).collect::<Vec<_>>());
    }

    /// An empty line, the head, and the rows beneath it, each line with its end.
    pub(super) fn text(mut self) -> String {
        for (place, column) in self.table.column_iter_mut().enumerate() {
            column.set_padding((0, 2));
            if place >= self.words {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut text = "\n".to_owned();
        for (place, line) in self.table.lines().enumerate() {
            let line = line.trim_end();
            text.push_str(if place == 0 || line.is_empty() { "" } else { "  " });
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}
