//! Lists against a model that sorts everything and looks at nothing but what was said of the images.

use std::borrow::Cow;

use proptest::prelude::*;

use super::super::image::{Details, Facts, Times};
use super::*;
use crate::api::image_words::DiskFormat;
use crate::domain::world::Project;

/// What is said of an image.
#[derive(Clone, Debug)]
struct Said {
    owner: u8,
    public: bool,
    saving: bool,
    deleted: bool,
    raw: bool,
    created: u64,
    member: Option<(u8, MemberStatus)>,
}

fn project(number: u8) -> ProjectId {
    ProjectId::from_u128(u128::from(number) + 1)
}

/// Ids and names go other ways than the order in which the images are said.
fn id(place: usize) -> ImageId {
    ImageId::from_u128((place as u128 * 7_919 + 13) % 1_009)
}

fn name(place: usize) -> String {
    format!("image-{}", place * 5 % 11 + place)
}

fn status(said: &Said) -> Status {
    match (said.deleted, said.saving) {
        (true, _) => Status::Deleted,
        (false, true) => Status::Saving,
        (false, false) => Status::Active,
    }
}

fn image(place: usize, said: &Said) -> Image {
    let facts = Facts { public: said.public, status: status(said), ..Facts::default() };
    let members: Vec<_> =
        said.member.iter().map(|(number, status)| (project(*number), *status)).collect();
    let created = SimTime::from_millis(said.created);
    let disk_format = said.raw.then_some(DiskFormat::Raw);
    Image::new(id(place), &name(place), project(said.owner), facts, &members, created)
        .with_times(Times { created, updated: created })
        .with_details(Arc::new(Details { disk_format, ..Details::default() }))
}

fn world(said: &[Said]) -> World {
    let mut world = World::default();
    for number in 0..3 {
        let (id, name) = (project(number), number.to_string().into());
        assert!(world.add_project(Project { id, name, unavailable: false }));
    }
    for (place, said) in said.iter().enumerate() {
        assert!(world.add_image(image(place, said)));
    }
    world
}

/// A question with what it means.
#[derive(Clone, Debug)]
struct Asked {
    visibility: Option<Visibility>,
    member_status: Option<MemberStatus>,
    owner: Option<u8>,
    raw: Option<bool>,
    from: Option<u64>,
    sort: &'static str,
    ascending: bool,
    limit: usize,
}

impl Asked {
    fn query(&self, marker: Option<ImageId>) -> ImageQuery {
        let mut pairs = vec![
            ("sort_key", self.sort.to_owned()),
            ("sort_dir", if self.ascending { "asc" } else { "desc" }.to_owned()),
            ("limit", self.limit.to_string()),
        ];
        pairs.extend(self.visibility.map(|it| ("visibility", it.as_str().to_owned())));
        pairs.extend(self.member_status.map(|it| ("member_status", it.as_str().to_owned())));
        pairs.extend(self.owner.map(|it| ("owner", project(it).to_string())));
        let format = |raw| if raw { "raw" } else { "zvhd2" }.to_owned();
        pairs.extend(self.raw.map(|raw| ("disk_format", format(raw))));
        pairs.extend(
            self.from.map(|second| ("created_at", format!("gte:1970-01-01T00:00:0{second}Z"))),
        );
        pairs.extend(marker.map(|id| ("marker", id.to_string())));
        let pairs = pairs.into_iter().map(|(key, value)| (Cow::from(key), Cow::from(value)));
        ImageQuery::parse(pairs, 500).expect("nothing about it is wrong")
    }

    /// Whether the caller, who is project 0, gets an image in his list.
    fn lists(&self, said: &Said) -> bool {
        let own = said.owner == 0;
        let mine = said.member.filter(|(number, _)| *number == 0 && !own).map(|(_, status)| status);
        let visibility = match (said.public, said.member) {
            (true, _) => Visibility::Public,
            (false, Some(_)) => Visibility::Shared,
            (false, None) => Visibility::Private,
        };
        let seen = match self.member_status {
            Some(status) => mine == Some(status),
            None => own || said.public || mine == Some(MemberStatus::Accepted),
        };
        seen && !said.deleted
            && self.visibility.is_none_or(|wanted| wanted == visibility)
            && self.owner.is_none_or(|owner| owner == said.owner)
            && self.raw.is_none_or(|raw| raw == said.raw)
            && self.from.is_none_or(|second| said.created / 1_000 >= second)
    }

    /// The places of all images in the list, in order.
    fn all(&self, said: &[Said]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..said.len()).filter(|it| self.lists(&said[*it])).collect();
        places.sort_by_key(|place| id(*place));
        let value = |place: &usize| match self.sort {
            "name" => name(*place),
            "id" => id(*place).to_string(),
            "disk_format" => if said[*place].raw { "raw" } else { "zvhd2" }.to_owned(),
            "status" => status(&said[*place]).as_str().to_owned(),
            "created_at" => (said[*place].created / 1_000).to_string(),
            _ => String::new(),
        };
        // Sorting leaves equal ones where they are.
        places.sort_by(|a, b| {
            let order = value(a).cmp(&value(b));
            if self.ascending { order } else { order.reverse() }
        });
        places
    }
}

fn a_status() -> impl Strategy<Value = MemberStatus> {
    prop_oneof![
        Just(MemberStatus::Pending),
        Just(MemberStatus::Accepted),
        Just(MemberStatus::Rejected)
    ]
}

fn said() -> impl Strategy<Value = Said> {
    let flags = (
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.1),
        any::<bool>(),
    );
    let member = prop::option::of((0_u8..3, a_status()));
    (0_u8..3, flags, 0_u64..6_000, member).prop_map(|(owner, flags, created, member)| {
        let (public, saving, deleted, raw) = flags;
        let member = member.filter(|(number, _)| *number != owner && !public);
        Said { owner, public, saving, deleted, raw, created, member }
    })
}

fn asked() -> impl Strategy<Value = Asked> {
    use Visibility::{Private, Public, Shared};
    let visibility =
        prop::option::weighted(0.4, prop::sample::select(vec![Public, Private, Shared]));
    let sorts = vec!["created_at", "created_at", "name", "id", "disk_format", "status", "size"];
    let sort = (prop::sample::select(sorts), any::<bool>());
    let narrow = (
        prop::option::weighted(0.3, 0_u8..3),
        prop::option::weighted(0.3, any::<bool>()),
        prop::option::weighted(0.3, 0_u64..6),
    );
    let status = prop::option::weighted(0.3, a_status());
    (visibility, status, narrow, sort, 1_usize..7).prop_map(
        |(visibility, member_status, (owner, raw, from), (sort, ascending), limit)| Asked {
            visibility,
            member_status,
            owner,
            raw,
            from,
            sort,
            ascending,
            limit,
        },
    )
}

fn page(world: &World, asked: &Asked, marker: Option<ImageId>) -> ImagePage {
    list(world, &asked.query(marker), project(0), None).expect("the marker is known")
}

proptest! {
    /// Whoever walks page by page meets each image that he sees and that fits once, in order.
    #[test]
    fn pages_give_each_image_once_and_in_order(
        said in proptest::collection::vec(said(), 0..40),
        asked in asked(),
    ) {
        let world = world(&said);
        let expected: Vec<ImageId> = asked.all(&said).into_iter().map(id).collect();
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let page = page(&world, &asked, marker);
            prop_assert!(page.images.len() <= asked.limit);
            prop_assert_eq!(page.more, found.len() + page.images.len() < expected.len());
            found.extend(page.images.iter().map(|image| image.id));
            marker = match page.images.last() {
                Some(last) => Some(last.id),
                None => break,
            };
        }
        prop_assert_eq!(found, expected);
    }

    /// Between two pages images come and go; those that were there all the time are met all the same, once
    /// and in order.
    #[test]
    fn what_comes_and_goes_moves_nothing_else(
        said in proptest::collection::vec(said(), 2..30),
        more in proptest::collection::vec((said(), any::<prop::sample::Index>()), 1..6),
        asked in asked(),
    ) {
        let world = world(&said);
        let mut stays: Vec<ImageId> = asked.all(&said).into_iter().map(id).collect();
        let (mut found, mut marker) = (Vec::new(), None);
        let mut more = more.into_iter().enumerate();
        loop {
            let page = page(&world, &asked, marker);
            found.extend(page.images.iter().map(|image| image.id));
            marker = match page.images.last() {
                Some(last) => Some(last.id),
                None => break,
            };
            let Some((number, (new, goes))) = more.next() else { continue };
            let mut other = World::default();
            assert!(other.add_image(image(said.len() + number, &new)));
            world.administer().add(other).expect("nothing has its id or its name");
            let gone = id(goes.index(said.len()));
            if Some(gone) != marker {
                world.administer().delete_image(gone);
                stays.retain(|stays| *stays != gone);
            }
        }
        found.retain(|id| stays.contains(id));
        prop_assert_eq!(found, stays);
    }
}

#[test]
fn a_list_sees_what_was_changed_since_the_last_one() {
    let plain = |created| Said {
        owner: 0,
        public: false,
        saving: false,
        deleted: false,
        raw: false,
        created,
        member: None,
    };
    let said = [plain(1_000), plain(2_000), plain(3_000)];
    let world = world(&said);
    let query = ImageQuery::new(10);
    let check = |expected: &[usize]| {
        let page = list(&world, &query, project(0), None).expect("there is no marker");
        let found: Vec<ImageId> = page.images.iter().map(|image| image.id).collect();
        assert_eq!(found, expected.iter().map(|place| id(*place)).collect::<Vec<_>>());
    };
    check(&[2, 1, 0]);
    let image = world.image(id(0)).expect("it is there");
    let created = SimTime::from_millis(2_500);
    let change = super::super::image::ImageChange {
        facts: image.facts(),
        times: Times { created, updated: created },
        details: image.details(),
        clear_members: false,
        members: Vec::new(),
    };
    world.administer().change_image(id(0), change, created);
    check(&[2, 0, 1]);
    world.administer().delete_image(id(2));
    check(&[0, 1]);
    world.administer().replace_all(World::default());
    check(&[]);
}
