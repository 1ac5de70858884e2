//! The layout of the source: modules use only lower layers, and a few things are done in one place only.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the lowest; modules of one layer may use each other in the order given here.
const LAYERS: [&str; 15] = [
    "api",
    "seed",
    "clock",
    "domain",
    "faults",
    "journal",
    "metrics",
    "page",
    "scenario",
    "actors",
    "http",
    "simulator",
    "replay",
    "load",
    "cli",
];

/// Every source file below `src`, with its path from there.
fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        let entries = fs::read_dir(folder).expect("the source is there");
        for entry in entries.map(|entry| entry.expect("readable").path()) {
            if entry.is_dir() { collect(&entry, found) } else { found.push(entry) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    found.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("source is text");
        (path.strip_prefix(&root).expect("below src").to_owned(), text)
    };
    found.into_iter().map(read).collect()
}

/// The module of the top level that a file belongs to; `None` for `lib.rs` and `main.rs`.
fn module_of(file: &Path) -> Option<String> {
    let first = file.components().next()?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!matches!(name, "lib" | "main")).then(|| name.to_owned())
}

fn layer_of(module: &str) -> usize {
    let place = LAYERS.iter().position(|layer| *layer == module);
    place.unwrap_or_else(|| panic!("`{module}` stands in no layer; add it to the list"))
}

/// The modules that a text names as `crate::module`, in groups as well: `crate::{api::Code, clock}`.
fn used_modules(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| {
            assert!(!rest.starts_with('{'), "name each module of the crate in a `use` of its own");
            rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
        })
        .collect()
}

#[test]
fn modules_use_only_lower_layers() {
    for (file, text) in sources() {
        let Some(module) = module_of(&file) else { continue };
        for used in used_modules(&text) {
            assert!(
                layer_of(used) <= layer_of(&module),
                "{} uses `{used}`, which stands above `{module}`",
                file.display()
            );
        }
    }
}

/// `super::`, said often enough, reaches the root of the crate and from there any module, unseen by the
/// test above. Tests inside a file stand one level deeper than the file.
#[test]
fn nothing_climbs_to_the_root_of_the_crate() {
    for (file, text) in sources() {
        let levels = file.components().count();
        let tests = text.find("#[cfg(test)]").unwrap_or(text.len());
        for (part, allowed) in [(&text[..tests], levels - 1), (&text[tests..], levels)] {
            let root = "super::".repeat(allowed + 1);
            assert!(!part.contains(&root), "{}: `{root}` is the root of the crate", file.display());
        }
    }
}

#[test]
fn what_stands_below_the_actors_knows_neither_them_nor_http() {
    let actors = layer_of("actors");
    for (file, text) in sources() {
        let low = module_of(&file).is_some_and(|module| layer_of(&module) < actors);
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code.filter(|_| low) {
            assert!(!line.contains("actix"), "{}: {line}", file.display());
        }
    }
}

/// What the simulator is asked about itself is no traffic: it is not in the journal and needs no leave.
#[test]
fn the_admin_api_leaves_no_trace_and_asks_for_no_place() {
    let admin = sources().into_iter().filter(|(file, _)| file.starts_with("http/admin"));
    for (file, text) in admin {
        for word in [".record(", ".enter(", ".admit(", ".body_room(", ".call_key("] {
            assert!(!text.contains(word), "{}: `{word}`", file.display());
        }
    }
}

#[test]
fn every_layer_exists() {
    let modules: Vec<String> = sources().iter().filter_map(|(file, _)| module_of(file)).collect();
    for layer in LAYERS {
        assert!(modules.iter().any(|module| module == layer), "`{layer}` is gone");
    }
}

/// Who may say what: a text, and the only files that may contain it.
const ONLY_THERE: &[(&str, &[&str], &str)] = &[
    (
        ".settle_pair(",
        &[
            "domain/image_work.rs",
            "domain/image/tests.rs",
            "domain/native_images/tests.rs",
            "domain/rules/tests.rs",
            "domain/world/tests.rs",
        ],
        "memberships change through the work of an image worker, a native call, or by hand",
    ),
    (
        ".change_at_once(",
        &["domain/native_members.rs"],
        "apart from image workers only native calls change memberships for a client",
    ),
    (
        ".change_by_hand(",
        &["domain/administrator.rs", "domain/image/tests.rs"],
        "apart from workers only the administrator changes an image",
    ),
    (
        ".administer(",
        &[
            "scenario/world_edit.rs",
            "scenario/world_edit/add.rs",
            "scenario/world_edit/people.rs",
            "domain/native_images.rs",
            "domain/world/tests.rs",
            "domain/image_list/tests.rs",
        ],
        "the world is changed through one door, by hand or by an owner who deletes his image",
    ),
    (
        "native_members::change(",
        &["actors/native.rs"],
        "what a native call changes, the journal is told",
    ),
    (
        "native_images::delete(",
        &["actors/native.rs"],
        "what a native call deletes, the journal is told",
    ),
    ("members.make(", &["domain/image.rs"], "every change to members goes into their history"),
    (
        ".settle_next(",
        &["actors/image_worker.rs", "domain/job_work/tests.rs"],
        "only an image worker settles pairs",
    ),
    (
        "resume_unwind",
        &["actors/image_worker.rs"],
        "a worker is the only actor that dies on purpose",
    ),
    ("#[rtype", &["actors/messages.rs"], "all messages stand on one page"),
    ("Instant::now", &["clock/wall.rs"], "real time has one door"),
    ("SystemTime::now", &["clock/wall.rs"], "real time has one door"),
    (
        "spawn_scoped(",
        &["cli/replay/pool.rs"],
        "whole replays run side by side, each with a world of its own; within one there is one thread",
    ),
    ("SipHasher", &["seed.rs"], "chance has one door"),
    (
        "allow(clippy::disallowed",
        &["clock/wall.rs", "simulator/embedded/thread.rs"],
        "the doors stay shut: real time has one, and threads of live servers have one",
    ),
];

#[test]
fn some_things_are_done_in_one_place_only() {
    for (text, places, why) in ONLY_THERE {
        let mut seen = false;
        for (file, source) in sources() {
            let file = file.to_str().expect("file names are text").replace('\\', "/");
            let there = source.contains(text);
            seen |= there;
            assert!(!there || places.contains(&file.as_str()), "{file} has `{text}`: {why}");
        }
        assert!(seen, "nothing has `{text}` any more; is the rule still needed?");
    }
}

#[test]
fn there_are_no_statics_no_unsafe_code_and_no_mod_files() {
    for (file, text) in sources() {
        assert!(!file.ends_with("mod.rs"), "{} should be named after its module", file.display());
        for line in text.lines().map(str::trim_start) {
            // The allocator is the one thing that a program can only have once.
            let allocator = line.contains("mimalloc::MiMalloc");
            let global = line.starts_with("static ") || line.starts_with("pub static ");
            let local = line.contains("thread_local!");
            assert!(
                (!global || allocator) && !local,
                "{}: state goes behind the handle: {line}",
                file.display()
            );
            assert!(!line.starts_with("unsafe "), "{}: {line}", file.display());
        }
    }
}

/// No test builds the container, so what can be known without one is held here.
#[test]
fn the_container_is_built_of_what_there_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| fs::read_to_string(root.join(name)).expect("text");
    let (file, ignored) =
        (read(".container/Containerfile"), read(".container/Containerfile.dockerignore"));
    let (mut copied, mut let_through): (Vec<&str>, Vec<&str>) = Default::default();
    let copies = file.lines().filter_map(|line| line.strip_prefix("COPY "));
    for copy in copies.filter(|copy| !copy.starts_with("--from")) {
        let mut words: Vec<&str> = copy.split(' ').collect();
        words.pop();
        copied.extend(words);
    }
    let_through.extend(ignored.lines().filter_map(|line| line.strip_prefix('!')));
    copied.sort_unstable();
    copied.dedup();
    let_through.sort_unstable();
    assert_eq!(copied, let_through);
    assert!(copied.iter().all(|name| root.join(name).exists()));
    // Whatever the source takes in from outside of it is among them.
    for (name, source) in sources() {
        for taken in source.split("include_str!(\"").skip(1).filter(|it| it.starts_with("../..")) {
            let taken = taken.split('"').next().expect("a path");
            let path = taken.trim_start_matches("../");
            let known = copied.iter().any(|copied| path.starts_with(copied));
            assert!(known, "{} takes in {taken}", name.display());
        }
    }
    let version = read("Cargo.toml");
    let version = version.lines().find_map(|line| line.strip_prefix("rust-version = \""));
    let version = version.and_then(|it| it.strip_suffix('"')).expect("it says so");
    assert!(file.contains(&format!("/rust:{version}-slim-bookworm AS build")));
}
