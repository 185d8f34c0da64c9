//! Links as they arrive: what trackers, mail programs, chat tools and course systems have added to them or broken in
//! them on the way is undone. A link that is understood stays as it is, to the letter. Knows texts, no page.

mod added;
mod characters;

use super::config::Config;
use super::look::{self, PREDICT};
use super::query::Pairs;
use super::words::decode;
use added::is_added;
use characters::{entity, is_blank, plain, typed};
use std::fmt;

/// What sentences, brackets and mark-up put around a link.
const AROUND: &[char] = &[
    ')', ']', '}', '>', '(', '[', '{', '<', '.', ',', ';', ':', '!', '*', '_', '~', '|', '/',
];

/// How a tool ends what it has cut off, as [`typed`] leaves it.
const CUT: &str = "..";

/// Most rounds; damage upon damage ends long before.
const MOST_ROUNDS: usize = 12;

/// What was done to a link.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Repair {
    /// It was taken out of another's link.
    Unwrapped,
    /// These keys were dropped.
    Dropped(Vec<String>),
    /// Entities of HTML were read.
    Entities,
    /// What was encoded once too often was decoded.
    Encoding,
    /// What was decoded on the way was encoded again.
    Decoding,
    /// The encoding of mails was undone.
    Mail,
    /// Line breaks, blanks and what cannot be seen were taken out.
    Breaks,
    /// Dashes, quotes and the like were made those of a keyboard.
    Typography,
    /// Capital letters were made small.
    Capitals,
    /// Punctuation and empty parts were dropped.
    Punctuation,
    /// These keys were moved behind `#`.
    Moved(Vec<String>),
    /// Curves are covered, as the link seems to say.
    Covered,
}

/// A link: a run, how it is looked at, and what was done to it on arrival.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// The run, without `?`.
    pub query: String,
    /// What stands behind `#`.
    pub hash: String,
    repairs: Vec<Repair>,
    /// Whether a query is understood.
    is_run: fn(&str) -> bool,
}

impl Arrived {
    /// Reads a link as it arrives: an address, what of it stands behind `?`, or only what stands behind `#`. What is
    /// damaged is repaired as far as that goes; whether the result is understood shows when it is used.
    pub fn read(text: &str) -> Arrived {
        Arrived::read_by(text, |query| Config::parse(query).is_ok())
    }

    /// The same where other queries than those of the lab's own runs are understood.
    pub fn read_by(text: &str, is_run: fn(&str) -> bool) -> Arrived {
        let mut link = Arrived::split(text, is_run);
        for _ in 0..MOST_ROUNDS {
            let before = (link.query.clone(), link.hash.clone());
            link.mend();
            if before == (link.query.clone(), link.hash.clone()) {
                break;
            }
        }
        if (!link.understood().0 || link.query.is_empty())
            && let Some(inner) = inner(text)
        {
            let mut inner = Arrived::read_by(&inner, is_run);
            if !inner.query.is_empty() && inner.understood().0 {
                inner.repairs.insert(0, Repair::Unwrapped);
                return inner;
            }
        }
        link
    }

    /// What was done, as a sentence; `None` for a link that needed nothing.
    pub fn repairs(&self) -> Option<String> {
        let done: Vec<String> = self.repairs.iter().map(Repair::to_string).collect();
        (!done.is_empty())
            .then(|| format!("This link was repaired on arrival: {}", done.join("; ")))
    }

    fn split(text: &str, is_run: fn(&str) -> bool) -> Arrived {
        // Chats write a link and its words between angle brackets.
        let titled = text
            .trim()
            .strip_prefix('<')
            .filter(|rest| rest.ends_with('>'));
        let titled = titled.and_then(|rest| rest.split_once('|'));
        let text = titled.map_or(text, |(link, _)| link);
        let (front, hash) = text.split_once('#').unwrap_or((text, ""));
        let query = match front.split_once('?') {
            Some((page, query)) if page.contains("://") || !page.contains(['=', '&']) => query,
            None if front.contains("://") => "",
            _ => front,
        };
        Arrived {
            query: query.trim_start_matches('?').to_owned(),
            hash: hash.to_owned(),
            repairs: titled.map(|_| Repair::Punctuation).into_iter().collect(),
            is_run,
        }
    }

    /// One round over what is not understood.
    fn mend(&mut self) {
        let (run, look) = self.understood();
        if run && look {
            return;
        }
        // An entity may have the mark that parts run and look, so both are one text here.
        let text = self.read_entities(&format!("{}#{}", self.query, self.hash));
        let text = self.read_mail(text);
        let (query, hash) = text.split_once('#').unwrap_or((&text, ""));
        (self.query, self.hash) = (query.to_owned(), hash.to_owned());
        if !self.understood().0 {
            self.mend_query();
        }
        if !self.understood().1 {
            self.mend_hash();
        }
        self.cover();
    }

    /// Whether the run is, and how it is looked at.
    fn understood(&self) -> (bool, bool) {
        let look = look::check(&self.hash);
        ((self.is_run)(&self.query), look.is_ok())
    }

    fn mend_query(&mut self) {
        // What a tracker says of itself may look like more of the query once it is decoded.
        let raw = self.query.clone();
        let own: Vec<&str> = raw.split('&').filter_map(|part| self.own(part)).collect();
        let text = self.decode(&own.join("&"));
        let text = self.read_entities(&text);
        // Where `#` was encoded, more stands behind it.
        let (query, more) = text.split_once('#').unwrap_or((&text, ""));
        if !more.is_empty() {
            self.hash = joined(more, &self.hash);
        }
        let query = self.tidy(query);
        let mut kept = Vec::new();
        // Of a query without any own part nothing is left, not even an empty part.
        let parts = query.split(['&', '?']).filter(|_| !query.is_empty());
        for part in parts {
            let key = part.split('=').next().unwrap_or_default();
            let key = key.to_ascii_lowercase();
            if self.passes_by(&key, part) {
                continue;
            }
            if look::has(&key) {
                self.move_behind(&key, part);
            } else {
                kept.push(part);
            }
        }
        let query = self.strip(&kept.join("&")).to_owned();
        // What is refused all the same is named as it was written.
        let is_run = self.is_run;
        let parts: Vec<String> = query
            .split('&')
            .map(|part| self.small(part, is_run))
            .collect();
        self.query = self.small(&parts.join("&"), is_run);
    }

    fn mend_hash(&mut self) {
        let hash = self.hash.split(":~:").next().unwrap_or_default().to_owned();
        let hash = if hash.contains('=') {
            hash
        } else {
            self.decode(&hash)
        };
        let mut kept: Vec<String> = Vec::new();
        for part in hash.split(['&', '#']) {
            let part = if part.contains('=') {
                part.to_owned()
            } else {
                self.decode(part)
            };
            let part = self.without_query(&part);
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let key = self.tidy(&plain(key));
            // What leads to a place on a page of many begins so.
            let bare = self
                .strip(&key)
                .trim_start_matches(['?', '/', '!'])
                .to_owned();
            if bare.len() < key.len() {
                self.note(Repair::Punctuation);
            }
            let key = self.small(&bare, look::has);
            if self.passes_by(&key.to_ascii_lowercase(), part) {
                continue;
            }
            if let Some(lesson) = kept.last_mut().filter(|last| ends_in_run(last))
                && !look::has(&key)
            {
                // The run's own `&` was decoded on the way.
                lesson.extend(["%26", part]);
                self.note(Repair::Decoding);
                continue;
            }
            let is_value = |value: &str| look::check_value(&key, value).is_ok();
            let value = match decode(value) {
                Ok(plain) if is_value(&plain) => value.to_owned(),
                _ => {
                    let value = self.decode(value);
                    encoded(&self.mend_value(&key, &value))
                }
            };
            let joint = if part.contains('=') { "=" } else { "" };
            kept.push(format!("{key}{joint}{value}"));
        }
        self.hash = kept.join("&");
    }

    /// The value of a key behind `#`, which is none as it stands.
    fn mend_value(&mut self, key: &str, value: &str) -> String {
        if key != "lesson" {
            let value = self.tidy(value);
            let value = self.strip(&value).to_owned();
            return self.small(&value, |value| look::check_value(key, value).is_ok());
        }
        let items: Vec<String> = self
            .read_entities(value)
            .split(';')
            .map(|item| {
                if !item.starts_with('?') {
                    let item = self.tidy(item);
                    let item = self.strip(&item).to_owned();
                    return self.small(&item, |item| look::check_value(key, item).is_ok());
                }
                let mut link = Arrived::split(item, self.is_run);
                link.mend();
                link.repairs.drain(..).for_each(|repair| self.note(repair));
                let hash = if link.hash.is_empty() { "" } else { "#" };
                format!("?{}{hash}{}", link.query, link.hash)
            })
            .collect();
        items.join(";")
    }

    /// What says in any way that curves are to be covered covers them.
    fn cover(&mut self) {
        if self.understood() == (true, true) {
            return;
        }
        let is_whole = |pair: &str| ["predict=0", "predict=1"].contains(&pair);
        let text = format!("{}&{}", self.query, self.hash).to_ascii_lowercase();
        let text = plain(&text);
        let mut keys = text.split(['&', '#', ';', '?']).map(|pair| {
            let key = pair.split(['=', ':']).next().unwrap_or_default();
            key.trim()
        });
        // A link that was cut off has only the beginning of the word.
        let says = |key: &str| key.contains(PREDICT) || (key.len() > 2 && PREDICT.starts_with(key));
        if self.hash.split('&').any(is_whole) || !(keys.any(says) || text.contains(PREDICT)) {
            return;
        }
        let others = self.hash.split('&').filter(|pair| {
            let key = pair.split('=').next().unwrap_or_default();
            !says(&plain(key).to_ascii_lowercase())
        });
        let others: Vec<&str> = others.collect();
        self.hash = joined(&others.join("&"), "predict=1");
        self.note(Repair::Covered);
    }

    /// Whether a part is somebody else's, or nothing.
    fn passes_by(&mut self, key: &str, part: &str) -> bool {
        if !part.contains(char::is_alphanumeric) {
            self.note(Repair::Punctuation);
            return true;
        }
        self.drops(key, part)
    }

    /// Whether a part, by its key in small letters, is somebody else's.
    fn drops(&mut self, key: &str, part: &str) -> bool {
        let added = is_added(key) && !self.is_own(part);
        if added {
            self.note(Repair::Dropped(vec![key.to_owned()]));
        }
        added
    }

    /// Whether a related system knows a part by a key that others add, too.
    fn is_own(&self, part: &str) -> bool {
        let mut parts = self.query.split('&');
        let system = parts.find(|part| part.starts_with("system="));
        system.is_some_and(|system| (self.is_run)(&format!("{system}&{part}")))
    }

    /// A part of the query as it came: `None` for a tracker's, but for a query that begins in it.
    fn own<'a>(&mut self, part: &'a str) -> Option<&'a str> {
        let (key, value) = part.split_once('=').unwrap_or_default();
        if !self.drops(&key.to_ascii_lowercase(), part) {
            return Some(part);
        }
        let (_, query) = value.split_once('?')?;
        (!value.contains("://")).then_some(query)
    }

    /// A part behind `#` without what was put there as if it were a query.
    fn without_query<'a>(&mut self, part: &'a str) -> &'a str {
        let Some((front, query)) = part.rsplit_once('?') else {
            return part;
        };
        let key = query.split('=').next().unwrap_or_default();
        let key = key.to_ascii_lowercase();
        // Behind these an item of a lesson begins.
        if front.is_empty() || front.ends_with([';', '=']) || !self.drops(&key, query) {
            return part;
        }
        front
    }

    /// A pair of the query that belongs behind `#`.
    fn move_behind(&mut self, key: &str, pair: &str) {
        let others = self.hash.split('&');
        let others: Vec<&str> = others
            .filter(|other| other.split('=').next() != Some(key))
            .collect();
        self.hash = joined(&others.join("&"), pair);
        // That is how the page has always read it.
        if key != "embed" {
            self.note(Repair::Moved(vec![key.to_owned()]));
        }
    }

    /// Undoes percent-encoding until none is left: no run has a `%`.
    fn decode(&mut self, text: &str) -> String {
        let all = plain(text);
        let once = decode(text).unwrap_or_else(|_| text.to_owned());
        if all != once || (all.contains('=') && !text.contains('=')) {
            self.note(Repair::Encoding);
        }
        all
    }

    /// Reads the entities of HTML.
    fn read_entities(&mut self, text: &str) -> String {
        // So it is written in JSON.
        let json = text.replace("\\u0026", "&amp;");
        let mut read = String::with_capacity(text.len());
        let mut rest = json.as_str();
        while let Some(at) = rest.find('&') {
            read.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            match entity(rest) {
                Some((c, behind)) => {
                    read.push(c);
                    rest = behind;
                    self.note(Repair::Entities);
                }
                None => read.push('&'),
            }
        }
        read + rest
    }

    /// Undoes quoted-printable, as mails have it: `=3D` for `=`, and `=` before a line break.
    fn read_mail(&mut self, text: String) -> String {
        let long = text.replace("=\r\n", "").replace("=\n", "");
        let mut values = long.split('=').skip(1).peekable();
        let mail = values.peek().is_some()
            && values.all(|v| v.get(..2).is_some_and(|v| v.eq_ignore_ascii_case("3D")));
        if !mail {
            return text;
        }
        self.note(Repair::Mail);
        long.replace("=3D", "=").replace("=3d", "=")
    }

    /// Makes capital letters small where that is what it takes.
    fn small(&mut self, text: &str, is_good: impl Fn(&str) -> bool) -> String {
        let small = text.to_ascii_lowercase();
        if small == text || is_good(text) || !is_good(&small) {
            return text.to_owned();
        }
        self.note(Repair::Capitals);
        small
    }

    /// Takes out what no link of ours has, and writes the rest as a keyboard does.
    fn tidy(&mut self, text: &str) -> String {
        let mut tidy = String::with_capacity(text.len());
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            let narrow = match c {
                // The same characters in the width of Chinese ones.
                '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
                c => c,
            };
            // Two numbers are not one.
            let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
            let (before, behind) = (tidy.chars().next_back(), characters.peek().copied());
            if narrow == ' ' && digit(before) && digit(behind) {
                tidy.push(narrow);
                continue;
            }
            // Forms write the blank behind a comma so.
            let plus = narrow == '+' && before == Some(',') && !digit(behind);
            if is_blank(narrow) || plus {
                self.note(Repair::Breaks);
                continue;
            }
            let typed = typed(narrow);
            if narrow != c || typed.is_some() {
                self.note(Repair::Typography);
            }
            match typed {
                Some(typed) => tidy.push_str(typed),
                None => tidy.push(narrow),
            }
        }
        tidy
    }

    /// Takes away what surrounds a link in a text.
    fn strip<'a>(&mut self, text: &'a str) -> &'a str {
        // What was cut off is not what it was.
        if text.ends_with(CUT) {
            return text;
        }
        let stripped = without_tag(text).trim_end_matches(AROUND);
        let stripped = stripped.trim_start_matches(['<', '(', '[', '{', '*']);
        if stripped.len() < text.len() {
            self.note(Repair::Punctuation);
        }
        stripped
    }

    fn note(&mut self, repair: Repair) {
        let known = self.repairs.iter_mut().find(|known| {
            std::mem::discriminant::<Repair>(known) == std::mem::discriminant(&repair)
        });
        match (known, repair) {
            (Some(Repair::Dropped(known)), Repair::Dropped(more))
            | (Some(Repair::Moved(known)), Repair::Moved(more)) => known.extend(more),
            (Some(_), _) => {}
            (None, repair) => self.repairs.push(repair),
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Repair::Unwrapped => f.write_str("took it out of another site’s link"),
            Repair::Dropped(keys) => write!(
                f,
                "dropped {}, which trackers and course systems add",
                listed(keys)
            ),
            Repair::Entities => f.write_str("read & where HTML writes &amp; and the like"),
            Repair::Encoding => f.write_str("undid an encoding too many"),
            Repair::Decoding => f.write_str("encoded & where a lesson needs that"),
            Repair::Mail => f.write_str("read = where mails write =3D"),
            Repair::Breaks => f.write_str("took out line breaks and blanks"),
            Repair::Typography => f.write_str("replaced typographic dashes and quotes"),
            Repair::Capitals => f.write_str("made capital letters small"),
            Repair::Punctuation => f.write_str("dropped punctuation and empty parts"),
            Repair::Moved(keys) => write!(f, "moved {} behind #", listed(keys)),
            Repair::Covered => f.write_str("covered the curves, since it says “predict” somehow"),
        }
    }
}

/// Whether nothing in a query is broken or belongs behind `#`, as far as somebody sees that who does not know the keys of its run.
pub fn is_sound(query: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ",:;/.+-*_<>".contains(c);
    Pairs::of(query).all(|pair| {
        pair.is_ok_and(|(key, value)| {
            let key = key.to_ascii_lowercase();
            let looks = look::has(&key) || key.contains(PREDICT);
            !looks && !key.is_empty() && key.chars().chain(value.chars()).all(is_plain)
        })
    })
}

/// The first few of some keys.
fn listed(keys: &[String]) -> String {
    let short = |key: &String| key.chars().take(40).collect::<String>();
    let first: Vec<String> = keys.iter().take(4).map(short).collect();
    match keys.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// Whether a pair is a lesson that ends in a run of its own.
fn ends_in_run(pair: &str) -> bool {
    let last = pair
        .strip_prefix("lesson=")
        .and_then(|l| l.rsplit(';').next());
    last.is_some_and(|item| item.starts_with('?') && !item.contains("%23"))
}

/// A text without the element of HTML that ends or begins behind it.
fn without_tag(text: &str) -> &str {
    let tag = |rest: &str| rest.starts_with(|c: char| c == '/' || c.is_ascii_alphabetic());
    match text.split_once('<') {
        Some((before, rest)) if !before.is_empty() && tag(rest) && !rest.contains('=') => before,
        _ => text,
    }
}

/// Pairs and more pairs.
fn joined(pairs: &str, more: &str) -> String {
    let both: Vec<&str> = [pairs, more]
        .into_iter()
        .filter(|p| !p.is_empty())
        .collect();
    both.join("&")
}

/// The address within another: mail filters and search engines send their readers by way of themselves.
fn inner(text: &str) -> Option<String> {
    let scheme = |at: &usize| {
        let rest = &text[*at..];
        ["://", "%3A%2F%2F", "%3a%2f%2f"].into_iter().any(|mark| {
            ["http", "https"].into_iter().any(|name| {
                let rest = rest.strip_prefix(name);
                rest.is_some_and(|rest| rest.starts_with(mark))
            })
        })
    };
    let at = text.match_indices("http").map(|(at, _)| at);
    let rest = &text[at.filter(scheme).nth(1)?..];
    // It stands between its own marks, or ends with the value that it is.
    let inner = match rest.split_once("__;") {
        Some((inner, _)) => inner,
        None => rest.split('&').next().unwrap_or(rest),
    };
    Some(if inner.contains('?') {
        inner.to_owned()
    } else {
        decode(inner).ok()?
    })
}

/// What would end a value behind `#`, encoded.
fn encoded(value: &str) -> String {
    // What still has a `%` is no value of any key.
    value.replace('&', "%26").replace('#', "%23")
}
