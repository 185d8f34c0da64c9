//! A link on the command line: the query in it, repaired where it needs that. How the page looks at it is passed over. Knows no run.

use proxprop::lab::config::Config;
use proxprop::lab::look;
use proxprop::lab::repair::Arrived;
use proxprop::lab::systems;

use crate::failure::Refusal;
use crate::outputs::say;

/// A link.
pub(crate) struct Link {
    /// Its query.
    pub(crate) query: String,
    /// What has been done to it, and what was passed over.
    said: Vec<String>,
}

impl Link {
    /// Reads a link, a query or what of it stands behind `?`.
    pub(crate) fn read(text: &str) -> Result<Link, Refusal> {
        let is_run = |query: &str| Config::parse(query).is_ok() || systems::understands(query);
        let link = Arrived::read_by(text, is_run);
        if link.query.is_empty() && !link.hash.is_empty() {
            return Err(format!(
                "#{}: what stands behind # is for the page and holds no run",
                link.hash
            ));
        }
        let looks: String = link.hash.chars().take(60).collect();
        let looks = (!looks.is_empty()).then(|| {
            let why = match look::check(&link.hash) {
                Ok(()) => "it is how the page looks at the run, and changes no number".to_owned(),
                Err(error) => error.to_string(),
            };
            format!("passed over \"#{}\": {why}", looks.escape_debug())
        });
        Ok(Link {
            said: link.repairs().into_iter().chain(looks).collect(),
            query: link.query,
        })
    }

    /// Says what has been done, if anything.
    pub(crate) fn tell(&self) {
        if !self.said.is_empty() {
            say(&format!("{}\n", self.said.join("; ")));
        }
    }
}
