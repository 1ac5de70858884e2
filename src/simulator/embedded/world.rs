//! What exists in an embedded simulator, by name.

use serde::Deserialize;

use super::{Error, Member, Simulator, in_path};
use crate::api::MemberStatus;
use crate::scenario::named::Named;
use crate::scenario::world_section::{ImageEntry, ProjectEntry};

impl Simulator {
    /// The value for `X-Auth-Token` that has this name, or belongs to the project with this name.
    ///
    /// # Errors
    /// If there is none.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// assert_eq!(service.token("studio")?, "studio");
    /// assert!(service.token("stduio").unwrap_err().to_string().contains("did you mean `studio`?"));
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn token(&self, name: &str) -> Result<String, Error> {
        let unknown = match self.admin("GET", &format!("/world/tokens/{}", in_path(name)), "") {
            Ok(_) => return Ok(name.to_owned()),
            Err(unknown) => unknown,
        };
        let world = &self.shared().world;
        let project = world.project_named(name).ok_or(unknown)?;
        let tokens = world.tokens_after(None, usize::MAX).unwrap_or_default();
        let own = tokens.iter().find(|(_, token)| token.project == Some(project));
        own.map(|(value, _)| value.to_string()).ok_or_else(|| none("token of the project", name))
    }

    /// The id of the project with this name or id.
    ///
    /// # Errors
    /// If there is none.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// assert_eq!(Simulator::start()?.project("studio")?, "0a1b2c3d4e5f40718293a4b5c6d7e8f9");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn project(&self, name: &str) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Page {
            projects: Named<ProjectEntry>,
        }
        let path = format!("/world/projects/{}", in_path(name));
        let Page { projects: Named(found) } = self.ask_for("GET", &path, "")?;
        found.into_iter().find_map(|(_, project)| project.id).ok_or_else(|| none("project", name))
    }

    /// The id of the image with this name or id.
    ///
    /// # Errors
    /// If there is none.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// assert_eq!(Simulator::start()?.image("cache")?, "5e8a7f30-9b1c-4d26-8e0f-3c7d2a1b4f69");
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn image(&self, name: &str) -> Result<String, Error> {
        self.image_entry(name)?.id.ok_or_else(|| none("image", name))
    }

    /// The members of an image, in the order in which they were added; `image` is its name or its id.
    ///
    /// # Errors
    /// If there is no such image.
    ///
    /// ```
    /// # use imsim::Simulator;
    /// let service = Simulator::start()?;
    /// assert!(service.members("cache")?.is_empty());
    /// assert_eq!(service.members("web-base")?.len(), 2);
    /// # Ok::<(), imsim::simulator::embedded::Error>(())
    /// ```
    pub fn members(&self, image: &str) -> Result<Vec<Member>, Error> {
        let member = |(project, status): (String, MemberStatus)| Member {
            project,
            status: status.as_str().to_owned(),
        };
        Ok(self.image_entry(image)?.members.0.into_iter().map(member).collect())
    }

    fn image_entry(&self, image: &str) -> Result<ImageEntry, Error> {
        #[derive(Deserialize)]
        struct Page {
            images: Named<ImageEntry>,
        }
        let path = format!("/world/images/{}", in_path(image));
        let Page { images: Named(found) } = self.ask_for("GET", &path, "")?;
        found.into_iter().next().map(|(_, image)| image).ok_or_else(|| none("image", image))
    }
}

/// The admin API says this of what does not exist; here it is only said of what it shows in another form.
fn none(kind: &str, name: &str) -> Error {
    Error::Refused { status: 404, at: None, message: format!("there is no {kind} `{name}`") }
}
