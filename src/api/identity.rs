//! Bodies of identity. Contract, "Token".
//!
//! What a project or a user belongs to is called `domain` on the wire.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AccountId, ProjectId, UserId, object, time};

/// The version of identity that is spoken.
const VERSION: &str = "v3.14";

/// The body of a request for a token. Unknown keys are ignored.
#[derive(Deserialize, JsonSchema)]
pub struct AuthBody {
    /// All of it.
    #[serde(deserialize_with = "object::required")]
    pub auth: Auth,
}

/// How somebody shows who he is, and what for.
#[derive(Deserialize, JsonSchema)]
pub struct Auth {
    /// How.
    #[serde(deserialize_with = "object::required")]
    pub identity: Identity,
    /// What for: an object with a `project` or a `domain`, or the word `unscoped`.
    #[schemars(with = "Option<ScopeSaid>")]
    pub scope: Option<Value>,
}

/// What a token is asked for.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it only says what may stand there")]
#[schemars(untagged, rename = "Scope")]
enum ScopeSaid {
    /// For a project or an account.
    Something(ScopeBody),
    /// For nothing.
    Word(Unscoped),
}

/// For a project or an account.
#[derive(Deserialize, JsonSchema)]
pub struct ScopeBody {
    /// The project.
    #[serde(default, deserialize_with = "object::optional")]
    pub project: Option<IdOrName>,
    /// The account. Beside a project it does not matter; without one the token is for no project.
    #[serde(default, deserialize_with = "object::optional")]
    pub domain: Option<IdOrName>,
}

/// The only word.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it only says what may stand there")]
#[schemars(rename_all = "lowercase")]
enum Unscoped {
    /// For nothing.
    Unscoped,
}

/// How somebody shows who he is.
#[derive(Deserialize, JsonSchema)]
pub struct Identity {
    /// The names of the methods: `password` and `token`.
    #[schemars(length(min = 1), inner(regex(pattern = "^(password|token)$")))]
    pub methods: Vec<String>,
    /// By a password.
    #[serde(default, deserialize_with = "object::optional")]
    pub password: Option<PasswordMethod>,
    /// By a token.
    #[serde(default, deserialize_with = "object::optional")]
    pub token: Option<TokenMethod>,
}

/// By a password.
#[derive(Deserialize, JsonSchema)]
pub struct PasswordMethod {
    /// Whose.
    #[serde(deserialize_with = "object::required")]
    pub user: UserSaid,
}

/// Who somebody says that he is.
#[derive(Deserialize, JsonSchema)]
pub struct UserSaid {
    /// The user's id.
    pub id: Option<String>,
    /// Or his name, within an account.
    pub name: Option<String>,
    /// The account.
    #[serde(default, deserialize_with = "object::optional")]
    pub domain: Option<IdOrName>,
    /// His password.
    pub password: String,
}

/// By a token.
#[derive(Deserialize, JsonSchema)]
pub struct TokenMethod {
    /// The token's value.
    pub id: String,
}

/// Something by its id or its name.
#[derive(Deserialize, JsonSchema)]
pub struct IdOrName {
    /// The id.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
}

/// The answer that shows a token; its value is in a header.
#[derive(Serialize, JsonSchema)]
pub struct TokenAnswer {
    /// All of it.
    pub token: TokenBody,
}

/// What a token is good for.
#[derive(Serialize, JsonSchema)]
pub struct TokenBody {
    /// When it ends.
    pub expires_at: String,
    /// When it was given out.
    pub issued_at: String,
    /// By which methods.
    pub methods: Vec<&'static str>,
    /// To whom.
    pub user: UserBody,
    /// The project for which it can act.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ProjectShown")]
    pub project: Option<ProjectShown>,
    /// What its user may do.
    pub roles: Vec<Role>,
    /// Where the services are; left out where nobody wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Service>")]
    pub catalog: Option<Vec<Service>>,
}

/// A user.
#[derive(Serialize, JsonSchema)]
pub struct UserBody {
    /// The id.
    pub id: UserId,
    /// The name.
    pub name: String,
    /// The account.
    pub domain: DomainBody,
}

/// An account.
#[derive(Clone, Serialize, JsonSchema)]
pub struct DomainBody {
    /// The id.
    pub id: AccountId,
    /// The name.
    pub name: String,
}

/// A project within a token.
#[derive(Serialize, JsonSchema)]
pub struct ProjectShown {
    /// The id.
    pub id: ProjectId,
    /// The name under which it was asked for.
    pub name: String,
    /// The account.
    pub domain: DomainBody,
}

/// What a user may do. The actions of the world are not shown one by one.
#[derive(Serialize, JsonSchema)]
pub struct Role {
    id: &'static str,
    name: &'static str,
}

impl Role {
    /// The role of users who may do anything at all.
    pub const IMAGES: Self = Self { id: "0", name: "ims_adm" };
}

/// A service of the catalog.
#[derive(Serialize, JsonSchema)]
pub struct Service {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'static str,
    endpoints: [Endpoint; 1],
}

/// Where a service is.
#[derive(Serialize, JsonSchema)]
struct Endpoint {
    id: String,
    interface: &'static str,
    region: String,
    region_id: String,
    url: String,
}

/// Type, name, and what follows the address: clients append a version to that of `image` and `ims` (C-2).
const SERVICES: [(&str, &str, &str); 5] = [
    ("identity", "keystone", "/v3"),
    ("image", "glance", ""),
    ("ims", "ims", ""),
    ("imsv1", "imsv1", "/v1"),
    ("imsv2", "imsv2", "/v2"),
];

/// The catalog of a region whose services are all at one address, such as `http://localhost:8787`.
#[must_use]
pub fn catalog(region: &str, address: &str) -> Vec<Service> {
    let services = (1_u8..).zip(SERVICES);
    let service = |(number, (kind, name, path)): (u8, (_, _, _))| {
        let endpoint = Endpoint {
            id: format!("{number:031x}e"),
            interface: "public",
            region: region.to_owned(),
            region_id: region.to_owned(),
            url: format!("{address}{path}"),
        };
        Service { id: format!("{number:031x}c"), kind, name, endpoints: [endpoint] }
    };
    services.map(service).collect()
}

/// A list of projects.
#[derive(Serialize, JsonSchema)]
pub struct ProjectsBody {
    /// The projects.
    pub projects: Vec<ProjectBody>,
    /// Where the list is.
    pub links: ListLinks,
}

/// One project.
#[derive(Serialize, JsonSchema)]
pub struct ProjectAnswer {
    /// All of it.
    pub project: ProjectBody,
}

/// A project.
#[derive(Serialize, JsonSchema)]
pub struct ProjectBody {
    /// The id.
    pub id: ProjectId,
    /// The name under which it was asked for.
    pub name: String,
    /// The account.
    pub domain_id: AccountId,
    /// What it is a part of, which is the account.
    pub parent_id: AccountId,
    /// Whether it is an account itself.
    pub is_domain: bool,
    /// Whether it can be used.
    pub enabled: bool,
    /// For people.
    pub description: &'static str,
    /// Where it is.
    pub links: SelfLink,
}

/// Where something is.
#[derive(Serialize, JsonSchema)]
pub struct SelfLink {
    #[serde(rename = "self")]
    itself: String,
}

impl SelfLink {
    /// It is here.
    #[must_use]
    pub const fn new(itself: String) -> Self {
        Self { itself }
    }
}

/// Where a list is; it has one page.
#[derive(Serialize, JsonSchema)]
pub struct ListLinks {
    #[serde(rename = "self")]
    itself: String,
    next: Option<String>,
    previous: Option<String>,
}

impl ListLinks {
    /// It is here, and nowhere else.
    #[must_use]
    pub const fn new(itself: String) -> Self {
        Self { itself, next: None, previous: None }
    }
}

/// The version document of identity (C-3).
#[derive(Serialize, JsonSchema)]
pub struct IdentityVersionBody {
    version: IdentityVersion,
}

/// A version of identity.
#[derive(Serialize, JsonSchema)]
struct IdentityVersion {
    id: &'static str,
    status: &'static str,
    updated: String,
    links: [Link; 1],
    #[serde(rename = "media-types")]
    media_types: [MediaType; 1],
}

/// Where something is.
#[derive(Serialize, JsonSchema)]
struct Link {
    rel: &'static str,
    href: String,
}

/// A form in which it is spoken.
#[derive(Serialize, JsonSchema)]
struct MediaType {
    base: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl IdentityVersionBody {
    /// The document of an identity service at this address.
    #[must_use]
    pub fn at(address: &str) -> Self {
        let links = [Link { rel: "self", href: format!("{address}/v3/") }];
        let kind = "application/vnd.openstack.identity-v3+json";
        let media_types = [MediaType { base: super::error_body::JSON, kind }];
        // When this version came out.
        let updated = time::whole_seconds(1_586_217_600_000);
        let (id, status) = (VERSION, "stable");
        Self { version: IdentityVersion { id, status, updated, links, media_types } }
    }
}
