//! What stands behind the tabs, and what of it can be saved. A view is handed what it asks by; it knows no page. It costs
//! its own file, its part of `index.html`, and its line in the list below.

pub(super) mod charts;
pub(super) mod draw;
pub(super) mod flow;
pub(super) mod ground;
mod images;
pub(super) mod map;
pub(super) mod one_step;
pub(super) mod related;
pub(super) mod share;
mod story;
pub(super) mod train;
pub(super) mod view;

use crate::web::dom;
use crate::web::dom::address;
use flow::FlowView;
use map::view::MapView;
use one_step::OneStepView;
use related::Related;
use train::Train;
use view::{Means, View};
use web_sys::Element;

/// Makes of the list the names, the struct that holds the views, and the ways from one to the other.
macro_rules! views {
    ($($(#[$what:meta])* $tab:ident $field:ident: $view:ty,)+) => {
        /// The views by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(in crate::web) enum Tab {
            $($(#[$what])* $tab,)+
        }

        impl Tab {
            /// All, in the order of the tabs.
            const ALL: &[Tab] = &[$(Tab::$tab,)+];

            /// The name in the address; the view's element has it as its id.
            fn key(self) -> &'static str {
                match self {
                    $(Tab::$tab => <$view>::KEY,)+
                }
            }
        }

        /// The views.
        pub(in crate::web) struct Views {
            $($(#[$what])* pub(in crate::web) $field: $view,)+
        }

        impl Views {
            /// Fills the views of `index.html`.
            pub(in crate::web) fn new(means: &Means) -> Views {
                Views {
                    $($field: <$view>::new(means),)+
                }
            }

            /// The view of this name.
            pub(in crate::web) fn at(&mut self, tab: Tab) -> &mut dyn View {
                match tab {
                    $(Tab::$tab => &mut self.$field,)+
                }
            }

            /// All, in the order of the tabs.
            pub(in crate::web) fn all(&mut self) -> [&mut dyn View; Tab::ALL.len()] {
                [$(&mut self.$field,)+]
            }
        }
    };
}

views! {
    /// Networks in training, side by side.
    Train train: Train,
    /// A step taken apart.
    OneStep one_step: OneStepView,
    /// Final losses over step sizes.
    Map map: MapView,
    /// Steps on functions of two variables.
    Flow flow: FlowView,
    /// Other systems, each a run of its own.
    Related related: Related,
}

impl Default for Tab {
    fn default() -> Tab {
        Tab::ALL[0]
    }
}

impl Tab {
    /// The view of a name in the address; what is no view's name is the first.
    pub(in crate::web) fn named(name: Option<&str>) -> Tab {
        let found = Tab::ALL.iter().find(|tab| Some(tab.key()) == name);
        found.copied().unwrap_or_default()
    }

    /// The view that the address asks for.
    pub(in crate::web) fn of_address() -> Tab {
        Tab::named(address::hash("view").as_deref())
    }

    /// Shows this view's element and marks its tab.
    pub(in crate::web) fn show(self) {
        for &tab in Tab::ALL {
            let chosen = tab == self;
            dom::show(&dom::by_id::<Element>(tab.key()), chosen);
            let link: Element = dom::by_id(&format!("tab-{}", tab.key()));
            if chosen {
                dom::set(&link, "aria-current", "page");
            } else {
                link.remove_attribute("aria-current").expect("a valid name");
            }
        }
    }
}
