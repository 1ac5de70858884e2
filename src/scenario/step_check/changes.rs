//! Checks steps that change rules and world.

use super::{Checker, unless_open};
use crate::scenario::entry_check;
use crate::scenario::problem::{Misfit, Within, nearest};
use crate::scenario::rule_book::RuleBook;
use crate::scenario::step::{ChangeFaultsStep, ChangeWorldStep};
use crate::scenario::values::is_open;

impl Checker<'_> {
    pub(super) fn change_faults(&self, step: &ChangeFaultsStep) -> Result<(), Misfit> {
        let said = [step.remove.is_empty(), step.patch.0.is_empty(), step.add.is_empty()];
        if !step.remove_all && said == [true; 3] {
            let message = "changes nothing; say `remove_all`, `remove`, `patch` or `add`";
            return Err(Misfit::new(message));
        }
        for (index, rule) in step.remove.iter().enumerate() {
            self.rule(rule).within(index).within("remove")?;
        }
        for (rule, _) in step.patch.iter() {
            self.rule(rule).within(rule).within("patch")?;
        }
        let Some(world) = self.world else { return Ok(()) };
        // Held against each other and the world; against the rules that are then there, when they are added.
        RuleBook::of_file(&step.add, world, self.start, &self.rules).map(drop).within("add")
    }

    /// Checks that some rule of the file has this id.
    pub(super) fn rule(&self, id: &str) -> Result<(), Misfit> {
        if self.alone || is_open(id) || self.rules.iter().any(|rule| rule == id) {
            return Ok(());
        }
        let near = nearest(id, self.rules.iter().map(String::as_str));
        Err(Misfit::new(format!("no rule of this file has the id `{id}`{near}")))
    }

    pub(super) fn change_world(&self, step: &ChangeWorldStep) -> Result<(), Misfit> {
        if step.changes_nothing() {
            let message = "changes nothing; say what is added, removed or patched, or `members`";
            return Err(Misfit::new(message));
        }
        self.additions(step)?;
        let image = |name: &str| unless_open(name, |name| self.names.image(name));
        let project = |name: &str| unless_open(name, |name| self.names.project(name));
        let token = |name: &str| unless_open(name, |name| self.names.token(name));
        for (index, name) in step.remove_images.iter().enumerate() {
            image(name).within(index).within("remove_images")?;
        }
        for (index, name) in step.remove_projects.iter().enumerate() {
            project(name).within(index).within("remove_projects")?;
        }
        for (index, name) in step.remove_tokens.iter().enumerate() {
            token(name).within(index).within("remove_tokens")?;
        }
        for (index, name) in step.remove_users.iter().enumerate() {
            unless_open(name, |name| self.names.user(name)).within(index).within("remove_users")?;
        }
        for (index, name) in step.remove_access_keys.iter().enumerate() {
            let known = unless_open(name, |name| self.names.access_key(name).map(drop));
            known.within(index).within("remove_access_keys")?;
        }
        for (name, _) in step.patch_images.iter() {
            image(name).within(name).within("patch_images")?;
        }
        for (name, _) in step.patch_projects.iter() {
            project(name).within(name).within("patch_projects")?;
        }
        for (name, _) in step.patch_tokens.iter() {
            token(name).within(name).within("patch_tokens")?;
        }
        for (name, members) in step.members.iter() {
            let all = || members.iter().try_for_each(|(member, _)| project(member).within(member));
            image(name).and_then(|()| all()).within(name).within("members")?;
        }
        Ok(())
    }

    /// Checks what a step adds. What is taken already is only known when it is added.
    fn additions(&self, step: &ChangeWorldStep) -> Result<(), Misfit> {
        let of =
            |list: &str, mut names: Vec<&str>| match names.iter().position(|name| is_open(name)) {
                None => Ok(()),
                Some(place) => {
                    let message =
                        "what is added is named here; only the number of a round can be said";
                    Err(Misfit::new(message)).within(names.swap_remove(place)).within(list)
                }
            };
        of("projects", step.projects.iter().map(|(name, _)| name).collect())?;
        of("images", step.images.iter().map(|(name, _)| name).collect())?;
        of("tokens", step.tokens.iter().map(|(name, _)| name).collect())?;
        of("users", step.users.iter().map(|(name, _)| name).collect())?;
        of("access_keys", step.access_keys.iter().map(|(name, _)| name).collect())?;
        entry_check::check(&step.additions())?;
        let project = |name: &str| unless_open(name, |name| self.names.project(name));
        for (name, entry) in step.images.iter() {
            project(&entry.owner).within("owner").within(name).within("images")?;
            for (member, _) in entry.members.iter() {
                let known = unless_open(member, |name| self.names.projects_of(name));
                known.within(member).within("members").within(name).within("images")?;
            }
        }
        for (name, entry) in step.tokens.iter() {
            let tied = entry.project.as_deref().map_or(Ok(()), project);
            tied.within("project").within(name).within("tokens")?;
        }
        for (name, entry) in step.users.iter() {
            for (place, project) in entry.projects.iter().flatten().enumerate() {
                let known = unless_open(project, |name| self.names.projects_of(name));
                known.within(place).within("projects").within(name).within("users")?;
            }
        }
        for (name, entry) in step.access_keys.iter() {
            project(&entry.project).within("project").within(name).within("access_keys")?;
            let user = |name| unless_open(name, |name| self.names.user(name));
            let of = entry.user.as_deref().map_or(Ok(()), user);
            of.within("user").within(name).within("access_keys")?;
        }
        Ok(())
    }
}
