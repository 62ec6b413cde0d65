//! Reads a page back: a small parser of the HTML that the pages use, which fails on anything else.

use std::collections::BTreeMap;

/// An entity as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) label: String,
    pub(crate) text: String,
}

/// An open element: its name, its class, and the entity that it is a part of.
struct Element<'a> {
    name: &'a str,
    hidden: bool,
    entity: Option<usize>,
}

/// The text and the entities of the paragraphs of each side. A side is the class of its paragraphs;
/// without a class the only side is `""`.
pub(crate) fn read(page: &str, sides: &[&str]) -> Vec<(String, Vec<Found>)> {
    sides.iter().map(|side| read_side(page, side)).collect()
}

fn read_side(page: &str, side: &str) -> (String, Vec<Found>) {
    let main = page.split_once("<main").unwrap().1.split_once("</main>").unwrap().0;
    let start = match side {
        "" => "<p dir=\"auto\">".to_owned(),
        side => format!("<p dir=\"auto\" class=\"{side}\">"),
    };
    let (mut text, mut all) = (String::new(), Vec::new());
    for paragraph in main.split(&start).skip(1) {
        let paragraph = paragraph.split_once("</p>").unwrap().0;
        let mut found: Vec<Found> = Vec::new();
        let mut open: Vec<Element<'_>> = Vec::new();
        // Entities with parts to come: offsets and label to the place in `found`.
        let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut rest = paragraph;
        while !rest.is_empty() {
            if let Some(tag) = rest.strip_prefix('<') {
                let (tag, after) = tag.split_once('>').unwrap();
                rest = after;
                if let Some(name) = tag.strip_prefix('/') {
                    assert_eq!(open.pop().unwrap().name, name);
                    continue;
                }
                let name = tag.split(' ').next().unwrap();
                assert!(["mark", "u", "span", "small", "em", "i"].contains(&name), "{tag}");
                let entity = entity(tag, &mut known, &mut found);
                open.push(Element { name, hidden: name == "small", entity });
                continue;
            }
            let end = rest.find('<').unwrap_or(rest.len());
            let (plain, after) = rest.split_at(end);
            rest = after;
            if open.iter().any(|element| element.hidden) {
                continue;
            }
            let mut plain = unescape(plain);
            if open.last().is_some_and(|element| element.name == "i") {
                let code = u32::from_str_radix(plain.strip_prefix("U+").unwrap(), 16).unwrap();
                plain = char::from_u32(code).unwrap().to_string();
            }
            text.push_str(&plain);
            for entity in open.iter().filter_map(|element| element.entity) {
                found[entity].text.push_str(&plain);
            }
        }
        assert!(open.is_empty());
        all.extend(found);
    }
    all.sort();
    (text, all)
}

fn entity(
    tag: &str,
    known: &mut BTreeMap<(String, String), usize>,
    found: &mut Vec<Found>,
) -> Option<usize> {
    let value = |name: &str| {
        let (_, from) = tag.split_once(&format!(" {name}=\""))?;
        Some(from.split_once('"').unwrap().0.to_owned())
    };
    let class = value("class").unwrap_or_default().split(' ').next().unwrap_or_default().to_owned();
    if let Some(of) = value("data-of") {
        return Some(known[&(of, class)]);
    }
    let at = value("data-at")?;
    let (start, end) = at.split_once('-').unwrap();
    let label = unescape(value("data-tip").unwrap().split(" · ").next().unwrap());
    // Names of hidden characters in attributes stand for the characters.
    let label = label.replace("U+202D", "\u{202d}");
    let entity = Found {
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
        label,
        text: String::new(),
    };
    found.push(entity);
    known.insert((at.clone(), class), found.len() - 1);
    Some(found.len() - 1)
}

/// Text whose every mark is escaped.
fn unescape(text: &str) -> String {
    assert!(!text.contains(['<', '>', '"']), "{text}");
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = after.split_once(';').unwrap();
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            other => panic!("{other}"),
        });
        rest = after;
    }
    out + rest
}
