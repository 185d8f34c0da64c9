//! Closed sets whose members have names, as in the query string. It knows no set.

/// A closed set whose members have names.
pub trait Named: Copy + PartialEq + 'static {
    /// The names, in the order of the members.
    const NAMES: &'static [&'static str];
    /// The members.
    const ALL: &'static [Self];

    /// The name of a member.
    fn name(self) -> &'static str;

    /// The member of this name.
    fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|member| member.name() == name)
    }
}

/// Gives the members of an enum their names, in the order in which people are shown them. A member without a name does not
/// compile.
#[macro_export]
macro_rules! named {
    ($set:ident { $($member:ident = $name:literal),+ $(,)? }) => {
        impl $crate::named::Named for $set {
            const NAMES: &'static [&'static str] = &[$($name),+];
            const ALL: &'static [Self] = &[$($set::$member),+];

            fn name(self) -> &'static str {
                match self {
                    $($set::$member => $name),+
                }
            }
        }
    };
}
